"""Exceptions at the command line: what asks for a person, and a person's word that it is seen to."""

import argparse
from zoneinfo import ZoneInfo

from config.load import load
from edge.cli.commands import LEDGER, SOCKET
from edge.cli.reasons import reason_of
from edge.cli.tables import local_time, print_json, print_table, shown
from edge.errors import EdgeError
from edge.facts import Verdict
from edge.ledger.reading import snapshot
from edge.local import calls


def exceptions(args: argparse.Namespace) -> int:
    """List what is open, the oldest first; with --all also what was cleared, when and why."""
    settings = load(args.config)
    with snapshot(settings.data_dir / LEDGER) as ledger:
        found = ledger.exceptions(with_cleared=args.all, limit=args.limit)
    if args.json:
        print_json(found)
        return 0
    zone = ZoneInfo(settings.timezone)
    times = ("raised_at", "cleared_at") if args.all else ("raised_at",)
    columns = ("exception", "kind", "about", *times, *(("reason",) if args.all else ()), "text")
    titles = ["since" if name == "raised_at" else name.removesuffix("_at") for name in columns]
    rows = [
        [local_time(row[name], zone) if name in times else row[name] for name in columns] for row in found
    ]
    empty = "There never was an exception." if args.all else "Nothing is open."
    print_table(titles, rows, empty=empty, is_last_whole=True)
    return 0


def clear(args: argparse.Namespace) -> int:
    """Have the running daemon clear one exception; it is told to central with the reason."""
    settings = load(args.config)
    reason = reason_of(
        args,
        f"Why is {args.exception} seen to?",
        f"Say it behind the id: crossdock exceptions clear {args.exception} the printer is mended.",
    )
    answer = calls.clear(settings.data_dir / SOCKET, args.exception, reason)
    if answer.verdict is Verdict.REJECT:
        raise EdgeError(answer.text, hint="See them: crossdock exceptions.")
    if args.json:
        print_json({"exception": args.exception, "text": answer.text})
    else:
        print(shown(answer.text))
    return 0
