"""What a code means here and why, told on the command line, with and without a ledger."""

import sqlite3
from pathlib import Path

import pytest

from edge.domain import stations
from edge.domain.codes import ItemCode, Refused
from edge.domain.dialogue import Dialogue
from tests.books import insert
from tests.command_line import config, daemon, ledger
from tests.integration.asked_codes import GTIN, SSCC, one, said

__all__ = ["config", "daemon", "ledger"]


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "110")


def an_item_does() -> str:
    """The last part of the answer for every item, as the table of modes has it."""
    rules = [stations.rule_for(Dialogue(mode), ItemCode("X", None, None)) for mode in stations.MODES]
    does = [f"refused: {rule.reason}" if isinstance(rule, Refused) else rule.told for rule in rules]
    lines = [f"{mode.upper():7}  {told}\n" for mode, told in zip(stations.MODES, does, strict=True)]
    return "".join(["IN MODE  IT DOES\n", *lines])


def without_modes(out: str) -> str:
    """What an item does in each mode is the same by whatever code."""
    head, _, _ = out.partition("IN MODE")
    return head


def test_a_gs1_code_is_told_whole(
    config: Path, daemon: list[str], ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    insert(ledger, "codes", code="17612345001019", sku="PEN", pack=12, gtin="17612345001019")

    out = said(capsys, config, "]C1011761234500101910B7<GS>17990301")

    assert out == (
        """\
code       ]C1011761234500101910B7<GS>17990301
separator  <GS> was taken as the separator; with --raw it is text
symbol     ]C1, GS1-128
read       as GS1: behind ]C1 stand elements of GS1
not        by a Digital Link: no web address

Item PEN, Fountain pen.
12 pieces a scan, in packs of 12.
Lot B7.
Good to the end of 1999-03-01: it is expired.

AI  TO GS1                           VALUE           HERE
01  Global Trade Item Number (GTIN)  17612345001019  the item
10  Batch or lot number              B7              the lot
17  Expiration date (YYMMDD)         990301          good to the end of 1999-03-01

"""
        + an_item_does()
    )
    assert daemon == [], "nothing is handed to the daemon"


def test_a_code_of_the_site_s_is_told_with_its_pattern_and_what_it_does(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        said(capsys, config, "LOC:A-01", "CMD:RECEIVE")
        == """\
code       LOC:A-01
symbol     not told: no AIM identifier in front
read       as the site's own: codes.location fits, ^LOC:(?P<value>.+)$
not        by a Digital Link: no web address
not        by an identifier of GS1: there is none
not        by a separator: there is none in it

The place A-01.

IN MODE      IT DOES
MOVE         from here
COUNT        what is here is counted
INFO         what is there
EVERY OTHER  here from now on

code       CMD:RECEIVE
symbol     not told: no AIM identifier in front
read       as the site's own: codes.command fits, ^CMD:(?P<value>.+)$
not        by a Digital Link: no web address
not        by an identifier of GS1: there is none
not        by a separator: there is none in it

The command RECEIVE.

IN MODE     IT DOES
EVERY MODE  this mode; the rest is forgotten, but for the person
""".replace("EVERY OTHER", "every other").replace("EVERY MODE", "every mode")
    )


def test_a_code_that_nothing_takes_is_refused_and_each_step_says_why(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        said(capsys, config, "]C0AB-1", code=1)
        == """\
code       ]C0AB-1
symbol     ]C0, Code 128
read       as nothing: no step took it
not        by a Digital Link: no web address
not        by an identifier of GS1: ]C0 is none of GS1's
not        by a separator: there is none in it
not        by the site's patterns: none fits
not        by the catalogue: it does not list it
not        by a GTIN: not all of it are digits
not        by elements without identifier: none stand behind ]C0

Refused: AB-1 is no GTIN, and not in the catalogue. Scan another code of it, or tell the office.
"""
    )


def test_without_a_ledger_the_code_alone_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        without_modes(said(capsys, config, f"01{GTIN}10B7"))
        == f"""\
code       01{GTIN}10B7
symbol     not told: no AIM identifier in front
read       as GS1: from end to end it reads as elements of GS1
not        by a Digital Link: no web address
not        by an identifier of GS1: there is none
not        by a separator: there is none in it
not        by the site's patterns: none fits
not        by the catalogue: not known, as there is no ledger yet
not        by a GTIN: not all of it are digits

Item {GTIN}.
Lot B7.
The catalogue is not known: there is no ledger yet, it is made when the daemon starts.

AI  TO GS1                           VALUE           HERE
01  Global Trade Item Number (GTIN)  {GTIN}  the item
10  Batch or lot number              B7              the lot

"""
    )
    assert not (config.parent / "data").exists(), "asking makes nothing"


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("SKU:PEN", "sku", ["The item's own number PEN."]),
        ("7612345001012", "item", [f"Item {GTIN}."]),
        (f"00{SSCC}", "gs1", [f"Pallet {SSCC}."]),
        ("ORD:SO-9", "order", ["The order SO-9."]),
        (f"]C191L5{chr(29)}01{GTIN}", "gs1", [f"Item {GTIN}."]),
        ("]C191L5", "gs1", []),
    ],
)
def test_without_a_ledger_every_kind_is_told(
    config: Path, capsys: pytest.CaptureFixture[str], text: str, kind: str, says: list[str]
) -> None:
    found = one(capsys, config, text)

    assert (found["kind"], found["says"][:-1]) == (kind, says)
    assert found["says"][-1].startswith("The catalogue is not known:")


@pytest.mark.parametrize(
    ("text", "why"), [("10B7", "needs_item"), (f"01{GTIN}3012{chr(29)}3713", "count_differs")]
)
def test_without_a_ledger_what_no_catalogue_could_mend_is_refused(
    config: Path, capsys: pytest.CaptureFixture[str], text: str, why: str
) -> None:
    assert one(capsys, config, text, code=1)["refused"]["why"] == why


def test_a_script_gets_the_same_as_fields(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    found = one(capsys, config, "]E07612345001012")

    assert [step["step"] for step in found.pop("passed")] == ["link", "identifier", "separator", "site"]
    assert found.pop("modes")[0] == {"modes": ["receive"], "does": "stock in, backorders served, labels"}
    assert found == {
        "code": "]E07612345001012",
        "separator_typed": False,
        "symbol": "]E0",
        "symbology": "EAN-13, UPC-A or UPC-E",
        "step": "catalogue",
        "because": "as an item's code: the catalogue lists it just so",
        "kind": "item",
        "value": None,
        "elements": [],
        "item": {
            **{"sku": "PEN", "name": "Fountain pen", "in_catalogue": True, "pack": 1, "pieces": 1},
            **{"lot": None, "expiry": None, "label": None, "order": None},
        },
        "refused": None,
        "note": "",
        "says": ["Item PEN, Fountain pen.", "1 piece a scan."],
    }
