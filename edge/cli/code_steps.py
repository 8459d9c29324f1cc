"""Why a code was read as it was: the symbol that its AIM identifier names, and the step that took it, in words."""

from config.settings import Settings
from edge.domain.codes import Reading, Refused, SiteCode, Step

_SYMBOLS = {
    # ISO/IEC 15424, and General Specifications 5.1 for those of GS1.
    **{"]C0": "Code 128", "]C1": "GS1-128", "]d1": "Data Matrix", "]d2": "GS1 DataMatrix"},
    **{"]Q0": "QR Code", "]Q1": "QR Code", "]Q3": "GS1 QR Code", "]J0": "DotCode", "]J1": "GS1 DotCode"},
    **{"]E0": "EAN-13, UPC-A or UPC-E", "]E1": "a two-digit add-on", "]E2": "a five-digit add-on"},
    **{"]E3": "EAN or UPC with its add-on", "]E4": "EAN-8"},
    **{"]e0": "GS1 DataBar or composite", "]e1": "GS1 composite", "]e2": "GS1 composite"},
    **{"]A": "Code 39", "]C": "Code 128", "]d": "Data Matrix", "]E": "EAN or UPC", "]e": "GS1 composite"},
    **{"]F": "Codabar", "]G": "Code 93", "]I": "Interleaved 2 of 5 (ITF-14)", "]J": "DotCode"},
    **{"]L": "PDF417", "]Q": "QR Code", "]S": "2 of 5", "]U": "MaxiCode", "]z": "Aztec Code"},
}


def symbology(symbol: str) -> str:
    """Name the symbol of an identifier.

    >>> symbology("]C1"), symbology("]A0"), symbology("]X0")
    ('GS1-128', 'Code 39', 'a symbol we have no name for')
    """
    return _SYMBOLS.get(symbol) or _SYMBOLS.get(symbol[:2], "a symbol we have no name for")


def because(reading: Reading, settings: Settings) -> str:
    """Say by what a code was read."""
    match reading.step:
        case Step.LINE:
            return "refused before it was looked into"
        case Step.LINK:
            return "as GS1: a web address with a GS1 key in its path, a Digital Link"
        case Step.IDENTIFIER:
            return f"as GS1: behind {reading.symbol} stand elements of GS1"
        case Step.SEPARATOR:
            return "as GS1: it holds the separator GS"
        case Step.SITE:
            return f"as the site's own: {_pattern(reading, settings)}"
        case Step.CATALOGUE:
            return "as an item's code: the catalogue lists it just so"
        case Step.GTIN:
            is_wrong = isinstance(reading.code, Refused)
            return (
                "as a GTIN, by its digits"
                if is_wrong
                else "as a GTIN: the last of its digits is the right check digit"
            )
        case Step.ELEMENTS:
            return "as GS1: from end to end it reads as elements of GS1"
        case Step.NOTHING:
            return "as nothing: no step took it"


def _pattern(reading: Reading, settings: Settings) -> str:
    if not isinstance(reading.code, SiteCode):
        return "one of its patterns fits, with a value that cannot be"
    return f"codes.{reading.code.kind} fits, {getattr(settings.codes, reading.code.kind)}"


def passed(reading: Reading, *, has_catalogue: bool) -> list[dict[str, str]]:
    """Say of each step before why it found nothing."""
    steps = list(Step)
    before = steps[1 : steps.index(reading.step)]
    return [
        {"step": step.value, "because": _not_by(step, reading, has_catalogue=has_catalogue)}
        for step in before
    ]


def _not_by(step: Step, reading: Reading, *, has_catalogue: bool) -> str:
    symbol, payload = reading.symbol, reading.payload
    match step:
        case Step.LINK:
            is_address = payload.lower().startswith(("http://", "https://"))
            return f"by a Digital Link: {'no GS1 key in its path' if is_address else 'no web address'}"
        case Step.IDENTIFIER:
            told = f"{symbol} is none of GS1's" if symbol else "there is none"
            return f"by an identifier of GS1: {told}"
        case Step.SEPARATOR:
            return "by a separator: there is none in it"
        case Step.SITE:
            return "by the site's patterns: none fits"
        case Step.CATALOGUE:
            told = "it does not list it" if has_catalogue else "not known, as there is no ledger yet"
            return f"by the catalogue: {told}"
        case Step.GTIN:
            return f"by a GTIN: {_no_gtin(payload)}"
        case _:
            told = f"none stand behind {symbol}" if symbol else "it does not read as such"
            return f"by elements without identifier: {told}"


def _no_gtin(payload: str) -> str:
    if not payload.isdecimal():
        return "not all of it are digits"
    if len(payload) not in (8, 12, 13, 14):
        return f"{len(payload)} digits, not 8, 12, 13 or 14"
    return "the check digit is wrong"
