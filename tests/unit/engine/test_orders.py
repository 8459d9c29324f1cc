"""Orders: placed, cancelled, held, resumed; each command once (contract sections 4 and 6)."""

from pathlib import Path

from edge.facts import CommandRefused
from tests.house import House, Told, settings


def test_an_order_placed_on_empty_shelves_waits(house: House) -> None:
    answer = house.done("order.place", {"order": "SO-1", "lines": [{"line": "a", "sku": "PEN", "qty": 2}]})

    line = {"line": "a", "sku": "PEN", "qty": 2}
    assert house.told()[:2] == [
        Told("backorder.waiting", {"order": "SO-1", **line, "reason": "out_of_stock"}),
        Told(
            "order.unfulfillable",
            {
                "order": "SO-1",
                "lines": [{**line, "reason": "out_of_stock", "expected_at": None, "alternatives": []}],
            },
        ),
    ]
    assert (answer["first_seq"], answer["last_seq"]) == (1, 3)
    assert house.exceptions() == [("unknown_item", "PEN")]


def test_placing_an_order_tries_the_stock_at_hand_first(house: House) -> None:
    house.receive("PEN", 5)
    house.told()

    house.order("SO-1", ("PEN", 3))

    assert house.promises("SO-1") == {("location:DOCK-1", ""): 3}
    assert house.types() == ["backorder.allocated", "order.ready"]


def test_an_order_that_is_known_with_the_same_content_changes_nothing(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.told()

    same = house.command("order.place", {"lines": [{"qty": 2, "sku": "PEN", "line": 1}], "order": "SO-1"})

    assert same == {"id": "c-2", "source": "/erp", "ok": True}
    assert house.told() == []


def test_an_order_that_is_known_with_other_content_exists(house: House) -> None:
    house.order("SO-1", ("PEN", 2))

    other = house.command("order.place", {"order": "SO-1", "lines": [{"line": 1, "sku": "PEN", "qty": 3}]})

    assert other["error"] == {
        "code": "exists",
        "text": "Order SO-1 is here with other content.",
        "at": "order",
    }


def test_an_order_for_an_unknown_item_is_refused_where_the_site_wants_it(tmp_path: Path) -> None:
    house = House(settings(tmp_path, unknown="reject"))

    answer = house.command("order.place", {"order": "SO-1", "lines": [{"line": 1, "sku": "PEN", "qty": 2}]})

    assert (answer["error"]["code"], answer["error"]["at"]) == ("unknown_item", "lines[0].sku")
    assert house.rows("SELECT count(*) FROM orders") == [(0,)]
    house.audit()
    house.close()


def test_a_cancelled_order_gives_its_goods_to_the_next(house: House) -> None:
    house.order("SO-1", ("PEN", 3), tier=9)
    house.order("SO-2", ("PEN", 2))
    house.receive("PEN", 3)
    house.told()

    house.done("order.cancel", {"order": "SO-1"})

    assert house.promises("SO-1") == {}
    assert house.promises("SO-2") == {("location:DOCK-1", ""): 2}
    assert house.types() == ["backorder.released", "backorder.allocated", "order.cancelled", "order.ready"]
    assert house.level("PEN") == {
        **{"on_hand": 3, "allocated": 2, "waiting": 0, "missing": 0, "quarantine": 0, "expected": 0}
    }


def test_a_cancelled_line_leaves_the_others(house: House) -> None:
    house.order("SO-1", ("PEN", 3), ("INK", 1))

    house.done("order.cancel", {"order": "SO-1", "lines": [1]})

    assert house.level("PEN")["waiting"] == 0
    assert house.level("INK")["waiting"] == 1
    assert house.rows("SELECT status FROM orders") == [("open",)]


def test_a_complete_order_is_served_once_the_line_that_held_it_up_is_cancelled(house: House) -> None:
    house.receive("PEN", 3)
    house.order("SO-1", ("PEN", 3), ("INK", 1), fill="complete")
    assert house.promises("SO-1") == {}
    house.told()

    house.done("order.cancel", {"order": "SO-1", "lines": [2]})

    assert house.promises("SO-1") == {("location:DOCK-1", ""): 3}
    assert house.types() == ["backorder.allocated", "order.cancelled", "order.ready"]


def test_cancelling_twice_tells_it_once(house: House) -> None:
    house.order("SO-1", ("PEN", 3))
    house.done("order.cancel", {"order": "SO-1"})
    house.told()

    house.done("order.cancel", {"order": "SO-1"})

    assert house.told() == []


def test_a_line_that_an_order_does_not_have_cannot_be_cancelled(house: House) -> None:
    house.order("SO-1", ("PEN", 3))

    answer = house.command("order.cancel", {"order": "SO-1", "lines": [1, 7]})

    assert (answer["error"]["code"], answer["error"]["at"]) == ("bad_value", "lines[1]")
    assert house.level("PEN")["waiting"] == 3


def test_a_line_named_twice_is_not_cancelled_twice(house: House) -> None:
    house.order("SO-1", ("PEN", 3), ("INK", 1))

    answer = house.command("order.cancel", {"order": "SO-1", "lines": [1, 1]})

    # Refused or taken as one: either way the books stay sound, and somebody is answered.
    assert answer["id"] == "c-2"
    assert house.level("PEN")["waiting"] == (0 if answer["ok"] else 3)


def test_what_is_asked_of_an_unknown_order_is_refused(house: House) -> None:
    for type_ in ("order.cancel", "order.hold", "order.resume"):
        assert house.command(type_, {"order": "SO-9"})["error"]["code"] == "unknown_order"


def test_an_order_on_hold_is_skipped_and_keeps_what_it_has(house: House) -> None:
    house.receive("PEN", 1)
    house.order("SO-1", ("PEN", 3), tier=9)
    house.order("SO-2", ("PEN", 3))

    house.done("order.hold", {"order": "SO-1", "reason": "unpaid"})
    house.receive("PEN", 2)

    assert house.promises("SO-1") == {("location:DOCK-1", ""): 1}
    assert house.promises("SO-2") == {("location:DOCK-1", ""): 2}
    assert ("on_hold", "SO-1") in house.exceptions()


def test_a_resumed_order_is_served_from_what_is_there(house: House) -> None:
    house.order("SO-1", ("PEN", 3))
    house.done("order.hold", {"order": "SO-1"})
    house.receive("PEN", 3)
    house.told()

    house.done("order.resume", {"order": "SO-1"})

    assert house.types() == ["backorder.allocated", "order.resumed", "order.ready", "exception.cleared"]


def test_holding_twice_or_resuming_what_is_open_tells_nothing(house: House) -> None:
    house.order("SO-1", ("PEN", 3))
    house.done("order.resume", {"order": "SO-1"})
    house.done("order.hold", {"order": "SO-1"})
    house.told()

    house.done("order.hold", {"order": "SO-1"})

    assert house.told() == []


def test_a_cancelled_order_cannot_be_held(house: House) -> None:
    house.order("SO-1", ("PEN", 3))
    house.done("order.hold", {"order": "SO-1"})
    house.done("order.cancel", {"order": "SO-1"})

    assert house.command("order.hold", {"order": "SO-1"})["error"]["code"] == "bad_value"
    assert ("on_hold", "SO-1") not in house.exceptions()


def test_an_allocation_is_not_taken_away_for_a_higher_rank_that_comes_later(house: House) -> None:
    house.receive("PEN", 2)
    house.order("SO-1", ("PEN", 2))

    house.order("SO-2", ("PEN", 2), express=True, tier=9)

    assert house.promises("SO-1") == {("location:DOCK-1", ""): 2}
    assert house.promises("SO-2") == {}


def test_a_command_that_comes_again_is_applied_once_and_answered_alike(house: House) -> None:
    data = {"order": "SO-1", "lines": [{"line": 1, "sku": "PEN", "qty": 2}]}
    first = house.command("order.place", data, id="c-7")
    house.done("order.cancel", {"order": "SO-1"})
    house.told()

    again = house.command("order.place", data, id="c-7")

    assert again == first
    assert house.told() == []


def test_the_same_id_with_other_content_is_a_conflict(house: House) -> None:
    house.command("order.hold", {"order": "SO-1"}, id="c-7")

    answer = house.command("order.hold", {"order": "SO-2"}, id="c-7")

    assert answer["error"] == {
        "code": "conflict",
        "text": "Command c-7 was sent before with other content: give it a new id.",
    }


def test_the_same_id_of_another_source_is_another_command(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.command("order.hold", {"order": "SO-1"}, id="c-7", source="/erp")

    answer = house.command("order.resume", {"order": "SO-1"}, id="c-7", source="/wms")

    assert (answer["ok"], answer["source"]) == (True, "/wms")


def test_a_command_that_cannot_be_read_is_answered_and_kept(house: House) -> None:
    answer = house.command("order.place", {"order": "SO-1", "lines": [], "colour": "red"})

    assert not answer["ok"]
    assert house.rows("SELECT answer FROM facts WHERE cause = 'command/c-1'") == [("refused",)]


def test_a_command_without_an_id_is_kept_and_nobody_answered(house: House) -> None:
    house.post(CommandRefused("", "", "d", "bad_json", "Expected JSON.", None, "{{{"))

    assert house.rows("SELECT head, text FROM refused") == [("{{{", "Expected JSON.")]
    assert house.rows("SELECT count(*) FROM answers") == [(0,)]


def test_another_order_of_service_ranks_what_waits_anew_at_the_start(house: House, tmp_path: Path) -> None:
    house.order("SO-1", ("PEN", 1), tier=9, placed_at="2026-11-20T09:00:00Z")
    house.order("SO-2", ("PEN", 1), tier=1, placed_at="2026-11-20T08:00:00Z")

    house.restart(settings(tmp_path, order_by=("placed_at",)))
    house.receive("PEN", 1)

    assert house.promises("SO-2") == {("location:DOCK-1", ""): 1}
    assert house.promises("SO-1") == {}
