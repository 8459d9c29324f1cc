"""What the referee heard, to be told to it again with one thing wrong."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.simulation.referee import Referee
from tests.simulation.wire import AgainSaid, CommandSaid, NoteSaid, Said, ScanSaid, StateSaid

Stream = list[Said]


def judge(stream: Stream) -> Referee:
    referee = Referee()
    for said in stream:
        referee.hear(said)
    return referee


def with_event(
    stream: Stream, type_: str, change: Callable[[dict[str, Any]], object], *, nth: int = 1
) -> Stream:
    """The same stream with one event changed: the nth of its type."""
    changed: Stream = []
    for said in stream:
        if not isinstance(said, ScanSaid | CommandSaid | NoteSaid):
            changed.append(said)
            continue
        events = [json.loads(payload) for payload in said.events]
        payloads = list(said.events)
        for n, event in enumerate(events):
            if event["type"] == f"crossdock.{type_}":
                nth -= 1
                if nth == 0:
                    change(event)
                    payloads[n] = json.dumps(event, separators=(",", ":")).encode()
        changed.append(replace(said, events=tuple(payloads)))
    assert nth <= 0, f"There is no such {type_} in the stream."
    # Whatever else is wrong with a changed stream, its hashes are: those are judged in a test of their own.
    return [said for said in changed if not isinstance(said, StateSaid | AgainSaid)]


def data(**changed: Any) -> Callable[[dict[str, Any]], None]:
    return lambda event: event["data"].update(changed)


def moves(**changed: Any) -> Callable[[dict[str, Any]], None]:
    def change(event: dict[str, Any]) -> None:
        for move in event["data"]["moves"]:
            move.update(changed)

    return change


def both(*changes: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, Any]], None]:
    def change(event: dict[str, Any]) -> None:
        for each in changes:
            each(event)

    return change


def as_type(type_: str) -> Callable[[dict[str, Any]], None]:
    return lambda event: event.update(type=f"crossdock.{type_}")


UNTOLD = as_type("order.late")
"""As good as not told: a type that may stand anywhere and that nothing follows from."""
