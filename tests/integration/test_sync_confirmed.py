"""Events with `confirm = "central"`: sent on from what central confirmed, and again where it is silent."""

from collections.abc import Iterator

import pytest

from edge.outbox import LevelRow
from sync.event_lanes import UNCONFIRMED
from sync.local_broker import LocalBroker
from tests.fakes import FakeOutbox
from tests.mqtt import Central, book, wait_until
from tests.scripted_broker import ScriptedBroker
from tests.sending import Sending

SILENCE_S = 0.4


@pytest.fixture
def outbox() -> FakeOutbox:
    return FakeOutbox()


@pytest.fixture
def scripted() -> Iterator[ScriptedBroker]:
    with ScriptedBroker() as broker:
        yield broker


def payloads(outbox: FakeOutbox) -> list[bytes]:
    return [row.payload for row in outbox.rows]


def test_at_most_a_thousand_events_are_unconfirmed(outbox: FakeOutbox, scripted: ScriptedBroker) -> None:
    book(outbox, UNCONFIRMED + 500)
    with Sending(scripted.port, outbox) as sending:
        sending.until(lambda: outbox.published == UNCONFIRMED)
        sending.rest(0.1)
        assert scripted.events() == payloads(outbox)[:UNCONFIRMED]

        sending.confirm(200)
        sending.until(lambda: outbox.published == UNCONFIRMED + 200)
        sending.rest(0.1)

        assert scripted.events() == payloads(outbox)[: UNCONFIRMED + 200]


def test_what_the_broker_took_is_published_and_not_confirmed(
    outbox: FakeOutbox, scripted: ScriptedBroker
) -> None:
    book(outbox, 30)
    with Sending(scripted.port, outbox) as sending:
        sending.until(lambda: outbox.published == 30)

    assert outbox.confirmed["events"] == 0


def test_after_a_reconnect_all_that_is_unconfirmed_goes_again_in_order(
    outbox: FakeOutbox, broker: LocalBroker
) -> None:
    book(outbox, 400)
    central = Central(broker.port)
    with Sending(broker.port, outbox) as sending:
        sending.until(lambda: outbox.published == 400)
        sending.confirm(150)
    with Sending(broker.port, outbox) as sending:
        book(outbox, 10)
        sending.until(lambda: sending.publisher.is_settled and len(central.events()) >= 660)
    wait_until(lambda: len(central.events()) == 660)
    central.close()

    assert central.events() == payloads(outbox)[:400] + payloads(outbox)[150:]


def test_after_a_silence_all_that_is_unconfirmed_goes_again_and_what_is_new_behind_it(
    outbox: FakeOutbox, scripted: ScriptedBroker
) -> None:
    book(outbox, 120)
    with Sending(scripted.port, outbox, silence_s=SILENCE_S) as sending:
        sending.until(lambda: outbox.published == 120)
        sending.confirm(100)
        sending.until(lambda: len(scripted.events()) >= 140)
        book(outbox, 5)
        sending.until(lambda: outbox.published == 125)

        sending.confirm(125)
        sending.rest(1.5 * SILENCE_S)

    assert scripted.events() == payloads(outbox)[:120] + payloads(outbox)[100:]


def test_a_confirmation_of_nothing_new_does_not_end_the_silence(
    outbox: FakeOutbox, scripted: ScriptedBroker
) -> None:
    """As of a central to which the broker lost the last events: it has none to find the hole by."""
    book(outbox, 3)
    with Sending(scripted.port, outbox, silence_s=SILENCE_S) as sending:
        sending.until(lambda: outbox.published == 3)
        sending.confirm(2)

        def again() -> bool:
            sending.confirm(2)
            return len(scripted.events()) >= 4

        sending.until(again)

    assert scripted.events()[3:] == payloads(outbox)[2:]


def test_what_was_sent_again_in_vain_is_sent_again_after_a_longer_silence(
    outbox: FakeOutbox, scripted: ScriptedBroker
) -> None:
    book(outbox, 1)
    with Sending(scripted.port, outbox, silence_s=0.05) as sending:
        sending.rest(1.0)

    # After 0.05, 0.15, 0.35 and 0.75 s.
    assert 3 <= len(scripted.events()) <= 5


def test_a_silence_while_the_broker_takes_nothing_sends_no_more_than_the_window(
    outbox: FakeOutbox, scripted: ScriptedBroker
) -> None:
    book(outbox, 300)
    scripted.answer = lambda _message: None
    with Sending(scripted.port, outbox, silence_s=SILENCE_S) as sending:
        sending.rest(1.5 * SILENCE_S)
        assert scripted.events() == payloads(outbox)[:100]

        scripted.answer = lambda _message: 0
        scripted.release()
        sending.until(lambda: outbox.published == 300)

    assert list(dict.fromkeys(scripted.events())) == payloads(outbox)


def test_central_may_confirm_more_than_went_again_over_this_connection(
    outbox: FakeOutbox, scripted: ScriptedBroker
) -> None:
    book(outbox, 500)
    scripted.answer = lambda _message: None
    with Sending(scripted.port, outbox) as sending:
        sending.until(lambda: len(scripted.events()) == 100)
        sending.confirm(450)
        scripted.answer = lambda _message: 0
        scripted.release()
        sending.until(lambda: outbox.published == 500)

    assert scripted.events() == payloads(outbox)[:100] + payloads(outbox)[450:]


def test_a_level_follows_its_events_to_the_broker_and_does_not_wait_for_central(
    outbox: FakeOutbox, scripted: ScriptedBroker
) -> None:
    book(outbox, 2)
    outbox.level_rows = [LevelRow(1, 2, "PEN", b"{}")]
    with Sending(scripted.port, outbox) as sending:
        sending.until(lambda: outbox.confirmed["levels"] == 1)

    assert scripted.topics() == ["evt/stock/received", "evt/stock/received", "stock/PEN"]
