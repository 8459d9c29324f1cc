"""Which language a printer of the configuration speaks."""

from collections.abc import Mapping

from config.layouts import Layout, LayoutError
from config.settings import Printer
from drivers.escpos_printer import Escpos
from drivers.label_layouts import check_drawn
from drivers.print_settings import check_size, print_settings
from drivers.printing import Language
from drivers.zpl_printer import Zpl
from edge.errors import UsageError


def language_of(printer: Printer, layouts: Mapping[str, Layout]) -> Language:
    """Make the language of a printer, with the layouts for its paper. Raises UsageError where those do not fit."""
    settings = print_settings(printer)
    language: Zpl | Escpos
    try:
        if printer.language == "zpl":
            language = Zpl(layouts, settings)
            check_size(layouts, width=settings.width, height=settings.height)
        else:
            language = Escpos(layouts, settings)
            check_size(layouts, width=language.width_mm)
        if printer.dpi is not None or printer.profile is not None:
            # At 203 dpi it was seen when they were loaded.
            check_drawn(layouts, dots_per_mm=language.dots_per_mm)
    except UsageError as error:
        raise UsageError(f"Printer {printer.id}: {error.text}", hint=error.hint) from error
    except LayoutError as error:
        raise UsageError(f"Printer {printer.id}: {error}") from error
    return language
