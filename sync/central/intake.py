"""What one node tells, brought into order: repeats passed over, holes seen, epochs told apart.

An event counts once all before it are here; one beyond a hole is kept aside, and whoever asks `wanted` is told what
to have sent again. `service` calls this within a transaction; after one that failed a new one is made.
"""

import contextlib
import hashlib
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync.central.books import Event, name, units
from sync.central.store import Epoch, Store

log = logging.getLogger(__name__)

HELD_MAX = 1000
"""Events that are kept beyond a hole; a node has no more unconfirmed (contract section 6)."""
EPOCHS_MAX = 100
"""Of one node; a ledger gets a new one with every restore."""
ASK_AGAIN_S = 30.0
QUIET_S = 30.0
"""After so long without an event, what `state` tells beyond the last one is a hole and not on its way."""
_FIRST = bytes(32)
"""The hash before the first event (contract section 6)."""


@dataclass(slots=True)
class _Asked:
    """What was asked for last, and when; `at` is also moved on while it comes."""

    upto: int = 0
    at: float = -ASK_AGAIN_S


class Intake:
    """One node. `name` is SITE/NODE. `state` is the last that it told, empty before."""

    def __init__(self, store: Store, node: str) -> None:
        self.name = node
        self.node = store.add_node(node)
        self.state: dict[str, Any] = {}
        self.is_ack_due = False
        self._store = store
        self._epochs = {epoch.name: epoch for epoch in store.epochs(self.node)}
        self._present = next((each for each in self._epochs.values() if each.standing == "present"), None)
        self._books = store.books(self.node, self._present_id)
        self._changed: dict[str, Epoch] = {}
        self._levels: dict[str, str | None] = {}
        self._asked = _Asked()
        self._snapshot_asked_at = -ASK_AGAIN_S
        self._lacks_upto = 0
        self._event_at = time.monotonic()

    @property
    def present(self) -> Epoch | None:
        """The ledger that the node has now, once it said which."""
        return self._present

    def take_event(self, payload: bytes) -> None:
        """Take one event; what is no event of this node becomes a finding."""
        try:
            event = json.loads(payload)
            epoch_name, seq = event["epoch"], event["seq"]
            if type(epoch_name) is not str or type(seq) is not int:
                raise ValueError(
                    f"Expected a text and a whole number, got {epoch_name!r:.80} and {seq!r:.80}"
                )
            if event["id"] != f"{self.name}/{epoch_name}/{seq}" or not 0 < seq < 2**62:
                raise ValueError(f"the id {event['id']!r:.200} is not {self.name}/{epoch_name}/{seq}")
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            self.find("event", f"{payload[:40]!r}", f"What came as an event is none: {error}.")
            return
        self._event_at = time.monotonic()
        epoch = self._present
        if epoch is None or epoch.name != epoch_name:
            self._take_foreign(epoch_name, seq, payload)
        elif seq == epoch.seq + 1:
            self._take_next(epoch, event, payload)
            if epoch.held:
                self._take_held(epoch)
        elif seq <= epoch.seq:
            self.is_ack_due = True
            self._check_repeat(epoch, seq, payload)
        else:
            self._hold(epoch, seq, payload)

    def take_state(self, payload: bytes) -> None:
        """Take where the node says that it stands: which ledger it has, and to where it goes."""
        try:
            state = json.loads(payload)
            told = json.dumps(state)
            if not isinstance(state, dict) or type(state["epoch"]) is not str:
                raise ValueError("expected an object with a text as epoch")
            numbers = {key: units(state.get(key, 0)) for key in ("first_seq", "last_seq", "confirmed_seq")}
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            self.find("state", "", f"Its state cannot be read: {error}.")
            return
        self.state = state
        self._store.keep_state(self.node, told)
        if state.get("status") != "online":
            return
        epoch = self._epoch(state["epoch"])
        if epoch is None:
            self.find("epoch", state["epoch"], f"Epoch {state['epoch']!r:.80} is one too many, or no name.")
            return
        if epoch is not self._present:
            self._begin_epoch(epoch, state, first_seq=max(1, numbers["first_seq"]))
        self._check_state(epoch, numbers)

    def take_ack(self, payload: bytes) -> None:
        """Take what was acknowledged before: more than is here means that our books are an older copy."""
        try:
            ack = json.loads(payload)
            epoch_name, seq = ack["epoch"], units(ack["seq"])
        except (ValueError, LookupError, TypeError, RecursionError):
            return  # not ours, and the node's to complain of
        epoch = self._present
        if epoch is not None and epoch.name == epoch_name and seq > epoch.seq:
            self._lacks_upto = max(self._lacks_upto, seq)

    def take_level(self, sku: str, payload: bytes) -> None:
        """Take an item's level; an empty one says that the item is gone."""
        try:
            self._levels[name(sku)] = json.dumps(_level(payload, sku)) if payload else None
        except (ValueError, RecursionError) as error:
            self.find("level", sku, f"The level of {sku} cannot be read: {error}.")

    def take_order(self, data: Mapping[str, Any]) -> None:
        """Take in what the node accepted of our own commands."""
        try:
            self._books.place(data)
        except (ValueError, LookupError, TypeError) as error:
            log.warning("%s: an order of ours cannot be followed: %s", self.name, error)

    def flush(self) -> None:
        """Write all that was taken."""
        self._store.write_books(self.node, self._books)
        if self._levels:
            self._store.keep_levels(self.node, self._levels)
            self._levels.clear()
        for epoch in self._changed.values():
            self._store.keep_epoch(epoch)
        self._changed.clear()

    def ack(self) -> bytes | None:
        """What is safe here once it is committed; None while nothing is."""
        epoch = self._present
        if epoch is None or epoch.seq == 0:
            return None
        told: dict[str, object] = {"epoch": epoch.name, "seq": epoch.seq}
        if epoch.hash is not None:
            told["hash"] = epoch.hash.hex()
        return json.dumps(told).encode()

    def wanted(self, now: float) -> tuple[int, int] | None:
        """The events to ask for now, first and last: at most every 30 s the same hole."""
        epoch = self._present
        if epoch is None or self.state.get("status") != "online":
            return None
        upto = self._lacks_upto
        if epoch.held:
            upto = min(epoch.held) - 1
        elif now - self._event_at >= QUIET_S:
            upto = max(upto, self.state.get("last_seq", 0))
        if upto <= epoch.seq or (upto <= self._asked.upto and now - self._asked.at < ASK_AGAIN_S):
            return None
        self._asked = _Asked(upto, now)
        self.find("hole", f"{epoch.name}/{epoch.seq + 1}", f"Events {epoch.seq + 1} to {upto} did not come.")
        return epoch.seq + 1, upto

    def wants_snapshot(self, now: float) -> bool:
        """Whether to ask for a snapshot now: the books have no ground, and none came by itself for a while."""
        epoch = self._present
        if epoch is None or epoch.base is not None or self.state.get("status") != "online":
            return False
        if now - self._snapshot_asked_at < ASK_AGAIN_S:
            return False
        self._snapshot_asked_at = now
        return True

    def rebase(self, as_of_seq: int) -> None:
        """Let the books stand on a snapshot, which was just written to them, and take in what came after it."""
        epoch = self._present
        assert epoch is not None, "a snapshot without a ledger"
        epoch.base = as_of_seq
        self._changed[epoch.name] = epoch
        for payload in self._store.events(epoch.id, as_of_seq, epoch.seq):
            self._apply(json.loads(payload))
        self.flush()

    def find(self, kind: str, about: str, text: str) -> None:
        """Keep, and say, what is not as it should be."""
        if self._store.find(self.node, kind, _plain(about), _plain(text)):
            log.warning("%s: %s", self.name, text)

    # -- events --------------------------------------------------------------------------------------------

    def _take_next(self, epoch: Epoch, event: Event, payload: bytes) -> None:
        self._store.keep_event(epoch.id, epoch.seq + 1, payload)
        self._count(epoch, event, payload)

    def _count(self, epoch: Epoch, event: Event, payload: bytes) -> None:
        """Let an event that is kept count: the chain goes on, the books take it in."""
        epoch.seq += 1
        if epoch.hash is not None or epoch.seq == 1:
            epoch.hash = hashlib.sha256((epoch.hash or _FIRST) + payload).digest()
        self.is_ack_due = True
        self._changed[epoch.name] = epoch
        if epoch.seq <= self._asked.upto:
            self._asked.at = self._event_at
        if epoch.base is not None and epoch.seq > epoch.base:
            self._apply(event)

    def _apply(self, event: Event) -> None:
        try:
            self._books.apply(event)
        except ValueError as error:
            about = f"{event['epoch']}/{event['seq']}"
            self.find("contents", about, f"Event {about} is kept, and what it says cannot be read: {error}.")

    def _take_held(self, epoch: Epoch) -> None:
        """A hole is closed: what was kept aside counts now."""
        while epoch.seq + 1 in epoch.held:
            epoch.held.remove(epoch.seq + 1)
            payload = self._store.event(epoch.id, epoch.seq + 1)
            assert payload is not None, "an event that was kept aside is gone"
            self._count(epoch, json.loads(payload), payload)

    def _hold(self, epoch: Epoch, seq: int, payload: bytes) -> None:
        if seq in epoch.held:
            self._check_repeat(epoch, seq, payload)
        elif len(epoch.held) < HELD_MAX:
            self._store.keep_event(epoch.id, seq, payload)
            epoch.held.add(seq)
        else:
            # Not kept: it is asked for once the hole before it is closed.
            self._lacks_upto = max(self._lacks_upto, seq)

    def _take_foreign(self, epoch_name: str, seq: int, payload: bytes) -> None:
        """Keep an event of another ledger. It counts if `state` says that the node has that one now."""
        epoch = self._epoch(epoch_name)
        if epoch is None:
            self.find(
                "epoch",
                epoch_name,
                f"Event {seq} is of epoch {epoch_name!r:.80}, which is no name or one too many: it is not kept.",
            )
        elif seq <= epoch.seq:
            self._check_repeat(epoch, seq, payload)
        else:
            if epoch.standing == "past":
                self.find(
                    "foreign",
                    f"{epoch_name}/{seq}",
                    f"Event {seq} of epoch {epoch_name} came after that had ended.",
                )
            self._hold(epoch, seq, payload)

    def _check_repeat(self, epoch: Epoch, seq: int, payload: bytes) -> None:
        known = self._store.event(epoch.id, seq)
        if known is not None and known != payload:
            self.find(
                "repeat",
                f"{epoch.name}/{seq}",
                f"Event {seq} came again with other bytes, which are not applied: {payload[:1000]!r}.",
            )

    # -- epochs --------------------------------------------------------------------------------------------

    def _epoch(self, wanted: str) -> Epoch | None:
        """The ledger of that name, known from now on; None if there are too many, or it is no name."""
        epoch = self._epochs.get(wanted)
        if epoch is None and len(self._epochs) < EPOCHS_MAX:
            with contextlib.suppress(ValueError):
                epoch = self._epochs[wanted] = self._store.add_epoch(self.node, name(wanted))
        return epoch

    def _begin_epoch(self, epoch: Epoch, state: Mapping[str, Any], *, first_seq: int) -> None:
        self.flush()
        old = self._present
        if old is not None:
            old.standing = "past"
            self._changed[old.name] = old
            self.find(
                "new_epoch", epoch.name, f"Epoch {epoch.name} follows epoch {old.name}, event {old.seq}."
            )
        is_back = epoch.standing == "past"
        epoch.standing = "present"
        self._present = self._changed[epoch.name] = epoch
        self._lacks_upto, self._asked = 0, _Asked()
        # By itself a snapshot comes soon after the state; it is asked for only if it does not.
        self._snapshot_asked_at = time.monotonic()
        if is_back:
            # The books are the other ledger's by now.
            epoch.base, self._snapshot_asked_at = None, -ASK_AGAIN_S
            self.find(
                "epoch",
                epoch.name,
                f"It is epoch {epoch.name} again, after which it was another: an old ledger was put back, or two boxes"
                " have one name: give each its own. The books are taken from a snapshot of it.",
            )
        elif first_seq == 1 and not state.get("previous"):
            epoch.base = 0
            self._store.empty(self.node, "positions", "lines", "orders", "exceptions")
        self._take_held(epoch)
        self.flush()

    def _check_state(self, epoch: Epoch, numbers: Mapping[str, int]) -> None:
        first, last = numbers["first_seq"], numbers["last_seq"]
        if epoch.seq < first - 1:
            self._skip_archived(epoch, first)
        if last == epoch.seq:
            self._compare_hash(epoch)
        if epoch.seq > numbers["confirmed_seq"]:
            self.is_ack_due = True

    def _skip_archived(self, epoch: Epoch, first: int) -> None:
        """What was archived is sent no more: the books get new ground."""
        self.find(
            "archived",
            f"{epoch.name}/{epoch.seq + 1}",
            f"Events {epoch.seq + 1} to {first - 1} were archived before they came here; a snapshot stands for them.",
        )
        epoch.held = {seq for seq in epoch.held if seq >= first}
        epoch.seq, epoch.hash, epoch.base = first - 1, None, None
        self._changed[epoch.name] = epoch
        self._snapshot_asked_at = -ASK_AGAIN_S
        self._take_held(epoch)
        self.flush()

    def _compare_hash(self, epoch: Epoch) -> None:
        theirs = self.state.get("hash")
        if type(theirs) is not str or epoch.seq == 0:
            return
        if epoch.hash is None:
            # What was before the first event that came is not known here: its hash is taken on trust.
            try:
                epoch.hash = bytes.fromhex(theirs)
            except ValueError:
                return
            self._changed[epoch.name] = epoch
        elif epoch.hash.hex() != theirs:
            self.find(
                "hash",
                f"{epoch.name}/{epoch.seq}",
                f"The chain of hashes to event {epoch.seq} is {epoch.hash.hex()} here and {theirs} there:"
                " an event differs.",
            )

    def _present_id(self) -> int:
        assert self._present is not None, "books without a ledger"
        return self._present.id


def _plain(text: str) -> str:
    """Text that any database takes."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")


def _level(payload: bytes, sku: str) -> dict[str, Any]:
    level = json.loads(payload)
    if not isinstance(level, dict) or level.get("sku") != sku:
        raise ValueError(f"expected an object with the sku {sku}")
    return level
