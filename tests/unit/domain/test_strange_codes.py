"""Strange codes, legal and illegal, each with the place of the standard that says so.

GS: GS1 General Specifications; SD: GS1 Barcode Syntax Dictionary; DL: GS1 Digital Link Standard, URI Syntax.
"""

import pytest

from config.settings import Codes
from edge.domain.codes import CodeReader, Gs1Code, ItemCode, NoCatalogue, Refused
from edge.domain.gs1 import GS
from tests.catalogues import Shelf

GTIN = "09506000134352"
SSCC = "106141412345678908"
MEASURED = "90614141000411"
SIGNS = "!\"%&'()*+,-./:;<=>?_"
READER = CodeReader(Codes())


def read(text: str) -> object:
    return READER.read(text, Shelf(), today="2026-11-21")


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        # GS 5.1, symbology identifiers
        pytest.param(f"]e101{GTIN}10A", {"01": GTIN, "10": "A"}, id="composite behind a separator"),
        pytest.param(f"]e201{GTIN}", {"01": GTIN}, id="composite behind an escape"),
        pytest.param(
            f"]e001{GTIN}10A{GS}17261231", {"01": GTIN, "10": "A", "17": "261231"}, id="DataBar + CC"
        ),
        pytest.param(f"]J101{GTIN}10A{GS}21B", {"01": GTIN, "10": "A", "21": "B"}, id="DotCode"),
        pytest.param("]E04006381333931|]e010A", {"01": "04006381333931", "10": "A"}, id="EAN-13 + CC"),
        pytest.param(
            "]E04006381333931]e010A", {"01": "04006381333931", "10": "A"}, id="EAN-13 + CC, unparted"
        ),
        pytest.param("]E496385074|]e021S1", {"01": "00000096385074", "21": "S1"}, id="EAN-8 + CC"),
        # GS 7.8, separators
        pytest.param(f"]C1{GS}01{GTIN}", {"01": GTIN}, id="FNC1 in front told twice"),
        pytest.param(f"{GS}01{GTIN}{GS}10A{GS}", {"01": GTIN, "10": "A"}, id="a separator behind each"),
        pytest.param(f"]C110A{GS}01{GTIN}", {"10": "A", "01": GTIN}, id="the GTIN last"),
        pytest.param(f"]C100{SSCC}00{SSCC}", {"00": SSCC}, id="an element twice, alike"),
        # GS 3, SD: lengths and characters
        pytest.param(f"]C101{GTIN}21{SIGNS}", {"01": GTIN, "21": SIGNS}, id="all signs of character set 82"),
        pytest.param(f"]C101{GTIN}10{'z' * 20}", {"01": GTIN, "10": "z" * 20}, id="the longest lot"),
        pytest.param(f"]C101{GTIN}99{'z' * 90}", {"01": GTIN, "99": "z" * 90}, id="the longest internal"),
        pytest.param(
            f"]C102{GTIN}3700000024", {"02": GTIN, "37": "00000024"}, id="a count with zeros in front"
        ),
        pytest.param("]C180101234AB#/-1", {"8010": "1234AB#/-1"}, id="character set 39"),
        pytest.param(f"]C101{GTIN}8030A_b-", {"01": GTIN, "8030": "A_b-"}, id="character set 64"),
        pytest.param(f"]C101{GTIN}4330001234-", {"01": GTIN, "4330": "001234-"}, id="degrees below zero"),
        pytest.param("]C1421840944105", {"421": "840944105"}, id="postcode behind its country"),
        # GS 3.4 and 7.12, dates
        pytest.param(f"]C101{GTIN}11260200", {"01": GTIN, "11": "260200"}, id="day 00"),
        pytest.param(f"]C101{GTIN}17000229", {"01": GTIN, "17": "000229"}, id="29 February 2000"),
        pytest.param(
            f"]C101{GTIN}8008261231235959", {"01": GTIN, "8008": "261231235959"}, id="to the second"
        ),
        pytest.param(f"]C101{GTIN}7007260131", {"01": GTIN, "7007": "260131"}, id="one day of harvest"),
        # GS 3.6, variable measure: the last digit of the AI is the place of the decimal point
        pytest.param(
            f"]C101{MEASURED}3105001500", {"01": MEASURED, "3105": "001500"}, id="hundredths of a gram"
        ),
        pytest.param(f"]C101{MEASURED}3922199", {"01": MEASURED, "3922": "199"}, id="a price"),
        # DL 4: any scheme in one case, any host, any port, any path before the key
        pytest.param(f"]Q1HTTPS://ID.GS1.ORG/01/{GTIN}/21/AB", {"01": GTIN, "21": "AB"}, id="in capitals"),
        pytest.param(f"http://a.:65535/01/{GTIN}", {"01": GTIN}, id="full name and port"),
        pytest.param(f"https://[2001:db8::1]/01/{GTIN}", {"01": GTIN}, id="IPv6"),
        pytest.param(f"https://a/01/x/some/user/01/{GTIN}", {"01": GTIN}, id="a false key in the path"),
        pytest.param(f"https://a/01/{GTIN}/10/%41%2F", {"01": GTIN, "10": "A/"}, id="percent escapes"),
        pytest.param(
            f"https://a/01/{GTIN}/10/A+B", {"01": GTIN, "10": "A+B"}, id="a plus in the path is one"
        ),
        pytest.param(
            f"https://a/01/{GTIN}?&&17=261200&linkType=all#top", {"01": GTIN, "17": "261200"}, id="query"
        ),
        pytest.param(
            "https://a/8018/123456789012345675/8019/1", {"8018": "123456789012345675", "8019": "1"}, id="GSRN"
        ),
        pytest.param(f"]d2https://a/01/{GTIN}", {"01": GTIN}, id="an address in a GS1 symbol"),
        pytest.param(f"]C0https://a/01/{GTIN}", {"01": GTIN}, id="an address in a Code 128"),
    ],
)
def test_what_is_legal_is_read(text: str, elements: dict[str, str]) -> None:
    code = read(text)

    assert isinstance(code, Gs1Code), code
    assert dict(code.elements.others) == elements
    assert code.note == ""


@pytest.mark.parametrize(
    ("text", "why", "says"),
    [
        # GS 5.1
        (f"]J001{GTIN}", "unknown_code", "is no GTIN"),
        (f"]X001{GTIN}", "unknown_code", "is no GTIN"),
        (f"]C0{GS}01{GTIN}", "bad_code", "none of GS1"),
        (f"]e3{GTIN}{GS}", "bad_code", "none of GS1"),
        (f"]E0]e001{GTIN}", "bad_code", "Two AIM identifiers"),
        ("]E04006381333932|]e010A", "check_digit", "the last digit should be 1"),
        ("]C1", "bad_gs1", "empty"),
        ("]c1010950", "unknown_code", "is no GTIN"),
        # GS 7.8
        (f"]C101{GTIN}{GS}{GS}10A", "bad_gs1", "wrong at <GS>10A"),
        (f"]C110{GS}01{GTIN}", "bad_gs1", "The lot (10) is wrong"),
        # GS 3, SD
        (f"]C101{GTIN}10{'A' * 21}", "bad_gs1", "up to 20 letters"),
        (f"]C101{GTIN}10A`B", "bad_gs1", "got A`B"),
        (f"]C102{GTIN}37", "bad_gs1", "got nothing"),
        (f"]C101{GTIN}8030A.b", "bad_gs1", "DIGSIG (8030)"),
        (f"]C18006{GTIN}0403", "bad_gs1", "from 1 to the total"),
        ("]C14109506000134", "bad_gs1", "SHIP TO LOC (410)"),
        ("]C1421999944", "bad_gs1", "country number"),
        (f"]C101{GTIN}3106001500", "bad_gs1", "wrong at 31060015"),
        (f"]C100{SSCC}43212", "bad_gs1", "one digit"),
        (f"]C101{GTIN}22ABC DEF", "bad_gs1", "CPV (22)"),
        (f"]C101{GTIN}01{GTIN[:-1]}", "bad_gs1", "it takes 14 digits"),
        # GS 3.4 and 7.12
        (f"]C101{GTIN}7003260200" + "1200", "bad_gs1", "260200 is no date"),
        (f"]C101{GTIN}17260000", "bad_gs1", "260000 is no date"),
        (f"]C101{GTIN}17010229", "bad_gs1", "010229 is no date"),
        (f"]C101{GTIN}17261301", "bad_gs1", "The expiry (17) is wrong"),
        (f"]C101{GTIN}800826123124", "bad_gs1", "PROD TIME (8008)"),
        (f"]C18018123456789012345675{GS}725020260230", "bad_gs1", "20260230"),
        # DL 4
        (f"https://a/01/{GTIN}/10/A%20B", "bad_gs1", "got A B"),
        (f"https://a/01/{GTIN}/10/%C3%A9", "bad_gs1", "got <0xC3><0xA9>"),
        (f"https://a/01/{GTIN}/10/A%1D17", "bad_gs1", "got A<GS>17"),
        (f"https://a/01/{GTIN}?17=261231&17=261231", "bad_gs1", "two for expiry (17)"),
        (f"https://a/01/{GTIN}/17/261231", "bad_gs1", "(17) may not follow (01)"),
        (f"https://a/01/{GTIN}?10=A", "bad_gs1", "lot (10) may not stand behind the question mark"),
        (f"https://a/01/{GTIN}/10/", "bad_gs1", "got nothing"),
        (f"https://user@a/01/{GTIN}", "unknown_code", "is no GTIN"),
        (f"https://a/01//{GTIN}", "unknown_code", "is no GTIN"),
        (f"]C1https://a/{GTIN}", "bad_gs1", "wrong at https://"),
        # GS 7.9.1 and 1.4
        ("40063813339310", "check_digit", "the last digit should be"),
        ("2012345678903", "unknown_code", "a shop's own number"),
    ],
)
def test_what_is_illegal_is_refused_with_the_reason(text: str, why: str, says: str) -> None:
    code = read(text)

    assert isinstance(code, Refused), code
    assert (code.why, says in code.reason) == (why, True), code.reason
    assert code.reason.isprintable()
    assert code.reason.endswith(".")


def test_a_gtin_in_front_of_nothing_is_still_the_item() -> None:
    assert read("]E04006381333931") == ItemCode("4006381333931", "04006381333931", None)


def test_without_a_catalogue_an_item_is_read_by_its_number_alone() -> None:
    nobody = NoCatalogue()

    code = READER.read("4006381333931", nobody, today="2026-11-21")

    assert code == ItemCode("4006381333931", "04006381333931", None)
    assert not nobody.by_sku("PEN")
