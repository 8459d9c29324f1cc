"""The codes of a picture as a scanner would send them, and what our own reading makes of them."""

import zxingcpp
from PIL import Image

from config.settings import Codes
from edge.domain.codes import Code, CodeReader, NoCatalogue

TODAY = "2026-11-25"


def scans_of(picture: Image.Image) -> list[str]:
    """Every code on a picture, with its AIM identifier, as Latin-1."""
    found = zxingcpp.read_barcodes(picture.convert("L"))
    return sorted(code.symbology_identifier + code.bytes.decode("latin-1") for code in found)


def meanings_of(picture: Image.Image) -> list[Code]:
    """What the codes on a picture mean at a site with our patterns, in the order of `scans_of`."""
    reader = CodeReader(Codes())
    return [reader.read(scan, NoCatalogue(), today=TODAY) for scan in scans_of(picture)]
