"""What must not be booked: wrong, hostile and out-of-place codes (contract sections 3 and 7)."""

import codecs
import json
import re
from pathlib import Path

from tests.integration.blackbox.central import Central
from tests.integration.blackbox.closed_lists import WHY
from tests.integration.blackbox.conftest import StartNode
from tests.integration.blackbox.events import Event
from tests.integration.blackbox.goods import PEN, PEN_CASE, order
from tests.integration.blackbox.node import Node, with_printers
from tests.integration.blackbox.tcp_printer import TcpPrinter

CASES = Path(__file__).parents[2] / "cases" / "hostile.jsonl"

REPORTED_PER_MINUTE = 60
"""Beyond so many from one scanner, refused scans are counted and not told one by one."""

GTIN = f"{PEN:0>14}"


def refused(central: Central, count: int) -> list[Event]:
    """Wait for so many refusals in all; each with a reason of the list and its code in visible text."""
    central.wait(
        lambda heard: sum(event.type == "scan.rejected" for event in heard.events) >= count,
        f"{count} refusals",
    )
    events = central.events("scan.rejected")
    for event in events:
        assert event.data["why"] in WHY, event
        assert event.data["reason"], event
        assert re.fullmatch(r"[^\x00-\x1f\x7f-\x9f]*", event.data["code"]), event
    return events


WRONG = {
    "7612345001013": ["check_digit"],
    f"]C101{GTIN[:-1]}3": ["check_digit", "bad_gs1"],
    f"]C101{GTIN}17290230": ["bad_gs1"],
    "NO-SUCH-THING": ["unknown_code"],
    "CMD:DANCE": ["unknown_command"],
    "LBL:nothing-of-ours": ["unknown_label"],
    "EXP:2029-02-30": WHY,
    "QTY:0": WHY,
    "QTY:1000000": WHY,
    "QTY:-1": WHY,
    "QTY:1.5": WHY,
}
"""Each with the reasons that say what is wrong with it; where several do, any of the list."""


def test_a_wrong_code_is_refused_with_its_reason_and_books_nothing(node: Node, central: Central) -> None:
    verdicts = {code: node.scan("gun-1", code) for code in WRONG}

    assert set(verdicts.values()) == {"reject"}, verdicts
    told = {event.data["code"]: event.data["why"] for event in refused(central, len(WRONG))}
    assert told.keys() == WRONG.keys()
    assert [(code, why) for code, why in told.items() if why not in WRONG[code]] == []
    node.take("gun-1", PEN)
    central.level("PEN", on_hand=1)
    assert [event.data["qty"] for event in central.events("stock.received")] == [1]


def test_a_line_is_at_most_256_characters_long(node: Node, central: Central) -> None:
    verdicts = [node.scan("gun-1", "A" * length) for length in (256, 257, 100_000)]

    assert verdicts == ["reject"] * 3
    assert [event.data["why"] for event in refused(central, 3)] == ["unknown_code", "too_long", "too_long"]


def test_an_empty_line_gets_no_answer_and_line_ends_may_be_any(node: Node, central: Central) -> None:
    gun = node.guns["gun-1"]

    gun.send(b"\r\n\n\r")
    gun.send(PEN.encode() + b"\r\n" + PEN.encode() + b"\n" + PEN.encode() + b"\r")

    assert [gun.answer() for _ in range(3)] == ["accept"] * 3
    assert gun.is_quiet()
    central.level("PEN", on_hand=3)


def test_hostile_bytes_are_refused_and_leave_nothing_behind(node: Node, central: Central) -> None:
    rows = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    gun = node.guns["gun-1"]
    sent = 0
    for row in rows:
        # One row is a flood of empty lines; the key events are for scanners that are keyboards.
        if (row["channel"], row["expected"]) != ("scan", "rejected") or row["id"] in KEYS_AND_FLOOD:
            continue
        raw = codecs.escape_decode(row["input"].encode())[0] * row.get("repeat", 1)
        gun.send(raw + b"\r")
        for line in filter(None, re.split(rb"[\r\n]", raw)):
            assert gun.answer() == "reject", (row["id"], line[:80])
            sent += 1

    refused(central, sent)
    node.take("gun-1", PEN)
    central.level("PEN", on_hand=1)
    assert len(central.events("stock.received")) == 1


KEYS_AND_FLOOD = frozenset({"S-019", "S-021", "S-023", "S-029", "S-033"})
"""S-029 is a line that is never ended: a matter of the driver's own tests."""


def test_hostile_text_is_data_to_a_printer(
    start_node: StartNode, central: Central, printer: TcpPrinter
) -> None:
    node = start_node(with_printers(printer.device))
    rows = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    texts = [row["input"] for row in rows if row["cls"] in ("zpl", "injection")]
    texts = [text for text in texts if len(text) <= 64 and "\\" not in text]

    for text in texts:
        node.take("gun-1", f"SKU:{text}")

    labels = printer.wait_labels(len(texts))
    assert len(labels) == len(texts)
    for text, label in zip(texts, labels, strict=True):
        # A long text may be broken or cut to the width of the paper, its beginning must be there as it is.
        assert text[:16] in label.text, f"{text!r} is not on its label:\n{label.text}"
    for command in (b"~JR", b"^ID", b"^PQ9999", b"^KP", b"^CC", b"^FX comment"):
        assert command not in printer.stream, command
    assert printer.stream.count(b"^XA") == printer.stream.count(b"^XZ")


def test_an_own_label_is_refused_in_receive(
    start_node: StartNode, central: Central, printer: TcpPrinter
) -> None:
    node = start_node(with_printers(printer.device))
    order(central, "SO-1", ("PEN", 2))
    node.take("gun-1", "QTY:3", PEN)
    codes = [label.code for label in printer.wait_labels(2)]
    symbols = [scan for label in printer.labels for scan in label.gs1_scans()]

    verdicts = [node.scan("gun-1", code) for code in (*codes, *symbols)]

    assert symbols, "A put-away label carries a GS1 symbol"
    assert set(verdicts) == {"reject"}
    assert {event.data["why"] for event in refused(central, len(verdicts))} == {"own_label"}
    central.level("PEN", on_hand=3)


def test_a_label_whose_goods_are_no_longer_promised_is_void(
    start_node: StartNode, central: Central, printer: TcpPrinter
) -> None:
    node = start_node(with_printers(printer.device))
    order(central, "SO-1", ("PEN", 2))
    node.take("gun-1", "QTY:2", PEN)
    (label,) = printer.wait_labels(1)
    central.do("order.cancel", order="SO-1")

    node.take("gun-2", "LOC:DOCK-1")
    assert node.scan("gun-2", label.code) == "reject"

    assert refused(central, 1)[0].data["why"] == "void_label"
    assert central.events("stock.missing") == []


def test_more_than_sixty_refusals_a_minute_are_answered_and_not_all_told(
    node: Node, central: Central
) -> None:
    over = 5
    for n in range(REPORTED_PER_MINUTE + over):
        assert node.scan("gun-1", f"NO-{n}") == "reject"

    # Another gun has a count of its own, and its event comes behind the others.
    assert node.scan("gun-2", "#end") == "reject"
    central.event("scan.rejected", scanner="gun-2")
    told = [event for event in refused(central, 1) if event.data["scanner"] == "gun-1"]
    assert len(told) == REPORTED_PER_MINUTE


def test_an_item_without_a_place_is_refused_where_a_place_is_needed(node: Node, central: Central) -> None:
    node.take("gun-1", "CMD:FOUND")

    assert node.scan("gun-1", PEN_CASE) == "reject"

    assert refused(central, 1)[0].data["why"] in ("needs_place", "not_here", "needs_quantity")
