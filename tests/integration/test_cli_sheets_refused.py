"""`crossdock sheets` where something is in the way, a pattern, a name or a file: what it says, and what it leaves."""

import json
import re
import sqlite3
from pathlib import Path

import pytest

from edge.cli import main
from edge.domain.codes import SiteKind
from tests.books import insert
from tests.command_line import CONFIG, config, ledger
from tests.sheets import fields, meant, sheet, values

__all__ = ["config", "ledger"]

ROOT = Path(__file__).parents[2]


@pytest.fixture
def sheets(config: Path) -> Path:
    return config.parent / "sheets.pdf"


# -- the site's own patterns -----------------------------------------------------------------------------------


def test_a_site_s_own_patterns_decide_what_is_printed(
    config: Path, sheets: Path, ledger: sqlite3.Connection
) -> None:
    insert(ledger, "items", sku="INK", home="LA-01-02")
    patterns = "[codes]\nlocation = '^%L(?P<value>[A-Z0-9-]+)$'\ncommand = '^/(?P<value>[A-Z]+)/$'\n"
    config.write_text(CONFIG + patterns)

    assert sheet(config, "locations", "commands") == 0

    scans = [field.scan for field in fields(sheets)]
    assert [scan for scan in scans if "%" in scan] == ["]C0%LDOCK-1", "]C0%LLA-01-02"]
    assert "]C0/RECEIVE/" in scans
    assert len(meant(config)) == 21


COMMAND = r"^[CK]-(?P<value>[A-Z]+)$"
TURNED = (
    f"crossdock: No commands are printed: codes.command, {COMMAND!r}, cannot be turned into barcodes. Fixed text"
    " around the value can, such as '^%L(?P<value>[A-Z0-9-]+)$'."
)


def test_a_pattern_that_cannot_be_turned_round_leaves_its_group_out(
    config: Path, sheets: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(f"{CONFIG}[codes]\ncommand = '{COMMAND}'\n")

    assert sheet(config) == 0
    assert capsys.readouterr() == (
        f"{sheets}: 4 pages, 30 codes: quantities 17, digits 11, locations 1, items 1.\n",
        f"{TURNED}\n",
    )

    assert sheet(config, "commands", "digits", "--force") == 1
    assert capsys.readouterr() == (f"{sheets}: 1 page, 11 codes: digits 11.\n", f"{TURNED}\n")

    sheets.unlink()
    assert sheet(config, "commands") == 1
    assert capsys.readouterr() == ("", f"{TURNED} There is nothing to print.\n")
    assert not sheets.exists()


def test_a_value_that_would_not_read_back_is_left_out_and_named(
    config: Path, sheets: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(f"{CONFIG}[codes]\nlocation = '^%L(?P<value>[A-Z0-9-]+)$'\n")
    for number in range(7):
        insert(ledger, "items", sku=f"I-{number}", home=f"{number}\x1b[2J{'x' * 9000}")
    left_out = (
        "crossdock: 7 of 8 locations are left out, since this site would not read their barcodes as what they are"
        " (codes.location): "
    )
    named = ", ".join(repr(f"{number}\x1b[2J{'x' * 35}") for number in range(5))

    assert sheet(config) == 0
    assert capsys.readouterr().err == f"{left_out}{named}, 2 more.\n"
    assert values(meant(config), SiteKind.LOCATION) == ["DOCK-1"]

    assert sheet(config, "locations", "--force") == 1


def test_a_name_with_what_a_scanner_sends_for_gs_is_left_out(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(CONFIG.replace('station = "dock-1"', 'station = "dock-1"\ngs = "~"'))
    insert(ledger, "items", sku="A~1")

    assert sheet(config, "items") == 1

    assert "'A~1'" in capsys.readouterr().err
    assert values(meant(config), SiteKind.SKU) == ["PEN"]


def test_what_is_hostile_in_the_ledger_is_data_on_paper_or_left_out(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [json.loads(line) for line in (ROOT / "tests/cases/hostile.jsonl").read_text().splitlines()]
    texts = {str(row["input"]).encode("latin-1", "replace").decode("unicode_escape") for row in rows}
    for number, text in enumerate(sorted(texts)):
        insert(ledger, "items", sku=text, name=text, home=f"{text}{number}")
        insert(ledger, "items", sku=f"I-{number}", name=text * 50)

    assert sheet(config, "items", "locations") == 1

    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 1
    assert all(line.startswith("crossdock: ") for line in err.splitlines())
    assert "\x1b" not in out + err
    codes = meant(config)
    printable = {text for text in texts if re.fullmatch(r"[ -~]{1,64}", text)}
    assert {*values(codes, SiteKind.SKU)} >= printable
    assert len(values(codes, SiteKind.SKU)) >= len(texts)


# -- what goes wrong -------------------------------------------------------------------------------------------


def test_without_a_ledger_there_is_what_needs_none(
    config: Path, sheets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = (
        f"crossdock: There is no ledger at {config.parent}/data/ledger.db yet: no items are known, and of places"
        " those of stations alone.\n"
    )

    assert sheet(config) == 0
    made = f"{sheets}: 5 pages, 48 codes: commands 19, quantities 17, digits 11, locations 1.\n"
    assert capsys.readouterr() == (made, missing)
    assert values(meant(config), SiteKind.LOCATION) == ["DOCK-1"]

    assert sheet(config, "digits", "--force") == 0
    assert capsys.readouterr().err == ""

    assert sheet(config, "items", "--force") == 1
    nothing = f"{missing.rstrip()} There are no items. There is nothing to print.\n"
    assert capsys.readouterr() == ("", nothing)


def test_a_ledger_that_is_broken_is_no_ledger_that_is_not_there(
    config: Path, sheets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (config.parent / "data").mkdir()
    (config.parent / "data" / "ledger.db").write_text("This is no database, however long it may be. " * 100)

    assert sheet(config) == 1

    assert "is broken: file is not a database" in capsys.readouterr().err
    assert not sheets.exists()


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (
            ("badges",),
            2,
            "There are no sheets of 'badges'. There are: commands, quantities, digits, locations, items.",
        ),
        (
            ("digits", "--match", "A-*"),
            2,
            "--match chooses among locations and items, and neither is asked for. Leave it out, or name them.",
        ),
        (
            ("items", "--match", "Z*", "--match", "Y"),
            1,
            "There are no items that match Z* or Y. There is nothing to print.",
        ),
        (("--match", "Z*"), 1, "There is nothing to print."),
        (
            ("--operator", "Zoë"),
            1,
            "1 of 1 operators are left out, since this site would not read their barcodes as what they are"
            " (codes.operator): 'Zoë'. There is nothing to print.",
        ),
        (
            ("digits", "--font", "/none.ttf"),
            1,
            "The font /none.ttf cannot be read: No such file or directory. Name another with --font.",
        ),
    ],
)
def test_what_cannot_be_printed_is_a_line_and_leaves_no_file(
    config: Path,
    sheets: Path,
    ledger: sqlite3.Connection,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    told: str,
) -> None:
    before = sorted(config.parent.iterdir())

    assert sheet(config, *arguments) == code

    assert capsys.readouterr() == ("", f"crossdock: {told}\n")
    assert sorted(config.parent.iterdir()) == before


def test_a_file_that_is_there_is_replaced_only_by_force(
    config: Path, sheets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheets.write_text("yesterday's")

    assert sheet(config, "digits") == 1
    told = f"crossdock: {sheets} is there already and is not overwritten. Name another with -o, or add --force.\n"
    assert capsys.readouterr() == ("", told)
    assert sheets.read_text() == "yesterday's"

    assert sheet(config, "digits", "--force") == 0
    assert len(meant(config)) == 11


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_a_file_that_cannot_be_is_said(
    config: Path, capsys: pytest.CaptureFixture[str], force: tuple[str, ...]
) -> None:
    nowhere = config.parent / "none" / "sheets.pdf"

    assert main(["sheets", "digits", "-c", str(config), "-o", str(nowhere), *force]) == 1
    assert capsys.readouterr() == (
        "",
        f"crossdock: {nowhere} cannot be written: No such file or directory. See that its folder is there, may be"
        " written by this user and has room.\n",
    )

    assert main(["sheets", "digits", "-c", str(config), "-o", str(config.parent), *force]) == 1
    told = f"crossdock: {config.parent} is a folder. Name the file in it with -o.\n"
    assert capsys.readouterr() == ("", told)


def test_patterns_that_overlap_are_an_error_of_the_configuration(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(CONFIG + "[codes]\nlocation = '^X(?P<value>.+)$'\norder = '^X(?P<value>[A-Z]+)$'\n")

    assert sheet(config) == 2

    told = (
        "crossdock: codes.order: codes.location and codes.order both match 'XA': give each its own prefix.\n"
    )
    assert capsys.readouterr() == ("", told)
