"""What may be said to `crossdock central --check`."""

import argparse
import math
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the check; those left out come from the configuration's [mqtt]."""
    broker = parser.add_argument_group("the broker of --check (default: [mqtt] of the configuration)")
    broker.add_argument("--broker", metavar="HOST:PORT", help="this one; no configuration is read then")
    broker.add_argument("--username", metavar="NAME", help="the played node's, at the broker")
    broker.add_argument("--password-file", metavar="FILE", type=Path, help="a file with its password")
    broker.add_argument(
        "--ca", metavar="FILE", type=Path, help="TLS: who signs the broker's certificate (PEM)"
    )
    broker.add_argument("--cert", metavar="FILE", type=Path, help="mutual TLS: the played node's certificate")
    broker.add_argument("--key", metavar="FILE", type=Path, help="mutual TLS: its key")
    broker.add_argument("--prefix", metavar="NAME", help="the first level of the topics")
    broker.add_argument("--protocol", choices=("5", "3.1.1"), help="the version of MQTT")
    check = parser.add_argument_group("what --check does")
    check.add_argument(
        "--as",
        dest="played",
        metavar="SITE/NODE",
        help="the node that is played (default: conformance/ and a random name)",
    )
    check.add_argument(
        "--patience",
        metavar="SECONDS",
        type=_seconds,
        default=60.0,
        help="how long central may take for an ack (default 60)",
    )
    check.add_argument(
        "--silence",
        metavar="SECONDS",
        type=_seconds,
        default=30.0,
        help="after how long what is unconfirmed is sent again (default 30, as a node does)",
    )
    check.add_argument(
        "--burst",
        metavar="N",
        type=_burst,
        default=1000,
        help="so many events are unconfirmed at once (default 1000, as many as a node has)",
    )
    check.add_argument(
        "--commands",
        action="store_true",
        help="leave commands unanswered, to see central send them again: have it send some",
    )


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.1 <= value <= 3600:
        raise argparse.ArgumentTypeError(f"expected seconds from 0.1 to 3600, got {text!r}")
    return value


def _burst(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:5]) <= 1000):
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 to 1000, got {text!r}")
    return int(text)
