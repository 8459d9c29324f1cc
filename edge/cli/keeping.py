"""The commands that keep the ledger: backup, restore, archive. Each tells what it made."""

import argparse
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from config.load import load
from edge.cli.commands import LEDGER, SOCKET
from edge.cli.tables import print_json, shown
from edge.clock import Calendar, SystemClock
from edge.domain.dialogue import UNDONE_WITHIN_MS
from edge.errors import EdgeError, UsageError
from edge.facts import Answer, Fact
from edge.ledger.files import make_folder
from edge.local.door import LocalDoor


def back_up(args: argparse.Namespace) -> int:
    """Copy the ledger, whether or not the daemon runs."""
    from edge.ledger.backup import back_up  # noqa: PLC0415 - for this command alone

    copy = back_up(load(args.config).data_dir / LEDGER, args.file)
    return _tell(
        args,
        asdict(copy),
        f": epoch {copy.epoch} to event {copy.last_seq}, {copy.facts} facts, schema {copy.schema},"
        f" {copy.size_bytes / 1e6:.1f} MB.",
    )


def restore(args: argparse.Namespace) -> int:
    """Put a copy back; refused where a ledger is or a daemon runs."""
    from edge.ledger.restore import restore  # noqa: PLC0415

    data_dir = load(args.config).data_dir
    make_folder(data_dir)
    with _alone(data_dir):
        restored = restore(args.file, data_dir / LEDGER)
    return _tell(
        args,
        asdict(restored),
        f" is the ledger in {shown(str(data_dir))} now: epoch {restored.epoch}, after {restored.previous} to its"
        f" event {restored.last_seq}.",
    )


def archive(args: argparse.Namespace) -> int:
    """Move what is before a day to a file; refused while a daemon runs."""
    from edge.ledger.archive import archive  # noqa: PLC0415

    settings = load(args.config)
    zone, now_ms = ZoneInfo(settings.timezone), SystemClock().now_ms()
    today = datetime.fromtimestamp(now_ms / 1000, zone).date()
    if args.before > today:
        raise UsageError(
            f"What is before {args.before} cannot be archived: today is {today}.", hint="Name an earlier day."
        )
    midnight_ms = Calendar(settings.timezone).begins(args.before)
    with _alone(settings.data_dir):
        archived = archive(
            settings.data_dir / LEDGER,
            args.file,
            # A booking that may still be undone stays.
            before_ms=min(midnight_ms, now_ms - UNDONE_WITHIN_MS),
            is_central=settings.mqtt is not None,
        )
    return _tell(
        args,
        asdict(archived),
        f": {archived.facts} facts, {archived.entries} entries and {archived.events} events, all to fact"
        f" {archived.upto_fact}. Keep it: crossdock verify --archive audits it.",
    )


def _tell(args: argparse.Namespace, made: dict[str, Any], words: str) -> int:
    """Say what was made of the file."""
    if args.json:
        print_json({"file": str(args.file), **made})
    else:
        print(f"{shown(str(args.file))}{words}")
    return 0


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Hold the data folder as a daemon does. Raises LedgerError while one has it."""
    door = LocalDoor(data_dir / SOCKET, (), _nobody)
    door.start()
    try:
        yield
    finally:
        door.stop()


def _nobody(_fact: Fact) -> "Future[Answer]":
    """No scan gets here, since the door knows no station; were one to, it would be told why it is not booked."""
    answer: Future[Answer] = Future()
    answer.set_exception(EdgeError("The ledger is being worked on: nothing is booked.", transient=True))
    return answer
