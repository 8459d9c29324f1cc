"""What a printer makes of the bytes of a label: its commands, found by rules that are not our encoders'.

As much of ZPL II and ESC/POS as it takes to see that nothing in a label is a command but what its layout asks for.
(Zebra, ZPL II Programming Guide; Epson, ESC/POS Command Reference.)
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image


@dataclass(frozen=True, slots=True)
class Command:
    """`name` as it is written, or empty for what is printed as text; `body` is what belongs to it."""

    name: bytes
    body: bytes = b""


# -- ZPL ---------------------------------------------------------------------------------------------------------

_PREFIXED = re.compile(rb"[\^~]([^\^~]?[^\^~]?)([^\^~]*)")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f-\xff]")
_HEXADECIMAL = re.compile(rb"_([0-9A-Fa-f]{2})")

# What depends on data by its measure: where a text begins and how high it is, which symbol fits and its modules.
_MEASURES = (b"^FO", b"^A", b"^FD", b"^B", b"^GF")


def zpl_commands(stream: bytes) -> list[Command]:
    r"""List the commands of a ZPL stream. A control character is one of its own, wherever it stands.

    >>> zpl_commands(b"^XA^FO1,2^A0N,9^FH_^FDa_5E^FS\n~JA\x05")[-3:]
    [Command(name=b'^FS', body=b''), Command(name=b'~JA', body=b'\x05'), Command(name=b'\x05', body=b'')]
    """
    found: list[Command] = []
    begun = re.search(rb"[\^~]", stream)
    before = stream[: begun.start()] if begun else stream
    if before.strip(b"\r\n"):
        found.append(Command(b"", before))
    for match in _PREFIXED.finditer(stream):
        letters, body = match[1], match[2]
        # ^A takes the font's name where others have a second letter.
        if letters[:1] == b"A" and match[0][:1] == b"^":
            letters, body = b"A", letters[1:] + body
        # Between two commands the end of a line says nothing.
        body = body.rstrip(b"\r\n")
        found.append(Command(match[0][:1] + letters.upper(), body))
        found += [Command(control) for control in _CONTROL.findall(body)]
    return found


def zpl_fields(stream: bytes) -> list[list[Command]]:
    """The commands of a stream, a list for each ^FS that ends one, and what is left."""
    fields: list[list[Command]] = [[]]
    for command in zpl_commands(stream):
        fields[-1].append(command)
        if command.name == b"^FS":
            fields.append([])
    return fields


def zpl_shape(stream: bytes) -> list[str]:
    """What of a label must not depend on its data: every command, in full where data has no part in it.

    A text is one, in the printer's letters, in bold struck twice, or as dots; a symbol is one, whichever fits.
    """
    shape: list[str] = []
    last: list[Command] = []
    for field in zpl_fields(stream):
        if last and field == _one_dot_right(last):
            continue
        last = field
        names = [command.name for command in field]
        is_text = b"^A" in names or b"^GF" in names
        for command in field:
            name = command.name
            if name in (b"^BY", b"^FH") or (is_text and name in (b"^FD", b"^FR")):
                continue
            if name[:2] == b"^B":
                shape.append("symbol")
            elif name in (b"^A", b"^GF"):
                shape.append("text in reverse" if b"^FR" in names else "text")
            elif name in _MEASURES:
                shape.append(name.decode("latin-1"))
            else:
                shape.append((name + command.body).decode("latin-1"))
    return shape


def zpl_texts(stream: bytes) -> list[str]:
    """The data of each field, decoded, in order."""
    return [
        _HEXADECIMAL.sub(lambda match: bytes.fromhex(match[1].decode()), command.body).decode("utf-8")
        for command in zpl_commands(stream)
        if command.name == b"^FD"
    ]


def _one_dot_right(field: list[Command]) -> list[Command]:
    return [
        Command(b"^FO", b"%d,%s" % (int(at[1]) + 1, at[2]))
        if command.name == b"^FO" and (at := re.fullmatch(rb"(\d+),(\d+)", command.body))
        else command
        for command in field
    ]


# -- ESC/POS -----------------------------------------------------------------------------------------------------

_DLE, _ESC, _FS, _GS = 0x10, 0x1B, 0x1C, 0x1D

# Obeyed wherever they stand, within the data of another command too.
_REAL_TIME = re.compile(rb"\x10[\x04\x05\x14]")

# Bytes behind the name; what is not here has one.
_PARAMETERS = {b"\x1b@": 0, b"\x1b2": 0, b"\x1bi": 0, b"\x1bm": 0, b"\x1bp": 3, b"\x1d^": 3, b"\x10\x14": 3}


def escpos_commands(stream: bytes) -> list[Command]:
    r"""List the commands of an ESC/POS stream, real-time commands in the data of another behind it.

    >>> [command.name for command in escpos_commands(b"\x1b@\x1dv0\x00\x01\x00\x03\x00\x10\x14\x01hi\n\x1dV\x00")]
    [b'\x1b@', b'\x1dv0', b'\x10\x14', b'', b'\n', b'\x1dV']
    """
    return list(_escpos_commands(stream))


def escpos_shape(stream: bytes) -> list[tuple[bytes, bytes]]:
    """What of a label must not depend on its data: every command with its parameters, pictures with their size."""
    return [
        (command.name, command.body[:5] if command.name == b"\x1dv0" else command.body)
        for command in escpos_commands(stream)
    ]


LINE_ROWS = 30
"""Dots from one line to the next, as receipt printers are set up (ESC 2: 1/6 inch, at 180 dpi)."""


def escpos_picture(stream: bytes) -> Image.Image:
    """The raster pictures of a label, one under the other with the paper fed between them, black on white."""
    commands = [command for command in escpos_commands(stream) if command.name in (b"\x1dv0", b"\x1bd")]
    # A picture without dots prints nothing: its head came in part, and NULs filled it up.
    across = {_u16(each.body, 1) for each in commands if each.name == b"\x1dv0" and _u16(each.body, 3)} - {0}
    assert len(across) == 1, f"Expected pictures of one width, got {across}."
    (width,) = across
    dots = b"".join(
        each.body[5:] if each.name == b"\x1dv0" else bytes(width * LINE_ROWS * each.body[0])
        for each in commands
    )
    size = (8 * width, len(dots) // width)
    return Image.frombytes("1", size, bytes(byte ^ 0xFF for byte in dots)).convert("L")


def _escpos_commands(stream: bytes) -> Iterator[Command]:
    at = 0
    while at < len(stream):
        if stream[at] not in (_DLE, _ESC, _FS, _GS):
            text = re.compile(rb"[^\x00-\x1f]+").match(stream, at)
            end = text.end() if text else at + 1
            yield Command(b"", stream[at:end]) if text else Command(stream[at:end])
            at = end
            continue
        name, length = _command_at(stream, at)
        body = stream[at + len(name) : at + length]
        yield Command(name, body)
        if name[0] != _DLE:
            yield from map(Command, _REAL_TIME.findall(body))
        at += length


def _command_at(stream: bytes, at: int) -> tuple[bytes, int]:
    """The name of the command there, and how long it is with all that belongs to it."""
    name = stream[at : at + 2]
    if stream[at : at + 3] == b"\x1dv0":
        return b"\x1dv0", 8 + _u16(stream, at + 4) * _u16(stream, at + 6)
    if name in (b"\x1d(", b"\x1c(", b"\x1b("):
        return stream[at : at + 3], 5 + _u16(stream, at + 3)
    if name == b"\x1dV":
        # Functions B to D of the cut have a feed beside them.
        return name, 4 if stream[at + 2 : at + 3] > b"\x31" else 3
    return name, 2 + _PARAMETERS.get(name, 1)


def _u16(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "little")
