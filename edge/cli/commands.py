"""The commands that do something: run, demo, check, scan, sheets, screen, verify. Each returns an exit code.

What is heavy is imported where it is used, so that reading a level does not load the drivers.
"""

import argparse
import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path

from config.load import ConfigError, Problem, load
from config.settings import Settings
from edge.cli.tables import print_json, print_table, shown
from edge.errors import UsageError
from edge.facts import Verdict
from edge.ledger.schema import open_reader
from edge.ledger.verify import Finding, verify
from edge.ledger.verify_archive import verify_with_archives
from edge.local import calls

LEDGER, SOCKET = "ledger.db", "crossdock.sock"
"""What the daemon keeps in `data_dir`."""


def run(args: argparse.Namespace) -> int:
    """Run the daemon until a signal ends it."""
    settings = load(args.config)
    log_to_stderr()
    from edge.daemon import Daemon  # noqa: PLC0415 - drivers, paho and the engine: 0.3 s

    return Daemon(settings).run_until_signal()


def demo(args: argparse.Namespace) -> int:
    """Show the whole flow; what it shows is `edge.demo`'s."""
    from edge.demo import main as demo_main  # noqa: PLC0415 - brings its own broker and printers

    return demo_main(args)


def check(args: argparse.Namespace) -> int:
    """Check a configuration, and what it names that only its users can check: patterns and layouts."""
    try:
        settings = load(args.config)
        notes = _check_beyond(args.config, settings)
    except ConfigError as error:
        if not args.json:
            raise
        print_json([{"file": str(p.file), "key": p.key, "text": p.text} for p in error.problems])
        return 2
    if args.json:
        print_json([])
        return 0
    parts = [f"site {settings.site}", f"node {settings.node}"]
    counted = (("station", settings.stations), ("scanner", settings.scanners), ("printer", settings.printers))
    parts += [f"{len(each)} {name}{'' if len(each) == 1 else 's'}" for name, each in counted]
    parts.append(f"central at {settings.mqtt.host}:{settings.mqtt.port}" if settings.mqtt else "no central")
    print(f"{args.config}: good: {', '.join(parts)}")
    for note in notes:
        print(f"note: {note}")
    return 0


def _check_beyond(path: Path, settings: Settings) -> tuple[str, ...]:
    """Check what the file cannot tell by itself; returns what is no error and yet worth knowing."""
    from config.layouts import Layout, LayoutError  # noqa: PLC0415 - for this command alone
    from drivers.label_layouts import layouts_of  # noqa: PLC0415
    from drivers.languages import language_of  # noqa: PLC0415
    from drivers.spool import PAPERS  # noqa: PLC0415
    from edge.domain.site_codes import check_patterns  # noqa: PLC0415
    from sync.credentials import readable_by_others  # noqa: PLC0415

    checked = check_patterns(settings.codes)
    problems = [Problem(path, f"codes.{name}", text) for name, text in checked.faults]
    layouts: dict[str, Mapping[str, Layout]] = {}
    try:
        for paper in ("label", "receipt"):
            layouts[paper] = layouts_of(settings.labels, paper)
    except LayoutError as error:
        problems.append(Problem(path, "labels.layouts", str(error)))
    else:
        for n, printer in enumerate(settings.printers):
            try:
                language_of(printer, layouts[PAPERS[printer.language]])
            except UsageError as error:
                problems.append(Problem(path, f"printers[{n}]", str(error)))
    if problems:
        raise ConfigError(tuple(problems))
    return (*checked.notes, *(readable_by_others(settings.mqtt) if settings.mqtt else ()))


def scan(args: argparse.Namespace) -> int:
    """Hand in scans; 1 if one of them was refused."""
    settings = load(args.config)
    stations = [station.id for station in settings.stations]
    if args.station not in stations:
        known = ", ".join(stations) or "none"
        raise UsageError(
            f"There is no station {args.station!r} in {args.config}.", hint=f"There are: {known}."
        )
    # The bytes of the call are the bytes of the scan, each one character, as a scanner's are.
    codes = [os.fsencode(code).decode("latin-1") for code in args.codes]
    if "" in codes:
        raise UsageError("A code is empty.", hint="A scanner that sends an empty line gets no answer.")
    code = 0
    for answer in calls.scan(settings.data_dir / SOCKET, args.station, codes):
        if args.json:
            print(json.dumps({"verdict": answer.verdict, "text": answer.text, "why": answer.why}), flush=True)
        else:
            print(f"{answer.verdict:9}  {shown(answer.text)}".rstrip(), flush=True)
        if answer.verdict is Verdict.REJECT:
            code = 1
    return code


def sheets(args: argparse.Namespace) -> int:
    """Make sheets of barcodes; what they hold is `edge.cli.sheets`'."""
    from edge.cli.sheets import make_sheets  # noqa: PLC0415 - reportlab and the codes: 0.3 s

    return make_sheets(args)


def export(args: argparse.Namespace) -> int:
    """Write events as EPCIS or CSV; how is `edge.cli.export`'s."""
    from edge.cli.export import export  # noqa: PLC0415 - biip: 0.1 s

    return export(args)


def label_preview(args: argparse.Namespace) -> int:
    """Draw a label without a printer; what is drawn is `edge.cli.preview`'s."""
    from edge.cli.preview import preview  # noqa: PLC0415 - drivers and Pillow: 0.3 s

    return preview(args)


def screen(args: argparse.Namespace) -> int:
    """Serve the web screen; what it shows is `edge.screen`'s."""
    from edge.cli.screen import serve  # noqa: PLC0415 - for this command alone

    return serve(args)


def verify_ledger(args: argparse.Namespace) -> int:
    """Audit the ledger and its archives: a line for each check and for each breach; 1 on any breach."""
    connection = open_reader(load(args.config).data_dir / LEDGER)
    try:
        findings = verify_with_archives(connection, args.archive) if args.archive else verify(connection)
    finally:
        connection.close()
    if args.json:
        print_json({"sound": findings.is_sound, "checks": [_told(finding) for finding in findings.checks]})
    else:
        rows = [(one.check, one.looked_at, one.breaches) for one in findings.checks]
        print_table(("check", "looked at", "breaches"), rows, empty="")
        for one in findings.checks:
            for text in one.named:
                print(f"breach: {one.check}: {shown(text)}")
            if one.breaches > len(one.named):
                print(f"breach: {one.check}: and {one.breaches - len(one.named)} more")
        total = sum(one.breaches for one in findings.checks)
        counted = f"{total} breach{'' if total == 1 else 'es'}"
        print("The ledger is sound." if findings.is_sound else f"The ledger is NOT sound: {counted}.")
    return 0 if findings.is_sound else 1


def _told(one: Finding) -> dict[str, object]:
    return {
        "check": one.check,
        "looked_at": one.looked_at,
        "breaches": one.breaches,
        "named": list(one.named),
    }


class _Visible(logging.Formatter):
    """Scanned text must not reach a terminal as commands; a traceback keeps its lines."""

    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(shown(line) for line in super().format(record).split("\n"))


def log_to_stderr() -> None:
    """Log for whoever looks after a process that goes on: to the journal, where systemd runs it."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Visible("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
