"""What must hold of every code, whatever was scanned: the fuzzer and the property tests judge by this."""

import re
from datetime import date
from urllib.parse import unquote

from edge.domain.codes import Code, CodeReader, Gs1Code, ItemCode, NoCatalogue, Refused, SiteCode, SiteKind
from edge.domain.gs1 import Elements
from tests.gs1_messages import GS, TABLE, digit_behind

WHYS = frozenset({"check_digit", "bad_gs1", "bad_code", "unknown_code", "too_long"})
"""Of the contract's closed list, what can be said of a scan before the ledger is asked."""

TODAY = "2026-11-21"
MAX_REASON = 500
"""Characters: some lines on a station's screen."""

_AIM = re.compile(r"\A\][A-Za-z][0-9A-Za-z]")

_WITH_COMPOSITE = re.compile(r"\]E.([0-9]+)\|?\]e.(.*)", re.DOTALL)
"""An EAN/UPC and the composite part above it, sent in one line."""


def read(reader: CodeReader, text: str) -> Code:
    """Read a scan and judge what it was read as; raises AssertionError, a sentence."""
    code = reader.read(text, NoCatalogue(), today=TODAY)
    match code:
        case Refused():
            _judge_refusal(code)
        case Gs1Code():
            judge_elements(code.elements)
            _judge_source(text, code.elements)
            _judge_again(reader, code.elements)
        case ItemCode():
            _judge_item(text, code)
        case SiteCode():
            _judge_site_code(text, code)
        case _:
            raise AssertionError(f"A reading is none of the codes: {code!r}.")
    return code


def normal_form(elements: Elements) -> str:
    """Write elements as a scanner sends them, with a separator behind each."""
    return "]C1" + GS.join(ai + value for ai, value in elements.others)


def judge_elements(elements: Elements) -> None:
    """Numbers have their check digit, dates are in the calendar, names say what the elements say."""
    found = dict(elements.others)
    assert found, "A GS1 code has no elements."
    for ai, value in elements.others:
        assert ai in TABLE, f"There is no ({ai})."
        assert re.fullmatch(TABLE[ai].pattern, ai + value), f"({ai}) has not its form: {value!r}."
    for number in (elements.sscc, elements.gtin, elements.content):
        assert number is None or digit_behind(number[:-1]) == number[-1], f"Wrong check digit: {number}."
    named = (elements.sscc, elements.gtin, elements.content, elements.lot, elements.serial, elements.label)
    assert named == tuple(map(found.get, ("00", "01", "02", "10", "21", "91"))), "A name has another's value."
    for count, ai in ((elements.count, "37"), (elements.variable_count, "30")):
        assert count == (int(found[ai]) if ai in found else None), f"({ai}) is {found.get(ai)}, read {count}."
    yymmdd = found.get("17", found.get("15"))
    assert (elements.expiry is None) == (yymmdd is None), "An expiry comes from nowhere, or is lost."
    if elements.expiry is not None and yymmdd is not None:
        day = date.fromisoformat(elements.expiry)
        assert f"{day:%y%m}" == yymmdd[:4], f"{yymmdd} was read as {day}."
        assert yymmdd[4:] in (f"{day:%d}", "00"), f"{yymmdd} was read as {day}."


def _judge_refusal(code: Refused) -> None:
    assert code.why in WHYS, f"{code.why} is not for a scan."
    assert code.reason.isprintable(), f"A reason with what no screen can show: {code.reason!r}."
    assert code.reason.endswith("."), f"A reason is no sentence: {code.reason!r}."
    assert len(code.reason) <= MAX_REASON, f"A reason has {len(code.reason)} characters."


def _judge_source(text: str, elements: Elements) -> None:
    """Nothing is read that was not there, and nothing that was there is passed over."""
    payload = _AIM.sub("", text, count=1)
    if composite := _WITH_COMPOSITE.fullmatch(text):
        # The linear part is the item of what stands behind it.
        payload = f"01{composite[1]:0>14}{composite[2]}"
    if payload[:4].lower() == "http":
        plain = unquote(payload.replace("+", " "), "latin-1") + unquote(payload, "latin-1")
        lost = [value for _, value in elements.others if value not in plain]
        assert not lost, f"Not in the link: {lost}."
        return
    rest = payload.removeprefix(GS)
    pairs = elements.others
    while rest:
        # An element that comes twice with one value is one.
        pair = next((ai + value for ai, value in pairs if rest.startswith(ai + value)), None)
        assert pair is not None, f"{rest!r} was passed over."
        rest = rest.removeprefix(pair).removeprefix(GS)


def _judge_again(reader: CodeReader, elements: Elements) -> None:
    again = reader.read(normal_form(elements), NoCatalogue(), today=TODAY)
    # A link may say more than a scan may be long.
    if isinstance(again, Refused) and again.why == "too_long":
        return
    assert isinstance(again, Gs1Code), f"What was read is refused when read again: {again}."
    assert again.elements == elements, f"What was read is {again.elements} when read again."


def _judge_item(text: str, code: ItemCode) -> None:
    assert text.endswith(code.code), f"{code.code!r} was not scanned."
    assert len(text) - len(code.code) in (0, 3), f"{code.code!r} is a part of what was scanned."
    assert code.gtin == code.code.zfill(14), f"{code.gtin} is not {code.code}."
    assert digit_behind(code.gtin[:-1]) == code.gtin[-1], f"Wrong check digit: {code.gtin}."


def _judge_site_code(text: str, code: SiteCode) -> None:
    assert 1 <= len(code.value) <= 64, f"A {code.kind} of {len(code.value)} characters."
    assert code.value in text, f"{code.value!r} was not scanned."
    if code.kind is SiteKind.QUANTITY:
        assert 0 <= int(code.value) <= 999_999, f"A quantity of {code.value}."
    if code.kind is SiteKind.EXPIRY:
        date.fromisoformat(code.value)
