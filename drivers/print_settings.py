"""How one printer prints: its dots, its paper, and what goes around each label beside what the label says.

Nothing here is saved in the printer (never ^JU): each label brings all that its printer is to know, so that a printer
which was exchanged, or set otherwise by another program, prints as configured from the first label on.
(Zebra, ZPL II Programming Guide: ^LL, ^MD, ^MM, ^MN, ^PR, ^PW, ~SD. Epson, ESC/POS Command Reference: GS L, GS W,
GS ( K functions 49 and 50; the cut, GS V, is python-escpos'.)
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from config.layouts import Layout
from config.settings import Printer
from edge.errors import UsageError

DOTS_PER_MM: Mapping[int, float] = {
    180: 180 / 25.4,
    203: 8.0,
    # Sold as 300 dpi are heads of 11.8 and of 12 dots to the mm (^LH and ^LL count with both). A label for the first
    # comes out a sixtieth smaller on the second; one for the second would run over the edge of the first.
    300: 300 / 25.4,
    600: 600 / 25.4,
}
"""By the dpi of the head. 203 is 203.2, the others are what they are called."""

RECEIPT_MM = 72.0
"""What 80 mm receipt paper takes, where nothing else is known of the printer."""

SLACK_MM = 0.06
"""Less than half a dot of 203 dpi: paper is whole dots wide, and its mm are rounded."""

MM_PER_INCH = 25.4

SPEED_MIN, SPEED_MAX = 1, 14
"""Inches per second that ^PR takes; a printer goes no faster than it can."""

MAX_BAR_DOTS = 10
"""The widest module of bars (^BY) and of a QR code (^BQ)."""

_TRACKING = {"gap": b"^MNW", "mark": b"^MNM", "continuous": b"^MNN"}
_AFTER = {"tear": b"^MMT", "cut": b"^MMC", "peel": b"^MMP", "rewind": b"^MMR"}


@dataclass(frozen=True, slots=True)
class PrintSettings:
    """None, or nothing: as the printer itself is set up. Sizes are in mm.

    `speed` is in mm per second for ZPL and one of the printer's own steps for ESC/POS; `darkness` is the printer's own
    scale for ZPL, and so many times 5 % more or less than it is set to for ESC/POS.
    """

    dpi: int | None = None
    width: float | None = None
    height: float | None = None
    tracking: Literal["gap", "mark", "continuous"] | None = None
    darkness: int | None = None
    speed: float | None = None
    after: Literal["tear", "cut", "peel", "rewind"] | None = None
    prologue: bytes = b""
    epilogue: bytes = b""
    profile: str | None = None

    @property
    def dots_per_mm(self) -> float:
        return DOTS_PER_MM[self.dpi or 203]


AS_SET_UP = PrintSettings()
"""A printer of which nothing is said."""


def print_settings(printer: Printer) -> PrintSettings:
    """Read how a printer prints from its table in the configuration."""
    media = printer.media
    return PrintSettings(
        dpi=printer.dpi,
        width=media.width if media else None,
        height=media.height if media else None,
        tracking=printer.tracking,
        darkness=None if printer.darkness is None else int(printer.darkness),
        speed=printer.speed,
        after=printer.after,
        prologue=printer.prologue.encode("latin-1"),
        epilogue=printer.epilogue.encode("latin-1"),
        profile=printer.profile,
    )


def check_size(layouts: Mapping[str, Layout], *, width: float | None, height: float | None = None) -> None:
    """Raise UsageError for a layout that is larger than what is in the printer; a smaller one is fine."""
    for kind, layout in layouts.items():
        is_wider = width is not None and layout.width > width + SLACK_MM
        is_higher = height is not None and layout.height > height + SLACK_MM
        if is_wider or is_higher:
            paper = f"{width:g} mm wide" if height is None else f"{width:g} x {height:g} mm"
            raise UsageError(
                f"the layout {kind} is {layout.width:g} x {layout.height:g} mm, its paper {paper}.",
                hint="Put in other paper and say so in media, or a smaller layout into [labels] layouts.",
            )


def zpl_head(settings: PrintSettings, layout: Layout) -> bytes:
    """Begin a label in ZPL.

    >>> zpl_head(PrintSettings(darkness=15, speed=102, after="cut"), Layout(width=100, height=60))
    b'~SD15^XA^CI28^PW800^LL480^LH0,0^LS0^FWN^PON^PQ1^MD0^PR4^MMC\\n'
    """
    dots_per_mm = settings.dots_per_mm
    # The paper's own size where it is known: a printer whose paper lies in the middle counts from its edge by ^PW.
    width = round((settings.width or layout.width) * dots_per_mm)
    height = round((settings.height or layout.height) * dots_per_mm)
    # ^CI28: data is UTF-8. The rest undoes what an earlier format may have left set.
    head = b"^XA^CI28^PW%d^LL%d^LH0,0^LS0^FWN^PON^PQ1" % (width, height)
    return settings.prologue + _before(settings) + head + _within(settings) + b"\n"


def zpl_tail(settings: PrintSettings) -> bytes:
    return b"^XZ\n" + settings.epilogue


def escpos_head(settings: PrintSettings, *, dots: int) -> bytes:
    r"""Begin a label in ESC/POS, behind ESC @, which would undo all of it. `dots` go across its paper.

    >>> escpos_head(PrintSettings(darkness=-6, speed=4), dots=576)
    b'\x1d(K\x02\x001\xfa\x1d(K\x02\x002\x04'
    """
    commands = b""
    if settings.darkness is not None:
        commands += b"\x1d(K\x02\x00\x31%c" % (settings.darkness % 256)  # below 0 as in two's complement
    if settings.speed is not None:
        commands += b"\x1d(K\x02\x00\x32%c" % int(settings.speed)
    if settings.width is not None:
        # No margin, and all of the paper: whatever the printer's own memory has, the label begins at the edge. In
        # whole bytes, as the rows of a picture are; what lies beyond the paper is white.
        commands += b"\x1dL\x00\x00\x1dW" + struct.pack("<H", (dots + 7) // 8 * 8)
    return commands + settings.prologue


def _before(settings: PrintSettings) -> bytes:
    """~SD and not ^MD: ^MD is relative to a number that only the panel knows, and some desktop printers keep it for
    good (Zebra, knowledge article 81669955); with ~SD the panel shows what is printed with."""
    return b"" if settings.darkness is None else b"~SD%02d" % settings.darkness


def _within(settings: PrintSettings) -> bytes:
    # ^MD0: what another program left there would be added to ~SD.
    commands = b"" if settings.darkness is None else b"^MD0"
    if settings.speed is not None:
        commands += b"^PR%d" % min(max(round(settings.speed / MM_PER_INCH), SPEED_MIN), SPEED_MAX)
    if settings.tracking is not None:
        commands += _TRACKING[settings.tracking]
    if settings.after is not None:
        commands += _AFTER[settings.after]
    return commands
