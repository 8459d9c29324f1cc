"""The site's own barcodes: what each kind may hold, and patterns of a site's own."""

import pytest

from config.settings import Codes
from edge.domain.codes import Code, CodeReader, Refused, SiteCode, SiteKind
from tests.catalogues import Shelf


def read(text: str, reader: CodeReader | None = None) -> Code:
    return (reader or CodeReader(Codes())).read(text, Shelf(), today="2026-11-21")


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("LOC:A-01-02", SiteKind.LOCATION, "A-01-02"),
        ("ORD:SO-1001", SiteKind.ORDER, "SO-1001"),
        ("PO:4711", SiteKind.PURCHASE_ORDER, "4711"),
        ("SKU:ABC 1", SiteKind.SKU, "ABC 1"),
        ("LBL:17", SiteKind.LABEL, "17"),
        ("OP:alice", SiteKind.OPERATOR, "alice"),
        ("QTY:0", SiteKind.QUANTITY, "0"),
        ("QTY:999999", SiteKind.QUANTITY, "999999"),
        ("NUM:C", SiteKind.DIGIT, "C"),
        ("LOT:B7", SiteKind.LOT, "B7"),
        ("EXP:2028-02-29", SiteKind.EXPIRY, "2028-02-29"),
        ("CMD:RECEIVE", SiteKind.COMMAND, "RECEIVE"),
        ("]C0LOC:A", SiteKind.LOCATION, "A"),
    ],
)
def test_a_site_code_is_its_kind_and_its_value(text: str, kind: SiteKind, value: str) -> None:
    assert read(text) == SiteCode(kind, value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("QTY:-1", "This quantity code needs a whole number to 999999, got '-1'."),
        ("QTY:1000000", "This quantity code needs a whole number to 999999, got '1000000'."),
        ("NUM:12", "This digit code needs one digit, or C to begin anew, got '12'."),
        ("EXP:soon", "This expiry code needs a date such as 2027-03-01, got 'soon'."),
        ("EXP:2027-02-29", "This expiry code needs a date such as 2027-03-01, got '2027-02-29'."),
        ("LOC:" + "x" * 65, f"This location code needs 1 to 64 characters, got '{'x' * 37}...'."),
    ],
)
def test_a_site_code_with_a_value_that_cannot_be_is_refused(text: str, reason: str) -> None:
    assert read(text) == Refused("bad_code", reason)


def test_a_site_keeps_the_barcodes_on_its_racks() -> None:
    reader = CodeReader(Codes(location=r"^%L(?P<value>[A-Z0-9-]+)$"))

    assert read("%LA-01", reader=reader) == SiteCode(SiteKind.LOCATION, "A-01")
    assert isinstance(read("LOC:A-01", reader=reader), Refused)


@pytest.mark.parametrize(
    ("patterns", "sentence"),
    [
        (
            {"lot": "^LOC:(?P<value>.+)$"},
            "codes.location and codes.lot both match 'LOC:A': give each its own prefix.",
        ),
        (
            {"location": "^(?P<value>.+)$"},
            "codes.location and codes.order both match 'ORD:A': give each its own prefix.",
        ),
    ],
)
def test_patterns_that_take_each_others_codes_are_told_at_the_start(
    patterns: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ValueError, match="codes") as caught:
        CodeReader(Codes(**patterns))

    assert sentence in str(caught.value)


def test_a_place_without_a_prefix_of_its_own_may_have_a_form() -> None:
    reader = CodeReader(Codes(location=r"^(?P<value>[A-Z]-\d\d-\d\d)$"))

    assert read("A-01-02", reader=reader) == SiteCode(SiteKind.LOCATION, "A-01-02")
