"""The command `codes`: what a code means here and why, read as the daemon reads it; nothing is booked."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from config.load import load
from config.settings import Settings
from edge.cli.commands import LEDGER
from edge.cli.tables import print_json, print_paragraphs, print_table, shown
from edge.clock import Calendar, SystemClock
from edge.errors import UsageError
from edge.ledger.reading import moment

if TYPE_CHECKING:
    from edge.domain.codes import CodeReader
    from edge.engine.books import Books

TYPED_GS = "<GS>"

FEW = 4
"""Modes that are named one by one; more, which do the same, are the rest."""


def codes(args: argparse.Namespace) -> int:
    """Tell what each code means; 1 if one of them would be refused."""
    # biip and the engine: a level is read without them.
    from edge.cli.code_meanings import meaning  # noqa: PLC0415
    from edge.domain.codes import CodeReader  # noqa: PLC0415

    settings = load(args.config)
    if "" in args.codes:
        raise UsageError("A code is empty.", hint="A scanner that sends an empty line gets no answer.")
    try:
        reader = CodeReader(settings.codes)
    except ValueError as error:
        raise UsageError(str(error)) from error
    today = Calendar(settings.timezone).day(SystemClock().now_ms())
    with _books(settings, reader) as books:
        told = []
        for typed in args.codes:
            text = _scanned(typed, is_raw=args.raw)
            found = meaning(text, reader, settings, books, today=today)
            told.append(found | {"separator_typed": text != _scanned(typed, is_raw=True)})
    if args.json:
        print_json(told)
    else:
        for number, one in enumerate(told):
            if number:
                print()
            _print(one)
    return 1 if any(one["refused"] for one in told) else 0


def _scanned(typed: str, *, is_raw: bool) -> str:
    """The bytes of the call are the bytes of the scan, each one character; no keyboard has a key for GS."""
    text = os.fsencode(typed).decode("latin-1")
    return text if is_raw else text.replace(TYPED_GS, "\x1d")


@contextmanager
def _books(settings: Settings, reader: "CodeReader") -> Iterator["Books | None"]:
    """Open the books for reading, as the engine has them; None where no ledger is yet."""
    from edge.engine.books import Books  # noqa: PLC0415
    from edge.ledger.central import Central  # noqa: PLC0415
    from edge.ledger.desk import Desk  # noqa: PLC0415
    from edge.ledger.labels import Labels  # noqa: PLC0415
    from edge.ledger.orders import Orders  # noqa: PLC0415
    from edge.ledger.records import Records  # noqa: PLC0415
    from edge.ledger.store import Store  # noqa: PLC0415

    path = settings.data_dir / LEDGER
    if not path.exists():
        yield None
        return
    with moment(path) as db:
        calendar = Calendar(settings.timezone)
        statements = (Store(db), Orders(db), Records(db), Desk(db), Labels(db), Central(db))
        yield Books(settings, *statements, reader, calendar)


def _print(told: dict[str, Any]) -> None:
    facts = [("code", told["code"])]
    if told["separator_typed"]:
        facts.append(("separator", f"{TYPED_GS} was taken as the separator; with --raw it is text"))
    symbol = (
        f"{told['symbol']}, {told['symbology']}" if told["symbol"] else "not told: no AIM identifier in front"
    )
    facts += [("symbol", symbol), ("read", told["because"])]
    facts += [("not", one["because"]) for one in told["passed"]]
    for name, value in facts:
        print(shown(f"{name:9}  {value}"))
    print()
    print_paragraphs(told["says"])
    if told["elements"]:
        print()
        rows = [[one["ai"], one["title"], one["value"], one["means"]] for one in told["elements"]]
        print_table(("ai", "to GS1", "value", "here"), rows, empty="", is_last_whole=True)
    if told["modes"]:
        print()
        # What most modes do comes last, as that of every other one.
        does = sorted(told["modes"], key=lambda one: len(one["modes"]) > FEW)
        rows = [[_in_words(one["modes"], is_only=len(does) == 1), one["does"]] for one in does]
        print_table(("in mode", "it does"), rows, empty="", is_last_whole=True)


def _in_words(modes: list[str], *, is_only: bool) -> str:
    if len(modes) > FEW:
        return "every mode" if is_only else "every other"
    return ", ".join(modes).upper()
