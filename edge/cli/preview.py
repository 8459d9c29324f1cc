"""A label without a printer: its picture, or the bytes that a printer would get, with an example's words."""

import argparse
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.layouts import Layout, LayoutError, Paper
from config.load import load
from config.settings import Labels, Printer, Settings
from drivers.drawing import printable
from drivers.escpos_printer import draw_escpos
from drivers.label_layouts import layouts_of
from drivers.label_picture import save_label_picture
from drivers.languages import language_of
from drivers.letters import REMEDY, letters_with
from drivers.spool import PAPERS
from drivers.zpl_printer import draw_zpl
from edge.cli.tables import print_json
from edge.domain.labels import BACKORDER, FIELDS, MISSING, PUTAWAY, QUARANTINE, RESTOCK, LabelContent
from edge.errors import EdgeError, UsageError
from edge.outbox import LabelJob

_GOODS = {
    "sku": "INK-BLK-700",
    "name": "Tintenpatrone für Großformatdrucker, schwarz, säurefrei, 700 ml (Übergröße)",
    "lot": "B7-2291",
    "expiry": "2027-03-01",
}

EXAMPLES: Mapping[str, Mapping[str, str]] = {
    BACKORDER: {
        **_GOODS,
        **{
            "label": "2f9c-104217",
            "order": "SO-1001",
            "line": "1",
            "to": "Café Müller, Łódź",
            "quantity": "12",
        },
        **{"place": "DOCK-1", "express": "EXPRESS"},
    },
    PUTAWAY: {
        **_GOODS,
        **{"label": "2f9c-104218", "quantity": "144", "place": "DOCK-1", "home": "A-01-02"},
        "symbol": "010950600013435217270301" + "10B7-2291\x1d912f9c-104218",
    },
    MISSING: {
        **{name: _GOODS[name] for name in ("sku", "name")},
        **{"label": "2f9c-104219", "place": "A-01-02", "quantity": "6"},
        "orders": "SO-1001: now 2 from B-07-01\nSO-1002: 3 waits\nSO-1010: 1 waits",
    },
    QUARANTINE: {
        **_GOODS,
        **{"label": "2f9c-104220", "quantity": "24", "place": "DOCK-1", "expiry": "2026-03-01"},
        "reason": "Expired on arrival: 2026-03-01",
    },
    RESTOCK: {
        **_GOODS,
        **{"label": "2f9c-104221", "order": "SO-1001", "quantity": "3", "home": "A-01-02"},
        "reason": "SO-1001: cancelled",
    },
}
"""A label of each kind that says something: accents, a long name, a lot, an expiry."""

_LANGUAGES: Mapping[Paper, str] = {paper: language for language, paper in PAPERS.items()}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be drawn, for which language of printer, and for which printer where one was named."""

    kind: str
    language: str
    printer: Printer | None
    layout: Layout
    content: LabelContent
    copy: bool
    hold: bool


def preview(args: argparse.Namespace) -> int:
    """Draw one label into a file; by its name a picture (.png) or a printer's bytes (.zpl, .bin)."""
    # What a daemon would log of letters is told below.
    logging.getLogger("drivers").addHandler(logging.NullHandler())
    settings = _settings(args)
    asked = _asked(args, settings)
    output: Path = args.output
    form = output.suffix.lower()
    known = {".png": "", ".zpl": "zpl", ".bin": "escpos"}
    if known.get(form) not in ("", asked.language):
        raise UsageError(
            f"{output}: expected a name that ends in .png for a picture, in .zpl for the bytes of a ZPL printer or in "
            f".bin for those of an ESC/POS one; this label is for {asked.language}.",
            hint="Choose with --language, --paper or --printer.",
        )
    try:
        if form == ".png":
            save_label_picture(asked.content, asked.layout, output, copy=asked.copy, hold=asked.hold)
        else:
            output.write_bytes(_bytes(asked))
    except OSError as error:
        raise EdgeError(f"{output} cannot be written: {error.strerror or error}.") from error
    _tell(args, asked, form)
    return 0


def _bytes(asked: _Asked) -> bytes:
    job = LabelJob(1, "", asked.content, asked.copy, asked.hold)
    if asked.printer is not None:
        return language_of(asked.printer, {asked.kind: asked.layout}).draw(job)
    return draw_zpl(job, asked.layout) if asked.language == "zpl" else draw_escpos(job, asked.layout)


def _settings(args: argparse.Namespace) -> Settings | None:
    """Read the configuration; where none was named and none is installed, our own layouts are shown."""
    from edge.cli.parser import DEFAULT_CONFIG  # noqa: PLC0415 - the parser names this module's function

    if args.config == DEFAULT_CONFIG and not DEFAULT_CONFIG.exists():
        return None
    return load(args.config)


def _asked(args: argparse.Namespace, settings: Settings | None) -> _Asked:
    kind = args.kind
    if kind not in FIELDS:
        raise UsageError(f"There is no label {kind!r}.", hint=f"There are: {', '.join(FIELDS)}.")
    printer = _printer(args, settings)
    language = _language(args) if printer is None else printer.language
    try:
        layout = layouts_of(settings.labels if settings else Labels(), PAPERS[language])[kind]
    except LayoutError as error:
        raise UsageError(str(error)) from error
    fields = dict(EXAMPLES[kind])
    for text in args.field:
        name, equals, value = text.partition("=")
        if not equals or name not in fields:
            raise UsageError(
                f"--field {text!r}: expected NAME=VALUE with a field of {kind}.",
                hint=f"There are: {', '.join(fields)}; for the marks there are --copy and --hold.",
            )
        fields[name] = value.replace("\\n", "\n")
    return _Asked(kind, language, printer, layout, LabelContent(kind, fields), args.copy, args.hold)


def _printer(args: argparse.Namespace, settings: Settings | None) -> Printer | None:
    if args.printer is None:
        return None
    printers = {one.id: one for one in settings.printers} if settings else {}
    if args.printer not in printers:
        known = ", ".join(printers) or "none"
        raise UsageError(f"There is no printer {args.printer!r}.", hint=f"There are: {known}.")
    return printers[args.printer]


def _language(args: argparse.Namespace) -> str:
    if args.language is not None:
        if args.paper is not None and PAPERS[args.language] != args.paper:
            raise UsageError(
                f"A printer of {args.language} has {PAPERS[args.language]} paper, not {args.paper}.",
                hint="Give one of --language and --paper.",
            )
        return str(args.language)
    return _LANGUAGES[args.paper or "label"]


def _tell(args: argparse.Namespace, asked: _Asked, form: str) -> None:
    layout, notes = asked.layout, []
    if layout.zpl is not None and form == ".png":
        notes.append(
            f"A ZPL printer prints {layout.zpl.file}; no picture can be drawn of that, this is {layout.file}."
        )
    text = "".join(printable(value) for value in asked.content.fields.values())
    if missing := letters_with(layout.fonts).lacking(text):
        told = ", ".join(f"U+{ord(letter):04X}" for letter in missing[:5])
        notes.append(
            f"No font has {told}{' and more' if len(missing) > 5 else ''}: boxes stand there. {REMEDY}"
        )
    source = layout.zpl.file if layout.zpl is not None and form == ".zpl" else layout.file
    if args.json:
        told_json = {"file": str(args.output), "kind": asked.kind, "language": asked.language}
        print_json(
            {**told_json, "layout": str(source), "copy": asked.copy, "hold": asked.hold, "notes": notes}
        )
        return
    print(f"{args.output}: {asked.kind}, {layout.width:g} x {layout.height:g} mm, from {source}")
    for note in notes:
        print(f"note: {note}")
