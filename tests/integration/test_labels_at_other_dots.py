"""Labels for heads of 300 and 600 dpi, with all settings, drawn by a renderer that is not ours: they mean the same."""

import pytest

from config.layouts import load_layouts
from drivers.print_settings import PrintSettings
from drivers.zpl_printer import draw_zpl
from edge.domain.labels import FIELDS
from tests.labels import job_of
from tests.renderers.reading import meanings_of
from tests.renderers.zpl import by_zplkit

LAYOUTS = load_layouts(FIELDS)


@pytest.mark.parametrize("dpi", [300, 600])
@pytest.mark.parametrize("kind", FIELDS)
def test_every_symbol_means_what_it_does_at_203_dpi(kind: str, dpi: int) -> None:
    job, layout = job_of(kind, copy=True), LAYOUTS[kind]
    settings = PrintSettings(
        dpi=dpi, width=104, height=62, tracking="mark", darkness=15, speed=102, after="peel"
    )

    plain = meanings_of(by_zplkit(draw_zpl(job, layout)))
    finer = meanings_of(by_zplkit(draw_zpl(job, layout, settings)))

    assert plain
    assert sorted(map(repr, finer)) == sorted(map(repr, plain))
