"""Hebrew and Arabic as they are read: letters in the order in which they stand on paper, Arabic ones joined.

A part of the Unicode bidirectional algorithm (UAX 9) that is enough for a name on a label: no embedding, no
isolates; those marks are dropped before. A text begins on the left of its field whatever its script.
"""

import unicodedata
from functools import lru_cache

_FIRST = "\u0590"
"""Below this nothing is written from right to left."""

_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")

_CLOSED_BY = {"(": ")", "[": "]", "{": "}"}

_NUMBERS = ("EN", "AN")


def as_seen(text: str) -> str:
    """Put the letters of one line in the order from left to right.

    >>> as_seen("INK 7") == "INK 7", as_seen("דיו 12 L") == "L 12 ויד"
    (True, True)
    """
    if text.isascii() or max(text) < _FIRST or not _goes_left(text):
        return text
    clusters = _clusters(_joined(text))
    levels = _levels(clusters)
    for level in range(max(levels), 0, -1):
        at = 0
        while at < len(clusters):
            end = at
            while end < len(clusters) and levels[end] >= level:
                end += 1
            clusters[at:end], levels[at:end] = clusters[at:end][::-1], levels[at:end][::-1]
            at = end + 1
    return "".join(
        cluster.translate(_MIRRORED) if level % 2 else cluster
        for cluster, level in zip(clusters, levels, strict=True)
    )


def _goes_left(text: str) -> bool:
    return any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)


def _clusters(text: str) -> list[str]:
    """Letters, each with the marks that stand on it."""
    clusters: list[str] = []
    for letter in text:
        if clusters and unicodedata.combining(letter):
            clusters[-1] += letter
        else:
            clusters.append(letter)
    return clusters


def _levels(clusters: list[str]) -> list[int]:
    """An even level is read to the right, an odd one to the left; numbers within such are read to the right."""
    kinds = ["R" if (kind := _kind(cluster)) == "AL" else kind for cluster in clusters]
    base = 1 if next((kind for kind in kinds if kind in ("L", "R")), "L") == "R" else 0
    strong = "R" if base else "L"
    for at, kind in enumerate(kinds):
        if kind in ("L", "R"):
            strong = kind
        elif kind in _NUMBERS:
            kinds[at] = "N" if strong == "R" else "L"
        elif kind in ("ES", "CS") and kinds[at - 1 : at] == ["N"] and kinds[at + 1 : at + 2] == ["EN"]:
            # Within a date or a decimal: 2027-03-01, 10,5.
            kinds[at] = "N"
    sides = [{"L": "L", "R": "R", "N": "R"}.get(kind, "") for kind in kinds]
    _side_brackets(clusters, sides, base="R" if base else "L")
    before = after = "R" if base else "L"
    lefts = [before := side or before for side in sides]
    rights = [after := side or after for side in reversed(sides)][::-1]
    levels: list[int] = []
    for kind, side, left, right in zip(kinds, sides, lefts, rights, strict=True):
        match kind if kind == "N" else side:
            case "L":
                levels.append(2 * base)
            case "R":
                levels.append(1)
            case "N":
                levels.append(2)
            case _ if left == right:
                levels.append(1 if left == "R" else 2 * base)
            case _:
                levels.append(base)
    return levels


def _side_brackets(clusters: list[str], sides: list[str], *, base: str) -> None:
    """Brackets go with what is in them: with the base, if any of it does, else with what is before them (N0)."""
    opened: list[int] = []
    pairs: list[tuple[int, int]] = []
    for at, cluster in enumerate(clusters):
        if cluster in _CLOSED_BY:
            opened.append(at)
        elif opened and cluster == _CLOSED_BY[clusters[opened[-1]]]:
            pairs.append((opened.pop(), at))
    for first, last in sorted(pairs):
        within = set(sides[first + 1 : last]) - {""}
        before = next((side for side in reversed(sides[:first]) if side), base)
        if within:
            sides[first] = sides[last] = base if base in within or before == base else before


def _kind(cluster: str) -> str:
    return unicodedata.bidirectional(cluster[0])


def _joined(text: str) -> str:
    """Give each Arabic letter the form that its neighbours ask for, as a letter of its own (U+FB50 to U+FEFC)."""
    forms = _forms()
    letters = [text[at] for at in range(len(text))]
    solid = [at for at, letter in enumerate(letters) if not unicodedata.combining(letter)]
    joined = list(letters)
    number = 0
    while number < len(solid):
        at = solid[number]
        following = solid[number + 1] if number + 1 < len(solid) else None
        pair = letters[at] + (letters[following] if following is not None else "")
        is_pair = len(pair) == 2 and ("isolated", pair) in forms
        whole = pair if is_pair else letters[at]
        reaches_back = number > 0 and _reaches_on(letters[solid[number - 1]]) and ("final", whole) in forms
        last = number + 1 if is_pair else number
        next_one = letters[solid[last + 1]] if last + 1 < len(solid) else ""
        goes_on = not is_pair and _reaches_on(letters[at]) and ("final", next_one) in forms
        form = {
            (True, True): "medial",
            (True, False): "final",
            (False, True): "initial",
            (False, False): "isolated",
        }[reaches_back, goes_on]
        joined[at] = forms.get((form, whole), whole)
        if is_pair and following is not None:
            joined[following] = ""
        number = last + 1
    return "".join(joined)


def _reaches_on(letter: str) -> bool:
    return ("initial", letter) in _forms()


@lru_cache(maxsize=1)
def _forms() -> dict[tuple[str, str], str]:
    """The forms of letters and of lam with alef, as Unicode's own table has them."""
    forms: dict[tuple[str, str], str] = {}
    for number in (*range(0xFB50, 0xFBFF), *range(0xFE80, 0xFEFD)):
        tag, *codes = unicodedata.decomposition(chr(number)).split() or [""]
        letters = "".join(chr(int(code, 16)) for code in codes)
        # Of pairs only lam with alef: the others are a matter of taste, and few fonts have them.
        if letters and (len(letters) == 1 or number >= 0xFEF5):
            forms[tag.strip("<>"), letters] = chr(number)
    return forms
