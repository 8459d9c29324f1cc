"""What sheets of barcodes for the walls, racks and badges of a site say: which codes, with which words.

Commands and their words are the table's of the dialogue. How a sheet looks is a driver's.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from edge.domain.site_codes import SiteKind
from edge.domain.site_writing import SiteWriter
from edge.domain.stations import EVERY, MODES, TABLE, Kind

QUANTITIES = (*range(1, 11), 12, 20, 24, 25, 48, 50, 100)
DIGITS = "1234567890C"


@dataclass(frozen=True, slots=True)
class Entry:
    """A code as it is printed: the site reads `code` as `value`, which is read from afar, `words` from near."""

    code: str
    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Group:
    """Codes of a kind under one title. `lost` are the values whose code the site would not read as them.

    `is_short` says that values are a few characters and go into small fields.
    """

    what: str
    kind: SiteKind
    title: str
    told: str
    entries: tuple[Entry, ...]
    lost: tuple[str, ...]
    is_short: bool = False


Wanted = Iterable[tuple[str, str]]
"""Values, each with words about it."""


def commands(writer: SiteWriter) -> Iterator[Group]:
    """The modes, and then the actions."""
    modes = [(mode.upper(), _of_mode(mode)) for mode in MODES]
    told = f"From now on {_in_every_mode(Kind.MODE)}."
    yield _group(writer, "commands", SiteKind.COMMAND, "Modes", told, modes)
    kinds = dict.fromkeys(rule.kind for rule in TABLE if rule.kind.startswith(_COMMAND))
    actions = [(kind.removeprefix(_COMMAND), _of_action(kind)) for kind in kinds if kind is not Kind.MODE]
    told = "Done at once, in the mode that the scanner is in."
    yield _group(writer, "commands", SiteKind.COMMAND, "Actions", told, actions)


def quantities(writer: SiteWriter) -> Group:
    """How many the next item is, whole."""
    told = f"{_sentence(_in_every_mode(Kind.QUANTITY))} Scan it, then the item."
    wanted = [(f"{number}", "") for number in QUANTITIES]
    return _group(writer, "quantities", SiteKind.QUANTITY, "Quantities", told, wanted, is_short=True)


def digits(writer: SiteWriter) -> Group:
    """How many the next item is, digit by digit."""
    told = f"{_sentence(_in_every_mode(Kind.DIGIT))} Scan 1, 2, then the item: 12 of it. C begins anew."
    wanted = [(digit, "") for digit in DIGITS]
    return _group(writer, "digits", SiteKind.DIGIT, "Digits", told, wanted, is_short=True)


def locations(writer: SiteWriter, places: Wanted) -> Group:
    """Places, each with words about it."""
    told = _sentence(_in_every_mode(Kind.PLACE))
    return _group(writer, "locations", SiteKind.LOCATION, "Locations", told, places)


def items(writer: SiteWriter, names: Wanted) -> Group:
    """Items by their own number, each with its name."""
    told = "For goods without a barcode, or with one that cannot be read."
    return _group(writer, "items", SiteKind.SKU, "Items", told, names)


def operators(writer: SiteWriter, people: Iterable[str]) -> Group:
    """Badges of people."""
    told = "Who is at the scanner from now on."
    return _group(writer, "operators", SiteKind.OPERATOR, "Operators", told, [(name, "") for name in people])


def _group(
    writer: SiteWriter,
    what: str,
    kind: SiteKind,
    title: str,
    told: str,
    wanted: Wanted,
    *,
    is_short: bool = False,
) -> Group:
    entries: list[Entry] = []
    lost: list[str] = []
    for value, words in wanted:
        code = writer.write(kind, value)
        if code is None:
            lost.append(value)
        else:
            entries.append(Entry(code, value, words))
    return Group(what, kind, title, told, tuple(entries), tuple(lost), is_short)


_COMMAND = "CMD:"


def _of_mode(mode: str) -> str:
    """What its first scan that is not refused does."""
    return _sentence(next(rule.told for rule in TABLE if rule.mode == mode and not rule.why))


def _of_action(kind: Kind) -> str:
    """What it does, and in which mode where it is not every one."""
    rules = (rule for rule in TABLE if rule.kind is kind)
    return _sentence(
        "; ".join(
            rule.told if rule.mode == EVERY else f"{rule.told} (in {rule.mode.upper()})" for rule in rules
        )
    )


def _in_every_mode(kind: Kind) -> str:
    return next(rule.told for rule in TABLE if rule.mode == EVERY and rule.kind is kind)


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."
