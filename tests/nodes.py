"""A node as central sees it: its events with their chain, its state, its snapshots. Whoever tests publishes them."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

NODE = "par1/dock-a"


class Told:
    """A ledger of one node that tells what happens to it; `payloads` are its events, the first at 0."""

    def __init__(self, epoch: str = "e1", *, node: str = NODE, previous: str | None = None) -> None:
        self.epoch, self.node, self.previous = epoch, node, previous
        self.payloads: list[bytes] = []
        self.types: list[str] = []
        self.first_seq = 1
        self.confirmed_seq = 0
        self._hash = bytes(32)

    @property
    def last_seq(self) -> int:
        return len(self.payloads)

    @property
    def hash(self) -> str:
        return self._hash.hex()

    def tell(self, type_: str, data: Mapping[str, Any], *, booking: int | None = None) -> bytes:
        """Tell one event; returns its bytes."""
        seq = self.last_seq + 1
        event = {
            "specversion": "1.0",
            "id": f"{self.node}/{self.epoch}/{seq}",
            "source": f"/crossdock/{self.node}",
            "type": f"crossdock.{type_}",
            "subject": data.get("sku"),
            "time": "2026-11-21T09:30:00.123Z",
            "datacontenttype": "application/json",
            "dataschema": f"urn:crossdock:schema/{type_}/1",
            "epoch": self.epoch,
            "seq": seq,
            "booking": booking or seq,
            "cause": f"scan/{seq}",
            "data": data,
        }
        payload = json.dumps(event).encode()
        self._hash = hashlib.sha256(self._hash + payload).digest()
        self.payloads.append(payload)
        self.types.append(type_)
        return payload

    def receive(self, qty: int = 1, *, sku: str = "PEN", location: str = "DOCK-1") -> bytes:
        moved = move(sku, qty, "supplier:-", f"location:{location}")
        data = {"sku": sku, "qty": qty, "lot": None, "expiry": None, "location": location}
        return self.tell("stock.received", {**data, "station": "dock-1", "moves": [moved]})

    def receive_often(self, count: int) -> list[bytes]:
        return [self.receive() for _ in range(count)]

    def state(self, **other: object) -> bytes:
        told = {
            "status": "online",
            "contract": 1,
            "session": 1,
            "epoch": self.epoch,
            "version": "0.1.0",
            "first_seq": self.first_seq,
            "last_seq": self.last_seq,
            "confirmed_seq": self.confirmed_seq,
            "hash": self.hash,
            **({"previous": self.previous} if self.previous else {}),
            **other,
        }
        return json.dumps(told).encode()

    def topic(self, seq: int) -> str:
        return f"evt/{self.types[seq - 1].replace('.', '/')}"


def move(sku: str, qty: int, source: str, target: str, *, lot: str | None = None) -> dict[str, Any]:
    return {"sku": sku, "lot": lot, "expiry": None, "pallet": None, "qty": qty, "from": source, "to": target}


def position(sku: str, account: str, qty: int, *, lot: str | None = None) -> dict[str, Any]:
    """A row of a snapshot."""
    return {
        "sku": sku,
        "lot": lot,
        "expiry": None,
        "pallet": None,
        "account": account,
        "qty": qty,
        "allocated": 0,
    }


def snapshot(epoch: str, as_of_seq: int, rows: Mapping[str, list[Any]], *, size: int = 2) -> list[bytes]:
    """The messages of a snapshot, `size` rows to the chunk."""
    counts = {scope: len(each) for scope, each in rows.items()}
    chunks = []
    for scope, each in rows.items():
        cut = [each[n : n + size] for n in range(0, len(each), size)] or [[]]
        chunks += [
            json.dumps({"n": n, "of": len(cut), scope: part}).encode() for n, part in enumerate(cut, 1)
        ]
    digest = hashlib.sha256(b"".join(chunks)).hexdigest()
    begin = {"begin": {"epoch": epoch, "as_of_seq": as_of_seq, "counts": counts}}
    return [json.dumps(begin).encode(), *chunks, json.dumps({"end": {"digest": digest}}).encode()]


def chain(payloads: Iterable[bytes]) -> str:
    """The head of the chain of hashes over these events."""
    head = bytes(32)
    for payload in payloads:
        head = hashlib.sha256(head + payload).digest()
    return head.hex()
