"""The disk is full: what cannot be booked is refused, and nothing that was accepted is lost."""

from collections.abc import Iterable
from concurrent.futures import Future
from pathlib import Path

import pytest

from config.settings import Settings, Station
from edge.clock import SystemClock
from edge.engine.core import Engine
from edge.errors import LedgerError
from edge.facts import Answer, CodeScanned, Delivered, Fact, Verdict
from edge.inbox import Inbox, Stamped
from edge.ledger.verify import verify
from tests.commands import LINE, command, received


def _post(engine: Engine, fact: Fact) -> Answer:
    answer: Future[Answer] = Future()
    engine.handle([Stamped(fact, SystemClock().now_ms(), answer)])
    return answer.result(0)


def _post_all(engine: Engine, facts: Iterable[Fact]) -> list[Answer]:
    return [_post(engine, fact) for fact in facts]


def _scan(number: int) -> CodeScanned:
    return CodeScanned("gun-1", "dock-1", "gun-1", f"SKU:ITEM-{number}")


def test_on_a_full_disk_scans_are_refused_and_taken_again_once_there_is_room(tmp_path: Path) -> None:
    settings = Settings(
        site="par1", node="dock-a", data_dir=tmp_path, stations=(Station(id="dock-1", location="DOCK-1"),)
    )
    engine = Engine(settings, Inbox(SystemClock()))
    pages = engine.books.store.db.execute("PRAGMA page_count").fetchone()[0]
    engine.books.store.db.execute(f"PRAGMA max_page_count = {pages + 3}")

    answers = [_post(engine, _scan(number)) for number in range(200)]
    taken = [answer for answer in answers if answer.verdict is not Verdict.REJECT]
    refused = next(answer for answer in answers if answer.verdict is Verdict.REJECT)

    # SQLite forgets the limit when the file is opened anew, as it is after a failure: there is room again.
    assert refused == Answer(
        Verdict.REJECT, "The disk of the box is full: nothing can be booked.", "disk_full"
    )
    booked = engine.books.store.db.execute("SELECT count(*) FROM entries").fetchone()[0]
    assert booked == len(taken) == 199
    assert verify(engine.books.store.db).is_sound
    engine.close()


def test_a_fact_that_is_no_scan_is_told_that_it_was_not_booked(tmp_path: Path) -> None:
    engine = Engine(Settings(site="par1", node="dock-a", data_dir=tmp_path), Inbox(SystemClock()))
    engine.books.store.db.execute("PRAGMA query_only = ON")

    with pytest.raises(LedgerError, match=r"The ledger cannot be written\."):
        _post(engine, Delivered("events", 1))

    assert _post(engine, Delivered("events", 1)).verdict is Verdict.ACCEPT
    engine.close()


def test_on_a_full_disk_a_command_is_not_answered_and_can_be_sent_again(tmp_path: Path) -> None:
    engine = Engine(Settings(site="par1", node="dock-a", data_dir=tmp_path), Inbox(SystemClock()))
    db = engine.books.store.db
    db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0] + 3}")
    commands = [
        received(command("order.place", {"order": f"SO-{n}", "lines": [LINE]}, id=f"c-{n}"))
        for n in range(100)
    ]

    with pytest.raises(LedgerError, match="The disk of the box is full: nothing can be booked"):
        _post_all(engine, commands)
    assert {answer.verdict for answer in _post_all(engine, commands)} == {Verdict.ACCEPT}

    assert engine.books.store.db.execute("SELECT count(*) FROM orders").fetchone() == (100,)
    assert verify(engine.books.store.db).is_sound
    engine.close()
