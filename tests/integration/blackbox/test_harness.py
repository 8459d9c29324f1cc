"""The harness itself: what judges the node must be right without one."""

import contextlib
import json
import os
import socket
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from tests.integration.blackbox.audit import check_bookings, check_heard, check_schemas, hash_at, positions
from tests.integration.blackbox.central import NODE, ROOT, SITE, Central, Heard
from tests.integration.blackbox.events import Event, JsonObject, compare
from tests.integration.blackbox.mosquitto import HOST, Broker, Gate, answers
from tests.integration.blackbox.node import Node, with_printers
from tests.integration.blackbox.pty_scanner import ACCEPT, REJECT, NoAnswerError, PtyScanner
from tests.integration.blackbox.tcp_printer import TcpPrinter
from tests.integration.blackbox.waits import wait_for
from tests.integration.blackbox.zpl import labels_in


@pytest.fixture
def publisher(broker: Broker) -> Iterator[Client]:
    client = Client(CallbackAPIVersion.VERSION2)
    client.connect(HOST, broker.port)
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


def envelope(seq: int, kind: str = "order.ready", **fields: object) -> JsonObject:
    usual: JsonObject = {
        "specversion": "1.0",
        "id": f"{SITE}/{NODE}/e1/{seq}",
        "source": f"/crossdock/{SITE}/{NODE}",
        "type": f"crossdock.{kind}",
        "subject": "SO-1",
        "time": "2026-11-21T09:30:00.123Z",
        "datacontenttype": "application/json",
        "dataschema": f"https://example.net/{kind}/1",
        "epoch": "e1",
        "seq": seq,
        "booking": seq,
        "cause": "scan/7",
        "data": {"order": "SO-1"},
    }
    return {**usual, **fields}


def event(seq: int, kind: str = "order.ready", **fields: object) -> Event:
    told = envelope(seq, kind, **fields)
    topic = "evt/" + kind.replace(".", "/")
    return Event(seq, kind, told["data"], told, json.dumps(told).encode(), topic)


def publish(client: Client, told: JsonObject) -> None:
    topic = "evt/" + told["type"].removeprefix("crossdock.").replace(".", "/")
    client.publish(f"{ROOT}/{topic}", json.dumps(told), qos=1).wait_for_publish(5)


def test_a_killed_broker_comes_back_on_its_port(broker: Broker) -> None:
    broker.kill9()
    was_gone = not answers(broker.port)

    broker.start()

    assert was_gone
    assert answers(broker.port)


def test_a_shut_gate_refuses_and_an_open_one_leads_through(broker: Broker) -> None:
    gate = Gate(broker.port)
    refused = not answers(gate.port)
    gate.open()
    central = Central(gate.port)
    central.connect()

    gate.shut()

    assert refused
    assert not answers(gate.port)
    central.disconnect()


def test_central_counts_a_repeat_with_the_same_bytes_as_one_event(
    central: Central, publisher: Client
) -> None:
    for seq in (1, 2, 1, 2, 3):
        publish(publisher, envelope(seq))

    central.wait(lambda heard: len(heard.events) == 3, "three events")

    assert [told.seq for told in central.events()] == [1, 2, 3]
    assert central.heard.repeats == 2
    check_heard(central.heard)


@pytest.mark.parametrize(
    "heard",
    [
        Heard(events=[event(1, data={"order": 7})]),
        Heard(events=[event(1, data={"order": "SO-1", "colour": "red"})]),
        Heard(states=[{"status": "asleep"}]),
        Heard(levels={"PEN": {"sku": "PEN", "on_hand": -1}}),
        Heard(answers={"c-1": [b'{"id":"c-1","source":"/erp","ok":false}']}),
    ],
)
def test_what_the_schemas_do_not_allow_is_a_breach(heard: Heard) -> None:
    with pytest.raises(AssertionError):
        check_schemas(heard)


@pytest.mark.parametrize(
    ("second", "fault"),
    [
        (envelope(3), "event 3 came, 2 was due: a hole"),
        (envelope(1, data={"order": "SO-2"}), "event 1 came again with other bytes"),
    ],
)
def test_central_notes_a_hole_and_a_changed_repeat(
    broker: Broker, publisher: Client, second: JsonObject, fault: str
) -> None:
    central = Central(broker.port)
    central.connect()
    publish(publisher, envelope(1))
    publish(publisher, second)

    faults = central.wait(lambda heard: heard.faults or None, "the fault")

    central.disconnect()
    assert [text[: len(fault)] for text in faults] == [fault]


def test_central_sends_commands_and_finds_the_answer_by_its_id(central: Central, publisher: Client) -> None:
    asked: list[JsonObject] = []

    def answer(client: Client, _data: object, message: object) -> None:
        command = json.loads(getattr(message, "payload", b""))
        asked.append(command)
        client.publish(f"{ROOT}/res", json.dumps({"id": command["id"], "source": "/erp", "ok": True}), qos=1)

    subscribed = threading.Event()
    publisher.on_message = answer
    publisher.on_subscribe = lambda *_: subscribed.set()
    publisher.subscribe(f"{ROOT}/cmd", 1)
    assert subscribed.wait(5)

    told = central.do("order.resume", order="SO-1")

    assert told == {"id": "c-1", "source": "/erp", "ok": True}
    assert asked[0]["type"] == "crossdock.order.resume"
    assert asked[0]["data"] == {"order": "SO-1"}


def test_expected_events_are_compared_in_order_and_strictly_by_type_of_value() -> None:
    found = [event(1, data={"qty": 1, "lines": [{"line": 1, "sku": "PEN"}]}), event(2, "order.held")]

    compare(found, (("order.ready", {"qty": 1, "lines": [{"line": 1}]}), ("order.held", {})))

    wrongs: list[JsonObject] = [{"qty": True}, {"qty": 2}, {"lines": []}, {"rank": 1}]
    for wrong in wrongs:
        with pytest.raises(AssertionError, match=r"Expected order\.ready"):
            compare(found, (("order.ready", wrong), ("order.held", {})))
    with pytest.raises(AssertionError, match=r"Expected order\.held"):
        compare(found, (("order.held", {}), ("order.ready", {})))


def test_allocations_are_interchangeable_within_an_order_only() -> None:
    a, b = {"order": "SO-1", "line": 1}, {"order": "SO-1", "line": 2}
    other = {"order": "SO-2", "line": 1}
    kind = "backorder.allocated"

    compare([event(1, kind, data=b), event(2, kind, data=a)], ((kind, a), (kind, b)))

    with pytest.raises(AssertionError, match="Expected"):
        compare([event(1, kind, data=other), event(2, kind, data=a)], ((kind, a), (kind, other)))


@pytest.mark.parametrize(
    ("second", "breach"),
    [
        (event(2, booking=1, cause="scan/8"), "another cause"),
        (event(2, "backorder.waiting", booking=1), "behind what comes after it"),
        (event(2, booking=3), "not its first event"),
    ],
)
def test_a_booking_out_of_order_is_found(second: Event, breach: str) -> None:
    with pytest.raises(AssertionError, match=breach):
        check_bookings([event(1), second])


def test_the_chain_of_hashes_begins_with_zeros_and_takes_in_each_payload() -> None:
    events = [event(1), event(2)]

    assert hash_at(events, 0) == "0" * 64
    assert len({hash_at(events, seq) for seq in (0, 1, 2)}) == 3


def test_moves_add_up_to_positions() -> None:
    received = {"sku": "PEN", "qty": 5, "from": "supplier:", "to": "location:A-01"}
    lost = {"sku": "PEN", "qty": 2, "from": "location:A-01", "to": "missing:A-01"}

    totals = positions([event(1, data={"moves": [received]}), event(2, data={"moves": [lost]})])

    assert totals == {"PEN": {"on_hand": 3, "missing": 2}}


def test_a_pty_scanner_is_a_serial_port_with_answers() -> None:
    scanner = PtyScanner(lambda: True)
    with serial.Serial(scanner.path, 9600, timeout=5) as port:
        scanner.send(b"QTY:3\r")
        heard = port.read_until(b"\r")
        port.write((ACCEPT + REJECT).encode())
        verdicts = [scanner.answer(), scanner.answer()]

    assert heard == b"QTY:3\r"
    assert verdicts == ["accept", "reject"]
    with pytest.raises(NoAnswerError, match="No answer"):
        scanner.answer(timeout_s=0.05)
    scanner.close()


def test_a_dead_node_is_no_answer_but_its_last_byte_still_counts() -> None:
    scanner = PtyScanner(lambda: False)
    with serial.Serial(scanner.path, 9600) as port:
        port.write(ACCEPT.encode())

    assert scanner.answer() == "accept"
    assert scanner.answer() is None
    scanner.close()


def test_a_scanner_forgets_what_nobody_read() -> None:
    scanner = PtyScanner(lambda: False)
    scanner.send(b"7612345001012\r")

    scanner.forget()

    slave = os.open(scanner.path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    with pytest.raises(BlockingIOError):
        os.read(slave, 1)
    os.close(slave)
    scanner.close()


def test_a_printer_that_speaks_answers_its_status_and_keeps_its_labels(printer: TcpPrinter) -> None:
    with socket.create_connection((HOST, printer.port), timeout=5) as connection:
        connection.sendall(b"~HS^XA^CI28^XZ^XA^FDPEN^FS^XZ~H")
        connection.sendall(b"S")
        told = b""
        while told.count(b"\x03\r\n") < 6:
            told += connection.recv(1024)

    assert told.startswith(b"\x02030,0,")
    assert [label.fields for label in printer.labels] == [["PEN"]]


def test_a_printer_cut_in_a_label_does_not_print_it_and_breaks_the_connection(printer: TcpPrinter) -> None:
    printer.cut_in_next_label()
    with socket.create_connection((HOST, printer.port), timeout=5) as connection:
        connection.sendall(b"^XA^FDPEN^FS")
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(1) == b""
    wait_for(lambda: not answers(printer.port), "the printer to be off")

    printer.on()

    assert answers(printer.port)
    assert printer.labels == []


def test_labels_are_read_as_a_scanner_and_a_person_would() -> None:
    stream = (
        b"^XA^CI28^FH_^FDSO-1 100_25_5E^FS^BQN,2,5^FDQA,LBL:7-1^FS^XZ"
        b"^XA^BCN,80,N,N,N,N^FD>;>8017612345001012>810>6B7>891X1^FS"
        b"^BXN,6,200,0,0,1,|^FH_^FD|101761234500101210B7|191X1^FS^FDCOPY^FS^XZ"
    )

    first, second = labels_in(stream)

    assert first.fields == ["SO-1 100%^", "QA,LBL:7-1"]
    assert (first.code, first.is_copy, first.gs1_scans()) == ("LBL:7-1", False, [])
    assert second.is_copy
    assert second.gs1_scans() == [
        "]C1017612345001012\x1d10B7\x1d91X1",
        "]d201761234500101210B7\x1d91X1",
    ]


def test_the_configuration_of_a_node_says_what_the_layout_says(tmp_path: Path) -> None:
    node = Node(tmp_path, with_printers("tcp://127.0.0.1:9100"), mqtt_port=1883)

    told = tomllib.loads(node.config.read_text())

    node.clear_away()
    assert told["mqtt"] == {"host": "127.0.0.1", "port": 1883, "prefix": "crossdock"}
    assert [gun["station"] for gun in told["scanners"]] == ["dock-1", "aisle-1"]
    assert told["scanners"][0]["accept"] == ACCEPT
    assert told["stations"][1] == {
        "id": "aisle-1",
        "mode": "missing",
        "location": "AISLE",
        "printer": "zebra-1",
    }
    assert told["printers"][0]["device"] == "tcp://127.0.0.1:9100"
