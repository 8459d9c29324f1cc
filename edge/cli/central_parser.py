"""What may be said behind `crossdock central`: its broker, its database, its actions."""

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from config.devices import broker_address
from config.settings import PREFIX
from edge.cli.conformance_parser import add_arguments

DATABASE = "crossdock-central.db"
_EPILOG = """\
Without an action it runs in the foreground. Try it beside a node:
  crossdock central --broker broker.example.net:1883 --username central --password-file pw
  crossdock central nodes
  crossdock central send par1/dock-a order.place '{"order":"SO-1","lines":[{"line":1,"sku":"SKU-1","qty":2}]}'
"""


def add_central(
    add: Callable[..., argparse.ArgumentParser],
    action: Callable[..., argparse.ArgumentParser],
    whole: Callable[[str], int],
) -> None:
    """Add the command; `add` and `action` add a command and what can be done within one, `whole` reads a number."""
    told = "run a central for all nodes of a broker, see what it knows, send commands"
    parser = add("central", _command("run"), told)
    parser.epilog, parser.formatter_class = _EPILOG, argparse.RawDescriptionHelpFormatter
    _add_database(parser, default=DATABASE)
    _add_broker(parser)
    add_arguments(parser)
    actions: Any = parser.add_subparsers(title="actions", metavar="ACTION", parser_class=type(parser))

    def add_action(
        name: str, command: Callable[[argparse.Namespace], int], told: str
    ) -> argparse.ArgumentParser:
        own = action(actions, name, command, told)
        _add_database(own, default=argparse.SUPPRESS)
        return own

    add_action("nodes", _command("nodes"), "list the nodes: online or not, how far their events are here")
    stock = add_action("stock", _command("stock"), "list levels of all nodes, or where one item lies")
    stock.add_argument("sku", metavar="SKU", nargs="?", help="one item, with its positions")
    orders = add_action("orders", _command("orders"), "list orders and their lines, as the events tell them")
    listed = [stock, orders]
    for name, command, told in (
        ("commands", _command("commands"), "list commands and what was answered, the latest first"),
        ("findings", _command("findings"), "list what was not as it should be, the latest first"),
    ):
        own = add_action(name, command, told)
        own.add_argument(
            "--limit", metavar="N", type=whole, default=1000, help="at most so many (default 1000)"
        )
        listed.append(own)
    for own in listed:
        own.add_argument("--node", metavar="SITE/NODE", help="of this node alone")
    send = add_action(
        "send", _command("send"), "write a command into the outbox, to be sent until it is answered"
    )
    send.add_argument("node", metavar="SITE/NODE", help="par1/dock-a")
    send.add_argument("type", metavar="TYPE", help="order.place and so on")
    send.add_argument(
        "data", metavar="FILE|-|JSON", help="its data: a file, - for standard input, or the JSON"
    )
    send.add_argument(
        "--wait", metavar="S", type=whole, help="wait so many seconds for the answer; exit 1 if not ok"
    )
    compare = add_action(
        "compare", _command("compare"), "ask a node for its positions and name each that differs"
    )
    compare.add_argument("node", metavar="SITE/NODE", help="par1/dock-a")
    compare.add_argument(
        "--wait", metavar="S", type=whole, default=60, help="at most so many seconds (default 60)"
    )


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    """A function of `edge.cli.central`, loaded when it is called: it brings the broker's library along."""

    def call(args: argparse.Namespace) -> int:
        from edge.cli import central  # noqa: PLC0415

        code: int = getattr(central, name)(args)
        return code

    return call


def _add_database(parser: argparse.ArgumentParser, *, default: str) -> None:
    parser.add_argument(
        "--database",
        metavar="WHERE",
        default=default,
        help=f"a file of SQLite (default {DATABASE}), or postgresql://USER@HOST/DATABASE",
    )


def _add_broker(parser: argparse.ArgumentParser) -> None:
    broker = parser.add_argument_group(
        "broker",
        "Without --broker it is that of [mqtt] in the configuration; what is said here goes before it.",
    )
    broker.add_argument(
        "--broker", metavar="HOST:PORT", type=_address, help="port left out: 1883, with TLS 8883"
    )
    broker.add_argument(
        "--prefix", metavar="NAME", type=_prefix, help="first topic level (default crossdock)"
    )
    broker.add_argument("--protocol", choices=("5", "3.1.1"), help="default 5")
    broker.add_argument(
        "--client-id", metavar="ID", default="crossdock-central", help="default crossdock-central"
    )
    broker.add_argument("--username", metavar="NAME")
    broker.add_argument("--password-file", metavar="FILE", type=Path, help="its first line is the password")
    broker.add_argument(
        "--tls", action="store_true", help="TLS with the system's certificates; --ca means it, too"
    )
    broker.add_argument("--ca", metavar="FILE", type=Path, help="who signed the broker's certificate (PEM)")
    broker.add_argument("--cert", metavar="FILE", type=Path, help="our own certificate (PEM), with --key")
    broker.add_argument("--key", metavar="FILE", type=Path)


def _address(text: str) -> tuple[str, int | None]:
    """Host and port; an IPv6 address stands in brackets."""
    try:
        return broker_address(text)
    except ValueError:
        told = f"expected HOST:PORT such as broker.example.net:1883, got {text!r}"
        raise argparse.ArgumentTypeError(told) from None


def _prefix(text: str) -> str:
    if not re.fullmatch(PREFIX, text):
        raise argparse.ArgumentTypeError(f"expected 1 to 64 letters, digits, dots, - and _, got {text!r}")
    return text
