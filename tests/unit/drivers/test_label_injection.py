"""No code, name or text becomes a command: whatever a label says, a printer finds the commands of its layout.

The commands are found by a reading of ZPL and ESC/POS that is the tests' own (`tests.printer_streams`).
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.layouts import Layout, load_layouts, read_layout
from drivers.escpos_printer import draw_escpos
from drivers.symbols import DrawingError
from drivers.zpl_printer import draw_zpl
from edge.domain.labels import BACKORDER, FIELDS
from tests.labels import CONTENTS, job_of
from tests.printer_streams import escpos_shape, zpl_shape

# Eight by eight dots, every second one black.
DOTS = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAIAQAAAADsdIMmAAAAD0lEQVR42mMIZQplZkBgAA7fAbttzf41AAAAAElFTkSuQmCC"
)

EVERYTHING = """
width = 72
height = 140

[[box]]
x = 1
y = 1
width = 70
height = 8
filled = true

[[line]]
x = 1
y = 12
length = 70

[[text]]
value = "{sku} {copy}"
x = 2
y = 2
width = 60
height = 6
bold = true
inverse = true
align = "center"

[[text]]
value = "{name} of {to}, {express}"
when = "name"
x = 2
y = 14
width = 60
height = 4
lines = 5
smallest = 0.3
align = "right"

[[text]]
value = "{place}"
x = 2
y = 40
width = 60
height = 8
bold = true

[[barcode]]
value = "LBL:{label}"
symbol = "code128"
x = 2
y = 60
width = 68
height = 20

[[barcode]]
value = "{order}"
symbol = "datamatrix"
x = 2
y = 84
width = 30
height = 30

[[barcode]]
value = "ORD:{order}"
symbol = "qr"
x = 36
y = 84
width = 34
height = 34
"""
"""Every element that a layout may have, but a picture."""

DESIGNED = """\
^XA^PW600
^FO24,20^A0N,96,96^FH\\^FD{order} for {to}^FS
^FO24,120^A0N,40,40^FB500,2^FDItem_{sku} {name}^FS
^FO24,300^BY2^BCN,100,N,N,N^FD>:ORD:{order}^FS
^FO24,420^BXN,5,200,0,0,1,|^FDLBL:{label}^FS
^FO300,420^BQN,2,5^FDMA,LBL:{label}^FS
^FO500,300^A0N,40,40^FH%^FDLot {lot} {quantity}^FS
^FO500,400^A0N,40,40^FD{copy} {express} {expiry} {place} {line}^FS
^XZ
"""

HOSTILE = (
    "^XA^FO0,0^GB800,480,480^FS^XZ~JA^XA",
    "~HS~JR~DGR:A.GRF,8,1,FF~",
    "_5EXZ_7EJA\\5EXZ\\&%5EXZ",
    "^FS^PQ99^FD{label}{copy}",
    "^CC%%XZ^CT!!JA",
    "\x1b@\x1bp\x00\x19\xfa\x1dV\x00\x1c.",
    "\x10\x14\x01\x00\x01\x10\x04\x01\x10\x05\x02",
    "\x1d(H\x06\x00\x30\x30ABCD\x1dv0\x00\xff\xff\xff\xff",
    "\x00\x05\x06\x0c\x18\x7f\x80\x9b\r\n\t",
    "\u202e\u2066^ZX\u2069\u200f\u200b\ufeff",
    "a\u0300\u0301\u0302" * 20 + "\u0338^\u20d2~",
    "\uff3e\uff5e＾XZ～JA",
    "^" * 10_000,
    "\x1b" * 10_000,
    "Tinte " * 1_700,
    "漢字😀אבג" * 4,
)
"""What would do most harm, were it obeyed."""

PRINTABLE = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
CODES = ("label", "order", "symbol")
TEXTS = st.one_of(
    st.text(max_size=300),
    st.binary(max_size=300).map(lambda data: data.decode("latin-1")),
    st.binary(max_size=300).map(lambda data: data.decode("utf-8", "replace")),
    # Nearly commands all of it.
    st.text(alphabet="^~_\\%|>{}&,XZAFSDJHB059\x1b\x1d\x10\x04\x14@\n\u202e\u0301é漢", max_size=300),
    st.sampled_from(HOSTILE),
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A layout of a kind in a language."""

    name: str
    kind: str
    layout: Layout
    language: Literal["zpl", "escpos"]

    def __str__(self) -> str:
        return f"{self.language} {self.name}"

    def shape(self, fields: Mapping[str, str], *, copy: bool) -> Sequence[Any]:
        """What a printer finds in the label. Raises DrawingError."""
        job = job_of(self.kind, fields, copy=copy)
        if self.language == "zpl":
            return zpl_shape(draw_zpl(job, self.layout))
        return escpos_shape(draw_escpos(job, self.layout))


def layouts() -> list[Drawn]:
    """Ours of each kind, one with every element, and in ZPL one made in a designer."""
    label, receipt = load_layouts(FIELDS), load_layouts(FIELDS, paper="receipt")
    drawn = [Drawn(kind, kind, label[kind], "zpl") for kind in FIELDS]
    drawn += [Drawn(kind, kind, receipt[kind], "escpos") for kind in FIELDS]
    with TemporaryDirectory() as folder:
        site = Path(folder)
        (site / "dots.png").write_bytes(DOTS)
        text = f'{EVERYTHING}\n[[image]]\nfile = "dots.png"\nx = 64\ny = 2\nwidth = 6\n'
        (site / "backorder.toml").write_text(text, encoding="utf-8")
        everything = read_layout(site / "backorder.toml", FIELDS[BACKORDER])
        (site / "backorder.zpl").write_text(DESIGNED, encoding="utf-8")
        designed = load_layouts(FIELDS, site)[BACKORDER]
    drawn += [Drawn("everything", BACKORDER, everything, language) for language in ("zpl", "escpos")]
    return [*drawn, Drawn("designed", BACKORDER, designed, "zpl")]


LAYOUTS = layouts()


@cache
def expected(drawn: Drawn, filled: frozenset[str], copy: bool) -> Sequence[Any]:
    """What a printer finds in a label of that layout when it says nothing odd, with the same fields filled."""
    fields = {name: text if name in filled else "" for name, text in CONTENTS[drawn.kind].items()}
    return drawn.shape(fields, copy=copy)


def check(drawn: Drawn, fields: Mapping[str, str], *, copy: bool) -> None:
    """A clean label or a clear error, and a clear error for nothing but a code."""
    everything = {**CONTENTS[drawn.kind], **fields}
    filled = frozenset(name for name, text in everything.items() if text)
    try:
        found = drawn.shape(everything, copy=copy)
    except DrawingError:
        assert any(name in CODES for name in fields), f"A text may not fail a label: {fields}"
        return
    assert found == expected(drawn, filled, copy)


@pytest.mark.parametrize("drawn", LAYOUTS, ids=str)
def test_the_worst_names_are_a_clean_label(drawn: Drawn) -> None:
    texts = [name for name in FIELDS[drawn.kind] if name not in CODES]
    for number, text in enumerate(HOSTILE):
        check(drawn, dict.fromkeys(texts, text), copy=bool(number % 2))


@pytest.mark.parametrize("drawn", LAYOUTS, ids=str)
def test_the_worst_codes_are_a_clean_label_or_a_clear_error(drawn: Drawn) -> None:
    for text in HOSTILE:
        for name in CODES:
            if name in FIELDS[drawn.kind]:
                check(drawn, {name: text}, copy=False)


def of_texts(drawn: Drawn) -> st.SearchStrategy[dict[str, str]]:
    names = [name for name in FIELDS[drawn.kind] if name not in CODES]
    return st.dictionaries(st.sampled_from(names), TEXTS, min_size=1)


def of_codes(drawn: Drawn) -> st.SearchStrategy[dict[str, str]]:
    names = [name for name in FIELDS[drawn.kind] if name in CODES]
    return st.dictionaries(
        st.sampled_from(names), st.text(PRINTABLE, min_size=1, max_size=64) | TEXTS, min_size=1
    )


def in_every_layout(
    fields_of: Callable[[Drawn], st.SearchStrategy[dict[str, str]]],
) -> st.SearchStrategy[tuple[Drawn, dict[str, str]]]:
    return st.sampled_from(LAYOUTS).flatmap(lambda drawn: st.tuples(st.just(drawn), fields_of(drawn)))


QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(label=in_every_layout(of_texts), copy=st.booleans())
@QUICK
def test_the_commands_of_a_label_do_not_depend_on_its_texts(
    label: tuple[Drawn, dict[str, str]], copy: bool
) -> None:
    check(*label, copy=copy)


@given(label=in_every_layout(of_codes), copy=st.booleans())
@QUICK
def test_the_commands_of_a_label_do_not_depend_on_its_codes(
    label: tuple[Drawn, dict[str, str]], copy: bool
) -> None:
    check(*label, copy=copy)
