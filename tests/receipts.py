"""What came out of a receipt printer that was sent a label: its picture, between what stands before and behind it."""

from PIL import Image

from tests.printer_streams import escpos_commands, escpos_picture

FEED, CUT = b"\x1bd\x06", b"\x1dV\x01"


def picture_of(commands: bytes, *, before: bytes = b"", behind: bytes = FEED + CUT) -> Image.Image:
    """The picture (GS v 0, band by band) between ESC @, what is expected before it, and behind it; nothing else."""
    head = b"\x1b@" + before
    assert commands.startswith(head)
    assert commands.endswith(behind)
    bands = commands[len(head) : len(commands) - len(behind)]
    assert {command.name for command in escpos_commands(bands)} == {b"\x1dv0"}
    return escpos_picture(bands)
