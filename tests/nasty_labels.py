"""Labels as they may legally be at their worst: the longest names and lots of every character that one may have.

With each stands what its codes have to mean, so that whoever draws one can be held against it.
"""

import string
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from config.layouts import Barcode, Layout
from edge.domain.codes import Code, Gs1Code, SiteCode, SiteKind
from edge.domain.gs1 import Elements
from edge.domain.journal import Goods
from edge.domain.labels import BACKORDER, FIELDS, MISSING, PUTAWAY, RESTOCK
from edge.engine.printing import symbol
from edge.outbox import LabelJob
from tests.labels import CONTENTS, job_of

GTIN = "09506000134352"
LABEL = "2f9c-1234567890"
"""An id as the engine makes them, after a long life."""

# GS1 General Specifications, figure 7.11-1: what a lot on a GS1 symbol may be written with.
CSET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
LONGEST_NAME, LONGEST_LOT = 64, 20

LOTS = (
    "",
    "7",
    "12345678901234567890",
    ">;>8>6>5>0>>>:",
    "_5E_7E_1D_",
    "A>B_C\"D'E(F)G%H",
    *(CSET_82[at : at + LONGEST_LOT] for at in range(0, len(CSET_82), LONGEST_LOT)),
)
NAMES = (
    "1",
    "1" * LONGEST_NAME,
    "W" * LONGEST_NAME,
    "^XA~JA^FS^XZ",
    "_5EXA\\&>8>;>0~HS",
    "]C1" + "0" * 20,
    *(PRINTABLE[at : at + 32] for at in range(0, len(PRINTABLE), 32)),
    (string.punctuation * 2)[-LONGEST_NAME:],
    # Digits in pairs and single, which a symbol may pack, between letters.
    "12A345b6789" * 5,
)
TEXTS = ("^XA^FO0,0^GB800,480,480^FS^XZ~JA", "Ünïcødé €\t\x1b@\x1d(H\x10\x14", "x" * 10_000, "漢字" * 60)


@dataclass(frozen=True, slots=True)
class Case:
    """A label of a kind with other fields, and what a scanner has to find on it."""

    kind: str
    changes: dict[str, str] = field(default_factory=dict)
    meanings: tuple[Code, ...] = ()
    copy: bool = False

    @property
    def job(self) -> LabelJob:
        return job_of(self.kind, self.changes, copy=self.copy)

    def __str__(self) -> str:
        return f"{self.kind} {self.changes}{' COPY' * self.copy}"


def cases() -> Iterator[Case]:
    """Every kind as it is, and each of the worst; the odd ones with the mark of a copy."""
    made = [case_of(kind) for kind in FIELDS for _ in range(2)]
    made += [case_of(BACKORDER, order=name, to=name, sku=name, lot=name, place=name) for name in NAMES]
    made += [goods_of(lot) for lot in LOTS]
    # An item without a GTIN has a symbol of the label alone.
    made.append(case_of(PUTAWAY, symbol=symbol("", Goods("INK", "B7", ""), LABEL, year=2026)))
    made += [case_of(MISSING, name=text, orders=f"{text}\n{text}") for text in TEXTS]
    made += [
        case_of(RESTOCK, name=text, reason=text, home=name) for text, name in zip(TEXTS, NAMES, strict=False)
    ]
    for number, case in enumerate(made):
        yield replace(case, copy=bool(number % 2))


def case_of(kind: str, **changes: str) -> Case:
    """A label with other fields, and what its codes mean then."""
    changes = {"label": LABEL, **changes}
    if kind == PUTAWAY and "symbol" not in changes:
        return goods_of("B7-2291")
    meanings: tuple[Code, ...] = (SiteCode(SiteKind.LABEL, LABEL),)
    if kind == BACKORDER:
        meanings += (SiteCode(SiteKind.ORDER, changes.get("order", CONTENTS[kind]["order"])),)
    if kind == PUTAWAY:
        meanings += (Gs1Code(Elements(label=LABEL, others=(("91", LABEL),))),)
    return Case(kind, changes, meanings)


def goods_of(lot: str) -> Case:
    """A put-away label for goods of a lot."""
    message = symbol(GTIN, Goods("INK", lot, "2027-03-01"), LABEL, year=2026)
    others = (("01", GTIN), ("17", "270301"), *((("10", lot),) if lot else ()), ("91", LABEL))
    elements = Elements(gtin=GTIN, expiry="2027-03-01", lot=lot or None, label=LABEL, others=others)
    changes = {"label": LABEL, "lot": lot, "symbol": message}
    return Case(PUTAWAY, changes, (SiteCode(SiteKind.LABEL, LABEL), Gs1Code(elements)))


WIDE = Layout(
    width=300,
    height=14,
    barcode=(Barcode(x=0, y=2, value="{symbol}", symbol="gs1", width=300, height=10, module=0.495),),
)
"""A site's own, with the room that GS1-128 takes."""
