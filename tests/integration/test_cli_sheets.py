"""`crossdock sheets` as it is called: what comes out of the printer scans as what stands below it, or is left out."""

import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.domain.codes import SiteCode, SiteKind
from tests.books import insert
from tests.command_line import CONFIG, config, ledger, read
from tests.sheets import fields, meant, page_lines, sheet, values

__all__ = ["config", "ledger"]

ROOT = Path(__file__).parents[2]


@pytest.fixture
def sheets(config: Path) -> Path:
    return config.parent / "sheets.pdf"


def test_all_that_there_is_is_printed_and_scans(
    config: Path, sheets: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    insert(ledger, "items", sku="INK-BLK-700", name="Tinte für Füller, 墨", home="A-01-02")

    assert sheet(config) == 0

    told = (
        f"{sheets}: 6 pages, 51 codes: commands 19, quantities 17, digits 11, locations 2, items 2.\n",
        "crossdock: The font lacks letters of 1 name, shown as ?. Name one that has them with --font.\n",
    )
    assert capsys.readouterr() == told
    codes = meant(config)
    assert len(codes) == 51
    assert values(codes, SiteKind.LOCATION) == ["A-01-02", "DOCK-1"]
    assert values(codes, SiteKind.SKU) == ["INK-BLK-700", "PEN"]
    assert values(codes, SiteKind.DIGIT) == [*"1234567890C"]
    assert {"RECEIVE", "SHORT", "UNDO"} < {*values(codes, SiteKind.COMMAND)}


def test_the_foot_says_whose_it_is_and_the_day_at_the_site(config: Path, sheets: Path) -> None:
    """Far east of Greenwich it is another day than in UTC for most of one: the day is the site's."""
    config.write_text(CONFIG.replace("Europe/Paris", "Pacific/Kiritimati"))
    before = datetime.now(UTC) + timedelta(hours=14)

    assert sheet(config, "digits") == 0

    days = {f"{day:%Y-%m-%d}" for day in (before, datetime.now(UTC) + timedelta(hours=14))}
    (lines,) = page_lines(sheets)
    assert lines[-1] in {
        f"par1/dock-a, {day} Print at 100 %, not fitted to the page page 1 of 1" for day in days
    }


def test_a_script_is_told_what_was_made(
    config: Path, sheets: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    insert(ledger, "items", sku="S" * 64)

    assert read(capsys, "sheets", "items", "digits", "-c", str(config), "-o", str(sheets)) == {
        "file": str(sheets),
        "pages": 2,
        "codes": {"digits": 11, "items": 2},
        "symbols": {"code128": 12, "qr": 1},
        "notes": [],
    }


def test_codes_too_long_for_bars_are_named_as_such(
    config: Path, sheets: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    insert(ledger, "items", sku="S" * 64)

    assert sheet(config, "items") == 0

    told = f"{sheets}: 1 page, 2 codes: items 2; 1 of them as QR codes, too long for bars.\n"
    assert capsys.readouterr() == (told, "")


@pytest.mark.parametrize(("symbol", "aim"), [("qr", "]Q1"), ("datamatrix", "]d1")])
def test_another_symbol_and_paper_scan_alike(
    config: Path, sheets: Path, ledger: sqlite3.Connection, symbol: str, aim: str
) -> None:
    assert sheet(config, "items", "locations", "--symbol", symbol, "--paper", "letter") == 0

    assert [field.scan for field in fields(sheets)] == [f"{aim}LOC:DOCK-1", f"{aim}SKU:PEN"]


def test_only_places_and_items_that_match_are_printed(config: Path, ledger: sqlite3.Connection) -> None:
    for number in range(12):
        insert(ledger, "items", sku=f"I-{number:02}", home=f"{'AB'[number % 2]}-{number:02}")

    assert sheet(config, "--match", "A-*", "--match", "I-0[01]") == 0

    codes = meant(config)
    assert values(codes, SiteKind.LOCATION) == [f"A-{number:02}" for number in range(0, 12, 2)]
    assert values(codes, SiteKind.SKU) == ["I-00", "I-01"]
    assert len(codes) == 8


def test_badges_are_made_for_who_is_named(
    config: Path, sheets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("--operator", "alice", "--operator", "Bob B.", "--operator", "alice")
    assert sheet(config, *arguments) == 0

    assert capsys.readouterr() == (f"{sheets}: 1 page, 2 codes: operators 2.\n", "")
    assert meant(config) == [SiteCode(SiteKind.OPERATOR, name) for name in ("alice", "Bob B.")]
    assert sheet(config, "digits", "--force", *arguments) == 0
    assert len(meant(config)) == 13


# -- what it costs ---------------------------------------------------------------------------------------------

SMALL = (
    "import sys; from edge.cli.parser import build; build(); import edge.daemon;"
    " print(sorted({'reportlab', 'zxingcpp', 'PIL'} & sys.modules.keys()))"
)
MEASURED = (
    # Not ru_maxrss, which a process inherits from the one that started it.
    "import re, sys; from edge.cli import main; code = main(sys.argv[1:]);"
    " print(int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]) // 1024); sys.exit(code)"
)


def run(script: str, *arguments: str) -> list[str]:
    asked = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_who_makes_no_sheets_loads_nothing_for_them() -> None:
    assert run(SMALL) == ["[]"]


def test_a_big_site_is_printed_in_bounded_time_and_memory(
    config: Path, sheets: Path, ledger: sqlite3.Connection
) -> None:
    ledger.execute("BEGIN")
    for number in range(2_000):
        insert(ledger, "items", sku=f"SKU-{number:06}", name=f"Thing {number}, blue", home=f"A-{number:04}")
    gone = {"sku": "PEN", "lot": "", "expiry": "", "pallet": "", "qty": 0, "since": 1}
    for number in range(1_000):
        insert(ledger, "positions", account=f"location:B-{number:04}", **gone)
    ledger.execute("COMMIT")

    made, memory_mb = run(MEASURED, "sheets", "locations", "items", "-c", str(config), "-o", str(sheets))

    assert made == f"{sheets}: 358 pages, 5002 codes: locations 3001, items 2001."
    assert int(memory_mb) < 150
    for page in (0, 100, 214, 215, 357):
        assert meant(config, pages=range(page, page + 1))
