"""What `crossdock codes` knows of each kind of code: by which step it was read, its elements, goods, order, refusal."""

import sqlite3
from pathlib import Path

import pytest

from edge.cli import main
from tests.books import insert
from tests.command_line import CONFIG, config, ledger
from tests.integration.asked_codes import GTIN, SSCC, one, said, told

__all__ = ["config", "ledger"]

A_LABEL = {"fact": 2, "at": 1, "kind": "putaway", "printer": "zebra-1", "content": "{}"}


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "110")


@pytest.mark.parametrize(
    ("text", "step", "because"),
    [
        ("4006381333931", "gtin", "as a GTIN: the last of its digits is the right check digit"),
        (f"https://a/01/{GTIN}", "link", "as GS1: a web address with a GS1 key in its path, a Digital Link"),
        (f"<GS>01{GTIN}", "separator", "as GS1: it holds the separator GS"),
    ],
)
def test_each_step_says_by_what_it_took_the_code(
    config: Path,
    ledger: sqlite3.Connection,
    capsys: pytest.CaptureFixture[str],
    text: str,
    step: str,
    because: str,
) -> None:
    found = one(capsys, config, text)

    assert (found["step"], found["because"]) == (step, because)


@pytest.mark.parametrize(
    ("text", "why", "because", "last"),
    [
        ("A\x01", "bad_code", "refused before it was looked into", None),
        ("4006381333932", "check_digit", "as a GTIN, by its digits", "by the catalogue: it does not list it"),
        ("QTY:x", "bad_code", "as the site's own: one of its patterns fits, with a value that cannot be", ""),
        ("]Q14006381333932", "unknown_code", "as nothing: no step took it", "none stand behind ]Q1"),
        ("123", "unknown_code", "as nothing: no step took it", "it does not read as such"),
        ("https://a/b", "unknown_code", "as nothing: no step took it", ""),
        ("CMD:NIX", "unknown_command", "as the site's own: codes.command fits", ""),
        ("ORD:SO-9", "unknown_order", "as the site's own: codes.order fits", ""),
        ("LBL:0000-9", "unknown_label", "as the site's own: codes.label fits", ""),
        ("10B7", "needs_item", "as GS1: from end to end", ""),
    ],
)
def test_what_would_be_refused_is_1_with_the_reason(
    config: Path,
    ledger: sqlite3.Connection,
    capsys: pytest.CaptureFixture[str],
    text: str,
    why: str,
    because: str,
    last: str | None,
) -> None:
    found = one(capsys, config, text, code=1)

    assert (found["refused"]["why"], because in found["because"]) == (why, True), found["because"]
    assert found["says"] == [f"Refused: {found['refused']['reason']}"]
    assert (found["item"], found["modes"]) == (None, [])
    if last is None:
        assert found["passed"] == []
    else:
        assert last in found["passed"][-1]["because"]


def test_one_refused_code_makes_it_1_and_the_others_are_told(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = told(capsys, config, "LOC:A-01", "NIX", code=1)

    assert (good["refused"], bad["refused"]["why"]) == (None, "unknown_code")


def test_taken_as_it_stands_a_typed_separator_is_refused_as_a_scanner_s_would_be(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, config, "--raw", f"01{GTIN}10B7<GS>17270301", code=1).endswith(
        'Refused: The scanner types <GS> for the separator: set gs = "<GS>" for this scanner in the'
        " configuration, then\n  scan again.\n"
    )


def test_what_is_probably_wrong_is_told(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    found = one(capsys, config, f"]C102{GTIN}37241012")

    assert found["note"].startswith("Is the count (37) 24?")
    assert found["says"][-1] == f"Attention: {found['note']}"
    assert found["item"]["pieces"] == 241012


def test_every_element_says_what_it_means_here(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    insert(ledger, "labels", label="e1-2", job=2, sku="PEN", lot="B7", expiry="2099-03-01", qty=2, **A_LABEL)
    text = (
        f"00{SSCC}02{GTIN}37000001<GS>1127010115270301172702003103001500"
        "21S1<GS>400PO-1<GS>91e1-9<GS>99X<GS>3001<GS>10B7"
    )

    found = one(capsys, config, text)

    assert {element["ai"]: element["means"] for element in found["elements"]} == {
        "00": "the pallet",
        "02": "the item on the pallet",
        "37": "count 1",
        "11": "2027-01-01, kept with the scan",
        "15": "2027-03-01, kept with the scan",
        "17": "good to the end of 2027-02-28",
        "3103": "a measure, kept and never counted",
        "21": "the serial: received once",
        "400": "the purchase order",
        "91": "no label of this node, kept with the scan",
        "99": "kept with the scan",
        "30": "count 1",
        "10": "the lot",
    }
    assert one(capsys, config, "91e1-2<GS>3001")["elements"] == [
        {
            "ai": "91",
            "title": "Company internal information",
            "value": "e1-2",
            "means": "a label of this node",
        },
        {
            "ai": "30",
            "title": "Variable count of items (variable measure trade item)",
            "value": "01",
            "means": "kept with the scan",
        },
    ]


def test_a_label_of_ours_is_told_with_its_goods(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    goods = {"sku": "PEN", "lot": "B7", "expiry": "2099-03-01", "qty": 2}
    insert(ledger, "labels", label="e1-2", job=2, **goods, **A_LABEL)
    insert(ledger, "labels", label="e1-3", job=3, order_id="SO-1", **goods, **A_LABEL)

    free, promised = told(capsys, config, "LBL:e1-2", "LBL:e1-3")

    assert free["says"] == [
        *("The label e1-2.", "Label e1-2 of this node.", "Item PEN, Fountain pen.", "2 pieces a scan."),
        *("Lot B7.", "Good to the end of 2099-03-01."),
    ]
    assert free["modes"][0] == {
        "modes": ["receive"],
        "does": "refused: the label is our own, and its goods are in the ledger already",
    }
    assert promised["says"][1] == "Label e1-3 of this node, for SO-1."


def test_a_pallet_is_told_where_it_is_or_who_announced_it(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    assert one(capsys, config, f"00{SSCC}")["says"] == [
        f"Pallet {SSCC} is not here, and nobody announced it."
    ]

    insert(ledger, "asns", id="ASN-1", po="4711")
    insert(ledger, "asn_lines", asn="ASN-1", sscc=SSCC, sku="PEN", lot="", expiry="", qty=5, open=5)
    assert one(capsys, config, f"00{SSCC}")["says"] == [f"Pallet {SSCC} is announced by ASN-1: 5 PEN."]

    ledger.execute("UPDATE positions SET pallet = ? WHERE qty > 0", (SSCC,))
    assert one(capsys, config, f"00{SSCC}")["says"] == [f"Pallet {SSCC}: 3 PEN at location:DOCK-1."]


def test_an_order_is_told_with_how_it_stands(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    assert one(capsys, config, "ORD:SO-1")["says"] == ["The order SO-1 is open, and nothing of it waits."]

    ledger.execute("UPDATE orders SET customer = 'ACME', waiting = 2")
    assert one(capsys, config, "ORD:SO-1")["says"] == ["The order SO-1 of ACME is open, and 2 of it waits."]


def test_an_item_that_the_catalogue_lacks_is_taken_or_refused_as_the_site_has_it(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    assert one(capsys, config, "4006381333931")["says"] == [
        "Item 04006381333931, which the catalogue lacks: taken under this number, and an exception asks for its"
        " master data.",
        "1 piece a scan.",
    ]

    config.write_text(CONFIG + '[items]\nunknown = "reject"\n')
    assert one(capsys, config, "4006381333931", code=1)["refused"]["why"] == "unknown_item"


@pytest.mark.parametrize(
    ("tables", "text", "line"),
    [
        ("", "", "crossdock: A code is empty. A scanner that sends an empty line gets no answer.\n"),
        (
            "[codes]\nlot = '^LOC:(?P<value>[A-Z]+)$'\n",
            "LOC:A",
            "crossdock: codes.lot: codes.location and codes.lot both match 'LOC:A': give each its own prefix.\n",
        ),
    ],
)
def test_a_call_or_a_configuration_that_cannot_be_is_2(
    config: Path, capsys: pytest.CaptureFixture[str], tables: str, text: str, line: str
) -> None:
    config.write_text(CONFIG + tables)

    assert main(["codes", "-c", str(config), text]) == 2

    assert capsys.readouterr() == ("", line)


def test_no_code_can_command_a_terminal(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    out = said(capsys, config, "\x1b[2J\x9b", code=1)

    assert out.startswith("code       <ESC>[2J<0xC2><0x9B>\n")
    assert out.isascii()
    assert "\x1b" not in out
