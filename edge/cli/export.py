"""`crossdock export`: events of the ledger as EPCIS 2.0 or CSV, while the daemon runs and however many there are.

They go from the ledger to the file one by one. What they are there is `edge.domain.epcis`' and `move_rows`'.
"""

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from config.load import load
from config.settings import Settings
from edge.cli.commands import LEDGER
from edge.cli.export_range import Days, Numbers
from edge.cli.output import refuse_to_overwrite
from edge.cli.tables import shown
from edge.clock import Calendar, SystemClock, rfc3339
from edge.domain import epcis, move_rows
from edge.domain.epcis_names import Names
from edge.ledger.files import written_whole
from edge.ledger.history import History, Recorded, Span
from edge.ledger.reading import opened


def export(args: argparse.Namespace) -> int:
    """Write the events that are asked for. What is to be said about them goes to standard error."""
    settings, wanted = load(args.config), args.epcis or args.csv
    if args.output is not None:
        refuse_to_overwrite(args.output, may_replace=args.force)
    with opened(settings.data_dir / LEDGER) as connection:
        history = History(connection)
        span, tally = history.span(), _Tally()
        events = tally.counted(_asked(history, span, wanted, settings))
        pieces = (
            _epcis(history, events, tally, settings) if args.epcis else _csv(history, events, tally, settings)
        )
        _write(args, pieces)
    for note in _notes(wanted, span):
        print(f"crossdock: {note}", file=sys.stderr)
    why = "EPCIS has no word for them" if args.epcis else "they moved nothing"
    print(f"crossdock: {tally.words(why)}", file=sys.stderr)
    return 0


class _Tally:
    """How many events there were, and how many of which type are not in the file."""

    def __init__(self) -> None:
        self._all = 0
        self.left_out: Counter[str] = Counter()

    def counted(self, events: Iterable[Recorded]) -> Iterator[Recorded]:
        for event in events:
            self._all += 1
            yield event

    def words(self, why: str) -> str:
        count = self._all - self.left_out.total()
        said = f"{count} event{'' if count == 1 else 's'} written"
        listed = ", ".join(f"{shown(name)} {self.left_out[name]}" for name in sorted(self.left_out))
        return f"{said}; left out, since {why}: {listed}." if listed else f"{said}."


def _asked(history: History, span: Span, wanted: Numbers | Days, settings: Settings) -> Iterator[Recorded]:
    if isinstance(wanted, Numbers):
        return history.numbered(*wanted.within(span))
    return history.between(*wanted.within(span, Calendar(settings.timezone)))


def _epcis(history: History, events: Iterable[Recorded], tally: _Tally, settings: Settings) -> Iterator[str]:
    names = Names(settings.site, settings.node, history.gtin_of)
    translator = epcis.Translator(names, ZoneInfo(settings.timezone))

    def told() -> Iterator[epcis.Told]:
        for each in events:
            name = epcis.type_of(each.event)
            if name in epcis.TYPES:
                undone = history.undone_by(each) if name == epcis.UNDO else ()
                yield from translator.events(each.event, undone)
            else:
                tally.left_out[name] += 1

    return epcis.document(told(), created=rfc3339(SystemClock().now_ms()))


def _csv(history: History, events: Iterable[Recorded], tally: _Tally, settings: Settings) -> Iterator[str]:
    line, zone = csv.writer(_Passed()).writerow, ZoneInfo(settings.timezone)
    yield line(move_rows.HEADER)
    for each in events:
        rows = list(move_rows.rows_of(each.event, history.gtin_of, zone))
        if not rows:
            tally.left_out[epcis.type_of(each.event)] += 1
        yield from map(line, rows)


class _Passed:
    """A file for the csv module that hands each line back to who wrote it."""

    def write(self, line: str) -> str:
        return line


def _write(args: argparse.Namespace, pieces: Iterable[str]) -> None:
    if args.output is None:
        sys.stdout.writelines(pieces)
        return
    with (
        written_whole(args.output, may_replace=args.force) as draft,
        draft.open("w", encoding="utf-8", newline="") as file,
    ):
        file.writelines(pieces)


def _notes(wanted: Numbers | Days, span: Span) -> Iterator[str]:
    """What somebody who asked for more would look for in vain."""
    if wanted.first is None and span.archived_at is not None:
        yield f"What came before event {span.first_seq} was archived and is not in it."
    if isinstance(wanted, Numbers) and wanted.last is not None and wanted.last > span.last_seq:
        yield f"The last event so far is {span.last_seq}."
