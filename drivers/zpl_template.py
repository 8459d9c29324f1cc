"""Puts a label's values into raw ZPL that was made in a designer: as data, whatever they say.

What the file may hold was checked when it was read (`config.zpl_template`); where a value stands in a barcode it
is written so that it reads as it is. There is no fitting here: how large and how long a text may be is the file's.
"""

import re
from collections.abc import Mapping

from config.layouts import filled
from config.zpl_template import Slot, ZplTemplate
from drivers.drawing import MAX_CHARACTERS, printable
from drivers.right_to_left import as_seen
from drivers.symbols import GS, DrawingError
from drivers.symbols import MAX_CHARACTERS as SYMBOL_MAX

_CODE = re.compile(rf"[ -~{GS}]*")


def filled_template(template: ZplTemplate, values: Mapping[str, str]) -> bytes:
    """Return the commands of a label, what stands between ^XA and ^XZ. Raises DrawingError for a code."""
    return (
        b"".join(part if isinstance(part, bytes) else _filled(part, values) for part in template.parts)
        + b"\n"
    )


def _filled(slot: Slot, values: Mapping[str, str]) -> bytes:
    """Write field data; nothing, where all values that it names are empty."""
    if not any(values[name] for name in slot.names):
        return b""
    written = {name: _written(slot, values[name]) for name in slot.names}
    return filled(slot.value, written).encode("utf-8")


def _written(slot: Slot, value: str) -> str:
    if slot.symbol is None:
        lines = [
            _escaped(as_seen(printable(line)), slot.indicator) for line in value[:MAX_CHARACTERS].split("\n")
        ]
        return ("\\&" if slot.breaks else ", ").join(lines)
    if len(value) > SYMBOL_MAX or not _CODE.fullmatch(value):
        raise DrawingError(
            f"Expected at most {SYMBOL_MAX} printable ASCII characters for a ^{slot.symbol} symbol, "
            f"got {len(value)}: {value[:60]!r}."
        )
    match slot.symbol:
        case "BC":
            # Set B: > begins a change of set, and is itself >0; >8 is FNC1.
            value = value.replace(">", ">0").replace(GS, ">8")
        case "BX":
            if slot.escape in value:
                raise DrawingError(
                    f"Expected a value without {slot.escape}, which begins an escape in this ^BX, got {value[:60]!r}.",
                    hint="Give the layout another: its seventh parameter.",
                )
            value = value.replace(GS, f"{slot.escape}1")
    return _escaped(value, slot.indicator)


def _escaped(text: str, indicator: str) -> str:
    """Write in hexadecimal whatever a printer could take for a command, an escape or the end of a parameter."""
    plain = frozenset(range(0x20, 0x7E)) - {*b"^_\\", ord(indicator)}
    return "".join(chr(byte) if byte in plain else f"{indicator}{byte:02X}" for byte in text.encode("utf-8"))
