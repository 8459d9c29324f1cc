"""What goes onto the sheets of a site: its commands, places and items as codes, and what cannot be printed of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase

from config.settings import Settings
from edge.cli.commands import LEDGER
from edge.domain import sheets
from edge.domain.codes import Code, CodeReader, NoCatalogue
from edge.domain.gs1 import GS
from edge.domain.sheets import Group, Wanted
from edge.domain.site_writing import SiteWriter
from edge.errors import UsageError
from edge.ledger.reading import snapshot

OF_LEDGER = ("locations", "items")
WHAT = ("commands", "quantities", "digits", *OF_LEDGER)
"""What there are sheets of, in the order of the pages."""

OPERATORS = "operators"
"""Badges of the people who are named; the last pages."""

NAMED_MOST, SHOWN_MOST = 5, 40
"""Of the values that are left out so many are named, and so many characters of each."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The parts asked for, in order of pages. `named` are those of which it must be told that there is nothing.

    With `globs` only places and items that match one of them; `operators` are who gets a badge.
    """

    parts: tuple[str, ...]
    named: frozenset[str]
    globs: tuple[str, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """Groups that have codes, sentences about what is not there, and whether all that was named is."""

    groups: tuple[Group, ...]
    notes: tuple[str, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class _Known:
    """The places and items that there are, each with words about it, and what is to be said of that."""

    places: Wanted = ()
    items: Wanted = ()
    note: str = ""


def gather(settings: Settings, asked: Asked, today: date) -> Contents:
    """Gather the parts asked for.

    Raises UsageError where the site's patterns overlap, LedgerError where the ledger cannot be read.
    """
    writer = _writer(settings, today)
    known = _Known() if {*OF_LEDGER}.isdisjoint(asked.parts) else _known(settings, asked.globs)
    notes = [known.note] if known.note else []
    groups: list[Group] = []
    is_whole = True
    for what in asked.parts:
        part = _part(what, writer, known, asked.operators)
        groups += (group for group in part if group.entries)
        missing = _missing(part, settings, writer, asked.globs)
        is_named = what in asked.named
        if missing and (is_named or any(group.lost for group in part)):
            notes.append(missing)
            is_whole = is_whole and not is_named
    return Contents(tuple(groups), tuple(notes), is_whole)


def _part(what: str, writer: SiteWriter, known: _Known, operators: Sequence[str]) -> list[Group]:
    match what:
        case "commands":
            return [*sheets.commands(writer)]
        case "quantities":
            return [sheets.quantities(writer)]
        case "digits":
            return [sheets.digits(writer)]
        case "locations":
            return [sheets.locations(writer, known.places)]
        case "items":
            return [sheets.items(writer, known.items)]
        case _:
            return [sheets.operators(writer, dict.fromkeys(operators))]


def _writer(settings: Settings, today: date) -> SiteWriter:
    try:
        reader = CodeReader(settings.codes)
    except ValueError as error:
        raise UsageError(str(error)) from error
    # What a scanner sends in the place of GS may stand in a name: that scanner would send another code.
    separators = dict.fromkeys(scanner.gs for scanner in settings.scanners)

    def read(text: str) -> Code:
        sent = [text, *(text.replace(gs, GS) for gs in separators)]
        codes = [reader.read(one, NoCatalogue(), today=today.isoformat()) for one in dict.fromkeys(sent)]
        return next((code for code in codes if code != codes[0]), codes[0])

    return SiteWriter(settings.codes, read)


def _known(settings: Settings, globs: Sequence[str]) -> _Known:
    """Ask the configuration, and the ledger if there is one yet."""
    words: dict[str, str] = {}
    for station in settings.stations:
        if station.location is not None:
            before = words.get(station.location)
            words[station.location] = f"{before}, {station.id}" if before else f"Station {station.id}"
    path = settings.data_dir / LEDGER
    if not path.exists():
        note = f"There is no ledger at {path} yet: no items are known, and of places those of stations alone."
        return _Known(_matching(sorted(words.items()), globs), (), note)
    with snapshot(path) as ledger:
        places, items = ledger.places(), ledger.catalogue()
    told = [(name, words.get(name, "")) for name in sorted({*places, *words})]
    return _Known(_matching(told, globs), _matching(items, globs))


def _matching(wanted: Wanted, globs: Sequence[str]) -> Wanted:
    return [one for one in wanted if not globs or any(fnmatchcase(one[0], glob) for glob in globs)]


def _missing(groups: list[Group], settings: Settings, writer: SiteWriter, globs: Sequence[str]) -> str:
    """Say what is not there of one part; nothing if all is."""
    what, kind = groups[0].what, groups[0].kind
    lost = [value for group in groups for value in group.lost]
    total = len(lost) + sum(len(group.entries) for group in groups)
    if not total:
        matching = f" that match {' or '.join(globs)}" if globs and what in OF_LEDGER else ""
        return f"There are no {what}{matching}."
    if not lost:
        return ""
    if not writer.can_write(kind):
        return (
            f"No {what} are printed: codes.{kind}, {getattr(settings.codes, kind)!r}, cannot be turned into barcodes."
            " Fixed text around the value can, such as '^%L(?P<value>[A-Z0-9-]+)$'."
        )
    named = [repr(value[:SHOWN_MOST]) for value in lost[:NAMED_MOST]]
    more = [f"{len(lost) - NAMED_MOST} more"] if len(lost) > NAMED_MOST else []
    return (
        f"{len(lost)} of {total} {what} are left out, since this site would not read their barcodes as what they are"
        f" (codes.{kind}): {', '.join([*named, *more])}."
    )
