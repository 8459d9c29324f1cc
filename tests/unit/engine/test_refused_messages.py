"""What central sends and is refused: kept to be looked at, counted, bounded (contract section 6)."""

from typing import Any

import pytest

from edge.facts import CommandRefused, ReplyTo, Verdict
from edge.ledger import central
from sync.reading import read_command, read_retained
from tests.commands import command
from tests.house import House

PLACE = {"order": "SO-1", "lines": [{"line": 1, "sku": "PEN", "qty": 1}]}


def kept(house: House) -> list[tuple[Any, ...]]:
    return house.rows("SELECT topic, source, id, code, place, times FROM refused ORDER BY number")


def counted(house: House) -> int:
    return house.engine.books.desk.cursor("refused")


def answers(house: House) -> int:
    return int(house.rows("SELECT count(*) FROM answers")[0][0])


def garbage(n: int) -> CommandRefused:
    fact = read_command(b"{" + str(n).encode())
    assert isinstance(fact, CommandRefused)
    return fact


def test_what_the_engine_refuses_is_kept_with_how_it_began(house: House) -> None:
    house.command("order.cancel", {"order": "SO-9"}, id="c-9")

    payload = command("order.cancel", {"order": "SO-9"}, id="c-9")
    assert kept(house) == [("cmd", "/erp", "c-9", "unknown_order", "order", 1)]
    assert house.rows("SELECT head, size, text FROM refused") == [
        (payload.decode(), len(payload), "There is no order SO-9 here.")
    ]


def test_an_id_with_other_content_is_kept_beside_the_command_that_was_applied(house: House) -> None:
    house.command("order.place", PLACE, id="c-1")
    house.command("order.cancel", {"order": "SO-1"}, id="c-1")

    assert kept(house) == [("cmd", "/erp", "c-1", "conflict", None, 1)]


def test_what_is_accepted_is_not_kept(house: House) -> None:
    house.command("order.place", PLACE, id="c-1")
    house.command("order.place", PLACE, id="c-1")

    assert (kept(house), counted(house)) == ([], 0)


def test_the_same_again_is_counted_in_its_row(house: House) -> None:
    for _ in range(3):
        house.command("order.cancel", {"order": "SO-9"}, id="c-9")
        house.post(garbage(1))

    assert kept(house) == [
        ("cmd", "/erp", "c-9", "unknown_order", "order", 3),
        ("cmd", "", "", "bad_json", None, 3),
    ]
    assert counted(house) == 6
    ((first, last),) = house.rows("SELECT at, last_at FROM refused WHERE id = 'c-9'")
    assert last - first == 2000


def test_what_has_no_id_is_no_fact_and_nobody_is_answered(house: House) -> None:
    house.post(garbage(1))

    assert house.rows("SELECT count(*) FROM facts") == [(0,)]
    assert answers(house) == 0


def test_an_ack_that_cannot_be_read_is_kept_and_not_answered(house: House) -> None:
    fact = CommandRefused(
        "", "", "d", "bad_value", "seq must be …", "seq", '{"seq":-1}', topic="ack", size=10
    )

    answer = house.post(fact)

    assert (answer.verdict, answer.text) == (Verdict.REJECT, "seq must be …")
    assert kept(house) == [("ack", "", "", "bad_value", "seq", 1)]
    assert answers(house) == 0


def test_a_storm_without_ids_is_counted_beyond_sixty_a_minute(house: House) -> None:
    for n in range(100):
        house.post(garbage(n))

    assert (len(kept(house)), counted(house)) == (central.UNNAMED_A_MINUTE, 100)
    house.wait(60)
    house.post(garbage(100))
    assert len(kept(house)) == central.UNNAMED_A_MINUTE + 1


def test_a_storm_shuts_the_book_to_none_that_can_be_answered(house: House) -> None:
    for n in range(100):
        house.post(garbage(n))

    assert not house.command("order.cancel", {"order": "SO-9"})["ok"]

    assert kept(house)[-1][3] == "unknown_order"


def test_a_clock_that_was_set_back_shuts_the_book_to_none(house: House) -> None:
    for n in range(100):
        house.post(garbage(n))
    house.wait(-3600)

    house.post(garbage(100))

    assert len(kept(house)) == central.UNNAMED_A_MINUTE + 1


def test_the_oldest_leave_when_there_are_too_many(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(central, "REFUSED_KEPT", 3)

    for n in range(5):
        house.command("order.cancel", {"order": "SO-9"}, id=f"n-{n}")

    assert [id_ for _, _, id_, *_ in kept(house)] == ["n-2", "n-3", "n-4"]
    assert counted(house) == 5


# -- retained --------------------------------------------------------------------------------------------------


def test_a_retained_command_is_refused_and_answered_once(house: House) -> None:
    fact = read_retained(command("order.place", PLACE, id="c-1"), ReplyTo("erp/answers"))

    for _ in range(3):
        assert house.post(fact).why == "bad_envelope"

    assert kept(house) == [("cmd", "/erp", "c-1", "bad_envelope", None, 3)]
    assert house.rows("SELECT payload, reply_topic FROM answers") == [
        (
            b'{"id":"c-1","source":"/erp","ok":false,"error":{"code":"bad_envelope","text":"A command must not be '
            b'retained: publish it anew without retain, and clear the topic"}}',
            "erp/answers",
        )
    ]


def test_a_retained_copy_does_not_keep_the_command_itself_from_being_applied(house: House) -> None:
    house.post(read_retained(command("order.place", PLACE, id="c-1")))

    assert house.command("order.place", PLACE, id="c-1")["ok"]


def test_a_retained_copy_of_a_command_that_was_applied_is_not_answered(house: House) -> None:
    house.command("order.place", PLACE, id="c-1")

    house.post(read_retained(command("order.place", PLACE, id="c-1")))

    assert answers(house) == 1
    assert kept(house) == [("cmd", "/erp", "c-1", "bad_envelope", None, 1)]


def test_a_retained_message_without_an_id_is_kept_alone(house: House) -> None:
    house.post(read_retained(b"\xff" * 300))

    assert answers(house) == 0
    assert house.rows("SELECT size, length(head) FROM refused") == [(300, 800)]
