"""What a printer of each language can be told about printing: an option that it does not know is an error."""

from collections.abc import Iterator, Mapping
from typing import Any

from config.words import shown

Finding = tuple[tuple[int | str, ...], str]
"""The key within a printer's table, and the sentence."""

LANGUAGES: Mapping[str, Mapping[str, tuple[object, ...]]] = {
    "zpl": {
        "dpi": (203, 300, 600),
        "after": ("tear", "cut", "peel", "rewind"),
        **dict.fromkeys(("media", "tracking", "darkness", "speed", "prologue", "epilogue"), ()),
    },
    "escpos": {
        "dpi": (180, 203),
        "after": ("cut", "tear"),
        **dict.fromkeys(("media", "darkness", "speed", "profile", "prologue", "epilogue"), ()),
    },
}
"""The keys that each language knows, with the choices where those differ."""

BOUNDS: Mapping[str, Mapping[str, tuple[int, int, str]]] = {
    # ~SD has 0 to 30, ^PR 1 to 14 inches per second (Zebra, ZPL II Programming Guide).
    "zpl": {"darkness": (0, 30, "whole number"), "speed": (25, 356, "number")},
    # GS ( K: 70 to 140 % of what is set at the printer, in steps of 5 %; how many steps of speed there are depends on
    # the model, and one that a printer has not is passed over (Epson, ESC/POS Command Reference).
    "escpos": {"darkness": (-6, 8, "whole number"), "speed": (1, 13, "whole number")},
}
"""The numbers of each language: least, most, and of which kind."""

_KEYS = frozenset(key for known in LANGUAGES.values() for key in known)


def findings(printer: Mapping[str, Any]) -> Iterator[Finding]:
    """Find what a printer's language does not know. What is of the wrong type is told by the settings."""
    language = printer.get("language")
    if not isinstance(language, str) or language not in LANGUAGES:
        return  # told by the settings already
    known = LANGUAGES[language]
    for key in printer:
        if key in _KEYS and key not in known:
            (other,) = (name for name in LANGUAGES if name != language)
            yield (key,), f'only a printer with language = "{other}" knows this; leave it out.'
        elif _is_of_another(key, printer[key], language):
            choice = " or ".join(shown(one) for one in known[key])
            yield (key,), f"expected {choice} for {language}, got {shown(printer[key])}."
    for key, (low, high, kind) in BOUNDS[language].items():
        value = printer.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        is_of_kind = kind == "number" or value % 1 == 0
        if not (is_of_kind and low <= value <= high):
            yield (key,), f"expected a {kind} from {low} to {high} for {language}, got {shown(value)}."
    media = printer.get("media")
    if language == "escpos" and isinstance(media, Mapping) and "height" in media:
        yield ("media", "height"), "receipt paper has no height; leave it out."


def _is_of_another(key: str, value: object, language: str) -> bool:
    """Tell whether it is a choice of another language; what is none at all is told by the settings."""
    others = (known.get(key, ()) for known in LANGUAGES.values())
    return value not in LANGUAGES[language].get(key, (value,)) and any(value in other for other in others)
