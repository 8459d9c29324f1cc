"""Draws docs/sheets.png, the first page of `crossdock sheets` at a site without patterns of its own.

`make pictures` runs it. The commands are the table's (`edge.domain.stations`), so that the picture follows it.
"""

import tempfile
from datetime import date
from pathlib import Path

import pypdfium2

from config.settings import Settings
from drivers.sheet_pdf import draw_sheets
from edge.cli.sheet_contents import Asked, gather

PICTURE = Path(__file__).with_name("sheets.png")

SITE = Settings(site="par1", node="dock-a")
DAY = date(2026, 11, 21)

DPI, SHADES = 120, 8
"""Enough for a screen, and still read by a scanner."""


def main() -> None:
    contents = gather(SITE, Asked(("commands",), frozenset(), (), ()), DAY)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sheets.pdf"
        name = f"{SITE.site}/{SITE.node}"
        draw_sheets(file, contents.groups, paper="a4", symbol="code128", name=name, day=f"{DAY}")
        document = pypdfium2.PdfDocument(file)
        picture = document[0].render(scale=DPI / 72, grayscale=True).to_pil()
        document.close()
    picture.quantize(SHADES).save(PICTURE, format="PNG", optimize=True)


if __name__ == "__main__":
    main()
