"""The site's own barcodes as they are written: what is written reads back, or is not written."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from config.settings import Codes
from edge.domain.codes import Code, CodeReader, SiteCode, SiteKind
from edge.domain.site_writing import SiteWriter
from tests.catalogues import Shelf
from tests.unit.domain.writing import writer

VALUES = {SiteKind.QUANTITY: "12", SiteKind.DIGIT: "C", SiteKind.EXPIRY: "2027-03-01"}


@pytest.mark.parametrize("kind", SiteKind)
def test_without_patterns_of_the_site_a_code_is_its_prefix_and_its_value(kind: SiteKind) -> None:
    value = VALUES.get(kind, "A-01")
    prefix = re.sub(r"^\^|\(.*$", "", getattr(Codes(), kind))

    assert writer().write(kind, value) == f"{prefix}{value}"


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        (r"^%L(?P<value>[A-Z0-9-]+)$", "%LA-01"),
        (r"^\*(?P<value>[A-Z]-\d\d)\*$", "*A-01*"),
        (r"^(?P<value>[A-Z]-\d\d)$", "A-01"),
        (r"^(?:LOC:|%L)(?P<value>.+)$", "LOC:A-01"),
        (r"^R(?:\.|,)(?P<value>(?:[A-Z]|x)-(?:\d\d)) end(?:\)|)$", "R.A-01 end)"),
    ],
)
def test_a_pattern_of_fixed_text_around_the_value_is_turned_round(pattern: str, code: str) -> None:
    assert writer(location=pattern).write(SiteKind.LOCATION, "A-01") == code


@pytest.mark.parametrize(
    "pattern",
    [
        r"^\d(?P<value>[A-Z0-9-]+)$",
        r"^L+(?P<value>[A-Z0-9-]+)$",
        r"^[LP]:(?P<value>[A-Z0-9-]+)$",
        r"^%L(?P<value>[A-Z0-9-]+)[0-9]$",
        r"^%L(?P<value>[A-Z0-9-]+)?$",
        r"^%L((?P<value>[A-Z0-9-]+))$",
    ],
)
def test_a_pattern_that_leaves_open_what_stands_around_the_value_is_not(pattern: str) -> None:
    rack = writer(location=pattern)

    assert not rack.can_write(SiteKind.LOCATION)
    assert rack.write(SiteKind.LOCATION, "A-01") is None
    assert rack.can_write(SiteKind.COMMAND)


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        (r"^%L(?P<value>[A-Z0-9-]+)$", "dock 1"),
        (r"^%L(?P<value>.+)$", "Zoë"),
        (r"^%L(?P<value>.+)$", "A\x1b[2J"),
        (r"^%L(?P<value>.+)$", "A" * 65),
        (r"^%L(?P<value>.*)$", ""),
        (r"^%L(?P<value>[A-Z]+)(?:-[0-9]+)$", "A"),
        (r"^%L(?P<value>[A-Z]+)\d$", "A1"),
    ],
)
def test_a_value_that_the_site_would_not_read_back_is_not_written(pattern: str, value: str) -> None:
    assert writer(location=pattern).write(SiteKind.LOCATION, value) is None


def test_a_code_that_is_something_else_behind_an_identifier_is_not_written() -> None:
    """A scanner may send `]C0` in front, and a reader then takes what looks like a second one for a mistake."""
    rack = writer(location=r"^(?P<value>\][A-Z][0-9]-[0-9]+)$")

    assert rack.can_write(SiteKind.LOCATION)
    assert rack.write(SiteKind.LOCATION, "]A1-01") is None


TEXT = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=8)


@given(head=TEXT, tail=TEXT, value=st.text(max_size=70))
def test_what_is_written_reads_back_whatever_stands_around_it(head: str, tail: str, value: str) -> None:
    patterns = Codes(location=f"^{re.escape(head)}(?P<value>.+){re.escape(tail)}$")
    try:
        reader = CodeReader(patterns)
    except ValueError:
        assume(False)

    def read(text: str) -> Code:
        return reader.read(text, Shelf(), today="2026-11-21")

    writer = SiteWriter(patterns, read)
    code = writer.write(SiteKind.LOCATION, value)

    assert writer.can_write(SiteKind.LOCATION)
    assert code is None or (code, read(code)) == (f"{head}{value}{tail}", SiteCode(SiteKind.LOCATION, value))
