"""How the command line prints: tables and facts for people, JSON for scripts."""

import json
import shutil
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

CELL_MAX = 60
"""Characters of a cell that are shown; JSON has all of them."""

WIDTH_MAX = 110
"""Columns of a paragraph: a line that is longer is hard to read."""


def print_json(value: object) -> None:
    """Print as JSON in plain ASCII: it survives every terminal, pipe and mail."""
    print(json.dumps(value, indent=2))


def print_table(
    titles: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str, is_last_whole: bool = False
) -> None:
    """Print rows under their titles, numbers to the right; `empty` instead if there are none.

    Long cells are cut, but for those of the last column where they are what a person came to read.

    >>> print_table(["sku", "qty"], [["PEN", 3], ["INK", 12]], empty="no stock")
    SKU  QTY
    PEN    3
    INK   12
    """
    cells = [
        [*map(cell, row[:-1]), cell(row[-1], limit=None if is_last_whole else CELL_MAX)]
        for row in rows
        if row
    ]
    if not cells:
        print(empty)
        return
    numeric = [_are_numbers([row[n] for row in cells]) for n in range(len(titles))]
    lines = [[title.upper() for title in titles], *cells]
    widths = [max(_width(line[n]) for line in lines) for n in range(len(titles))]
    for line in lines:
        parts = (
            " " * (width - _width(text)) + text if right else text + " " * (width - _width(text))
            for text, width, right in zip(line, widths, numeric, strict=True)
        )
        print("  ".join(parts).rstrip())


def print_facts(facts: Iterable[tuple[str, object]]) -> None:
    """Print names and values, one below the other; no value is cut.

    >>> print_facts([("site", "par1"), ("exceptions", 0)])
    site        par1
    exceptions  0
    """
    pairs = [(name, cell(value, limit=None)) for name, value in facts]
    width = max(len(name) for name, _ in pairs)
    for name, value in pairs:
        print(f"{name:{width}}  {value}".rstrip())


def print_paragraphs(sentences: Iterable[str], *, indent: str = "") -> None:
    """Print each sentence as a paragraph, no wider than the terminal and what is easy to read."""
    width = min(shutil.get_terminal_size().columns, WIDTH_MAX)
    for sentence in sentences:
        print(
            textwrap.fill(
                shown(sentence),
                width,
                initial_indent=indent,
                subsequent_indent=indent + "  ",
                break_long_words=False,
                break_on_hyphens=False,
            )
        )


def cell(value: object, *, limit: int | None = CELL_MAX) -> str:
    """Write a value for people: none as -, true as yes, text on one line, cut and without control characters."""
    match value:
        case None | "":
            return "-"
        case bool():
            return "yes" if value else "no"
        case str():
            text = shown(value)
            return text if limit is None or len(text) <= limit else text[: limit - 1] + "…"
        case _:
            return str(value)


def shown(text: str) -> str:
    """Escape what a terminal would obey, or nobody would see: control characters and those that turn the text.

    >>> shown("PEN" + chr(27) + "[2J")
    'PEN\\\\x1b[2J'
    """
    return (
        "".join(_visible(character) for character in text)
        if not text.isascii() or not text.isprintable()
        else text
    )


def local_time(at: str | None, zone: ZoneInfo) -> str | None:
    """Write an RFC 3339 time as the site's clocks show it."""
    return None if at is None else f"{datetime.fromisoformat(at).astimezone(zone):%Y-%m-%d %H:%M:%S}"


def goods(row: dict[str, Any]) -> str:
    """Lot, expiry and pallet in words; nothing where there are none."""
    named = ((name, row[name]) for name in ("lot", "expiry", "pallet"))
    return ", ".join(f"{name} {value}" for name, value in named if value)


def _visible(character: str) -> str:
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        number = ord(character)
        return f"\\x{number:02x}" if number <= 0xFF else f"\\u{number:04x}"
    return character


def _are_numbers(column: Sequence[str]) -> bool:
    values = [text.lstrip("+-") for text in column if text.strip(" -")]
    return bool(values) and all(text.isdigit() for text in values)


def _width(text: str) -> int:
    """Columns on a terminal: Chinese, Japanese and Korean characters take two, accents that combine none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )
