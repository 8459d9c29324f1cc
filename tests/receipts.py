"""What came out of a receipt printer that was sent a label: the picture, out of its bands."""

from PIL import Image

FEED, CUT = b"\x1bd\x06", b"\x1dV\x01"


def picture_of(commands: bytes, *, before: bytes = b"", behind: bytes = FEED + CUT) -> Image.Image:
    """The picture (GS v 0, band by band) between what is expected before and behind it, as it comes out on paper."""
    start = b"\x1b@" + before
    assert commands.startswith(start + b"\x1dv0\x00")
    at, across, raster = len(start), 0, b""
    while commands.startswith(b"\x1dv0\x00", at):
        across, down = (int.from_bytes(commands[n : n + 2], "little") for n in (at + 4, at + 6))
        raster += commands[at + 8 : at + 8 + across * down]
        at += 8 + across * down
    assert commands[at:] == behind
    return Image.frombytes("1", (across * 8, len(raster) // across), bytes(byte ^ 0xFF for byte in raster))
