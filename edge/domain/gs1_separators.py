"""Separators that a scanner typed as text or left out: what tells them, and what mends the scanner.

GS1 ends a value of variable length by FNC1, which a scanner sends as GS, 0x1D (General Specifications 7.8). A
scanner that plays a keyboard has no such key: it types a text in its place, or nothing.
"""

import re

from edge.domain.gs1 import GS, LOST, Elements, iso_date, named, try_message

_TYPED = re.compile(
    # Names of the character, caret and hexadecimal notation: what wedges and scanners can be set to put for
    # a control character. Then any character that no GS1 value may hold, as `#`, `|` or a space.
    r"<(?:GS|FNC1|0x1D)>|\{(?:GS|FNC1)\}|\[(?:GS|FNC1)\]|\\x1D|\\u001D|\^\]|[^\x1d!-\"%-?A-Z_a-z]",
    re.IGNORECASE,
)
_TAIL = re.compile(r"(?=1[1357][0-9]{6}|0[012][0-9]{14})")
_COUNT_AND_MORE = re.compile(r"([0-9]+?)(10|21)([0-9]*[1-9][0-9]*)")
_INTERNAL = tuple(f"9{n}" for n in range(10))


def typed(payload: str) -> str:
    """Find the text that stands in a payload where only a separator could; empty if there is none.

    >>> typed("10AB<GS>17261231"), typed("10AB|17261231"), typed("10AB")
    ('<GS>', '|', '')
    """
    found = _TYPED.search(payload)
    return found[0] if found else ""


def is_name(text: str) -> bool:
    """Tell whether a typed text names the separator, and so can be nothing else."""
    return len(text) > 1


def mend(text: str) -> str:
    """Say how a scanner is mended that types this text."""
    quote = "'" if "\\" in text else '"'
    return (
        f"The scanner types {text if text != ' ' else 'a space'} for the separator: set"
        f" gs = {quote}{text}{quote} for this scanner in the configuration, then scan again."
    )


def lost(payload: str, elements: Elements, today: str) -> str:
    """Say what the last value seems to have swallowed, of a scanner that leaves separators out; empty if nothing.

    Legal by its form, and probably wrong: the value's end reads as whole elements that the code lacks, and these
    begin with a date near the day of the scan or with a GTIN or SSCC whose check digit is right; or a count of five
    digits and more ends as a lot or serial does. Never where the scanner sent a separator, nor in what is
    the company's own (90 to 99).

    >>> lost("", Elements(others=(("01", "09506000134352"), ("10", "AB1217261231"))), "2026-11-21").partition("?")[0]
    'Is the lot (10) AB12'
    """
    ai, value = elements.others[-1]
    if len(value) < 5 or GS in payload or ai in _INTERNAL:
        return ""
    known = {own for own, _ in elements.others}
    if ai in ("30", "37"):
        found = _COUNT_AND_MORE.fullmatch(value)
        if found is None or found[2] in known:
            return ""
        end, rest = len(found[1]), [(found[2], found[3])]
    else:
        tails = [
            (tail.start(), _elements(value[tail.start() :], known, today))
            for tail in _TAIL.finditer(value, 1)
        ]
        split = next(((at, swallowed) for at, swallowed in tails if swallowed), None)
        if split is None:
            return ""
        end, rest = split
    more = ", ".join(f"{named(own)} {text}" for own, text in rest)
    return (
        f"Is the {named(ai)} {value[:end]}? It was read as {value}, which ends as {more} does: "
        f"the scanner may leave out separators. {LOST}"
    )


def _elements(tail: str, known: set[str], today: str) -> list[tuple[str, str]]:
    """Read what a value may have swallowed; nothing if it is no message of its own, or one that is not likely."""
    found = try_message(tail, int(today[:4]))
    if found is None:
        return []
    ai, value = found.others[0]
    is_likely = not ai.startswith("1") or _is_near(ai, value, today)
    return list(found.others) if is_likely and known.isdisjoint(own for own, _ in found.others) else []


def _is_near(ai: str, yymmdd: str, today: str) -> bool:
    """Tell whether goods scanned today may bear this date: made within five years, good for ten."""
    year, day = int(today[:4]), today[4:]
    date = iso_date(yymmdd, year) or ""
    if ai in ("11", "13"):
        return f"{year - 5}{day}" <= date <= today
    return f"{year - 1}{day}" <= date <= f"{year + 10}{day}"
