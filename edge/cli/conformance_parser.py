"""What may be said to `crossdock central --check`."""

import argparse
import math


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the check and what belongs to it alone; its broker is named as that of central itself."""
    check = parser.add_argument_group("a check of another central")
    check.add_argument(
        "--check", action="store_true", help="play a node at the broker and judge how its central acks"
    )
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
