"""What a scan is: the order of reading, the site's own codes, how many, and hostile scans."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.settings import Codes
from edge.domain.codes import (
    Code,
    CodeReader,
    Gs1Code,
    ItemCode,
    Listed,
    Refused,
    SiteCode,
    SiteKind,
    eaches,
    visible,
)
from edge.domain.gs1 import GS, Elements
from edge.domain.plain_codes import upc_a
from tests.catalogues import Shelf

HOSTILE = Path(__file__).parents[2] / "cases" / "hostile.jsonl"
SCANS: list[dict[str, Any]] = [
    row
    for row in map(json.loads, HOSTILE.read_text("utf-8").splitlines())
    # Framing and key events never reach the reader: they are the drivers' to take apart.
    if row["channel"] == "scan" and row["cls"] != "framing" and not row["input"].startswith("evdev:")
]
PEN = Listed("PEN", 1)
PEN_CASE = Listed("PEN", 12)
READER = CodeReader(Codes())
TODAY = "2026-11-21"


def read(text: str, codes: Mapping[str, Listed] | None = None, reader: CodeReader = READER) -> Code:
    return reader.read(text, Shelf(codes), today=TODAY)


def why(text: str) -> str:
    code = read(text)
    assert isinstance(code, Refused), code
    return code.why


# The order of reading


def test_a_listed_code_is_the_item_it_is_listed_for() -> None:
    assert read("OLD-77", {"OLD-77": PEN}) == ItemCode("OLD-77", None, PEN)


def test_a_gtin_nobody_lists_is_still_an_item() -> None:
    assert read("7612345001012") == ItemCode("7612345001012", "07612345001012", None)


def test_a_gtin_is_the_same_item_with_and_without_its_zeros() -> None:
    assert read("07612345001012", {"7612345001012": PEN}) == ItemCode("07612345001012", "07612345001012", PEN)
    assert read("]E0012345678905", {"012345678905": PEN}) == ItemCode("012345678905", "00012345678905", PEN)


@pytest.mark.parametrize("code", ["17612345001019", "]I117612345001019", "]C017612345001019"])
def test_a_case_keeps_its_own_pack(code: str) -> None:
    assert read(code, {"17612345001019": PEN_CASE, "7612345001012": PEN}) == ItemCode(
        "17612345001019", "17612345001019", PEN_CASE
    )


def test_a_wrong_check_digit_says_the_right_one() -> None:
    sentence = "GTIN check digit is wrong: the last digit should be 1."

    assert read("]E04006381333932") == Refused("check_digit", sentence)
    # As GS1 elements these digits would be purchase order 6381333932.
    assert read("4006381333932") == Refused("check_digit", sentence)


def test_a_wrong_check_digit_that_the_catalogue_lists_is_the_item() -> None:
    assert read("4006381333932", {"4006381333932": PEN}) == ItemCode("4006381333932", None, PEN)


@pytest.mark.parametrize("code", ["2112345000015", "02112345000015", "]E02112345000015"])
def test_a_shops_own_number_counts_only_where_it_is_listed(code: str) -> None:
    assert why(code) == "unknown_code"
    listed = read(code, {"2112345000015": PEN})
    assert isinstance(listed, ItemCode)
    assert listed.listed == PEN


def test_a_gtin_12_that_begins_with_2_is_an_item() -> None:
    assert isinstance(read("212345678909"), ItemCode)


def test_the_sites_patterns_go_before_the_catalogue() -> None:
    assert read("LOC:A-01", {"LOC:A-01": PEN}) == SiteCode(SiteKind.LOCATION, "A-01")


def test_an_element_string_needs_no_identifier() -> None:
    code = read("00376123450000000429")

    assert code == Gs1Code(Elements(sscc="376123450000000429", others=(("00", "376123450000000429"),)))


def test_a_listed_code_goes_before_an_element_string_without_identifier() -> None:
    assert read("10B7", {"10B7": PEN}) == ItemCode("10B7", None, PEN)


def test_the_identifier_goes_before_the_catalogue() -> None:
    assert isinstance(read("]C110B7", {"10B7": PEN}), Gs1Code)
    assert read("]C010B7", {"10B7": PEN}) == ItemCode("10B7", None, PEN)


@pytest.mark.parametrize("symbol", ["]C0", "]d1", "]Q1", "]A0", "]I1"])
def test_behind_another_identifier_nothing_is_gs1(symbol: str) -> None:
    assert why(symbol + "0109506000134352") == "unknown_code"
    assert why(symbol + "0109506000134352" + GS + "10A") == "bad_code"


@pytest.mark.parametrize("symbol", ["]C1", "]e0", "]d2", "]Q3", "]J1"])
def test_behind_an_identifier_of_gs1_everything_is(symbol: str) -> None:
    assert isinstance(read(symbol + "0109506000134352"), Gs1Code)
    assert why(symbol + "LOC:A-01") == "bad_gs1"
    assert why(symbol) == "bad_gs1"


@pytest.mark.parametrize("symbol", ["", "]Q1", "]d1", "]Q0", "]C0", "]d2", "]Q3", "]C1"])
def test_a_digital_link_is_read_behind_any_identifier(symbol: str) -> None:
    code = read(symbol + "https://example.com/01/09506000134352/10/AB?17=261231")

    assert isinstance(code, Gs1Code)
    assert (code.elements.gtin, code.elements.lot, code.elements.expiry) == (
        "09506000134352",
        "AB",
        "2026-12-31",
    )


def test_a_web_address_that_is_no_digital_link_is_a_plain_code() -> None:
    assert why("https://example.com/about") == "unknown_code"
    assert read("https://example.com/about", {"https://example.com/about": PEN}) == ItemCode(
        "https://example.com/about", None, PEN
    )


def test_a_digital_link_that_is_wrong_is_refused_and_told_so() -> None:
    assert read("https://example.com/01/09506000134353") == Refused(
        "check_digit", "GTIN check digit is wrong in (01): the last digit should be 2."
    )


def test_a_gs_makes_it_gs1() -> None:
    assert isinstance(read(GS + "0109506000134352"), Gs1Code)
    assert why("LOC:A" + GS) == "bad_gs1"


def test_what_begins_as_gs1_does_is_told_what_is_wrong() -> None:
    assert read("010950600013435217260230") == Refused(
        "bad_gs1",
        "The expiry (17) is wrong: 260230 is no date (year, month, day). Scan again, or the item's plain code.",
    )
    assert read("ABC") == Refused(
        "unknown_code",
        "ABC is no GTIN, and not in the catalogue. Scan another code of it, or tell the office.",
    )


@pytest.mark.parametrize("text", ["]C1]C10109506000134352", "]e0]C1]Q30109506000134352", "]E0]E0"])
def test_two_identifiers_are_refused(text: str) -> None:
    assert why(text) == "bad_code"


def test_a_scan_without_a_code_in_it_is_refused() -> None:
    assert read("") == Refused("bad_code", "The scan is empty. Scan again.")
    assert read("]E0") == Refused("bad_code", "The scanner sent ]E0 and no code behind it. Scan again.")


def test_256_characters_are_read_and_one_more_is_too_long() -> None:
    assert why("a" * 256) == "unknown_code"
    assert why("a" * 257) == "too_long"


@pytest.mark.parametrize(
    "character", [*map(chr, range(0x1D)), "\x1e", "\x1f", "\x7f", "\x80", "\xe9", "\xff"]
)
def test_a_character_outside_ascii_and_gs_is_refused_and_named(character: str) -> None:
    code = read(f"LOC:{character}")

    assert isinstance(code, Refused)
    assert (code.why, visible(character) in code.reason) == ("bad_code", True)
    assert code.reason.isprintable()


# How many


@pytest.mark.parametrize(
    ("pack", "elements", "quantity", "pieces"),
    [
        (1, None, 1, 1),
        (12, None, 3, 36),
        (12, None, 0, 0),
        (12, Elements(gtin="17612345001019"), 1, 12),
        (12, Elements(content="17612345001019", count=24), 2, 576),
        (1, Elements(gtin="90614141000411", variable_count=5), 2, 10),
        (1, Elements(gtin="07612345001012", variable_count=12), 1, 12),
        (1, Elements(gtin="07612345001012", count=12), 2, 24),
        (12, Elements(gtin="17612345001019", variable_count=12), 1, 12),
        (12, Elements(gtin="17612345001019", count=12), 1, 12),
        (1, Elements(gtin="07612345001012", variable_count=12, count=12), 1, 12),
        (12, Elements(content="17612345001019", variable_count=12, count=3), 1, 36),
    ],
)
def test_eaches_are_pack_times_count_times_quantity(
    pack: int, elements: Elements | None, quantity: int, pieces: int
) -> None:
    assert eaches(pack, elements, quantity=quantity) == pieces


@pytest.mark.parametrize(
    ("pack", "elements", "quantity", "says"),
    [
        (10, Elements(gtin="1", variable_count=12), 1, "The label says 12, the catalogue 10."),
        (10, Elements(gtin="1", count=12), 1, "The label says 12, the catalogue 10."),
        (1, Elements(gtin="1", variable_count=12, count=10), 1, "The label says 10, and also 12."),
        (1, Elements(content="1", count=0), 1, "That makes 0 pieces, not 1 to 1000000."),
        (12, Elements(content="1", count=99_999_999), 1, "That makes 1199999988 pieces, not 1 to 1000000."),
        (2, None, 999_999, "That makes 1999998 pieces, not 1 to 1000000."),
    ],
)
def test_counts_that_cannot_be_are_refused(
    pack: int, elements: Elements | None, quantity: int, says: str
) -> None:
    assert eaches(pack, elements, quantity=quantity) == Refused(
        "count_differs", f"{says} Count, then scan QTY and the plain code."
    )


# What somebody may scan on purpose


# The digits of EAN, UPC and ITF


def test_a_short_upc_e_is_told_to_be_one() -> None:
    sentence = (
        "This is a short UPC-E code. Have the scanner send UPC-E as UPC-A, 042100005264, and scan again."
    )

    assert read("04252614") == read("]E004252614") == Refused("check_digit", sentence)
    assert read("]E0042100005264") == ItemCode("042100005264", "00042100005264", None)
    # An EAN-8 by its identifier, and a wrong one.
    assert read("]E404252614") == Refused(
        "check_digit", "GTIN check digit is wrong: the last digit should be 0."
    )


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("01234505", "012000003455"),
        ("01234514", "012100003454"),
        ("01234523", "012200003453"),
        ("01234531", "012300000451"),
        ("01234543", "012340000053"),
        ("01234558", "012345000058"),
        ("01234590", "012345000096"),
        ("21234505", ""),
        ("0123450", ""),
    ],
)
def test_a_upc_e_stands_for_a_upc_a(short: str, long: str) -> None:
    assert upc_a(short)[:-1] == long[:-1]


@pytest.mark.parametrize("add_on", ["51", "51299"])
def test_an_ean_with_its_add_on_is_refused_with_the_remedy(add_on: str) -> None:
    sentence = (
        "This EAN came with the small add-on beside it. Have the scanner leave add-ons away, and scan again."
    )

    assert read(f"]E39780143007234{add_on}") == Refused("bad_code", sentence)
    assert read("]E39780143007234") == ItemCode("9780143007234", "09780143007234", None)


@pytest.mark.parametrize("row", SCANS, ids=[row["id"] for row in SCANS])
def test_a_hostile_scan_is_refused_or_is_data(row: dict[str, Any]) -> None:
    text = row["input"].encode("latin-1").decode("unicode_escape") * row.get("repeat", 1)

    code = read(text)

    if row["expected"] == "rejected":
        assert isinstance(code, Refused)
        assert code.why in {"bad_code", "bad_gs1", "check_digit", "too_long"}
    else:
        listed = read(text, {text.removeprefix("]C1"): PEN})
        assert isinstance(listed, ItemCode | Gs1Code | SiteCode) or listed == code
    if isinstance(code, Refused):
        assert code.reason.isascii()
        assert code.reason.isprintable()
    assert visible(text).isprintable()


PIECES = (
    *(
        "]C1",
        "]d2",
        "]Q1",
        GS,
        "01",
        "09506000134352",
        "00",
        "106141412345678908",
        "02",
        "37",
        "24",
        "10",
        "A",
    ),
    *(
        "17",
        "261231",
        "260200",
        "30",
        "3932",
        "978",
        "8008",
        "91",
        "8013",
        "https://a/",
        "<GS>",
        "|",
        "/",
        "?",
        "=",
        "&",
        "%",
    ),
)
GS1_LIKE = st.lists(st.sampled_from(PIECES), max_size=24).map("".join)
LATIN_1 = st.text(st.characters(max_codepoint=0xFF), max_size=300)


@pytest.mark.parametrize(
    "text",
    [
        "]C1" + "21a" * 84,
        "]C110" + "1726123121A" * 22,
        "]C1" + "2011" * 60 + "10" + "20" * 4,
        "]C101095060001343528200" + "17261231" * 8,
        "]C1400" + "0010614141234567890" * 12,
        "]C110A" + "<GS>10A" * 35,
        "]C110A" + "|21A" * 60,
        "]C110A" + "\x1d10A" * 62,
        "]C110" + " " * 251,
        "00" * 128,
        "https://a" + "/10/a" * 49,
        "https://a/01/09506000134352?" + "&99=%41" * 28,
    ],
)
def test_a_text_made_to_be_tried_again_and_again_is_read_in_a_blink(text: str) -> None:
    start_s = time.thread_time()

    assert isinstance(read(text[:256]), Refused | Gs1Code)

    assert time.thread_time() - start_s < 0.05


@settings(max_examples=400, deadline=None)
@given(st.one_of(GS1_LIKE, LATIN_1, st.text(max_size=40), LATIN_1.map("]C1{}".format)))
def test_no_text_breaks_the_reader_or_holds_it_up(text: str) -> None:
    durations_s = []
    for _ in range(3):  # the least of three, as a collection of garbage may fall into any one
        start_s = time.thread_time()
        code = read(text)
        durations_s.append(time.thread_time() - start_s)

    assert min(durations_s) < 0.05
    assert isinstance(code, Gs1Code | ItemCode | SiteCode | Refused)
    if isinstance(code, Refused):
        assert code.reason.isprintable()


def test_half_a_code_says_that_part_of_it_was_lost() -> None:
    code = read("40063\x1a")

    assert code == Refused(
        "bad_code",
        "Part of the code was lost on its way, <SUB>. Scan again; if it stays so, see that prefix, suffix and layout "
        "of this scanner are in the configuration as they are in its set-up.",
    )
