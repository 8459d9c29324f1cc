"""What a scan costs before anything is booked: its text read as a code, with the ledger's own catalogue.

The floor is one search of a regular expression that picks the same text apart: about what anybody pays in Python to
look at a scan at all. Another parser would be no floor: it does something else.
"""

import re
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.settings import Codes
from edge.domain.codes import Code, CodeReader, Gs1Code, ItemCode
from edge.domain.gs1 import GS, check_digit
from edge.domain.requests import CatalogueItem, UpsertCatalogue
from edge.domain.requests import ItemCode as ListedCode
from edge.ledger.store import Store
from tests.bench.table import Row, Scale
from tests.bench.warehouse import BATCH, Warehouse

TODAY = "2026-11-21"
SCANS = 50
"""Of each kind, of as many items: nobody scans one carton all day."""


@dataclass(frozen=True, slots=True)
class _Kind:
    what: str
    goal_us: int
    floor: re.Pattern[str]
    text: Callable[[int], str]
    is_read: Callable[[Code], bool]


def measure(folder: Path, scale: Scale) -> list[Row]:
    """Read GS1-128 and EAN-13 of items out of a catalogue on disk, by turns with the floor."""
    warehouse = Warehouse(folder)
    _stock(warehouse, scale.many_items)
    # The connection and the statements of the engine, as it reads each scan.
    store = warehouse.engine.books.store
    rows = [_row(kind, store, scale) for kind in KINDS]
    warehouse.close()
    return rows


def _row(kind: _Kind, store: Store, scale: Scale) -> Row:
    reader = CodeReader(Codes())
    spread = max(1, scale.many_items // SCANS)
    texts = [kind.text(n * spread % scale.many_items) for n in range(SCANS)]
    for text in texts:
        # A refusal would be quick, and so a fine figure. It warms up, too: forms are looked up once.
        assert kind.is_read(reader.read(text, store, today=TODAY)), text
    floors, reads = [], []
    for _ in range(scale.rounds * scale.receipts // 5):
        floors += _times(kind.floor.fullmatch, texts)
        reads += _times(lambda text: reader.read(text, store, today=TODAY), texts)

    floor_us, read_us = 1e6 * statistics.median(floors), 1e6 * statistics.median(reads)
    return Row(
        what=kind.what,
        figure=f"{read_us:.0f} us",
        floor=f"{floor_us:.1f} us",
        ratio=f"{read_us / floor_us:.0f}",
        goal=f"<= {kind.goal_us} us",
        is_reached=read_us <= kind.goal_us,
        note=f"median of {len(reads):,}, with a catalogue of {scale.many_items:,} items on disk; the floor is one "
        "regular expression that picks the same text apart.",
        limit="checks of digits, dates and contents are Python, one after the other; a plain code is looked up in "
        "the catalogue on top.",
    )


def _times(call: Callable[[str], object], texts: Sequence[str]) -> list[float]:
    """Time each call, in seconds."""
    times = []
    for text in texts:
        began = time.perf_counter()
        call(text)
        times.append(time.perf_counter() - began)
    return times


def _stock(warehouse: Warehouse, items: int) -> None:
    """Put items with a GTIN into the catalogue, for single units."""
    for start in range(0, items, BATCH):
        entries = tuple(
            CatalogueItem(
                at=f"items[{n}]",
                sku=f"ITEM-{n:05}",
                given=frozenset({"name", "codes"}),
                name=f"Item {n}",
                codes=(ListedCode(_ean(n), 1),),
            )
            for n in range(start, min(items, start + BATCH))
        )
        warehouse.command([("catalogue.upsert", UpsertCatalogue(entries))])


def _ean(item: int) -> str:
    digits = f"7612345{item:05}"
    return digits + check_digit(digits)


def _label(item: int) -> str:
    """A carton's label: GTIN, expiry, lot, serial."""
    return f"]C1010{_ean(item)}1726123110B7-{item:05}{GS}21{item:012}"


KINDS = (
    _Kind(
        what="a GS1-128 label read as a code",
        goal_us=250,
        floor=re.compile(rf"\]C101(\d{{14}})17(\d{{6}})10([^{GS}]{{1,20}}){GS}21(.{{1,20}})"),
        text=_label,
        is_read=lambda code: isinstance(code, Gs1Code) and len(code.elements.others) == 4,
    ),
    _Kind(
        what="a plain EAN-13 read as a code",
        goal_us=60,
        floor=re.compile(r"(\d{12})(\d)"),
        text=_ean,
        is_read=lambda code: isinstance(code, ItemCode) and code.listed is not None,
    ),
)
