"""What writes a site's barcodes, at a site whose catalogue lists nothing."""

from config.settings import Codes
from edge.domain.codes import CodeReader
from edge.domain.site_writing import SiteWriter
from tests.catalogues import Shelf


def writer(**patterns: str) -> SiteWriter:
    codes = Codes(**patterns)
    reader = CodeReader(codes)
    return SiteWriter(codes, lambda text: reader.read(text, Shelf(), today="2026-11-21"))
