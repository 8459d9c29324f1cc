"""What may be said on the command line: sub-commands, their arguments, their help."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from edge import __version__
from edge.cli import commands, readers

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

    add("status", readers.status, "tell how the node is: daemon, central, scanners, printers, labels")
    stock = add("stock", readers.stock, "list the level of every item, or where one item lies")
    stock.add_argument("sku", metavar="SKU", nargs="?", help="one item, with its positions and codes")
    orders = add("orders", readers.orders, "list orders in the order of service, or one in detail")
    orders.add_argument("order", metavar="ORDER", nargs="?", help="one order, with its lines and allocations")
    _add_limit(orders, 1000, "orders")
    _add_limit(
        add("journal", readers.journal, "list what came in and what it moved, latest first"), 50, "facts"
    )
    _add_limit(add("labels", readers.labels, "list label jobs, latest first"), 50, "jobs")
    add("verify", commands.verify_ledger, "audit the ledger; may run beside the daemon; exit 1 on any breach")
    return parser


def _add_config(parser: argparse.ArgumentParser, *, default: object) -> None:
    told = f"the configuration (default {DEFAULT_CONFIG})"
    parser.add_argument("-c", "--config", metavar="FILE", type=Path, default=default, help=told)


def _add_limit(parser: argparse.ArgumentParser, default: int, what: str) -> None:
    told = f"at most so many {what} (default {default})"
    parser.add_argument("--limit", metavar="N", type=_positive, default=default, help=told)


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:8]) >= 1 and len(text) <= 8):
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 to 99999999, got {text!r}")
    return int(text)
