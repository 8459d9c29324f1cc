"""Labels at the command line: what came out and what waits, and what a person decides about one."""

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

_STATUS_TOLD = {"shadow": "shadow: not printed", "held": "held: too old"}
"""Where people need more than the word; a script has the word."""

SEE = "See them: crossdock labels --waiting."


def labels(args: argparse.Namespace) -> int:
    """List label jobs and how each of them ended."""
    settings = load(args.config)
    with snapshot(settings.data_dir / LEDGER) as ledger:
        jobs = ledger.labels(limit=args.limit, waiting_only=args.waiting)
    if args.json:
        print_json(jobs)
        return 0
    zone = ZoneInfo(settings.timezone)
    columns = ("status", "kind", "printer", "copy", "sku", "qty", "order", "error")
    told = [{**job, "status": _told(job["status"], is_void=job["void"])} for job in jobs]
    rows = [[job["label"], local_time(job["time"], zone), *(job[name] for name in columns)] for job in told]
    empty = "No label waits." if args.waiting else "No labels have been made yet."
    print_table(("label", "time", *columns), rows, empty=empty)
    return 0


def reprint(args: argparse.Namespace) -> int:
    """Have a label printed once more, marked, or one that is held printed after all."""
    return _wish(args, reprint=args.label)


def redirect(args: argparse.Namespace) -> int:
    """Leave what waits for one printer to another."""
    return _wish(args, redirect=args.label, printer=args.printer, to=args.to)


def give_up(args: argparse.Namespace) -> int:
    """Have a label that waits never come out."""
    reason = reason_of(
        args,
        f"Why is label {args.label} given up?",
        f"Say it behind the label: crossdock labels give-up {args.label} written by hand.",
    )
    return _wish(args, give_up=args.label, reason=reason)


def _wish(args: argparse.Namespace, **said: str | None) -> int:
    settings = load(args.config)
    answer = calls.wish(settings.data_dir / SOCKET, **said)
    if answer.verdict is Verdict.REJECT:
        raise EdgeError(answer.text, hint=SEE)
    if args.json:
        print_json({"verdict": answer.verdict.value, "text": answer.text})
    else:
        print(shown(answer.text))
    return 0


def _told(status: str, *, is_void: bool) -> str:
    return _STATUS_TOLD.get(status, status) + (", void" if is_void else "")
