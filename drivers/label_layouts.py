"""The layouts of a node's labels, each seen to be one that can be drawn: told at start, not at the first label."""

from collections.abc import Iterator, Mapping

from config.elements import Barcode, Image
from config.layouts import Layout, LayoutError, Paper, filled, load_layouts, named_in
from config.settings import Labels
from drivers.drawing import dots
from drivers.label_picture import DOTS_PER_MM
from drivers.letters import letters_with
from drivers.print_settings import RECEIPT_MM
from drivers.raster import image_raster
from drivers.symbols import GS, DrawingError, choose, columns_drawn
from edge.domain.labels import FIELDS

LONGEST: Mapping[str, str] = {
    # Four digits of the epoch and a job's number.
    "label": "ffff-999999999",
    # Item, expiry, a lot of 20 characters, label: the longest that `edge.engine.printing.symbol` makes.
    "symbol": "01095060001343521727123110" + "L" * 20 + GS + "91ffff-999999999",
}
"""Codes of our own, as long as they can be."""


def layouts_of(labels: Labels, paper: Paper) -> Mapping[str, Layout]:
    """Load the layout of each kind of label for a paper, and try what can be tried. Raises LayoutError.

    A symbol of our own codes must fit at its longest; of another, which is the site's, a single character.
    """
    layouts = load_layouts(FIELDS, labels.layouts, paper=paper, fonts=labels.fonts)
    if labels.fonts:
        try:
            letters_with(labels.fonts)
        except DrawingError as error:
            raise LayoutError(f"fonts: {error}") from error
    for layout in layouts.values():
        if paper == "receipt" and layout.width > RECEIPT_MM:
            raise LayoutError(
                f"{layout.file}: width: receipt paper takes {RECEIPT_MM:g} mm, got {layout.width:g} mm."
            )
    check_drawn(layouts, dots_per_mm=DOTS_PER_MM)
    return layouts


def check_drawn(layouts: Mapping[str, Layout], *, dots_per_mm: float) -> None:
    """Raise LayoutError where something has no room at so many dots to the mm."""
    for layout in layouts.values():
        for name, key, problem in _problems(layout, dots_per_mm):
            raise LayoutError(f"{layout.file}: {name}: {key}: {problem}") from problem


def _problems(layout: Layout, dots_per_mm: float) -> Iterator[tuple[str, str, DrawingError]]:
    for name, element in layout.elements:
        match element:
            case Barcode():
                values = {field: LONGEST.get(field, "0") for field in named_in(element.value)}
                width, height = dots(element.width, dots_per_mm), dots(element.height, dots_per_mm)
                try:
                    choose(
                        element.symbol,
                        filled(element.value, values),
                        width=width,
                        height=height,
                        module_mm=element.module,
                        columns=columns_drawn,
                        dots_per_mm=dots_per_mm,
                    )
                except DrawingError as error:
                    yield name, "width", error
            case Image():
                across, down = (dots(side, dots_per_mm) for side in element.extent)
                try:
                    image_raster(element.file, across, down, element.threshold)
                except DrawingError as error:
                    yield name, "file", error
