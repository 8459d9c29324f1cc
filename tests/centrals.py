"""Scripted centrals for tests of the conformance kit: a right one, of a screenful, and what others do wrong."""

import hashlib
import json
import socket
import threading
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

TIMEOUT_S = 10.0


class Books:
    """What central has of one epoch of a node; `ahead` are events that came behind a hole."""

    def __init__(self) -> None:
        self.ahead: dict[int, bytes] = {}
        self.last = 0
        self.head = bytes(32)


class RightCentral:
    """Takes events in order, asks for what it lacks, and acks what it has. Others do one thing differently."""

    retain = True

    def __init__(self, port: int, *, node: str = "+", protocol: str = "5") -> None:
        self.books: dict[str, Books] = {}
        self.answers: list[dict[str, Any]] = []
        self.events = self.commands = 0
        self.is_dead = False
        subscribed = threading.Event()
        self.client = Client(
            CallbackAPIVersion.VERSION2,
            protocol=MQTTProtocolVersion.MQTTv5 if protocol == "5" else MQTTProtocolVersion.MQTTv311,
        )
        self.client.max_inflight_messages_set(100)
        self.client.on_message = self._on_message
        self.client.on_subscribe = lambda *_: subscribed.set()
        topic = f"crossdock/conformance/{node}/#"
        self.client.on_connect = lambda client, *_: client.subscribe([(topic, 1)])
        self.client.connect("127.0.0.1", port)
        found: Any = self.client.socket()
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.client.loop_start()
        assert subscribed.wait(TIMEOUT_S)

    def __enter__(self) -> "RightCentral":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        _, site, node, kind, *_ = message.topic.split("/")
        root = f"crossdock/{site}/{node}"
        if self.is_dead or message.retain:
            return
        if kind == "evt":
            self.events += 1
            self.take(root, json.loads(message.payload), bytes(message.payload))
        elif kind == "state" and message.payload:
            self.state(root, json.loads(message.payload))
        elif kind == "res":
            self.answers.append(json.loads(message.payload))
            self.answered(root)

    def take(self, root: str, event: dict[str, Any], payload: bytes) -> None:
        books = self.books.setdefault(event["epoch"], Books())
        if event["seq"] <= books.last:
            self.repeat(root, event, books)
            return
        books.ahead[event["seq"]] = payload
        if event["seq"] > books.last + 1:
            self.hole(root, event, books)
            return
        while books.last + 1 in books.ahead:
            books.last += 1
            books.head = hashlib.sha256(books.head + books.ahead.pop(books.last)).digest()
        self.ack(root, event["epoch"], books.last, books.head.hex())

    def hole(self, root: str, event: dict[str, Any], books: Books) -> None:
        if len(books.ahead) == 1:  # once for each hole
            self.command(root, "sync.replay", {"from_seq": books.last + 1, "to_seq": event["seq"] - 1})

    def repeat(self, root: str, event: dict[str, Any], books: Books) -> None:
        self.ack(root, event["epoch"], books.last, books.head.hex())

    def state(self, root: str, state: dict[str, Any]) -> None:
        pass

    def answered(self, root: str) -> None:
        pass

    def ack(self, root: str, epoch: str, seq: Any, hash: str) -> None:
        self.say(f"{root}/ack", {"epoch": epoch, "seq": seq, "hash": hash}, retain=self.retain)

    def command(
        self, root: str, type: str, data: dict[str, Any], *, id: str = "", retain: bool = False
    ) -> None:
        self.commands += 1
        command = {
            "specversion": "1.0",
            "id": id or f"c-{self.commands}",
            "source": "/erp",
            "type": f"crossdock.{type}",
            "datacontenttype": "application/json",
            "data": data,
        }
        self.say(f"{root}/cmd", command, retain=retain)

    def say(self, topic: str, message: dict[str, Any], *, retain: bool = False) -> None:
        self.client.publish(topic, json.dumps(message), qos=1, retain=retain)


class Waiting(RightCentral):
    def hole(self, *_: Any) -> None:
        pass


class Silent(RightCentral):
    def ack(self, *_: Any) -> None:
        pass


class OfAnotherEpoch(RightCentral):
    def ack(self, root: str, epoch: str, seq: Any, hash: str) -> None:
        super().ack(root, "e0", seq, hash)


class WithTextForSeq(RightCentral):
    def ack(self, root: str, epoch: str, seq: Any, hash: str) -> None:
        super().ack(root, epoch, str(seq), hash)


class Ahead(RightCentral):
    def ack(self, root: str, epoch: str, seq: Any, hash: str) -> None:
        super().ack(root, epoch, seq + 1000, hash)


class GoingBack(RightCentral):
    def repeat(self, root: str, event: dict[str, Any], books: Books) -> None:
        self.say(f"{root}/ack", {"epoch": event["epoch"], "seq": event["seq"]}, retain=True)


class OfAnotherChain(RightCentral):
    def ack(self, root: str, epoch: str, seq: Any, hash: str) -> None:
        super().ack(root, epoch, seq, hashlib.sha256(hash.encode()).hexdigest())


class InCapitals(RightCentral):
    def ack(self, root: str, epoch: str, seq: Any, hash: str) -> None:
        super().ack(root, epoch, seq, hash.upper())


class DeadOfARepeat(RightCentral):
    def repeat(self, *_: Any) -> None:
        self.is_dead = True


class DeadOfTheUnknown(RightCentral):
    def take(self, root: str, event: dict[str, Any], payload: bytes) -> None:
        if "colour" in event["data"]:
            self.is_dead = True
            return
        super().take(root, event, payload)


class BlindToHoles(RightCentral):
    def hole(self, root: str, event: dict[str, Any], books: Books) -> None:
        books.last = event["seq"]
        self.say(f"{root}/ack", {"epoch": event["epoch"], "seq": books.last}, retain=True)

    def ack(self, root: str, epoch: str, seq: Any, hash: str) -> None:
        self.say(f"{root}/ack", {"epoch": epoch, "seq": seq}, retain=True)


class DeadOfALostNode(RightCentral):
    def state(self, root: str, state: dict[str, Any]) -> None:
        self.is_dead = state["status"] == "offline"


class ForShortEvents(RightCentral):
    def take(self, root: str, event: dict[str, Any], payload: bytes) -> None:
        if len(payload) <= 64 * 1024:
            super().take(root, event, payload)


class SoonFull(RightCentral):
    """Takes so many events of a node as come before the burst of these tests, and some of that."""

    def take(self, root: str, event: dict[str, Any], payload: bytes) -> None:
        if event["seq"] <= 80:
            super().take(root, event, payload)


class Forgetful(RightCentral):
    retain = False


class OfTheFirstEpoch(RightCentral):
    """Books the epochs apart and acks as if there was one."""

    def ack(self, root: str, epoch: str, seq: Any, hash: str) -> None:
        super().ack(root, next(iter(self.books)), seq, hash)


class OfBothEpochs(RightCentral):
    """Once there is a second epoch, the first one's last ack is said again after each of the second."""

    def ack(self, root: str, epoch: str, seq: Any, hash: str) -> None:
        super().ack(root, epoch, seq, hash)
        first, books = next(iter(self.books.items()))
        if epoch != first:
            # Not retained, so that only what comes live is wrong.
            self.say(f"{root}/ack", {"epoch": first, "seq": books.last})


class Commanding(RightCentral):
    """Sends commands as soon as the first event is there."""

    def take(self, root: str, event: dict[str, Any], payload: bytes) -> None:
        if self.events == 1:
            self.order(root)
        super().take(root, event, payload)

    def order(self, root: str) -> None:
        for number in range(3):
            self.place(root, number)

    def place(self, root: str, number: int, *, qty: int = 1, retain: bool = False) -> None:
        lines = [{"line": 1, "sku": "PEN", "qty": qty}]
        data = {"order": f"SO-{number}", "lines": lines}
        self.command(root, "order.place", data, id=f"o-{number}", retain=retain)


class Flooding(Commanding):
    def order(self, root: str) -> None:
        for number in range(150):
            self.place(root, number)


class LeavingCommandsRetained(Commanding):
    def order(self, root: str) -> None:
        self.place(root, 1, retain=True)


class ReusingIds(Commanding):
    def order(self, root: str) -> None:
        self.place(root, 1)
        self.place(root, 1, qty=2)


class Unreadable(Commanding):
    def order(self, root: str) -> None:
        self.place(root, 1, qty=-1)


class TooLarge(Commanding):
    def order(self, root: str) -> None:
        self.command(root, "order.cancel", {"order": "SO-1", "reason": "x" * 100 * 1024})


class Resending(Commanding):
    """Sends its commands after all else was tried, and again, in the order of `again`, while they are open."""

    again: tuple[int, ...] = (0, 1, 2)

    def __init__(self, port: int, *, node: str = "+", protocol: str = "5") -> None:
        self._timer: threading.Timer | None = None
        super().__init__(port, node=node, protocol=protocol)

    def take(self, root: str, event: dict[str, Any], payload: bytes) -> None:
        super().take(root, event, payload)
        # The last event of the check: of the second epoch.
        if event["seq"] == 20 and len(self.books) == 2 and self._timer is None:
            super().order(root)
            self._timer = threading.Timer(0.3, self._resend, (root,))
            self._timer.start()

    def order(self, root: str) -> None:
        """Not yet."""

    def _resend(self, root: str) -> None:
        for number in self.again:
            self.place(root, number)

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.join(TIMEOUT_S)
        super().__exit__()


class ResendingOutOfOrder(Resending):
    again = (2, 0, 1)


class ResendingNothing(Resending):
    again = ()
