"""Every symbol of every label, drawn by renderers that are not ours and read by ours: it means what we printed.

zplkit and Zebrash draw the ZPL, emupos takes the ESC/POS as a printer would; zxing-cpp reads the pictures.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.layouts import load_layouts
from drivers.zpl_printer import draw_zpl
from edge.domain.codes import Code
from edge.domain.labels import BACKORDER, FIELDS
from edge.facts import DeviceLost, DeviceReady, LabelFailed, LabelPrinted, LabelSending
from tests.labels import Queue
from tests.nasty_labels import (
    CSET_82,
    LONGEST_LOT,
    LONGEST_NAME,
    PRINTABLE,
    WIDE,
    Case,
    case_of,
    cases,
    goods_of,
)
from tests.renderers.emupos import WHY_NOT, Emupos
from tests.renderers.reading import meanings_of, scans_of
from tests.renderers.zpl import WHY_NOT_ZEBRASH, by_zebrash, by_zplkit
from tests.spooling import spooling

LAYOUTS = load_layouts(FIELDS)
CASES = list(cases())
TROUBLES = (
    ("paper-out", "Printer zebra-1 is out of paper: put in a roll"),
    ("cover-open", "Printer zebra-1 has its cover open: close it"),
)


def drawn(case: Case) -> bytes:
    return draw_zpl(case.job, LAYOUTS[case.kind])


def without_texts(zpl: bytes) -> bytes:
    return re.sub(rb"\^FO[0-9,]+\^A0N[^\n]*\^FS\n", b"", zpl)


def in_order(codes: Iterable[Code]) -> list[str]:
    return sorted(map(repr, codes))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_zplkit_draws_every_symbol_as_what_we_printed(case: Case) -> None:
    assert in_order(meanings_of(by_zplkit(drawn(case)))) == in_order(case.meanings)


@pytest.mark.skipif(WHY_NOT_ZEBRASH is not None, reason=str(WHY_NOT_ZEBRASH))
def test_zebrash_draws_every_symbol_as_what_we_printed() -> None:
    # Its letters take it four fifths of the time: of each kind whole, of the others the symbols.
    whole = 2 * len(FIELDS)
    labels = [drawn(case) if n < whole else without_texts(drawn(case)) for n, case in enumerate(CASES)]

    pictures = by_zebrash(labels)

    for case, picture in zip(CASES, pictures, strict=True):
        assert in_order(meanings_of(picture)) == in_order(case.meanings), case


@pytest.mark.skipif(WHY_NOT is not None, reason=str(WHY_NOT))
def test_emupos_prints_every_symbol_as_what_we_printed(tmp_path: Path) -> None:
    queue = Queue()
    for case in CASES:
        queue.put(case.job)
    with Emupos(tmp_path) as printer:
        with spooling(queue, printer.url, language="escpos"):
            queue.wait_for(LabelPrinted, len(CASES), timeout_s=60)
        receipts = printer.receipts(len(CASES))

    assert queue.told(LabelFailed) == []
    assert len(receipts) == len(CASES)
    for case, receipt in zip(CASES, receipts, strict=True):
        assert in_order(meanings_of(receipt)) == in_order(case.meanings), case
    assert "drawer.opened" not in printer.log


@given(name=st.text(alphabet=PRINTABLE, min_size=1, max_size=LONGEST_NAME))
@settings(max_examples=50, deadline=None)
def test_an_order_of_any_name_is_read_back(name: str) -> None:
    case = case_of(BACKORDER, order=name)

    assert in_order(meanings_of(by_zplkit(drawn(case)))) == in_order(case.meanings)


# As a designer saves it, with fields between ^FD and ^FS.
DESIGNED = """\
^XA
^FO24,300^BY2^BCN,100,N,N,N^FD>:ORD:{order}^FS
^FO24,20^BXN,5,200,0,0,1,|^FDLBL:{label}^FS
^FO24,160^BQN,2,4^FDMA,ORD:{order}^FS
^FO700,20^A0N,40,40^FD{copy}^FS
^XZ
"""


@given(name=st.text(alphabet=PRINTABLE, min_size=1, max_size=20))
@settings(max_examples=50, deadline=None)
def test_codes_in_a_label_made_in_a_designer_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    folder = tmp_path_factory.mktemp("site")
    (folder / "backorder.zpl").write_text(DESIGNED, encoding="ascii")
    case = case_of(BACKORDER, order=name)

    picture = by_zplkit(draw_zpl(case.job, load_layouts(FIELDS, folder)[BACKORDER]))

    label, order = case.meanings
    assert in_order(meanings_of(picture)) == in_order([label, order, order])


@given(lot=st.text(alphabet=CSET_82, max_size=LONGEST_LOT))
@settings(max_examples=50, deadline=None)
def test_goods_of_any_lot_are_read_back_from_a_gs1_datamatrix(lot: str) -> None:
    case = goods_of(lot)

    assert in_order(meanings_of(by_zplkit(drawn(case)))) == in_order(case.meanings)


# Of a longer one the bars would be wider than any paper.
@given(lot=st.text(alphabet=CSET_82, max_size=10))
@settings(max_examples=50, deadline=None)
def test_goods_of_any_lot_are_read_back_from_gs1_128(lot: str) -> None:
    case = goods_of(lot)

    picture = by_zplkit(draw_zpl(case.job, WIDE))

    assert [scan[:3] for scan in scans_of(picture)] == ["]C1"]
    assert in_order(meanings_of(picture)) == in_order(case.meanings[1:])


@pytest.mark.skipif(WHY_NOT is not None, reason=str(WHY_NOT))
def test_emupos_names_its_troubles_and_goes_on_when_they_are_mended(tmp_path: Path) -> None:
    queue = Queue()
    with Emupos(tmp_path) as printer, spooling(queue, printer.url, language="escpos"):
        queue.wait_for(DeviceReady)
        for number, (fault, told) in enumerate(TROUBLES, 1):
            printer.fault(fault, is_there=True)
            queue.add()
            queue.wait_for(DeviceLost, number)
            assert len(queue.told(LabelSending)) == number - 1
            assert told in str(queue.told(DeviceLost)[-1])

            printer.fault(fault, is_there=False)
            queue.wait_for(LabelPrinted, number)

        receipts = printer.receipts(len(TROUBLES))
    assert [scans_of(receipt) for receipt in receipts] == [
        [f"]C0LBL:L-00000{number}", "]C0ORD:SO-1001"] for number in (1, 2)
    ]
