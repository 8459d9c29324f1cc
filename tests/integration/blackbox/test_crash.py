"""The power goes in the middle of the work: what was accepted is there, once, in order."""

import random
import signal
import threading

from tests.integration.blackbox.central import Central
from tests.integration.blackbox.conftest import StartNode
from tests.integration.blackbox.goods import PEN, order
from tests.integration.blackbox.node import Node, with_printers
from tests.integration.blackbox.tcp_printer import TcpPrinter
from tests.integration.blackbox.waits import RETURN_PATIENCE_S, wait_for
from tests.integration.blackbox.zpl import Label

ROUNDS = 3
SEED = 7


def lot_code(n: int) -> str:
    """A pen of the nth lot: each scan of the stream can be told from every other."""
    return f"]C101{PEN:0>14}10L{n:05}"


def restart(node: Node, central: Central, *, session: int) -> None:
    node.launch()
    central.state("online", session=session)


def scan_until_killed(node: Node, first: int, *, after_s: float) -> tuple[list[str], str | None]:
    """Scan lots as fast as answers come until the node is killed: the accepted ones, and the one in hand."""
    timer = threading.Timer(after_s, node.kill9)
    timer.start()
    accepted: list[str] = []
    while True:
        n = first + len(accepted)
        verdict = node.guns["gun-1"].scan(lot_code(n))
        if verdict is None:
            timer.join()
            return accepted, f"L{n:05}"
        assert verdict == "accept"
        accepted.append(f"L{n:05}")


def booked_lots(central: Central) -> list[str]:
    return [event.data["lot"] for event in central.events("stock.received")]


def test_a_kill_in_the_middle_of_scans_loses_nothing_that_was_accepted(node: Node, central: Central) -> None:
    order(central, "SO-1", ("PEN", 100_000))
    delays = random.Random(SEED)
    accepted: list[str] = []
    in_hand: set[str | None] = set()

    for round_number in range(ROUNDS):
        taken, open_one = scan_until_killed(
            node, (round_number + 1) * 10_000, after_s=delays.uniform(0.1, 0.4)
        )
        accepted += taken
        in_hand.add(open_one)
        restart(node, central, session=round_number + 2)
    node.take("gun-1", lot_code(1))

    # The last scan's event comes behind all others; central itself notes holes and changed repeats.
    central.event("stock.received", lot="L00001")
    booked = booked_lots(central)
    extra = [lot for lot in booked if lot not in {*accepted, "L00001"}]
    assert len(accepted) > ROUNDS, "nothing was scanned before the kills"
    assert [lot for lot in booked if lot not in extra] == [*accepted, "L00001"]
    assert set(extra) <= in_hand
    assert len(booked) == len(set(booked)), "a lot was booked twice"
    central.level("PEN", on_hand=len(booked), allocated=len(booked), waiting=100_000 - len(booked))
    assert node.stop() == 0
    verified = node.cli("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_a_kill_in_the_middle_of_labels_prints_each_at_least_once_in_order(
    start_node: StartNode, central: Central, printer: TcpPrinter
) -> None:
    node = start_node(with_printers(printer.device))

    accepted, _ = scan_until_killed(node, 1, after_s=0.4)
    restart(node, central, session=2)
    node.take("gun-1", lot_code(99_999))

    central.event("stock.received", lot="L99999")
    booked = booked_lots(central)
    # The last label is behind all others in the queue of its printer.
    wait_for(
        lambda: "L99999" in printed(printer.labels, booked), "the last label", timeout_s=RETURN_PATIENCE_S
    )
    labels = printer.labels
    assert set(accepted) <= set(booked)
    assert printed(labels, booked) == booked
    seen: set[str] = set()
    for label in labels:
        assert label.code not in seen or label.is_copy, f"A label came twice without the mark:\n{label.text}"
        seen.add(label.code)


def printed(labels: list[Label], lots: list[str]) -> list[str]:
    """The lots in the order in which their labels came out first."""
    first: dict[str, None] = {}
    for label in labels:
        first |= dict.fromkeys(lot for lot in lots if lot in label.text)
    return list(first)


def test_commands_sent_into_a_kill_are_each_answered_and_applied_once(node: Node, central: Central) -> None:
    lines = [{"line": 1, "sku": "PEN", "qty": 1}]
    ids = [central.send("order.place", {"order": f"SO-{n:02}", "lines": lines}) for n in range(20)]
    central.answer(ids[2])

    node.kill9()
    ids += [central.send("order.place", {"order": f"SO-{n:02}", "lines": lines}) for n in range(20, 40)]
    restart(node, central, session=2)

    assert all(central.answer(id)["ok"] for id in ids)
    last = central.answer(ids[-1])["last_seq"]
    central.wait(lambda heard: len(heard.events) >= last, f"event {last}")
    assert [event.data["order"] for event in central.events("backorder.waiting")] == [
        f"SO-{n:02}" for n in range(40)
    ]


def test_mode_place_and_quantity_go_on_after_a_clean_end_and_after_a_kill(
    node: Node, central: Central
) -> None:
    node.take("gun-1", "LOC:B-02", "QTY:5")
    assert node.stop(signal.SIGTERM) == 0
    restart(node, central, session=2)
    node.take("gun-1", PEN)
    central.event("stock.received", qty=5, location="B-02")

    node.take("gun-1", "CMD:MISSING", "LOC:B-02", "QTY:2")
    node.kill9()
    restart(node, central, session=3)
    node.take("gun-1", PEN)

    central.event("stock.missing", qty=2, location="B-02", station="dock-1")
    central.level("PEN", on_hand=3, missing=2)
