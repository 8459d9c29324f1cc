"""A label from its job to the bytes that are sent: drawn as ZPL and as ESC/POS.

Every job is another label of another order and item, as in a morning's work: symbols and widths that are kept from
one label to the next are of little use, and are not measured. The floors do what nobody gets around: one template
filled in with the same texts, and one empty picture of the same size, made and packed into bits.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PIL import Image

from config.layouts import Layout, load_layouts
from drivers.escpos_printer import draw_escpos
from drivers.zpl_printer import draw_zpl
from edge.domain.labels import BACKORDER, FIELDS, PUTAWAY, LabelContent
from edge.outbox import LabelJob
from tests.bench.table import Row, Scale, p50_p99

KINDS = (BACKORDER, PUTAWAY)
NAMES = (
    "Oat drink barista, organic, 6 x 1 l",
    "Tomatoes, peeled and diced, 400 g",
    "Crème fraîche épaisse, 30 %, 200 g",
    "Tintenpatrone für Großformatdrucker, schwarz, 700 ml",
    "Printer paper A4, 80 g, 500 sheets",
)
CYRILLIC = "Мыло жидкое, алоэ, 500 мл"
ONE_IN = 20
"""Of the labels so many have a name in other letters."""

Draw = Callable[[LabelJob, Layout], bytes]


@dataclass(frozen=True, slots=True)
class _Language:
    what: str
    goal_ms: int
    paper: Literal["label", "receipt"]
    draw: Draw
    floor: Draw
    floor_is: str
    limit: str


def measure(scale: Scale) -> list[Row]:
    """Draw full backorder and put-away labels in each language, by turns with its floor."""
    return [_row(language, scale) for language in LANGUAGES]


def _row(language: _Language, scale: Scale) -> Row:
    layouts = load_layouts(FIELDS, paper=language.paper)
    for kind in KINDS:
        # Warm: libraries and letters are loaded before the first label of a day, too.
        language.draw(_job(0, kind), layouts[kind])
    floors, draws, sizes = [], [], []
    for n in range(1, scale.labels_drawn + 1):
        kind = KINDS[n % len(KINDS)]
        job, layout = _job(n, kind), layouts[kind]
        floors.append(_ms(language.floor, job, layout)[0])
        took_ms, data = _ms(language.draw, job, layout)
        draws.append(took_ms)
        sizes.append(len(data))

    (floor_50, floor_99), (draw_50, draw_99) = p50_p99(floors), p50_p99(draws)
    return Row(
        what=f"a label from job to {language.what}, p50 / p99",
        figure=f"{draw_50:.2f} / {draw_99:.2f} ms",
        floor=f"{floor_50:.3f} / {floor_99:.3f} ms",
        ratio=f"{draw_50 / floor_50:.0f}",
        goal=f"<= {language.goal_ms} ms",
        is_reached=draw_99 <= language.goal_ms,
        note=f"{len(draws)} different backorder and put-away labels, {statistics.mean(sizes):,.0f} bytes each; "
        f"processor time; the floor is {language.floor_is}.",
        limit=language.limit,
    )


def _ms(draw: Draw, job: LabelJob, layout: Layout) -> tuple[float, bytes]:
    # Of the processor, not of the clock: nothing here waits, and what else the machine does is no part of it.
    began = time.thread_time()
    data = draw(job, layout)
    return 1000 * (time.thread_time() - began), data


def _job(n: int, kind: str) -> LabelJob:
    """The `n`th label of a morning, with every field that its kind has."""
    sku, lot = f"ITEM-{n * 13 % 10_000:05}", f"B7-{n:05}"
    label = f"4f1c-{10_000 + n}"
    values = {
        **{"label": label, "order": f"SO-{480_000 + 7 * n}", "line": str(n % 9 + 1)},
        **{"to": f"Shop {n % 37}, route {n % 12}", "express": "EXPRESS" if n % 10 == 0 else ""},
        **{"sku": sku, "name": f"{CYRILLIC if n % ONE_IN == 0 else NAMES[n % len(NAMES)]}, {n % 97}"},
        **{"quantity": str(n % 480 + 1), "lot": lot, "expiry": f"2027-{n % 12 + 1:02}-{n % 28 + 1:02}"},
        **{"place": f"DOCK-{n % 4 + 1}", "home": f"{'ABCD'[n % 4]}-{n % 30:02}-{n % 7:02}"},
        "symbol": f"010950110{n:06}31727{n % 12 + 1:02}{n % 28 + 1:02}10{lot}\x1d91{label}",
    }
    return LabelJob(n, label, LabelContent(kind, {name: values[name] for name in FIELDS[kind]}), copy=False)


def _template(job: LabelJob, _layout: Layout) -> bytes:
    texts = [b"^FO20,20^A0N,40,40^FH_^FD" + text.encode() + b"^FS\n" for text in job.content.fields.values()]
    return b"^XA^CI28\n" + b"".join(texts) + b"^XZ\n"


def _empty_picture(_job: LabelJob, layout: Layout) -> bytes:
    picture = Image.new("L", (round(layout.width * 8), round(layout.height * 8)), 255)
    return picture.point([255] * 128 + [0] * 128, "1").tobytes()


LANGUAGES = (
    _Language(
        what="ZPL",
        goal_ms=2,
        paper="label",
        draw=draw_zpl,
        floor=_template,
        floor_is="a template that is filled in with the same texts, whatever their size",
        limit="widths of texts and symbols are added up in Python, and zxing-cpp draws what is no bar code of ours "
        "to learn its size.",
    ),
    _Language(
        what="ESC/POS",
        goal_ms=15,
        paper="receipt",
        draw=draw_escpos,
        floor=_empty_picture,
        floor_is="an empty picture of the same size, made and packed into bits",
        limit="FreeType draws each large letter anew, and 475,000 dots are turned black or white and packed.",
    ),
)
