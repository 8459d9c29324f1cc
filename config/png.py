"""A PNG file beside a layout: whether it is one, and how large. What it shows is the drivers' to read."""

from dataclasses import dataclass, field
from pathlib import Path

from config.bounded import read_bounded

MAX_BYTES = 256 * 1024
"""A logo of a label is at most so long; one in black and white has a few KB."""

MAX_PIXELS = 4096
"""Across and down: more than any label has dots."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Png:
    """A picture as its file has it, `width` by `height` pixels."""

    file: Path
    width: int
    height: int
    data: bytes = field(repr=False)


def read_png(file: Path) -> Png:
    """Read a file and the size that it says; raises ValueError, a sentence."""
    try:
        data = read_bounded(file, MAX_BYTES)
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror}.") from error
    if data is None:
        raise ValueError(f"{file} is too large: expected at most {MAX_BYTES // 1024} KiB; make it smaller.")
    # The size stands in the first chunk: PNG, third edition, 11.2.1.
    if data[:8] != _SIGNATURE or data[12:16] != b"IHDR" or len(data) < 24:
        raise ValueError(f"{file} is no PNG picture; save it as one.")
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    if not (1 <= width <= MAX_PIXELS and 1 <= height <= MAX_PIXELS):
        raise ValueError(
            f"{file} has {width} x {height} pixels: expected 1 to {MAX_PIXELS} each way; scale it down."
        )
    return Png(file, width, height, data)
