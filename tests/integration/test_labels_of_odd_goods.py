"""Goods whose lot or expiry not every symbol can say: their label comes out all the same, and says no wrong."""

from pathlib import Path

import pytest

from config.layouts import load_layouts
from drivers.zpl_printer import draw_zpl
from edge.domain.codes import Gs1Code, SiteCode, SiteKind
from edge.domain.labels import FIELDS
from edge.ledger.outbox import LabelRows
from tests.house import PEN_GTIN, House, settings
from tests.nasty_labels import CSET_82, PRINTABLE
from tests.renderers.reading import meanings_of
from tests.renderers.zpl import by_zplkit

LAYOUTS = load_layouts(FIELDS)


def read_back(folder: Path, *codes: str) -> tuple[str, Gs1Code]:
    """Receive goods; the id of their label, and what a scanner reads off its GS1 symbol."""
    house = House(settings(folder))
    house.done("catalogue.upsert", {"items": [{"sku": "PEN", "codes": [{"code": PEN_GTIN, "pack": 1}]}]})
    house.scans("CMD:RECEIVE", "LOC:DOCK-1", *codes, "SKU:PEN")
    rows = LabelRows(folder / "ledger.db", "zebra-1")
    job = rows.next()
    rows.close()
    house.close()
    assert job is not None
    meanings = meanings_of(by_zplkit(draw_zpl(job, LAYOUTS[job.content.kind])))
    (code,) = [meaning for meaning in meanings if meaning != SiteCode(SiteKind.LABEL, job.label)]
    assert isinstance(code, Gs1Code), code
    return job.label, code


@pytest.mark.parametrize("sign", sorted(set(PRINTABLE) - set(CSET_82)))
def test_a_lot_that_gs1_cannot_write_is_left_out_of_the_symbol(tmp_path: Path, sign: str) -> None:
    label, code = read_back(tmp_path, f"LOT:B{sign}7", "EXP:2027-03-01")

    found = code.elements
    assert (found.gtin, found.expiry, found.lot, found.label) == (PEN_GTIN, "2027-03-01", None, label)


def test_a_lot_longer_than_gs1_takes_is_left_out_of_the_symbol(tmp_path: Path) -> None:
    label, code = read_back(tmp_path, "LOT:" + "B" * 64)

    found = code.elements
    assert (found.gtin, found.expiry, found.lot, found.label) == (PEN_GTIN, None, None, label)


@pytest.mark.parametrize("expiry", ["2078-01-01", "2099-12-31"])
def test_an_expiry_that_gs1_would_read_as_another_is_left_out_of_the_symbol(
    tmp_path: Path, expiry: str
) -> None:
    _, code = read_back(tmp_path, f"EXP:{expiry}")

    assert code.elements.expiry is None
