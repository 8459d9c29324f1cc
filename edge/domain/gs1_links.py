"""GS1 Digital Link: a web address that says what an element string says.

Follows the GS1 Digital Link Standard, URI Syntax. Any domain does; the address is only read, never fetched.
"""

import re
from urllib.parse import unquote

from edge.domain.gs1 import AGAIN, Elements, Gs1Error, check_element, elements_of, format_fault, named
from edge.domain.printable import visible

_KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    # Primary key: the qualifiers that may follow it in the path, in this order; one of the sequences.
    # GS1 Barcode Syntax Dictionary, attribute dlpkey.
    **dict.fromkeys(("00", "253", "255", "401", "402", "8003", "8013"), ((),)),
    "01": (("22", "10", "21"), ("235",)),
    "8006": (("22", "10", "21"),),
    "414": (("254",), ("7040",)),
    "415": (("8020",),),
    "417": (("7040",),),
    "8004": (("7040",),),
    "8010": (("8011",),),
    "8017": (("8019",),),
    "8018": (("8019",),),
}
_NEVER_IN_QUERY = {
    # The same dictionary: not flagged as a data attribute of a Digital Link.
    *("03", "21", "22", "235", "254", "7040", "7041", "8011", "8014", "8019", "8020"),
    *("8040", "8041", "8042", "8043", "8200"),
}
_ADDRESS = re.compile(
    r"(?:https?|HTTPS?)://[A-Za-z0-9.:\[\]-]+(?P<path>/[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?"
)
_URI_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*")  # RFC 3986, 2


def is_address(text: str) -> bool:
    """Tell whether a text begins as a web address does."""
    return text[:7].lower() == "http://" or text[:8].lower() == "https://"


def read_link(uri: str, year: int) -> Elements | None:
    """Read a Digital Link as of a year; None for an address that is none; raises Gs1Error for a wrong one.

    >>> read_link("https://example.com/01/09506000134352/10/AB?17=261231", 2026).lot
    'AB'
    >>> read_link("https://example.com/about", 2026) is None
    True
    """
    address = _ADDRESS.fullmatch(uri)
    if address is None or not _URI_CHARACTERS.fullmatch(uri):
        return None
    pairs = _path_pairs(address["path"])
    if not pairs:
        return None
    found: dict[str, str] = {}
    for ai, value in pairs:
        _add(found, ai, unquote(value, "latin-1"), year)
    key, *qualifiers = found
    if not any(_in_order(qualifiers, sequence) for sequence in _KEYS[key]):
        raise Gs1Error(
            f"The web address is wrong: ({') ('.join(qualifiers)}) may not follow ({key}) so. {AGAIN}"
        )
    for ai, value in _query_pairs(address["query"] or ""):
        _refuse_out_of_place(ai, key, qualifiers)
        _add(found, ai, unquote(value.replace("+", " "), "latin-1"), year)
    return elements_of(found, year)


def _path_pairs(path: str) -> list[tuple[str, str]]:
    """Take the AI/value pairs off the end of a path, back to the primary key; none if there is no key."""
    segments = path.split("/")[1:]
    pairs: list[tuple[str, str]] = []
    while len(segments) >= 2:
        value, ai = segments.pop(), segments.pop()
        pairs.insert(0, (ai, value))
        if ai in _KEYS:
            return pairs
        if not ai.isdigit():
            break
    return []


def _query_pairs(query: str) -> list[tuple[str, str]]:
    """List the elements of a query; what is not named by a number is the site owner's and passed over."""
    fields = (field.partition("=") for field in query.split("&"))
    return [(name, value) for name, equals, value in fields if equals and name.isdigit()]


def _add(found: dict[str, str], ai: str, value: str, year: int) -> None:
    """Take up one element; raises Gs1Error for a wrong one and for a second of its kind."""
    if ai in found:
        raise Gs1Error(f"The web address names two for {named(ai)}. {AGAIN}")
    if fault := format_fault(ai, value):
        got = visible(value, 40) or "nothing"
        raise Gs1Error(f"The web address is wrong at {named(ai)}: {fault}, got {got}. {AGAIN}")
    check_element(ai, value, year)
    found[ai] = value


def _refuse_out_of_place(ai: str, key: str, qualifiers: list[str]) -> None:
    """Refuse an element in the query whose place is the path, where two readers could differ."""
    belongs_in_path = any(ai in sequence and set(qualifiers) <= set(sequence) for sequence in _KEYS[key])
    if ai in _NEVER_IN_QUERY or belongs_in_path:
        raise Gs1Error(
            f"The web address is wrong: {named(ai)} may not stand behind the question mark. {AGAIN}"
        )


def _in_order(qualifiers: list[str], sequence: tuple[str, ...]) -> bool:
    """Tell whether the qualifiers come out of the sequence, in its order."""
    places = [sequence.index(ai) if ai in sequence else -1 for ai in qualifiers]
    return -1 not in places and places == sorted(places)
