"""Draws docs/dialogue.svg from the table of the dialogue (`edge.domain.stations.TABLE`); `make pictures` runs it.

The words in the boxes are the table's. Here stands only what a table cannot say: in which order the scans of a mode
come. A rule that no row draws is an error, so that the picture cannot fall behind the table.
"""

import html
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from edge.domain.stations import EVERY, MODES, TABLE, Kind, Rule, When

PICTURE = Path(__file__).with_name("dialogue.svg")

ROWS: Mapping[str, str] = {
    "receive": "[PO] > [LOC] > item+ > [CMD:DONE]",
    "missing": "[ORD] > LOC > item+",
    "found": "LOC > item+",
    "move": "LOC > item+ > LOC",
    "pick": "ORD > LOC > item+ > [CMD:SHORT]",
    "ship": "ORD / item",
    "count": "LOC > item+ > [LOC] > [CMD:EMPTY] > CMD:DONE",
    "damage": "LOC > item+",
    "release": "LOC > item+",
    "scrap": "LOC > item+",
    "return": "ORD > item+",
    "learn": "item > item > [QTY] / [NUM]",
    "info": "ORD / LOC / item",
}
"""The scans of each mode: then (>) or else (/), [may be left out], once or more often (+)."""

COLUMNS: Mapping[Kind, int] = {Kind.PLACE: 1, Kind.ITEM: 2}
"""Where a kind of scan stands, if nothing is there yet: the items of all modes one below the other."""

COMMON: Mapping[str, str] = {
    "scene": "OP / LOC / ORD / PO",
    "next item": "QTY / NUM / LOT / EXP",
    "actions": "CMD:mode / CMD:DONE / CMD:CANCEL / CMD:UNDO / CMD:REPRINT",
}
"""The scans that every mode knows."""

EXAMPLES: Mapping[Kind, str] = {
    Kind.PERSON: "OP:alice",
    Kind.PLACE: "LOC:A-01-02",
    Kind.ORDER: "ORD:SO-1001",
    Kind.PURCHASE_ORDER: "PO:4711",
    Kind.QUANTITY: "QTY:12",
    Kind.DIGIT: "NUM:1 … NUM:0",
    Kind.LOT: "LOT:B7",
    Kind.EXPIRY: "EXP:2027-03-01",
    Kind.MODE: "CMD:PICK",
}

SCENE = frozenset({"scene", "place", "order", "mode", "done", "cancel", "count", "count_on", "reprint"})
BEGUN = frozenset({"carry", "tally", "empty", "teach"})
TOLD = frozenset({"tell"})
"""What a rule does if it books nothing: it sets the scene, keeps what is begun, or answers in words."""

WIDTH, MARGIN = 1000, 24
FIRST_X, BOX, GAP, BOX_HEIGHT, LANE = 118, 128, 18, 62, 76
LETTER = 5.8
"""Pixels that a character of a box's words takes, on the generous side."""


@dataclass(frozen=True, slots=True)
class Step:
    """One box of a row; `link` is what stands before it: "" (the first), ">" (then) or "/" (or)."""

    column: int
    link: str
    rule: Rule
    is_optional: bool
    is_repeated: bool


def steps(mode: str, row: str) -> Iterator[Step]:
    """Find the rule of each scan in a row; the second scan of a kind is the one when something is begun."""
    seen: set[Kind] = set()
    words = ["", *row.split()]
    column = -1
    for link, word in zip(words[::2], words[1::2], strict=True):
        kind = Kind(word.strip("[]+"))
        column = max(column + 1, COLUMNS.get(kind, 0))
        yield Step(
            column=column,
            link=link,
            rule=_rule(mode, kind, When.BEGUN if kind in seen else When.NOTHING_BEGUN),
            is_optional=word.startswith("["),
            is_repeated=word.endswith("+"),
        )
        seen.add(kind)


def _rule(mode: str, kind: Kind, when: When) -> Rule:
    for owner in (mode, EVERY):
        for rule in TABLE:
            if (rule.mode, rule.kind) == (owner, kind) and rule.when in (When.ALWAYS, when):
                return rule
    raise ValueError(f"The row of {mode} has a scan {kind.value!r} that the table does not know.")


def draw() -> str:
    """The picture as SVG. Raises ValueError if the rows above and the table do not fit."""
    common = {name: list(steps(EVERY, row)) for name, row in COMMON.items()}
    modes = {mode: list(steps(mode, ROWS[mode])) for mode in MODES}
    drawn = {step.rule for row in (*common.values(), *modes.values()) for step in row}
    if missing := [f"{rule.mode} {rule.kind.value}" for rule in TABLE if rule not in drawn]:
        raise ValueError(f"No row draws these rules of the table: {', '.join(missing)}.")
    top = 62
    panel = len(common) * LANE + 44
    first_mode = top + panel + 44
    height = first_mode + len(modes) * LANE + 84
    parts = [
        _head(height),
        f'<rect class="every" x="12" y="{top}" width="{WIDTH - 24}" height="{panel}" rx="6"/>',
        f'<text class="title" x="{MARGIN}" y="{top + 26}">In every mode</text>',
    ]
    for n, (name, row) in enumerate(common.items()):
        parts += _lane(name, row, top + 40 + n * LANE, class_="group", examples=True)
    parts.append(f'<text class="title" x="{MARGIN}" y="{first_mode - 16}">In each mode, in this order</text>')
    for n, (mode, row) in enumerate(modes.items()):
        y = first_mode + n * LANE
        parts.append(f'<path class="line" d="M{MARGIN} {y - 6}H{WIDTH - MARGIN}"/>')
        parts += _lane(mode.upper(), row, y, class_="mode", examples=False)
    parts += [*_legend(height - 62), "</svg>"]
    return "\n".join(parts) + "\n"


def _lane(name: str, row: list[Step], y: int, *, class_: str, examples: bool) -> Iterator[str]:
    yield f'<text class="{class_}" x="{MARGIN}" y="{y + BOX_HEIGHT // 2 + 6}">{html.escape(name)}</text>'
    end = 0
    for step in row:
        x = FIRST_X + step.column * (BOX + GAP)
        if step.link == ">":
            yield f'<path class="flow" d="M{end + 1} {y + BOX_HEIGHT // 2}H{x - 2}"/>'
        elif step.link and not examples:
            word = "not" if step.rule.why else "or"
            yield f'<text class="or" x="{(end + x) // 2}" y="{y + BOX_HEIGHT // 2 + 4}">{word}</text>'
        end = x + BOX + (4 if step.is_repeated else 0)
        kind = step.rule.kind
        yield from _box(x, y, step, EXAMPLES.get(kind, kind.value) if examples else kind.value)


def _box(x: int, y: int, step: Step, name: str) -> Iterator[str]:
    class_ = f"{_class(step.rule)}{' may' if step.is_optional else ''}"
    size = f'width="{BOX}" height="{BOX_HEIGHT}" rx="3"'
    if step.is_repeated:
        yield f'<rect class="{class_}" x="{x + 4}" y="{y - 4}" {size}/>'
    yield f'<rect class="{class_}" x="{x}" y="{y}" {size}/>'
    # Of a refusal the first half: the second says what to scan instead, and that is the box before.
    words = textwrap.wrap(step.rule.told.partition(": scan")[0], int((BOX - 8) / LETTER))
    middle = x + BOX // 2
    first = y + 34 - 6 * len(words)
    yield f'<text class="name" x="{middle}" y="{first}">{html.escape(name)}</text>'
    for n, line in enumerate(words):
        yield f'<text class="sub" x="{middle}" y="{first + 14 + 13 * n}">{html.escape(line)}</text>'


def _class(rule: Rule) -> str:
    if rule.why:
        return "no"
    if rule.does in SCENE:
        return "in"
    return "begun" if rule.does in BEGUN else "told" if rule.does in TOLD else "books"


def _legend(y: int) -> Iterator[str]:
    kinds = (
        ("in", "sets the scene"),
        ("begun", "begun, not booked yet"),
        ("books", "books"),
        ("told", "answers in words"),
        ("no", "refused"),
        ("in may", "may be left out"),
    )
    x = MARGIN
    for class_, words in kinds:
        yield f'<rect class="{class_}" x="{x}" y="{y}" width="26" height="16" rx="3"/>'
        yield f'<text class="word" x="{x + 33}" y="{y + 13}">{words}</text>'
        x += 33 + round(len(words) * 6.2) + 20
    yield f'<rect class="in" x="{x + 3}" y="{y - 3}" width="26" height="16" rx="3"/>'
    yield f'<rect class="in" x="{x}" y="{y}" width="26" height="16" rx="3"/>'
    yield f'<text class="word" x="{x + 36}" y="{y + 13}">once or more</text>'
    item = (
        "An item is goods by any code: a GTIN, a GS1 code, an SKU, the SSCC of a pallet, a label of ours."
        " It takes the quantity, lot and expiry scanned before it."
    )
    yield f'<text class="word" x="{MARGIN}" y="{y + 40}">{item}</text>'


def _head(height: int) -> str:
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title desc"
     font-family="Roboto Condensed, Helvetica Neue, Arial, sans-serif" font-size="15">
  <title id="title">The dialogue of a scanner</title>
  <desc id="desc">What each scan does: first those that every mode knows, then mode by mode the scans in their
    order, with what they do. Drawn from the table in edge/domain/stations.py by docs/draw_dialogue.py.</desc>
  <defs>
    <marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">
      <path d="M0 0 10 5 0 10z" fill="#33404d"/>
    </marker>
    <style>
      .every {{ fill: #f6f8fa; stroke: #8b98a5; stroke-dasharray: 5 4 }}
      .in    {{ fill: #fff; stroke: #33404d; stroke-width: 1.5 }}
      .begun {{ fill: #e3eefb; stroke: #2b62a3; stroke-width: 1.5 }}
      .books {{ fill: #fdf1dc; stroke: #b9770e; stroke-width: 2 }}
      .told  {{ fill: #eef1f4; stroke: #8b98a5; stroke-width: 1.5 }}
      .no    {{ fill: #fff; stroke: #b3372f; stroke-width: 1.5 }}
      .may   {{ stroke-dasharray: 5 4 }}
      .flow  {{ fill: none; stroke: #33404d; stroke-width: 1.6; marker-end: url(#tip) }}
      .line  {{ stroke: #e3e8ed }}
      .title {{ font-size: 14px; font-weight: 700; fill: #1d7a46 }}
      .mode  {{ font-weight: 700; font-size: 17px; fill: #16202a }}
      .group {{ font-size: 15px; fill: #4a5866 }}
      .name  {{ font-weight: 700; font-size: 14px; fill: #16202a; text-anchor: middle }}
      .sub   {{ font-size: 12px; fill: #4a5866; text-anchor: middle }}
      .or    {{ font-size: 12px; fill: #4a5866; text-anchor: middle }}
      .word  {{ font-size: 13px; fill: #33404d }}
    </style>
  </defs>
<rect width="{WIDTH}" height="{height}" rx="8" fill="#fff"/>
<text x="{MARGIN}" y="40" font-size="20" font-weight="700" fill="#16202a">The dialogue of a scanner</text>"""


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
