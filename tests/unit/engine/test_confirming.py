"""Central's acks: what they confirm is delivered, what cannot be is told to people once (contract section 6)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from config.settings import Mqtt
from edge.engine.confirming import OPEN_MOST
from edge.facts import Answer, Delivered, EventsConfirmed, ExceptionCleared, Verdict
from edge.ledger.archive import archive
from tests.house import House, settings

ACCEPTED = Answer(Verdict.ACCEPT)


def house_of(folder: Path, confirm: Literal["broker", "central"]) -> House:
    """Twelve events have happened: three pens came for an order of two, and more."""
    house = House(settings(folder).model_copy(update={"mqtt": Mqtt(host="broker.test", confirm=confirm)}))
    house.order("SO-1", ("PEN", 2))
    house.receive("PEN", 3)
    while house.engine.books.records.seq < 12:
        house.receive("PEN", 1)
    return house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """It counts what central confirms."""
    house = house_of(tmp_path, "central")
    yield house
    house.audit()
    house.close()


def epoch_of(house: House) -> str:
    return house.engine.books.records.epoch


def ack(house: House, seq: int, hash: str | None = None, *, epoch: str | None = None) -> Answer:
    return house.post(EventsConfirmed(epoch or epoch_of(house), seq, hash))


def hash_at(house: House, seq: int) -> str:
    ((head,),) = house.rows("SELECT hash FROM events WHERE seq = ?", seq)
    return bytes(head).hex()


def confirmed(house: House) -> int:
    return house.engine.books.desk.cursor("events")


def mismatches(house: House) -> list[str]:
    return [about for kind, about in house.exceptions() if kind == "ack_mismatch"]


def test_an_ack_confirms_all_events_up_to_its_own(house: House) -> None:
    assert ack(house, 5) == ACCEPTED

    assert confirmed(house) == 5


def test_an_ack_with_our_hash_confirms_and_one_of_nothing_yet_is_right(house: House) -> None:
    assert ack(house, 0, "0" * 64) == ACCEPTED
    assert ack(house, 5, hash_at(house, 5)) == ACCEPTED

    assert (confirmed(house), mismatches(house)) == (5, [])


def test_an_older_ack_takes_nothing_back(house: House) -> None:
    ack(house, 5)

    assert ack(house, 3) == ACCEPTED

    assert confirmed(house) == 5


def test_what_the_broker_took_is_published_and_not_confirmed(house: House) -> None:
    house.post(Delivered("events", 8))
    ack(house, 5)

    assert (confirmed(house), house.engine.books.desk.cursor("published")) == (5, 8)


def test_a_right_ack_is_no_booking(house: House) -> None:
    before = house.engine.books.records.fact, house.engine.books.records.seq

    ack(house, 5)

    assert (house.engine.books.records.fact, house.engine.books.records.seq) == before


def test_an_ack_of_another_epoch_moves_nothing_and_is_told(house: House) -> None:
    house.told()
    text = (
        "Central confirmed event 5 of epoch beef, which is not that of this ledger "
        f"({epoch_of(house)}) and none from which it descends: see that no other node has this one's name."
    )

    assert ack(house, 5, epoch="beef") == Answer(Verdict.REJECT, text, "ack_mismatch")

    assert confirmed(house) == 0
    (told,) = house.told()
    raised = {"exception": told.data["exception"], "kind": "ack_mismatch", "about": "beef/5", "text": text}
    assert (told.type, told.data) == ("exception.raised", raised)


def test_an_ack_beyond_the_last_event_moves_nothing_and_is_told(house: House) -> None:
    last = house.engine.books.records.seq

    answer = ack(house, last + 1)

    assert answer.text == (
        f"Central confirmed event {last + 1}, the last one here is {last}: see that no other node has this one's "
        "name, and that this ledger was put back by crossdock restore and not by hand."
    )
    assert (confirmed(house), mismatches(house)) == (0, [f"{epoch_of(house)}/{last + 1}"])


def test_an_ack_with_another_hash_moves_nothing_and_is_told(house: House) -> None:
    answer = ack(house, 5, "f" * 64)

    assert answer.text == (
        f"Central has the hash {'f' * 64} at event 5, here it is {hash_at(house, 5)}: its events are not those of "
        "this ledger. See crossdock verify, then let central begin anew with a sync.snapshot."
    )
    assert (confirmed(house), mismatches(house)) == (0, [f"{epoch_of(house)}/5/{'f' * 64}"])


def test_the_same_ack_is_told_once_though_it_comes_at_each_connect(house: House) -> None:
    ack(house, 5, epoch="beef")
    ack(house, 5, epoch="beef")
    house.restart()
    ack(house, 5, epoch="beef")

    assert house.rows("SELECT count(*) FROM exceptions WHERE kind = 'ack_mismatch'") == [(1,)]


def test_an_ack_that_a_person_has_seen_to_is_not_told_again(house: House) -> None:
    ack(house, 5, epoch="beef")
    ((id_,),) = house.rows("SELECT id FROM exceptions WHERE kind = 'ack_mismatch'")
    house.post(ExceptionCleared(id_, "it was the test rig", "cli-1"))

    ack(house, 5, epoch="beef")

    assert mismatches(house) == []


def test_each_different_ack_is_told(house: House) -> None:
    ack(house, 5, epoch="beef")
    ack(house, 6, epoch="beef")
    ack(house, 6, "f" * 64)

    assert (
        mismatches(house) == ["beef/5", "beef/6", f"{epoch_of(house)}/6/{'f' * 64}"]
        or len(mismatches(house)) == 3
    )


def test_a_right_ack_clears_all_that_were_wrong(house: House) -> None:
    ack(house, 5, epoch="beef")
    ack(house, 5, "f" * 64)
    house.told()

    ack(house, 6)

    assert mismatches(house) == []
    told = house.told()
    assert [event.type for event in told] == ["exception.cleared"] * 2
    assert {event.data["reason"] for event in told} == {"central confirmed event 6 rightly"}


def test_a_central_that_is_wrong_about_every_event_is_not_told_without_end(house: House) -> None:
    for _ in range(3 * OPEN_MOST):
        # Each exception is an event, which it acks with a hash of its own.
        ack(house, house.engine.books.records.seq, "f" * 64)

    assert len(mismatches(house)) == OPEN_MOST


def test_an_ack_of_an_epoch_from_which_this_ledger_descends_is_passed_over(house: House) -> None:
    house.engine.books.records.set_meta("ancestors", '["dead", "beef"]')

    assert ack(house, 9999, "f" * 64, epoch="beef") == ACCEPTED

    assert (confirmed(house), mismatches(house)) == (0, [])
    house.engine.books.records.set_meta("ancestors", "[]")


def test_the_hash_of_an_archived_event_is_not_compared(house: House) -> None:
    ack(house, 9)
    house.close()
    ledger = house.settings.data_dir / "ledger.db"
    archive(ledger, ledger.with_name("archive.db"), before_ms=house.clock.now_ms() + 1, is_central=True)
    house.restart()
    assert house.rows("SELECT min(seq) > 1 FROM events") == [(1,)]

    assert ack(house, 1, "f" * 64) == ACCEPTED

    assert (confirmed(house), mismatches(house)) == (9, [])


def test_where_the_brokers_word_is_enough_an_ack_moves_nothing_and_is_checked_all_the_same(
    tmp_path: Path,
) -> None:
    house = house_of(tmp_path, "broker")
    house.post(Delivered("events", 4))

    assert ack(house, 6) == ACCEPTED
    assert ack(house, 6, "f" * 64).verdict is Verdict.REJECT

    assert (confirmed(house), len(mismatches(house))) == (4, 1)
    house.close()
