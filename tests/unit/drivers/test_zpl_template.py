"""Values in raw ZPL made in a designer: data, whatever they say, and codes that read as they are."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.layouts import Layout, load_layouts
from config.settings import Labels
from drivers.label_layouts import layouts_of
from drivers.symbols import DrawingError
from drivers.zpl_printer import draw_zpl
from edge.domain.labels import BACKORDER, FIELDS, PUTAWAY
from tests.labels import job_of

DESIGNED = """\
^XA^PW600
^FO24,20^A0N,96,96^FH\\^FD{order} for {to}^FS
^FO24,120^A0N,40,40^FB500,2^FDItem_{sku} {name}^FS
^FO24,300^BY2^BCN,100,N,N,N^FD>:ORD:{order}^FS
^FO24,420^BXN,5,200,0,0,1,|^FDLBL:{label}^FS
^FO300,420^BQN,2,5^FDMA,LBL:{label}^FS
^FO500,300^A0N,40,40^FDLot {lot}^FS
^FO500,400^A0N,40,40^FD{copy}^FS
^XZ
"""
COMMAND = re.compile(rb"[\^~][A-Z][A-Z0-9@]")


def designed(folder: Path, text: str = DESIGNED, kind: str = BACKORDER) -> Layout:
    (folder / f"{kind}.zpl").write_text(text, encoding="utf-8")
    return load_layouts(FIELDS, folder)[kind]


def fields_of(zpl: bytes) -> list[bytes]:
    return re.findall(rb"\^FD(.*?)\^FS", zpl)


def test_a_site_s_zpl_goes_before_the_layout(tmp_path: Path) -> None:
    drawn = draw_zpl(job_of(BACKORDER), designed(tmp_path))

    assert drawn.startswith(b"^XA^CI28^PW800^LL480^LH0,0^LS0^FWN^PON^PQ1\n^PW600^FO24,20^A0N,96,96^FH\\^FD")
    assert drawn.endswith(b"^FS\n^XZ\n")
    assert fields_of(drawn) == [
        rb"SO-1001 for Caf\C3\A9 M\C3\BCller, Lane 7",
        b"Item_5FINK-BLK-700 Tintenpatrone f_C3_BCr Gro_C3_9Fformatdrucker, schwarz, 700 ml",
        b">:ORD:SO-1001",
        b"LBL:L-000042",
        b"MA,LBL:L-000042",
        b"Lot B7-2291",
        b"",
    ]


def test_a_label_that_may_be_a_second_one_is_marked(tmp_path: Path) -> None:
    assert b"^FDCOPY^FS" in draw_zpl(job_of(BACKORDER, copy=True), designed(tmp_path))


@given(data=st.data())
def test_its_commands_do_not_depend_on_its_data(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    layout = designed(tmp_path_factory.mktemp("site"))
    texts = {name: data.draw(st.text(max_size=300)) for name in ("to", "sku", "name", "lot")}
    codes = {
        name: data.draw(
            st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters="|"))
        )
        for name in ("order", "label")
    }

    drawn = draw_zpl(job_of(BACKORDER, texts | codes), layout)

    assert COMMAND.findall(drawn) == COMMAND.findall(draw_zpl(job_of(BACKORDER), layout))
    assert re.fullmatch(rb"[\n -~]*", drawn)


def test_a_code_reads_as_it_is_in_every_symbol(tmp_path: Path) -> None:
    drawn = draw_zpl(job_of(BACKORDER, {"order": "A>;1", "label": "A_\\^1"}), designed(tmp_path))

    assert fields_of(drawn)[2:5] == [b">:ORD:A>0;1", b"LBL:A_5F_5C_5E1", b"MA,LBL:A_5F_5C_5E1"]


def test_a_gs1_symbol_has_its_separators(tmp_path: Path) -> None:
    text = "^XA^FO9,9^BXN,5,200,0,0,1,|^FD|1{symbol}^FS^FO9,200^BCN,80,N,N,N^FD>:>8{symbol}^FS^FD{copy}^FS^XZ"

    drawn = draw_zpl(job_of(PUTAWAY, {"symbol": "10B7\x1d9142"}), designed(tmp_path, text, PUTAWAY))

    assert fields_of(drawn)[:2] == [b"|110B7|19142", b">:>810B7>89142"]


@pytest.mark.parametrize(
    ("label", "sentence"),
    [
        ("L|1", "Expected a value without |, which begins an escape in this ^BX, got 'L|1'."),
        ("Lé", "Expected at most 512 printable ASCII characters for a ^BX symbol, got 2: 'Lé'."),
        ("L" * 600, "Expected at most 512 printable ASCII characters for a ^BX symbol, got 600: "),
    ],
)
def test_a_code_that_cannot_be_is_refused_with_a_sentence(tmp_path: Path, label: str, sentence: str) -> None:
    with pytest.raises(DrawingError) as refused:
        draw_zpl(job_of(BACKORDER, {"label": label}), designed(tmp_path))
    assert str(refused.value).startswith(sentence)


def test_lines_end_in_a_block_and_are_joined_elsewhere(tmp_path: Path) -> None:
    text = "^XA^FO9,9^FB400,3^FD{orders}^FS^FO9,99^FD{orders}^FS^FD{copy}^FS^XZ"

    drawn = draw_zpl(job_of("missing", {"orders": "SO-1: 2\nSO-2: 1"}), designed(tmp_path, text, "missing"))

    assert fields_of(drawn)[:2] == [b"SO-1: 2\\&SO-2: 1", b"SO-1: 2, SO-2: 1"]


def test_a_node_loads_it_with_its_other_layouts(tmp_path: Path) -> None:
    designed(tmp_path)

    assert layouts_of(Labels(layouts=tmp_path), "label")[BACKORDER].zpl is not None
