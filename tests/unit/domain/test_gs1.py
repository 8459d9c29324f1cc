"""GS1 held against the cases of gs1.jsonl, and the rules one by one."""

import json
from pathlib import Path
from typing import Any

import pytest
from biip.gs1_application_identifiers import GS1ApplicationIdentifier

from config.settings import Codes
from edge.domain import gs1_rules
from edge.domain.codes import CodeReader, Gs1Code, ItemCode, Listed, Refused
from edge.domain.gs1 import GS, Elements, Gs1Error, iso_date, named, read_message, title
from edge.domain.gs1_links import read_link
from tests.catalogues import Shelf

CASES = Path(__file__).parents[2] / "cases" / "gs1.jsonl"
ROWS: list[dict[str, Any]] = [json.loads(line) for line in CASES.read_text("utf-8").splitlines()]
GTIN = "09506000134352"
READER = CodeReader(Codes())
PEN = Listed("PEN", 1)
AGAIN = "Scan again, or the item's plain code."
TODAY = "2026-11-21"


def refusal(payload: str, year: int = 2026) -> tuple[str, str]:
    """Read what is wrong and return why and the sentence."""
    with pytest.raises(Gs1Error) as caught:
        read_message(payload, year)
    return caught.value.why, str(caught.value)


@pytest.mark.parametrize("row", ROWS, ids=[f"{n}-{row['note'][:40]}" for n, row in enumerate(ROWS)])
def test_every_case_is_read_as_the_gs1_syntax_engine_reads_it(row: dict[str, Any]) -> None:
    code = READER.read(row["input"], Shelf(), today=TODAY)

    if "RCN" in row["note"]:
        assert isinstance(code, Refused), "a shop's own number counts only where the catalogue lists it"
        assert code.why == "unknown_code"
    elif "<GS>" in row["input"]:
        # Right by its syntax, and refused: the scanner is to be mended.
        assert isinstance(code, Refused)
        assert (code.why, "set gs" in code.reason) == ("bad_gs1", True)
        assert dict(read_message(row["input"], 2026).others) == row["expect"]
    elif not row["valid"]:
        assert isinstance(code, Refused)
        assert code.why == ("check_digit" if "check digit" in row["note"] else "bad_gs1")
    elif row["kind"] == "opaque":
        assert isinstance(code, Refused)
        assert code.why == "unknown_code"
        listed = READER.read(row["input"], Shelf({row["input"][3:]: PEN}), today=TODAY)
        assert listed == ItemCode(row["input"][3:], None, PEN), "any code may be an item's"
    elif row["kind"] == "gtin":
        assert code == ItemCode(row["input"].removeprefix(row["aim"] or ""), row["expect"]["01"], None)
    else:
        assert isinstance(code, Gs1Code)
        assert dict(code.elements.others) == row["expect"]
        assert code.note == ""


def test_the_elements_that_we_use_have_names() -> None:
    payload = f"00106141412345678908{GS}02{GTIN}3724{GS}10B7{GS}15270331{GS}21S1{GS}30012{GS}400PO-1{GS}91L5"

    elements = read_message(payload, 2026)

    assert elements == Elements(
        sscc="106141412345678908",
        content=GTIN,
        lot="B7",
        expiry="2027-03-31",
        serial="S1",
        count=24,
        variable_count=12,
        purchase_order="PO-1",
        label="L5",
        others=(
            ("00", "106141412345678908"),
            ("02", GTIN),
            ("37", "24"),
            ("10", "B7"),
            ("15", "270331"),
            ("21", "S1"),
            ("30", "012"),
            ("400", "PO-1"),
            ("91", "L5"),
        ),
    )


def test_the_expiry_goes_before_the_best_before_date() -> None:
    assert read_message(f"01{GTIN}1526123117270228", 2026).expiry == "2027-02-28"


@pytest.mark.parametrize(
    ("yymmdd", "year", "iso"),
    [
        ("760101", 2026, "2076-01-01"),
        ("770101", 2026, "1977-01-01"),
        ("991231", 2026, "1999-12-31"),
        ("000229", 2026, "2000-02-29"),
        ("010101", 2051, "2101-01-01"),
        ("020101", 2051, "2002-01-01"),
        ("240200", 2026, "2024-02-29"),
        ("260431", 2026, None),
        ("261300", 2026, None),
        ("260000", 2026, None),
    ],
)
def test_a_date_of_two_digits_falls_within_fifty_years(yymmdd: str, year: int, iso: str | None) -> None:
    assert iso_date(yymmdd, year) == iso


@pytest.mark.parametrize(
    ("payload", "why", "sentence"),
    [
        ("", "bad_gs1", "The GS1 code is empty. Scan again."),
        (GS, "bad_gs1", "The GS1 code is empty. Scan again."),
        (
            "0109506000134353",
            "check_digit",
            "GTIN check digit is wrong in (01): the last digit should be 2.",
        ),
        (
            "00106141412345678900",
            "check_digit",
            "SSCC check digit is wrong in (00): the last digit should be 8.",
        ),
        ("2531231231231233X", "check_digit", "The check digit is wrong in (253): digit 13 should be 2."),
        ("8003095060001343530AB", "check_digit", "The check digit is wrong in (8003): digit 14 should be 2."),
        ("891234", "bad_gs1", f"The code is wrong at 891234: GS1 knows no such number. {AGAIN}"),
        (
            "0109506000134",
            "bad_gs1",
            f"The GTIN (01) is wrong: it takes 14 digits, got 09506000134. {AGAIN}",
        ),
        (f"01{GTIN}37", "bad_gs1", f"The count (37) is wrong: it takes up to 8 digits, got nothing. {AGAIN}"),
        (
            f"01{GTIN}30",
            "bad_gs1",
            f"The count (30) is wrong: expected at least one digit, got nothing. {AGAIN}",
        ),
        (
            "001061414123456789084321X",
            "bad_gs1",
            f"The DANGEROUS GOODS (4321) is wrong: it takes one digit, got X. {AGAIN}",
        ),
        (
            "2531231",
            "bad_gs1",
            f"The GDTI (253) is wrong: GS1 gives it another form, N13[+X..17], got 1231. {AGAIN}",
        ),
        (
            f"01{GTIN}17260230",
            "bad_gs1",
            f"The expiry (17) is wrong: 260230 is no date (year, month, day). {AGAIN}",
        ),
        (
            f"01{GTIN}10AB 1",
            "bad_gs1",
            "The lot (10) does not end where it should: it takes up to 20 letters, digits and signs, no space,"
            f" got AB 1. {AGAIN}",
        ),
        (
            f"01{GTIN}10{'A' * 21}",
            "bad_gs1",
            "The lot (10) does not end where it should: it takes up to 20 letters, digits and signs, no space,"
            f" got {'A' * 21}. {AGAIN}",
        ),
        (f"01{GTIN}10A{GS}10B", "bad_gs1", f"The code names two for lot (10): A and B. {AGAIN}"),
        (
            f"01{GTIN}{GS}{GS}10A",
            "bad_gs1",
            f"The code is wrong at <GS>10A: GS1 knows no such number. {AGAIN}",
        ),
        (
            f"01{GTIN}39320001099",
            "bad_gs1",
            f"The PRICE (3932) is wrong: expected a currency number of ISO 4217 first, got 0001099. {AGAIN}",
        ),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(payload: str, why: str, sentence: str) -> None:
    assert refusal(payload) == (why, sentence)


def test_the_same_element_twice_with_one_value_is_one_element() -> None:
    assert read_message(f"01{GTIN}10A{GS}10A", 2026).others == (("01", GTIN), ("10", "A"))


def test_a_separator_may_stand_behind_the_last_element() -> None:
    assert read_message(f"01{GTIN}10A{GS}", 2026).lot == "A"


@pytest.mark.parametrize(
    "payload",
    [
        "30",
        f"01{GTIN}30{GS}10A",
        f"01{GTIN}10ABCDEFGHIJKLMNOPQRSTU",
        "2531234567890123",
        "8003195060001343520AB",
        f"8006{GTIN}0302",
        f"8006{GTIN}0001",
        "8018123456789012345674",
        "7007260101260100",
        "70032612312460",
        "00106141412345678908" + "43242612312400",
        "8008260200123",
        f"01{GTIN}422999",
        f"01{GTIN}423056057",
        "00106141412345678908" + "4307XX",
        "00106141412345678908" + "4300A%2",
        "8011012",
        "8010ABCD12",
        "8013" + "1987654Ad4X4bL5ttr2310cXK",
        "800100000003400510",
        "8007GB82WEST12345698765433",
        "8007XX82WEST12345698765432",
        "43091800000001" + "3600000000",
        f"8018123456789012345675{GS}725020260230",
        f"8018123456789012345675{GS}7251202602301200",
    ],
)
def test_what_biip_lets_pass_and_the_standard_does_not_is_refused(payload: str) -> None:
    with pytest.raises(Gs1Error):
        read_message(payload, 2026)


@pytest.mark.parametrize(
    "payload",
    [
        "2531231231231232TEST",
        "8013" + "1987654Ad4X4bL5ttr2310c2K",
        "8007GB82WEST12345698765432",
        f"8006{GTIN}0203",
        "8018123456789012345675",
        "7007260101260131",
        f"01{GTIN}{GS}70302761234",
        f"01{GTIN}423056276",
        f"01{GTIN}70309991234",
        "0010614141234567890843242612009999",
        "00106141412345678908" + "43091800000000" + "3600000000",
        "00106141412345678908" + "4317DE",
        "800100120003400510",
        "80101234",
        f"8018123456789012345675{GS}725020240229",
    ],
)
def test_what_the_standard_allows_is_taken(payload: str) -> None:
    assert read_message(payload, 2026).others


def test_an_element_has_the_name_that_people_have_for_it_or_that_of_gs1() -> None:
    assert (named("10"), title("10")) == ("lot (10)", "Batch or lot number")
    assert (named("3103"), title("3103")) == (
        "NET WEIGHT (kg) (3103)",
        "Net weight, kilograms (variable measure trade item)",
    )
    assert (named("89"), title("89")) == ("(89)", "")


def test_every_rule_is_of_an_element_that_exists() -> None:
    unknown = [ai for ai in gs1_rules.RULES if GS1ApplicationIdentifier.extract(ai).ai != ai]

    assert unknown == []


@pytest.mark.parametrize(
    ("uri", "others"),
    [
        (f"https://id.gs1.org/01/{GTIN}", {"01": GTIN}),
        (f"HTTP://example.com:8080/some/01/where/01/{GTIN}/10/A%2FB", {"01": GTIN, "10": "A/B"}),
        (
            f"https://a/01/{GTIN}/22/V/10/L+1/21/S?17=261200&who=me&&x#top",
            {"01": GTIN, "22": "V", "10": "L+1", "21": "S", "17": "261200"},
        ),
        ("https://a/00/106141412345678908?400=PO-1", {"00": "106141412345678908", "400": "PO-1"}),
        ("https://a/414/0614141123452/254/32a", {"414": "0614141123452", "254": "32a"}),
    ],
)
def test_a_digital_link_says_what_an_element_string_says(uri: str, others: dict[str, str]) -> None:
    elements = read_link(uri, 2026)

    assert elements is not None
    assert dict(elements.others) == others


@pytest.mark.parametrize(
    "uri",
    [
        "https://example.com/",
        "https://example.com/about/us",
        "ftp://a/01/09506000134352",
        f"https://a/01/{GTIN}/",
        f"https://a_b/01/{GTIN}",
        f"https://a/01/{GTIN}<bad",
        "https:///01/09506000134352",
        "https://a/89/1",
    ],
)
def test_a_web_address_without_a_key_is_no_digital_link(uri: str) -> None:
    assert read_link(uri, 2026) is None


@pytest.mark.parametrize(
    "tail",
    [
        f"01/{GTIN[:-1]}3",
        "01/9506000134352",
        f"01/{GTIN}/21/S/10/L",
        f"01/{GTIN}/235/T/10/L",
        f"01/{GTIN}/10/",
        f"01/{GTIN}/10/A%001",
        f"01/{GTIN}?10=L",
        f"01/{GTIN}?21=S",
        f"01/{GTIN}?17=260230",
        f"01/{GTIN}?17=",
        f"01/{GTIN}?99=A+B",
        f"01/{GTIN}?999=A",
        f"01/{GTIN}?99=A&99=A",
        f"01/{GTIN}/17/261231",
        "00/106141412345678908/10/L",
    ],
)
def test_a_digital_link_that_breaks_the_standard_is_refused(tail: str) -> None:
    with pytest.raises(Gs1Error):
        read_link(f"https://a/{tail}", 2026)
