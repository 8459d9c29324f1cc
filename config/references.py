"""What no key can tell by itself: names that lead nowhere, and things that are there twice.

Works on the file's tables as they were read, so that these errors come beside the others, not after them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from config import devices, printing
from config.settings import Codes
from config.words import nearest, shown

Place = tuple[int | str, ...]
"""Where in the file: keys and, in lists, positions from 0."""

Tables = Mapping[str, Any]


def findings(data: Tables, *, folder: Path) -> Iterator[tuple[Place, str]]:
    """Find what contradicts itself in a file, with the sentence that says so; `folder` is the file's."""
    scanners, printers, stations = (_texts(data, name, "id") for name in ("scanners", "printers", "stations"))
    yield from _twice([*scanners, *printers], "give each scanner and printer an id of its own.")
    yield from _twice(stations, "give each station an id of its own.")
    yield from _ports(data)
    yield from _marks(data)
    yield from _printing(data)
    yield from _nowhere(_texts(data, "scanners", "station"), what="station", known=stations)
    yield from _nowhere(_texts(data, "stations", "printer"), what="printer", known=printers)
    yield from _nowhere(_texts(data, "labels", "printer"), what="printer", known=printers)
    for table in ("stations", "labels"):
        yield from _nowhere(_texts(data, table, "fallback"), what="printer", known=printers)
        yield from _own_fallbacks(_texts(data, table, "fallback"), dict(_texts(data, table, "printer")))
    yield from _layouts(data, folder)
    yield from _twice(_texts(data, "allocation", "order_by"), "name each key once.")
    yield from _patterns(data)


def key(place: Place) -> str:
    """Write a place as people do.

    >>> key(("scanners", 0, "a b"))
    'scanners[0]."a b"'
    """
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            is_bare = part.isascii() and part.replace("-", "").replace("_", "").isalnum()
            text += ("." if text else "") + (part if is_bare else shown(part))
    return text


def _texts(data: Tables, table: str, name: str) -> list[tuple[Place, str]]:
    """List the texts under a key of a table, of each of several tables, or in a list under that key."""
    rows = data.get(table)
    several = (
        [((table, n), row) for n, row in enumerate(rows)] if isinstance(rows, list) else [((table,), rows)]
    )
    found: list[tuple[Place, str]] = []
    for place, row in several:
        value = row.get(name) if isinstance(row, dict) else None
        if isinstance(value, list):
            found += [((*place, name, n), text) for n, text in enumerate(value) if isinstance(text, str)]
        elif isinstance(value, str):
            found.append(((*place, name), value))
    return found


def _twice(
    texts: Iterable[tuple[Place, str]], remedy: str, *, same: Callable[[str], str] = str, what: str = ""
) -> Iterator[tuple[Place, str]]:
    first: dict[str, Place] = {}
    for place, text in texts:
        before = first.setdefault(same(text), place)
        if before != place:
            yield place, f"{what or shown(text)} is there twice (first as {key(before)}); {remedy}"


def _nowhere(
    texts: Iterable[tuple[Place, str]], *, what: str, known: Iterable[tuple[Place, str]]
) -> Iterator[tuple[Place, str]]:
    names = [name for _, name in known]
    for place, text in texts:
        if text not in names:
            near = nearest(text, names)
            remedy = f'did you mean "{near}"?' if near else f"add [[{what}s]] with this id."
            yield place, f"there is no {what} {shown(text)}; {remedy}"


def _own_fallbacks(
    fallbacks: Iterable[tuple[Place, str]], printers: Mapping[Place, str]
) -> Iterator[tuple[Place, str]]:
    for place, fallback in fallbacks:
        if printers.get((*place[:-1], "printer")) == fallback:
            yield (
                place,
                f"{shown(fallback)} cannot stand in for itself; name another printer, or leave it out.",
            )


def _ports(data: Tables) -> Iterator[tuple[Place, str]]:
    urls = [
        *((devices.scanner, place, url) for place, url in _texts(data, "scanners", "device")),
        # Several scanners may go on to one address, each over a connection of its own.
        *(
            (devices.forward, place, url)
            for place, url in _texts(data, "scanners", "forward")
            if not url.startswith("tcp:")
        ),
        *((devices.printer, place, url) for place, url in _texts(data, "printers", "device")),
    ]
    good = [(place, url) for check, place, url in urls if _passes(check, url)]
    yield from _twice(
        good, "each scanner and printer needs a port of its own.", same=devices.port, what="this port"
    )


def _marks(data: Tables) -> Iterator[tuple[Place, str]]:
    """Find what contradicts itself within one scanner."""
    rows = data.get("scanners")
    for n, row in enumerate(rows if isinstance(rows, list) else ()):
        if not isinstance(row, dict):
            continue
        if row.get("forward_answers") is True and "forward" not in row:
            yield ("scanners", n, "forward_answers"), "answers from where? Add forward, or leave this out."
        suffix, gs = row.get("suffix"), row.get("gs", "\x1d")
        if isinstance(suffix, str) and isinstance(gs, str) and suffix and (suffix in gs or gs in suffix):
            yield (
                ("scanners", n, "suffix"),
                "what ends a code cannot stand in it as gs; give them different texts.",
            )


def _printing(data: Tables) -> Iterator[tuple[Place, str]]:
    rows = data.get("printers")
    for n, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, dict):
            yield from ((("printers", n, *place), text) for place, text in printing.findings(row))


def _passes(check: Callable[[str], object], url: str) -> bool:
    try:
        check(url)
    except ValueError:
        return False  # told by the settings already
    return True


def _layouts(data: Tables, folder: Path) -> Iterator[tuple[Place, str]]:
    for place, text in _texts(data, "labels", "layouts"):
        if text and "\0" not in text and not (folder / text).is_dir():
            yield place, f"there is no folder {shown(text)}; make it, or leave this out for our own layouts."
    table = data.get("labels")
    fonts = table.get("fonts") if isinstance(table, dict) else None
    for n, text in enumerate(fonts if isinstance(fonts, list) else ()):
        if isinstance(text, str) and text and "\0" not in text and not (folder / text).is_file():
            yield (
                ("labels", "fonts", n),
                f"there is no font file {shown(text)}; put it there, or leave it out.",
            )


def _patterns(data: Tables) -> Iterator[tuple[Place, str]]:
    """A code that two patterns fit would be read as the first: at least equal ones are seen here."""
    given = dict(text for name in Codes.model_fields for text in _texts(data, "codes", name))
    for place, pattern in given.items():
        for name, field in Codes.model_fields.items():
            other = ("codes", name)
            if other != place and given.get(other, field.default) == pattern:
                yield place, f"the same pattern as {key(other)}; a code can mean one thing only."
                break
