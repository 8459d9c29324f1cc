"""Commands of central: each answered, each applied once, none holding up the next (contract section 6)."""

import codecs
import json
from pathlib import Path
from typing import Any

from tests.integration.blackbox.central import Central
from tests.integration.blackbox.closed_lists import ERROR_CODES
from tests.integration.blackbox.events import holds
from tests.integration.blackbox.goods import PEN, order
from tests.integration.blackbox.node import Node

CASES = Path(__file__).parents[2] / "cases" / "hostile.jsonl"

LINE = {"line": 1, "sku": "PEN", "qty": 1}


def test_an_answer_names_the_events_that_followed(node: Node, central: Central) -> None:
    answer = central.answer(central.send("order.place", {"order": "SO-1", "lines": [LINE]}, id="c-881"))

    waiting, unfulfillable = central.expect(
        ("backorder.waiting", {"order": "SO-1"}), ("order.unfulfillable", {"order": "SO-1"})
    )
    told = {"id": "c-881", "source": "/erp", "ok": True}
    assert holds(answer, {**told, "first_seq": waiting.seq, "last_seq": unfulfillable.seq}), answer
    assert waiting.envelope["cause"].startswith("command/")


def test_the_same_command_again_gets_the_stored_answer_and_is_not_applied_again(
    node: Node, central: Central
) -> None:
    data = {"order": "SO-1", "lines": [LINE]}
    first = central.answer(central.send("order.place", data, id="mine-1"))
    central.do("order.cancel", order="SO-1")

    central.send("order.place", data, id="mine-1")

    assert central.answer("mine-1", nth=2) == first
    node.scan("gun-1", "#end")
    central.event("scan.rejected")
    assert len(central.events("backorder.waiting")) == 1


def test_the_same_id_with_other_content_is_a_conflict_and_changes_nothing(
    node: Node, central: Central
) -> None:
    central.answer(central.send("order.place", {"order": "SO-1", "lines": [LINE]}, id="mine-1"))

    central.send("order.place", {"order": "SO-2", "lines": [LINE]}, id="mine-1")

    answer = central.answer("mine-1", nth=2)
    assert (answer["ok"], answer["error"]["code"]) == (False, "conflict")
    assert central.command("order.cancel", order="SO-2")["error"]["code"] == "unknown_order"


def test_an_order_placed_again_is_ok_with_the_same_content_and_exists_with_other(
    node: Node, central: Central
) -> None:
    order(central, "SO-1", ("PEN", 2))

    # Equal as JSON: the order of keys says nothing.
    same = central.command(
        "order.place",
        lines=[{"qty": 2, "sku": "PEN", "line": 1}],
        placed_at="2026-11-02T08:00:00Z",
        order="SO-1",
    )
    other = central.command("order.place", order="SO-1", lines=[{"line": 1, "sku": "PEN", "qty": 3}])

    assert same["ok"] is True
    assert (other["ok"], other["error"]["code"]) == (False, "exists")
    central.level("PEN", waiting=2)
    assert len(central.events("backorder.waiting")) == 1


def place(*lines: dict[str, object], **fields: object) -> dict[str, object]:
    return {"order": "SO-9", "lines": list(lines or [LINE]), **fields}


WRONG: list[tuple[str, Any, str, str]] = [
    ("order.place", place({**LINE, "qty": -1}), "bad_value", "lines[0].qty"),
    ("order.place", place({**LINE, "qty": 3.0}), "bad_value", "lines[0].qty"),
    ("order.place", place({**LINE, "qty": "3"}), "bad_value", "lines[0].qty"),
    ("order.place", place({**LINE, "qty": True}), "bad_value", "lines[0].qty"),
    (
        "order.place",
        place(LINE, {**LINE, "line": 2, "qty": 1_000_001}),
        "bad_value",
        "lines[1].qty",
    ),
    ("order.place", {"order": "", "lines": [LINE]}, "bad_value", "order"),
    ("order.place", {"order": "x" * 65, "lines": [LINE]}, "bad_value", "order"),
    ("order.place", place(placed_at="yesterday"), "bad_value", "placed_at"),
    (
        "order.place",
        place(placed_at="2026-11-02T08:00:00"),
        "bad_value",
        "placed_at",
    ),
    ("order.place", place({"line": 1, "sku": "PEN"}), "missing_field", "lines[0].qty"),
    ("order.place", {"lines": [LINE]}, "missing_field", "order"),
    ("order.place", place(colour="red"), "unknown_field", "colour"),
    ("order.dance", {"order": "SO-9"}, "unknown_type", ""),
    ("order.cancel", {"order": "SO-404"}, "unknown_order", ""),
]


def test_a_wrong_command_is_answered_with_its_code_and_place_and_the_next_one_works(
    node: Node, central: Central
) -> None:
    for kind, data, code, at in WRONG:
        answer = central.command(kind, **data)

        assert answer["ok"] is False, (kind, data)
        error = answer["error"]
        assert error["code"] == code, (kind, data, answer)
        assert error["text"], answer
        assert not at or error["at"] == at, (kind, data, answer)
    order(central, "SO-1", ("PEN", 1))
    assert [event.data["order"] for event in central.events("backorder.waiting")] == ["SO-1"]


def test_a_list_command_applies_the_good_entries_and_names_the_others(node: Node, central: Central) -> None:
    items = [
        {"sku": "CAP", "codes": [{"code": "CAP-1", "pack": 1}]},
        {"sku": "NIB", "codes": [{"code": PEN, "pack": 1}]},
        {"sku": "", "codes": []},
    ]

    answer = central.command("catalogue.upsert", items=items)
    none_good = central.command("catalogue.upsert", items=items[1:])

    assert answer["ok"] is True
    assert sorted((entry["at"].split(".")[0], entry["code"]) for entry in answer["refused"]) == [
        ("items[1]", "code_taken"),
        ("items[2]", "bad_value"),
    ]
    assert none_good["ok"] is False
    node.take("gun-1", "CAP-1")
    central.event("stock.received", sku="CAP")


def test_what_cannot_be_read_is_answered_if_it_has_an_id_and_holds_nothing_up(
    node: Node, central: Central
) -> None:
    head = '{"specversion":"1.0","source":"/erp",'
    unread = {
        "c-nan": head + '"id":"c-nan","type":"crossdock.order.cancel","data":{"order":NaN}}',
        "c-type": head + '"id":"c-type","data":{}}',
        "c-list": head + '"id":"c-list","type":"crossdock.order.cancel","data":[]}',
        "c-big": head + '"id":"c-big","type":"crossdock.order.cancel","data":"' + "x" * 200_000 + '"}',
    }
    for payload in unread.values():
        central.send_raw(payload.encode())

    answers = {id: central.answer(id) for id in unread}

    assert {answer["ok"] for answer in answers.values()} == {False}
    codes = {id: answer["error"]["code"] for id, answer in answers.items()}
    assert set(codes.values()) <= set(ERROR_CODES)
    assert codes["c-type"] == "bad_envelope"
    assert codes["c-big"] == "too_large"
    order(central, "SO-1", ("PEN", 1))


def test_hostile_messages_change_nothing_and_hold_nothing_up(node: Node, central: Central) -> None:
    rows = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    raw = [
        codecs.escape_decode(row["input"].encode())[0] * row.get("repeat", 1)
        for row in rows
        if row["channel"] == "mqtt"
    ]
    for payload in (*raw, b'{"id":{"a":1}}', b'{"id":"c-1"', b"\x00", b"{}", b"[]", b"null"):
        central.send_raw(payload)

    order(central, "SO-1", ("PEN", 1))

    central.event("backorder.waiting", order="SO-1")
    changed = [e for e in central.events() if not e.type.startswith("exception.")]
    assert [event.type for event in changed[:1]] == ["backorder.waiting"]
    node.take("gun-1", PEN)


def test_commands_wait_at_the_broker_while_the_node_is_down(node: Node, central: Central) -> None:
    assert node.stop() == 0
    ids = [central.send("order.place", {"order": f"SO-{n}", "lines": [LINE]}) for n in range(5)]

    node.launch()

    assert all(central.answer(id)["ok"] for id in ids)
    last = central.answer(ids[-1])["last_seq"]
    central.wait(lambda heard: len(heard.events) >= last, f"event {last}")
    told = [event.data["order"] for event in central.events("backorder.waiting")]
    assert told == [f"SO-{n}" for n in range(5)]


def test_the_answer_goes_to_the_response_topic_too(node: Node, central: Central) -> None:
    id = central.send("order.place", {"order": "SO-1", "lines": [LINE]}, reply_to="reply/erp")

    central.answer(id)
    reply = central.wait(lambda heard: heard.replies[0] if heard.replies else None, "the reply")

    assert json.loads(reply.payload)["id"] == id
    assert reply.topic.endswith("/reply/erp")
    assert getattr(reply.properties, "CorrelationData", None) == id.encode()
