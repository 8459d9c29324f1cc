"""The referee can say no: a good morning is told to it with one thing wrong, and it finds that thing."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from edge.domain.labels import FIELDS, PUTAWAY, LabelContent
from edge.outbox import LabelJob
from tests.house import MORNING_MS, StandingClock
from tests.house import settings as house_settings
from tests.simulation.paper import Paper
from tests.simulation.referee import Referee
from tests.simulation.site import Site
from tests.simulation.streams import UNTOLD, Stream, as_type, both, data, judge, moves, with_event
from tests.simulation.week import Week
from tests.simulation.wire import (
    AgainSaid,
    Claim,
    CommandSaid,
    Foul,
    LevelsSaid,
    NoteSaid,
    Said,
    ScanSaid,
)


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Stream:
    """A morning as it was: orders, goods in two lots, some of them missing, an order cancelled."""
    stream: Stream = []
    clock = StandingClock(MORNING_MS)
    folder = tmp_path_factory.mktemp("morning")
    site = Site(folder, house_settings(folder), clock, Referee(), record=stream.append)
    _live_through(site)
    site.close()
    return stream


def _live_through(site: Site) -> None:
    def scan(code: str, claim: Claim | None = None) -> None:
        site.wait(1)
        site.scan("dock-1", "gun-1", code, claim)

    def order(id_: str, *lines: tuple[str, int], **wishes: Any) -> None:
        listed = [{"line": n, "sku": sku, "qty": qty} for n, (sku, qty) in enumerate(lines, 1)]
        site.command("order.place", {"order": id_, "lines": listed, **wishes})

    codes = {"PEN": "7612345001012", "INK": "7612345001029"}
    items = [{"sku": sku, "codes": [{"code": code, "pack": 1}]} for sku, code in codes.items()]
    site.command("catalogue.upsert", {"items": items})
    order("SO-1", ("PEN", 2))
    order("SO-2", ("PEN", 2), tier=5)
    scan("CMD:RECEIVE")
    scan("QTY:3")
    scan("7612345001012", Claim("stock.received", "PEN", "DOCK-1", 3))
    scan("7612345001013")
    scan("LOT:OLD")
    scan("EXP:2027-01-31")
    scan("7612345001029", Claim("stock.received", "INK", "DOCK-1", 1))
    scan("LOT:NEW")
    scan("EXP:2027-06-30")
    scan("7612345001029", Claim("stock.received", "INK", "DOCK-1", 1))
    order("SO-3", ("INK", 1))
    site.command("order.hold", {"order": "SO-1"})
    scan("CMD:MISSING")
    scan("LOC:DOCK-1")
    scan("QTY:1")
    scan("7612345001012", Claim("stock.missing", "PEN", "DOCK-1", 1))
    site.command("order.resume", {"order": "SO-1"})
    site.repeat_command("order.resume", {"order": "SO-1"})
    scan("CMD:FOUND")
    scan("LOC:DOCK-1")
    scan("7612345001012", Claim("stock.found", "PEN", "DOCK-1", 1))
    site.command("order.cancel", {"order": "SO-3"})
    site.tell_levels()
    site.publish()


def test_a_good_morning_has_no_foul(morning: Stream) -> None:
    referee = judge(morning)

    assert len(referee.wire.payloads) > 25
    assert referee.bookings.level("PEN")["allocated"] == 3


@pytest.mark.parametrize(
    ("type_", "nth", "change", "words"),
    [
        ("stock.received", 1, lambda event: event.update(seq=99), "Expected event"),
        ("stock.received", 1, lambda event: event.update(epoch="other"), "Expected event"),
        ("stock.received", 1, lambda event: event.update(id="par1/dock-a/x/1"), "has the id"),
        ("stock.received", 1, lambda event: event.update(cause="whim/1"), "has the cause"),
        ("stock.received", 1, lambda event: event.pop("subject"), "lacks subject"),
        ("backorder.allocated", 1, lambda event: event.update(booking=1), "not the one going on"),
        ("backorder.allocated", 1, lambda event: event.update(cause="scan/999"), "another cause"),
        ("stock.received", 1, data(qty=4), "its moves bring 3"),
        ("stock.received", 1, moves(qty=2), "its moves bring 2"),
        ("stock.received", 1, moves(qty=-3), "a move has the quantity -3"),
        ("stock.received", 1, moves(lot="B7"), "its moves are of the lots"),
        ("stock.received", 1, moves(sku="INK"), "a move is of INK"),
        ("stock.received", 1, moves(to="customer:SO-1"), "goods cannot go from"),
        ("stock.received", 1, lambda event: event["data"].pop("moves"), "has no moves"),
        ("stock.received", 1, as_type("order.late"), "order.late moves no goods"),
        ("stock.missing", 1, both(data(qty=9), moves(qty=9)), "there are -6 PEN at"),
        ("backorder.allocated", 1, data(qty=4), "waits for 2"),
        ("backorder.allocated", 2, data(qty=2), "1 can be promised"),
        ("backorder.allocated", 1, data(order="SO-1"), "SO-2/1 waits for 2 and comes before SO-1/1"),
        ("backorder.allocated", 2, data(order="SO-2"), "is told twice"),
        ("backorder.allocated", 1, data(location="A-99"), "0 can be promised"),
        ("backorder.allocated", 1, data(waiting=1), "SO-2/1 waits for 0"),
        ("backorder.allocated", 1, data(order="SO-9"), "There is no line 1 of an order 'SO-9'"),
        ("backorder.allocated", 3, data(lot="NEW"), "it expires 2027-06-30"),
        ("backorder.allocated", 2, UNTOLD, "beside"),
        ("backorder.released", 1, data(order="SO-2"), "gave back PEN"),
        ("backorder.released", 1, data(qty=2), "is to give back 2 PEN"),
        ("backorder.released", 1, data(reason="bad luck"), "no reason of the list"),
        ("backorder.released", 1, UNTOLD, "3 PEN are promised at"),
        ("stock.missing", 1, data(released=[]), "stock.missing tells {}"),
        ("backorder.waiting", 1, UNTOLD, "wait for more"),
        ("backorder.waiting", 1, data(qty=1), "wait for more"),
        ("backorder.waiting", 1, data(reason="bad luck"), "no reason of the list"),
        ("order.ready", 1, UNTOLD, "are ready that were not"),
        ("order.ready", 1, data(order="SO-1"), "are ready that were not"),
        ("order.unfulfillable", 1, UNTOLD, "is worse off"),
        ("order.unfulfillable", 1, data(lines=[]), "is worse off"),
        ("exception.cleared", 1, data(exception="x-1"), "no such exception is open"),
        ("exception.raised", 1, data(kind="boredom"), "of no kind of the list"),
        ("exception.raised", 1, data(kind="unfulfillable"), "lost nothing it was promised"),
        ("scan.rejected", 1, data(why="duplicate"), "is not what was refused"),
        ("scan.rejected", 1, UNTOLD, "no event tells it"),
        ("stock.found", 1, data(location="A-99"), "expected it to be as in"),
    ],
)  # fmt: skip
def test_an_event_that_is_not_as_it_should_be_is_a_foul(
    morning: Stream, type_: str, nth: int, change: Callable[[dict[str, Any]], object], words: str
) -> None:
    stream = with_event(morning, type_, change, nth=nth)

    with pytest.raises(Foul) as foul:
        judge(stream)
    assert words in str(foul.value)


def test_a_dropped_event_is_a_foul(morning: Stream) -> None:
    stream = [
        replace(said, events=said.events[:-1])
        if isinstance(said, ScanSaid) and len(said.events) > 2
        else said
        for said in morning
    ]

    with pytest.raises(Foul, match=r"Booking|Expected event"):
        judge(stream)


def test_two_events_in_the_wrong_order_are_a_foul(morning: Stream) -> None:
    stream = list(_with_first_two_swapped(morning))

    with pytest.raises(Foul, match="comes too late in its booking"):
        judge(stream)


def _with_first_two_swapped(stream: Stream) -> Iterator[Said]:
    """What an event says stands in the other's envelope."""
    for said in stream:
        if isinstance(said, CommandSaid) and len(said.events) == 2:
            first, second = (json.loads(payload) for payload in said.events[:2])
            for name in ("type", "subject", "data", "dataschema"):
                first[name], second[name] = second[name], first[name]
            swapped = tuple(json.dumps(event).encode() for event in (first, second))
            yield replace(said, events=swapped)
        else:
            yield said


def test_a_held_order_that_is_served_is_a_foul(morning: Stream) -> None:
    stream = [said for said in morning if not (isinstance(said, CommandSaid) and said.type == "order.resume")]
    found = next(said for said in stream if isinstance(said, ScanSaid) and said.code == "CMD:FOUND")

    # The resumption is not told: goods that are found go to an order which is still on hold.
    resumed = [said for said in morning if isinstance(said, CommandSaid) and said.type == "order.resume"]
    stream.insert(stream.index(found), NoteSaid(resumed[0].events))
    with pytest.raises(Foul, match="is on hold"):
        judge(stream)


def _first(stream: Stream, kind: type[Said], fits: Callable[[Any], bool] = lambda said: True) -> int:
    return next(n for n, said in enumerate(stream) if isinstance(said, kind) and fits(said))


def _changed(stream: Stream, n: int, **changes: Any) -> Stream:
    return [*stream[:n], replace(stream[n], **changes), *stream[n + 1 :]]


def test_an_accepted_scan_without_an_event_is_a_foul(morning: Stream) -> None:
    n = _first(morning, ScanSaid, lambda said: said.claim is not None)

    with pytest.raises(Foul, match="was accepted: expected"):
        judge(_changed(morning, n, events=()))


def test_a_refused_scan_that_moved_goods_is_a_foul(morning: Stream) -> None:
    n = _first(morning, ScanSaid, lambda said: said.claim is not None)

    with pytest.raises(Foul, match="was refused, and moved goods"):
        judge(_changed(morning, n, verdict="reject", why="bad_code"))


def test_a_refusal_for_no_reason_of_the_list_is_a_foul(morning: Stream) -> None:
    n = _first(morning, ScanSaid, lambda said: said.verdict == "reject")

    with pytest.raises(Foul, match="no reason of the list"):
        judge(_changed(morning, n, why="mood"))


def test_an_exception_beside_a_plain_accept_is_a_foul(morning: Stream) -> None:
    n = _first(morning, ScanSaid, lambda said: said.verdict == "attention")

    with pytest.raises(Foul, match="it wants attention"):
        judge(_changed(morning, n, verdict="accept"))


def test_a_bounce_that_books_is_a_foul(morning: Stream) -> None:
    n = _first(morning, ScanSaid, lambda said: said.claim is not None)

    with pytest.raises(Foul, match="was a bounce"):
        judge(_changed(morning, n, is_repeat=True))


def test_a_command_answered_otherwise_the_second_time_is_a_foul(morning: Stream) -> None:
    n = _first(morning, CommandSaid, lambda said: said.is_repeat)
    said = morning[n]
    assert isinstance(said, CommandSaid)
    assert said.answer is not None

    with pytest.raises(Foul, match="is answered"):
        judge(_changed(morning, n, answer=said.answer.replace(b'"last_seq":', b'"last_seq":1')))


def test_a_refused_command_that_books_is_a_foul(morning: Stream) -> None:
    n = _first(morning, CommandSaid, lambda said: said.events)
    refusal = {"id": getattr(morning[n], "id", ""), "ok": False, "error": {"code": "bad_value", "text": ""}}

    with pytest.raises(Foul, match="was refused, and booked"):
        judge(_changed(morning, n, answer=json.dumps(refusal).encode()))


def test_a_level_that_the_events_do_not_add_up_to_is_a_foul(morning: Stream) -> None:
    n = _first(morning, LevelsSaid)
    levels: tuple[bytes, ...] = getattr(morning[n], "levels", ())
    assert len(levels) == 2

    for name in ("on_hand", "allocated", "available", "waiting", "missing", "quarantine", "expected"):
        told = json.loads(levels[0])
        wrong = json.dumps({**told, name: told[name] + 1}).encode()
        with pytest.raises(Foul, match="the events"):
            judge(_changed(morning, n, levels=(wrong, levels[1])))


def test_an_event_that_was_changed_later_breaks_the_chain(morning: Stream) -> None:
    n = _first(morning, ScanSaid, lambda said: said.claim is not None)
    events: tuple[bytes, ...] = getattr(morning[n], "events", ())
    stream = _changed(
        morning, n, events=(events[0].replace(b'"operator":null', b'"operator":"eve"'), *events[1:])
    )

    with pytest.raises(Foul, match="state says"):
        judge(stream)


def test_a_repeat_that_is_not_the_same_to_the_byte_is_a_foul(morning: Stream) -> None:
    n = _first(morning, AgainSaid, lambda said: said.events)
    events: tuple[tuple[int, bytes], ...] = getattr(morning[n], "events", ())
    (seq, payload), *others = events

    with pytest.raises(Foul, match="not byte for byte"):
        judge(_changed(morning, n, events=((seq, payload + b" "), *others)))


def _job(number: int, *, copy: bool = False) -> LabelJob:
    return LabelJob(number, f"L-{number}", LabelContent(PUTAWAY, dict.fromkeys(FIELDS[PUTAWAY], "")), copy)


@pytest.mark.parametrize(
    "jobs",
    [
        [(_job(2), True), (_job(1), True)],
        [(_job(1), True), (_job(1, copy=True), True)],
        [(_job(1), False), (_job(1), True)],
        [(_job(1, copy=True), True)],
        [(_job(1), False), (_job(2), True)],
    ],
    ids=["out of order", "after its end", "second unmarked", "first marked", "left open"],
)
def test_a_label_that_must_not_come_out_so_is_a_foul(jobs: list[tuple[LabelJob, bool]]) -> None:
    paper = Paper()

    *good, (last, is_known) = jobs
    for job, its_end_is_known in good:
        paper.came_out("zebra-1", job, is_known=its_end_is_known)

    with pytest.raises(Foul, match="zebra-1"):
        paper.came_out("zebra-1", last, is_known=is_known)


def test_a_label_whose_end_is_unknown_comes_out_again_as_a_copy() -> None:
    paper = Paper()

    paper.came_out("zebra-1", _job(1), is_known=False)
    paper.came_out("zebra-1", _job(1, copy=True), is_known=True)
    paper.came_out("zebra-1", _job(2), is_known=True)

    assert [sheet.job.copy for sheet in paper.sheets] == [False, True, False]


def _note_scan(scans: list[str], said: Said) -> None:
    if isinstance(said, ScanSaid):
        # A label's id begins with the ledger's epoch, which is another each time.
        scans.append(re.sub("LBL:[0-9a-f]{4}-", "LBL:", said.code))


def test_a_week_out_of_a_seed_is_the_same_week_each_time() -> None:
    weeks = []
    for _ in range(2):
        scans: list[str] = []
        week = Week(7, 4, record=partial(_note_scan, scans))
        week.run()
        weeks.append(scans)

    assert weeks[0] == weeks[1]
