"""What a receipt printer can, by the profile of its model that python-escpos keeps, or of one that is not named.

python-escpos is heavy and untidy: it is loaded here alone, once a printer of this language is served, or a profile of
the configuration has to be looked up.
"""

import logging
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from config.words import nearest, shown
from drivers.print_settings import DOTS_PER_MM, RECEIPT_MM, PrintSettings
from edge.errors import UsageError

DPI = 203
"""Of a receipt printer of which nothing else is known; Epson's TM-T88 series has 180."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What can be printed on: `dots` across, so many to the mm. `cuts`: the printer has a cutter."""

    dots: int
    dots_per_mm: float
    cuts: bool

    @property
    def width_mm(self) -> float:
        return self.dots / self.dots_per_mm


def paper_of(settings: PrintSettings) -> Paper:
    """Read a printer's paper: by what was configured, else by its profile, else 80 mm paper. Raises UsageError."""
    known = _profile(settings.profile) if settings.profile is not None else {}
    media = known.get("media", {})
    dpi = settings.dpi or (media.get("dpi") if media.get("dpi") in DOTS_PER_MM else DPI)
    dots_per_mm = DOTS_PER_MM[dpi]
    dots = round((settings.width or RECEIPT_MM) * dots_per_mm)
    pixels = media.get("width", {}).get("pixels")
    if settings.width is None and isinstance(pixels, int):
        dots = pixels
    features = known.get("features", {"paperPartCut": True})
    has_cutter = bool(features.get("paperPartCut") or features.get("paperFullCut"))
    if settings.after == "cut" and not has_cutter:
        raise UsageError(f'after: a {settings.profile} has no cutter; expected "tear", or leave it out.')
    return Paper(dots, dots_per_mm, cuts=has_cutter and settings.after != "tear")


def commands_for(paper: Paper) -> Any:
    """Return a printer of python-escpos that gathers its commands; without a cutter `cut` feeds the paper alone."""
    capabilities = load()
    from escpos.printer import Dummy  # noqa: PLC0415 - heavy, see above; loaded by `load`

    profile = capabilities.Profile(features={"paperFullCut": paper.cuts, "paperPartCut": paper.cuts})
    return Dummy(profile=profile)


@lru_cache(maxsize=1)
def load() -> Any:
    """Load python-escpos, leaving no trace of it but memory; return what it knows of models."""
    root = logging.getLogger()
    handlers = list(root.handlers)
    import escpos.printer  # noqa: PLC0415 - heavy, see above

    capabilities = escpos.capabilities

    # Its import configures logging and makes a folder for a cache that is never read again.
    for handler in [one for one in root.handlers if one not in handlers]:
        root.removeHandler(handler)
    if "ESCPOS_CAPABILITIES_PICKLE_DIR" not in os.environ:
        shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)
    return capabilities


def _profile(name: str) -> Mapping[str, Any]:
    profiles: Mapping[str, Mapping[str, Any]] = load().CAPABILITIES["profiles"]
    if name not in profiles:
        near = nearest(name, profiles)
        remedy = f'did you mean "{near}"?' if near else f"expected one of {', '.join(sorted(profiles))}."
        raise UsageError(f"profile: python-escpos knows no printer {shown(name)}; {remedy}")
    if not profiles[name]["features"].get("bitImageRaster"):
        raise UsageError(
            f"profile: a {name} prints no pictures (GS v 0), and labels for receipt paper are pictures; take another."
        )
    return profiles[name]
