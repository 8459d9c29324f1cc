"""Files of the site, of which no more is read than one may have."""

from pathlib import Path


def read_bounded(file: Path, most: int) -> bytes | None:
    """Read a file of at most so many bytes; None for a longer one. Raises OSError, and ValueError for no path."""
    with file.open("rb") as stream:
        data = stream.read(most + 1)
    return data if len(data) <= most else None
