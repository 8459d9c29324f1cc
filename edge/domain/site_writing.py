"""Writes the site's own barcodes: the patterns of `[codes]` turned round, where that can be done.

A pattern of fixed text around the value can be. Whatever is written was read back first, so that a code means to a
scanner here what it was written for.
"""

import re
from collections.abc import Callable

from config.settings import Codes
from edge.domain.codes import Code, SiteCode, SiteKind

_LITERAL = r"(?:[^\\.\[\](){}*+?|^$]|\\[^A-Za-z0-9])"
_FIXED = rf"(?:{_LITERAL}|\(\?:{_LITERAL}*(?:\|{_LITERAL}*)*\))*"
_FRAME = re.compile(rf"\^({_FIXED})\(\?P<value>.*?\)({_FIXED})\$", re.DOTALL)
_PART = re.compile(rf"({_LITERAL})|\(\?:({_LITERAL}*)(?:\|{_LITERAL}*)*\)")

_SYMBOLS = ("", "]C0", "]Q1", "]d1")
"""What a scanner may send in front of a plain Code 128, QR code or DataMatrix (ISO/IEC 15424); most send nothing."""


class SiteWriter:
    """Writes codes at one site. `read` tells what a scan means there: its CodeReader's `read`."""

    def __init__(self, patterns: Codes, read: Callable[[str], Code]) -> None:
        self._read = read
        self._frames = {kind: _frame(getattr(patterns, kind)) for kind in SiteKind}

    def can_write(self, kind: SiteKind) -> bool:
        """Tell whether the pattern of this kind can be turned round."""
        return self._frames[kind] is not None

    def write(self, kind: SiteKind, value: str) -> str | None:
        """Write the code of a value; None where the site would not read it as that value of that kind."""
        frame = self._frames[kind]
        if frame is None:
            return None
        code = f"{frame[0]}{value}{frame[1]}"
        meant = SiteCode(kind, value)
        return code if all(self._read(symbol + code) == meant for symbol in _SYMBOLS) else None


def _frame(pattern: str) -> tuple[str, str] | None:
    r"""Find the text before and after the value; of texts to choose from it is the first.

    >>> _frame(r"^%L(?P<value>[A-Z0-9-]+)$"), _frame(r"^(?:LOC:|%L)(?P<value>.+)\.$"), _frame(r"^\d(?P<value>.+)$")
    (('%L', ''), ('LOC:', '.'), None)
    """
    found = _FRAME.fullmatch(pattern)
    return (_spelled(found[1]), _spelled(found[2])) if found else None


def _spelled(fixed: str) -> str:
    parts = (found[1] or found[2] or "" for found in _PART.finditer(fixed))
    return re.sub(r"\\(.)", r"\1", "".join(parts), flags=re.DOTALL)
