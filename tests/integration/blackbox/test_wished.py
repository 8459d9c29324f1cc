"""What central asks for again, and commands that come with a hole before them (contract section 6)."""

import hashlib
import json
from typing import Any

from tests.integration.blackbox.central import Central, Heard
from tests.integration.blackbox.goods import INK, PEN_CASE, order
from tests.integration.blackbox.node import Node
from tests.integration.blackbox.shop import all_moves

GUN = "gun-1"
LISTS = ("levels", "positions", "orders")


def snapshot(central: Central, id: str) -> list[bytes]:
    """Wait for all of a snapshot; its messages in the order they came."""

    def whole(heard: Heard) -> list[bytes] | None:
        messages = heard.snapshots.get(id, [])
        return list(messages) if messages and "end" in json.loads(messages[-1]) else None

    return central.wait(whole, f"the end of snapshot {id}")


def listed(messages: list[bytes], what: str) -> list[dict[str, Any]]:
    return [each for message in messages for each in json.loads(message).get(what, [])]


def test_events_are_published_again_as_they_were(node: Node, central: Central) -> None:
    for code in (PEN_CASE, INK, PEN_CASE):
        node.take(GUN, code)
    last = central.event("stock.received", sku="PEN", qty=12).seq
    last = central.event("stock.received", sku="PEN", after=last).seq

    central.do("sync.replay", from_seq=1, to_seq=last)

    # That each is the same to the byte is looked at as it comes.
    central.wait(lambda heard: heard.repeats >= last, f"{last} events again")
    assert central.heard.repeats == last


def test_a_snapshot_says_what_stands_and_its_digest_is_that_of_its_chunks(
    node: Node, central: Central
) -> None:
    order(central, "SO-1", ("PEN", 5), ("INK", 2))
    node.take(GUN, PEN_CASE)
    ready = central.event("backorder.allocated", order="SO-1", sku="PEN")

    answer = central.do("sync.snapshot", scope=list(LISTS))
    messages = snapshot(central, answer["id"])

    begin, *chunks, end = messages
    said = json.loads(begin)["begin"]
    assert said["epoch"] == ready.envelope["epoch"]
    assert said["as_of_seq"] >= ready.seq
    assert said["counts"] == {what: len(listed(messages, what)) for what in LISTS}
    assert json.loads(end)["end"]["digest"] == hashlib.sha256(b"".join(chunks)).hexdigest()
    numbers = [(each["n"], each["of"]) for each in map(json.loads, chunks)]
    assert numbers == [(n, len(chunks)) for n in range(1, len(chunks) + 1)]
    # Who adds up the moves to there has the same positions.
    sums: dict[tuple[object, ...], int] = {}
    for move in all_moves(event for event in central.events() if event.seq <= said["as_of_seq"]):
        for account, qty in ((move["from"], -move["qty"]), (move["to"], move["qty"])):
            key = (move["sku"], move["lot"], move["expiry"], move["pallet"], account)
            sums[key] = sums.get(key, 0) + qty
    positions = {
        (one["sku"], one["lot"], one["expiry"], one["pallet"], one["account"]): one["qty"]
        for one in listed(messages, "positions")
    }
    assert positions == {key: qty for key, qty in sums.items() if qty}
    (told,) = listed(messages, "orders")
    assert [(line["sku"], line["allocated"], line["waiting"]) for line in told["lines"]] == [
        ("PEN", 5, 0),
        ("INK", 0, 2),
    ]


def test_behind_a_hole_nothing_is_applied_until_it_is_filled(node: Node, central: Central) -> None:
    hold = {"order": "SO-1", "reason": "look"}
    order(central, "SO-1", ("PEN", 1))
    first = central.send("order.hold", hold, cmdseq=1)
    assert central.answer(first)["ok"]

    beyond = central.send("order.cancel", {"order": "SO-1"}, cmdseq=3)
    refused = central.answer(beyond)
    missing = central.send("order.resume", {"order": "SO-1"}, cmdseq=2)
    assert central.answer(missing)["ok"]
    again = central.send("order.cancel", {"order": "SO-1"}, id=beyond, cmdseq=3)

    assert refused["ok"] is False
    assert (refused["error"]["code"], refused["error"]["expected"]) == ("gap", 2)
    assert central.answer(again, nth=2)["ok"]
    central.event("order.cancelled", order="SO-1")
    kinds = [event.type for event in central.events("order.held", "order.resumed", "order.cancelled")]
    assert kinds == ["order.held", "order.resumed", "order.cancelled"]
