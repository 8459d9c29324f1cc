"""Reading what a ZPL printer was sent: the texts of a label, our code on it, and its GS1 symbols.

Knows as much of ZPL as decides that question: ^XA ^XZ ^FH ^FD ^FS, and the start and shift codes of ^BC.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

_LABEL = re.compile(rb"\^XA.*?\^XZ", re.DOTALL)
_FIELD = re.compile(rb"\^FD(.*?)\^FS", re.DOTALL)
_HEX = re.compile(rb"\^FH(.?)")
_LBL = re.compile(r"LBL:([!-~]+)")


@dataclass(frozen=True, slots=True)
class Label:
    """One label as it was sent: from ^XA to ^XZ, with at least one field of data."""

    raw: bytes

    @property
    def fields(self) -> list[str]:
        """The data of each ^FD, decoded, in order."""
        return [_decoded(self.raw, match) for match in _FIELD.finditer(self.raw)]

    @property
    def text(self) -> str:
        return "\n".join(self.fields)

    @property
    def is_copy(self) -> bool:
        return "COPY" in self.text

    @property
    def code(self) -> str:
        """The `LBL:` code on it, as a scanner reads it."""
        found = _LBL.search(self.text)
        assert found is not None, f"There is no LBL: code on this label:\n{self.text}"
        return found[0]

    def gs1_scans(self) -> list[str]:
        """Its GS1-128 and GS1 DataMatrix symbols as a scanner sends them, with the AIM identifier."""
        ends = [match.end() for match in _FIELD.finditer(self.raw)]
        scans = []
        for (before, end), text in zip(pairwise([0, *ends]), self.fields, strict=True):
            commands = self.raw[before:end].split(b"^FD")[0]
            if b"^BX" in commands:
                scans += _datamatrix(text, commands)
            elif b"^BC" in commands and ">8" in text[:4]:
                scans.append("]C1" + _code128(text))
        return scans


def labels_in(stream: bytes) -> list[Label]:
    """The complete labels in what a printer got; formats without data (set-up) are none."""
    return [Label(raw) for raw in _LABEL.findall(stream) if _FIELD.search(raw)]


def _decoded(raw: bytes, field: re.Match[bytes]) -> str:
    """Undo ^FH: it stands between the end of the field before and the ^FD, and names its mark (default _)."""
    before = raw[: field.start()].rsplit(b"^FS", 1)[-1]
    data = field[1]
    if marked := _HEX.search(before):
        mark = marked[1] if marked[1] not in (b"", b"^") else b"_"
        data = re.sub(re.escape(mark) + rb"([0-9A-Fa-f]{2})", lambda m: bytes.fromhex(m[1].decode()), data)
    return data.decode("utf-8", "replace")


def _code128(text: str) -> str:
    """The first `>8` is the FNC1 that makes it GS1, later ones are sent as GS, start codes not at all."""
    kept = re.sub(r">[:;9567]", "", text)
    return kept.replace(">8", "", 1).replace(">8", "\x1d").replace(">0", ">")


def _datamatrix(text: str, commands: bytes) -> list[str]:
    """The escape character is ^BX's seventh parameter (default ~); escape and 1 is FNC1."""
    parameters = commands.rsplit(b"^BX", 1)[1].split(b"^")[0].decode().split(",")
    escape = parameters[6] if len(parameters) > 6 and parameters[6] else "~"
    fnc1 = escape + "1"
    return ["]d2" + text[len(fnc1) :].replace(fnc1, "\x1d")] if text.startswith(fnc1) else []
