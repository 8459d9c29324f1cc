"""`crossdock central --check`: tells an integrator whether their central acks rightly."""

import argparse
import re
import sys
import uuid
from collections import Counter
from typing import TYPE_CHECKING

from edge.cli.broker_named import named_broker
from edge.cli.tables import print_json, print_paragraphs, print_table
from edge.errors import UsageError

if TYPE_CHECKING:
    from sync.conformance.trials import Result

SITE = "conformance"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}/[A-Za-z0-9_-]{1,64}")
_CLEAR_LINE = "\r\x1b[K"


def check(args: argparse.Namespace) -> int:
    """Play a node at their broker and judge what central does; 1 if a trial failed."""
    from sync.conformance.node import Bounds, PlayedNode  # noqa: PLC0415 - paho and pydantic: 0.3 s
    from sync.conformance.trials import Verdict, run  # noqa: PLC0415

    mqtt, settings = named_broker(args)
    own = None if settings is None else f"{settings.site}/{settings.node}"
    site, node = _played(args.played, own)
    progress = Progress()
    bounds = Bounds(args.patience, args.silence, args.burst)
    played = PlayedNode(mqtt, site, node, bounds, progress=progress.waiting)
    try:
        if args.played is not None:
            played.refuse_a_real_one()
        progress.say(f"Playing the node {played.name} at {played.broker}.")
        results = run(played, with_commands=args.commands, begun=lambda trial: progress.begun(trial.name))
    finally:
        progress.clear()
    counts = Counter(result.outcome.verdict for result in results)
    if args.json:
        print_json({"node": played.name, "broker": played.broker, **_told(results)})
    else:
        _print(results)
        print(
            f"{counts[Verdict.GOOD]} passed, {counts[Verdict.FAIL]} failed, {counts[Verdict.SKIP]} skipped."
        )
    return 1 if counts[Verdict.FAIL] else 0


class Progress:
    """What is under way, on standard error where that is a terminal: one line that is written over."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr.isatty()
        self._name = ""

    def say(self, text: str) -> None:
        if self._is_shown:
            print(f"{_CLEAR_LINE}{text}", file=sys.stderr)

    def begun(self, name: str) -> None:
        self._name = name
        self._write(name)

    def waiting(self, text: str) -> None:
        self._write(f"{self._name}: {text}")

    def clear(self) -> None:
        self._write("")

    def _write(self, text: str) -> None:
        if self._is_shown:
            print(f"{_CLEAR_LINE}{text}", end="", file=sys.stderr, flush=True)


def _played(name: str | None, own: str | None) -> tuple[str, str]:
    """Site and node that are played; never those of the node whose configuration was read."""
    if name is None:
        return SITE, uuid.uuid4().hex[:8]
    if not _NAME.fullmatch(name):
        raise UsageError(f"--as must be SITE/NODE of letters, digits, - and _, got {name!r}.")
    if name == own:
        raise UsageError(
            f"{name} is the real node of this configuration.", hint="Name another, or leave --as out."
        )
    site, _, node = name.partition("/")
    return site, node


def _print(results: "list[Result]") -> None:
    rows = [(one.trial.name, one.outcome.verdict, one.trial.says) for one in results]
    print_table(("trial", "verdict", "what the contract says"), rows, empty="", is_last_whole=True)
    told: dict[tuple[str, str], list[str]] = {}
    for one in results:
        if one.outcome.seen:
            told.setdefault((one.outcome.verdict, _sentences(one)), []).append(one.trial.name)
    print_paragraphs(f"{verdict} {', '.join(names)}: {text}" for (verdict, text), names in told.items())


def _sentences(one: "Result") -> str:
    return f"{one.outcome.seen} {one.trial.means}" if one.outcome.verdict == "fail" else one.outcome.seen


def _told(results: "list[Result]") -> dict[str, object]:
    counted = Counter(str(one.outcome.verdict) for one in results)
    return {
        **{name: counted[name] for name in ("pass", "fail", "skip")},
        "trials": [
            {
                "name": one.trial.name,
                "verdict": one.outcome.verdict,
                "says": one.trial.says,
                "seen": one.outcome.seen or None,
                "means": one.trial.means if one.outcome.verdict == "fail" else None,
            }
            for one in results
        ],
    }
