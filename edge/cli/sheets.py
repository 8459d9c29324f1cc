"""The command that makes sheets of barcodes. It loads reportlab: who does not call it does not import it."""

import argparse
import sys
from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

from config.load import load
from drivers.sheet_pdf import Drawn, draw_sheets
from edge.cli.output import refuse_to_overwrite
from edge.cli.sheet_contents import OF_LEDGER, OPERATORS, WHAT, Asked, Contents, gather
from edge.cli.tables import print_json, shown
from edge.clock import SystemClock
from edge.errors import EdgeError, UsageError
from edge.ledger.files import written_whole


def make_sheets(args: argparse.Namespace) -> int:
    """Make the PDF; 1 if some of what was asked for by name is not in it."""
    settings = load(args.config)
    asked = _asked(args)
    refuse_to_overwrite(args.output, may_replace=args.force)
    zone = ZoneInfo(settings.timezone)
    today = datetime.fromtimestamp(SystemClock().now_ms() / 1000, zone).date()
    contents = gather(settings, asked, today)
    if not contents.groups:
        raise EdgeError(" ".join([*contents.notes, "There is nothing to print."]))
    with written_whole(args.output, may_replace=args.force) as draft:
        drawn = draw_sheets(
            draft,
            contents.groups,
            paper=args.paper,
            symbol=args.symbol,
            name=f"{settings.site}/{settings.node}",
            day=today.isoformat(),
            font=args.font,
        )
    _tell(args, contents, drawn)
    return 0 if contents.is_whole else 1


def _asked(args: argparse.Namespace) -> Asked:
    """Who names parts gets those; who names people, or a pattern of names, gets what that is about."""
    for what in args.what:
        if what not in WHAT:
            raise UsageError(f"There are no sheets of {what!r}.", hint=f"There are: {', '.join(WHAT)}.")
    if args.match and args.what and {*OF_LEDGER}.isdisjoint(args.what):
        raise UsageError(
            "--match chooses among locations and items, and neither is asked for.",
            hint="Leave it out, or name them.",
        )
    parts: tuple[str, ...] = WHAT
    if args.what:
        parts = tuple(what for what in WHAT if what in args.what)
    elif args.match:
        parts = OF_LEDGER
    elif args.operator:
        parts = ()
    badges = (OPERATORS,) if args.operator else ()
    return Asked((*parts, *badges), frozenset({*args.what, *badges}), tuple(args.match), tuple(args.operator))


def _tell(args: argparse.Namespace, contents: Contents, drawn: Drawn) -> None:
    notes = list(contents.notes)
    if drawn.unknown:
        notes.append(
            f"The font lacks letters of {_counted(drawn.unknown, 'name')}, shown as ?."
            " Name one that has them with --font."
        )
    for note in notes:
        print(f"crossdock: {shown(note)}", file=sys.stderr)
    codes = Counter[str]()
    for group in contents.groups:
        codes[group.what] += len(group.entries)
    if args.json:
        print_json(
            {
                "file": str(args.output),
                "pages": drawn.pages,
                "codes": dict(codes),
                "symbols": dict(drawn.symbols),
                "notes": notes,
            }
        )
        return
    listed = ", ".join(f"{what} {count}" for what, count in codes.items())
    smaller = drawn.symbols["qr"] if args.symbol == "code128" else 0
    as_qr = f"; {smaller} of them as QR codes, too long for bars" if smaller else ""
    pages, total = _counted(drawn.pages, "page"), _counted(codes.total(), "code")
    print(f"{shown(str(args.output))}: {pages}, {total}: {listed}{as_qr}.")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
