"""What may be said on the command line: sub-commands, their arguments, their help."""

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import NoReturn, Protocol

from edge import __version__
from edge.cli import codes, commands, exceptions, keeping, labels, readers, schema
from edge.cli.central_parser import add_central
from edge.cli.export_range import read_range
from edge.cli.reasons import add_reason

DEFAULT_CONFIG = Path("/etc/crossdock/crossdock.toml")

Command = Callable[[argparse.Namespace], int]

_EPILOG = """\
Exit codes: 0 good, 1 the work failed, 2 the call or the configuration is wrong.
What a command prints for people may change; what it prints with --json only gains fields.
"""


class _Parser(argparse.ArgumentParser):
    """Tells a wrong call in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}. See {self.prog} --help.\n")


def build() -> argparse.ArgumentParser:
    """Make the parser; the namespace it fills has `command`, a function that takes it and returns an exit code."""
    parser = _Parser(
        prog="crossdock",
        description="Scans in, ledger on disk, backorders served, labels out, central told.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"crossdock {__version__}")
    _add_config(parser, default=DEFAULT_CONFIG)
    commands_of = parser.add_subparsers(
        title="commands", metavar="COMMAND", required=True, parser_class=_Parser
    )

    def add(name: str, command: Command, told: str, *, prints: bool = True) -> argparse.ArgumentParser:
        own = commands_of.add_parser(
            name, help=told, description=f"{told[0].upper()}{told[1:]}.", allow_abbrev=False
        )
        # Suppressed, so that one given before the command stands unless another follows it.
        _add_config(own, default=argparse.SUPPRESS)
        if prints:
            own.add_argument("--json", action="store_true", help="print JSON, for a script to read")
        own.set_defaults(command=command)
        return own

    _add_working(add)
    _add_reading(add)
    _add_keeping(add)
    add_central(add, _action, _positive)
    return parser


class _Add(Protocol):
    """Adds a command by its name; returns its own parser, for its arguments."""

    def __call__(
        self, name: str, command: Command, told: str, *, prints: bool = True
    ) -> argparse.ArgumentParser: ...


def _add_working(add: _Add) -> None:
    """The daemon, and what is done with it."""
    add(
        "run",
        commands.run,
        "run the daemon in the foreground; ends cleanly on SIGTERM or SIGINT",
        prints=False,
    )
    demo = add(
        "demo", commands.demo, "show the whole flow on this machine with nothing attached", prints=False
    )
    demo.add_argument(
        "--keep",
        metavar="FOLDER",
        type=Path,
        help="play in this folder and leave it (default: a temporary one)",
    )
    demo.add_argument("--fast", action="store_true", help="no pauses for reading")
    add("check", commands.check, "check a configuration: a line for each error")

    scan = add("scan", commands.scan, "hand scans to the running daemon, as a scanner at a station would")
    scan.add_argument("station", metavar="STATION", help="id of a station in the configuration: dock-1")
    scan.add_argument(
        "codes", metavar="CODE", nargs="+", help="what the scanner would send; one call is one dialogue"
    )

    screen = add(
        "screen", commands.screen, "serve the web screen of the stations, beside the daemon", prints=False
    )
    screen.add_argument(
        "--host",
        metavar="ADDRESS",
        default="127.0.0.1",
        help="where to listen (default 127.0.0.1: this machine alone); 0.0.0.0 for all who reach it, without a login",
    )
    screen.add_argument("--port", metavar="N", type=_port, default=8480, help="default 8480")


def _add_reading(add: _Add) -> None:
    """What the ledger says."""
    add("status", readers.status, "tell how the node is: daemon, central, scanners, printers, labels")
    stock = add("stock", readers.stock, "list the level of every item, or where one item lies")
    stock.add_argument("sku", metavar="SKU", nargs="?", help="one item, with its positions and codes")
    orders = add("orders", readers.orders, "list orders in the order of service, or one in detail")
    orders.add_argument("order", metavar="ORDER", nargs="?", help="one order, with its lines and allocations")
    orders.add_argument(
        "--why", action="store_true", help="why it has what it has, who is before it, what it waits for"
    )
    _add_limit(orders, 1000, "orders")
    _add_exceptions(
        add(
            "exceptions", exceptions.exceptions, "list what asks for a person, the oldest first, or clear one"
        )
    )
    _add_limit(
        add("journal", readers.journal, "list what came in and what it moved, latest first"), 50, "facts"
    )
    _add_limit(
        add("inbox", readers.inbox, "list what came from central and was refused, latest first"),
        50,
        "messages",
    )
    _add_labels(add("labels", labels.labels, "list label jobs, latest first, or see one without a printer"))
    meant = add("codes", codes.codes, "tell what a code means here and why; exit 1 if it would be refused")
    meant.add_argument(
        "codes", metavar="CODE", nargs="+", help="what a scanner would send; <GS> stands for the separator"
    )
    meant.add_argument("--raw", action="store_true", help="take <GS> as these four characters")
    _add_sheets(
        add(
            "sheets", commands.sheets, "make a printable PDF of command, quantity, location and item barcodes"
        )
    )
    schema.add_arguments(
        add("schema", schema.schema, "write the contract as files: AsyncAPI, JSON Schemas, examples")
    )


def _add_keeping(add: _Add) -> None:
    """The ledger as a file, and what is in it for others."""
    _add_export(
        add(
            "export",
            commands.export,
            "write events as EPCIS 2.0 or CSV; may run beside the daemon",
            prints=False,
        )
    )
    verify = add(
        "verify", commands.verify_ledger, "audit the ledger; may run beside the daemon; exit 1 on any breach"
    )
    verify.add_argument(
        "--archive",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="audit this archive, too, and that they join; may be given again",
    )
    backup = add("backup", keeping.back_up, "copy the ledger to a file; may run beside the daemon")
    backup.add_argument("file", metavar="FILE", type=Path, help="the copy, which must not be there yet")
    restore = add("restore", keeping.restore, "put a copy back where no ledger is, as a new epoch")
    restore.add_argument("file", metavar="FILE", type=Path, help="a file that backup made")
    archive = add("archive", keeping.archive, "move closed history to a file, while the daemon is stopped")
    archive.add_argument("file", metavar="FILE", type=Path, help="the archive, which must not be there yet")
    archive.add_argument(
        "--before", metavar="DATE", type=_day, required=True, help="what is of an earlier day: 2026-01-01"
    )


def _add_export(parser: argparse.ArgumentParser) -> None:
    ways = parser.add_mutually_exclusive_group(required=True)
    which = (
        "events FROM..TO, each left out for as far as there are any: 1..500, or by day 2026-11-01..2026-11-30"
    )
    ways.add_argument(
        "--epcis", metavar="FROM..TO", type=read_range, help=f"an EPCIS 2.0 document of {which}"
    )
    ways.add_argument(
        "--csv", metavar="FROM..TO", type=read_range, help="a row for each move of these events"
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="write to this file (default: standard output)"
    )
    parser.add_argument("--force", action="store_true", help="overwrite the file")


def _add_exceptions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="also those that were cleared, when and why")
    _add_limit(parser, 1000, "exceptions")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", parser_class=_Parser)
    told = "have the running daemon clear one: a person has seen to it"
    clear = _action(actions, "clear", exceptions.clear, told)
    clear.add_argument("exception", metavar="ID", help="which one, as the list has it")
    add_reason(clear, "why it is over: the printer is mended")


def _add_labels(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--waiting", action="store_true", help="only those that wait for a printer or are held"
    )
    _add_limit(parser, 50, "jobs")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", parser_class=_Parser)
    reprint = _action(
        actions, "reprint", labels.reprint, "print one once more, marked COPY, or one that is held after all"
    )
    reprint.add_argument("label", metavar="LABEL", help="its number, as the list has it")
    redirect = _action(actions, "redirect", labels.redirect, "leave what waits for one printer to another")
    redirect.add_argument("printer", metavar="FROM", help="the printer that does not come back")
    redirect.add_argument("to", metavar="TO", help="the printer that prints them, in the order booked")
    redirect.add_argument("--label", metavar="LABEL", help="this one alone; default all of them")
    give_up = _action(actions, "give-up", labels.give_up, "have one that waits or is held never come out")
    give_up.add_argument("label", metavar="LABEL", help="its number, as the list has it")
    add_reason(give_up, "why: it was written by hand")
    told = "draw one of a kind into a file, without a printer and with an example's words"
    _add_preview(_action(actions, "preview", commands.label_preview, told))


def _action(
    actions: "argparse._SubParsersAction[_Parser]", name: str, command: Command, told: str
) -> argparse.ArgumentParser:
    """Add what can be done about what is listed."""
    parser = actions.add_parser(
        name, help=told, description=f"{told[0].upper()}{told[1:]}.", allow_abbrev=False
    )
    _add_config(parser, default=argparse.SUPPRESS)
    # Suppressed, so that one given before the action stands.
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")
    parser.set_defaults(command=command)
    return parser


def _add_preview(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", metavar="KIND", help="backorder, putaway, missing, quarantine or restock")
    parser.add_argument(
        *("-o", "--output"),
        metavar="FILE",
        type=Path,
        default=Path("label.png"),
        help="label.png (default) for a picture, .zpl or .bin for the bytes a printer would get",
    )
    parser.add_argument("--printer", metavar="ID", help="as this printer of the configuration prints it")
    parser.add_argument("--paper", choices=("label", "receipt"), help="default label")
    parser.add_argument("--language", choices=("zpl", "escpos"), help="zpl has labels, escpos receipt paper")
    parser.add_argument("--copy", action="store_true", help="with the mark of one that may be a second one")
    parser.add_argument("--hold", action="store_true", help="with the mark of one whose order is on hold")
    parser.add_argument(
        "--field",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help=r"say something else: order=SO-7; may be given again; \n begins a line",
    )


def _add_sheets(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        metavar="WHAT",
        nargs="*",
        help="commands, quantities, digits, locations, items (default: all that there is)",
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", type=Path, default=Path("sheets.pdf"), help="default sheets.pdf"
    )
    parser.add_argument("--force", action="store_true", help="overwrite the file")
    parser.add_argument(
        "--match",
        metavar="GLOB",
        action="append",
        default=[],
        help="of locations and items only those like this, say 'A-*'; may be given again",
    )
    parser.add_argument(
        "--operator",
        metavar="NAME",
        action="append",
        default=[],
        help="a badge for this person; may be given again; without WHAT badges alone",
    )
    parser.add_argument("--paper", choices=("a4", "letter"), default="a4", help="default a4")
    parser.add_argument(
        "--symbol",
        choices=("code128", "qr", "datamatrix"),
        default="code128",
        help="default code128, for any scanner; what is too long for it becomes a QR code",
    )
    parser.add_argument(
        "--font", metavar="FILE", type=Path, help="a TrueType font for letters that ours lacks, say Chinese"
    )


def _add_config(parser: argparse.ArgumentParser, *, default: object) -> None:
    told = f"the configuration (default {DEFAULT_CONFIG})"
    parser.add_argument("-c", "--config", metavar="FILE", type=Path, default=default, help=told)


def _add_limit(parser: argparse.ArgumentParser, default: int, what: str) -> None:
    told = f"at most so many {what} (default {default})"
    parser.add_argument("--limit", metavar="N", type=_positive, default=default, help=told)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day such as 2026-01-01, got {text!r}") from None


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 65535):
        raise argparse.ArgumentTypeError(f"expected a port from 1 to 65535, got {text!r}")
    return int(text)


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:8]) >= 1 and len(text) <= 8):
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 to 99999999, got {text!r}")
    return int(text)
