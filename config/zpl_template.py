"""A label made in a designer as raw ZPL with named fields, checked so that nothing in it does more than draw.

`^FD...{order}...^FS` is a field for a value. Commands are those of a list: what stores, configures, prints more
than one label or answers is not in it. Writing values is `drivers.zpl_template`'s.
(Zebra, ZPL II Programming Guide: ^BC, ^BQ, ^BX, ^CI, ^FD, ^FH, ^FS, ^PQ, ^XA, ^XZ.)
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from config.bounded import read_bounded

MAX_BYTES = 256 * 1024
"""A file is at most so long: logos in it are hexadecimal."""

Symbol = Literal["BC", "BQ", "BX"]
"""The barcodes whose data may have fields."""

_NAMED = re.compile(r"\{([a-z_]+)\}")

_COMMAND = re.compile(r"\^([A-Z][A-Z0-9@])([^^]*)")

_ALLOWED = frozenset(
    (
        *("BY", "CF", "CI", "FB", "FD", "FH", "FO", "FP", "FR", "FS", "FT", "FW", "FX", "GB", "GC", "GD"),
        *("GE", "GF", "GS", "LH", "LL", "LS", "PO", "PQ", "PW", "TB", "XG"),
    )
)
"""Beside ^A (a font) and ^B (a barcode): what draws and places. All that they leave set, every label of ours sets."""

_ESCAPES = frozenset("!\"#$%&'()*+-./:;<=>?@[\\]_`|")


class TemplateError(ValueError):
    """A file that cannot be used: the sentence names line and command."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Field data with names in it. `indicator` begins a byte in hexadecimal; `escape` is that of a ^BX.

    With `breaks` it is a block of text, in which `\\&` ends a line.
    """

    value: str
    indicator: str
    symbol: Symbol | None = None
    escape: str = ""
    breaks: bool = False

    @property
    def names(self) -> list[str]:
        return _NAMED.findall(self.value)


@dataclass(frozen=True, slots=True)
class ZplTemplate:
    """What stands between ^XA and ^XZ: bytes to be sent as they are, and slots for values."""

    file: Path
    parts: tuple[bytes | Slot, ...] = field(repr=False)


@dataclass(slots=True)
class _Field:
    """What was said since the last ^FS."""

    indicator: str = ""
    symbol: str = ""
    parameters: list[str] = field(default_factory=list)
    breaks: bool = False
    data_at: int = 0


def read_template(file: Path, *, check_name: Callable[[str], str | None]) -> ZplTemplate:
    """Read a file; raises TemplateError. `check_name` says what is wrong with the name of a field, or None."""
    try:
        data = read_bounded(file, MAX_BYTES)
    except OSError as error:
        raise TemplateError(f"cannot be read: {error.strerror}.") from error
    if data is None:
        raise TemplateError(f"expected at most {MAX_BYTES // 1024} KiB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TemplateError("expected UTF-8 text; save it with that encoding.") from error
    return ZplTemplate(file, tuple(_Reader(text, check_name).parts()))


class _Reader:
    def __init__(self, text: str, check_name: Callable[[str], str | None]) -> None:
        self._text = text
        self._check_name = check_name
        self._line = 1
        self._encoding = "28"
        self._field = _Field()
        self._has_mark = False

    def parts(self) -> list[bytes | Slot]:
        for number, line in enumerate(self._text.split("\n"), 1):
            self._line = number
            if "~" in line:
                raise self._wrong("a command with ~ is obeyed at once, wherever it stands; take it out.")
            if not re.fullmatch(r"[^\x00-\x08\x0a-\x1f\x7f]*", line.removesuffix("\r")):
                raise self._wrong("there is a control character; take it out.")
        parts: list[bytes | Slot] = []
        commands = list(_COMMAND.finditer(self._text))
        self._check_frame(commands)
        for match in commands[1:-1]:
            self._line = self._text.count("\n", 0, match.start()) + 1
            parts += self._part(match[1], match[2].replace("\r", "").replace("\n", ""))
        if self._field.data_at:
            self._line = self._field.data_at
            raise self._wrong("^FD: there is no ^FS behind it.")
        if not self._has_mark:
            raise TemplateError(
                "the mark of a label that may be a second one is missing: put ^FD{copy}^FS in sight, as a text."
            )
        return parts

    def _check_frame(self, commands: Sequence["re.Match[str]"]) -> None:
        """See that there is one label, ^XA to ^XZ, and nothing around it or between its commands."""
        names = [match[1] for match in commands]
        end = 0
        for match in commands:
            if self._text[end : match.start()].strip():
                break
            end = match.end()
        rest = self._text[end:].strip()
        if rest:
            self._line = (
                self._text.count("\n", 0, end + len(self._text[end:]) - len(self._text[end:].lstrip())) + 1
            )
            raise self._wrong(f"expected a command such as ^FO, got {rest[:20]!r}.")
        if names[:1] != ["XA"] or names[-1:] != ["XZ"] or names.count("XA") != 1 or names.count("XZ") != 1:
            raise TemplateError(
                "expected one label, from ^XA to ^XZ; leave out what a designer puts before it to set up the printer."
            )
        if commands[0][2].strip() or commands[-1][2].strip():
            raise TemplateError("expected nothing but commands behind ^XA and nothing behind ^XZ.")

    def _part(self, name: str, body: str) -> list[bytes | Slot]:
        is_drawing = name in _ALLOWED or name[0] in "AB"
        if not is_drawing:
            raise self._wrong(
                f"^{name}: this command is none that a layout may have: a layout draws one label. "
                "How the printer works is set in [[printers]]."
            )
        if self._field.data_at and name != "FS":
            raise self._wrong(f"^{name}: expected ^FS behind ^FD and its data.")
        if name == "FX":
            return []
        if name == "FD":
            return self._data(body)
        if "{" in body or "}" in body:
            raise self._wrong(f"^{name}: a field such as {{label}} stands between ^FD and ^FS alone.")
        self._note(name, body)
        return [f"^{name}{body}".encode()]

    def _note(self, name: str, body: str) -> None:
        match name:
            case "FS":
                self._field = _Field()
            case "FH":
                self._field.indicator = body.strip() or "_"
                if self._field.indicator not in _ESCAPES:
                    raise self._wrong(f"^FH: expected a sign such as _ or \\, got {body.strip()[:20]!r}.")
            case "FB" | "TB":
                self._field.breaks = name == "FB"
            case "CI":
                self._encoding = body.strip()
            case "PQ" if body.split(",", maxsplit=1)[0].strip() not in ("", "1"):
                raise self._wrong("^PQ: expected one label, ^PQ1: a second one would have no mark.")
            case "GF" if not re.match(r"\s*A?,", body):
                raise self._wrong("^GF: expected a picture in hexadecimal, ^GFA.")
            case _ if name[0] == "B" and name != "BY":
                self._field.symbol = name
                self._field.parameters = [each.strip() for each in body.split(",")]

    def _data(self, body: str) -> list[bytes | Slot]:
        self._field.data_at = self._line
        names = _NAMED.findall(body)
        if set("{}") & set(_NAMED.sub("", body)):
            raise self._wrong("^FD: expected fields such as {label}, each in a pair of braces.")
        for name in names:
            if wrong := self._check_name(name):
                raise self._wrong(f"^FD: {wrong}")
        if not names:
            return [f"^FD{body}".encode()]
        symbol, escape = self._symbol(body)
        # A barcode's values are ASCII, the same in every encoding.
        if symbol is None and self._encoding != "28":
            raise self._wrong(
                f"^FD: ^CI{self._encoding} is in force and values are UTF-8: put ^CI28 before this field."
            )
        self._has_mark |= "copy" in names and symbol is None
        head: list[bytes | Slot] = []
        indicator = self._field.indicator
        if not indicator:
            # Ours then; a sign of its own in the file's text must not begin a byte.
            indicator = "_"
            body = re.sub(r"\{[a-z_]+\}|_", lambda match: "_5F" if match[0] == "_" else match[0], body)
            head.append(b"^FH_")
        return [*head, b"^FD", Slot(body, indicator, symbol, escape, self._field.breaks)]

    def _symbol(self, data: str) -> tuple[Symbol | None, str]:
        """Find which barcode a field with names is, and see that no value can be more than data in it."""
        parameters = [*self._field.parameters, *[""] * 8]
        literal = _NAMED.sub("", data)
        match self._field.symbol:
            case "":
                return None, ""
            case "BC":
                if parameters[5] not in ("", "N"):
                    raise self._wrong("^BC: expected mode N for data with fields.")
                if re.search(r">(?![08])", literal.removeprefix(">:")):
                    raise self._wrong(
                        "^FD: a value is read in set B: begin with >: and change to no other set."
                    )
                return "BC", ""
            case "BQ":
                if not re.match(r"[HQML]A,", data):
                    raise self._wrong(
                        '^FD: expected the data of a QR code to begin with its level and "A,": MA,'
                    )
                return "BQ", ""
            case "BX":
                if parameters[2] != "200" or parameters[6] not in _ESCAPES:
                    raise self._wrong(
                        "^BX: expected quality 200 and an escape character of its own: ^BXN,6,200,,,,|"
                    )
                return "BX", parameters[6]
        raise self._wrong(f"^{self._field.symbol}: fields may stand in ^BC, ^BQ and ^BX, and in texts.")

    def _wrong(self, text: str) -> TemplateError:
        return TemplateError(f"line {self._line}: {text}")
