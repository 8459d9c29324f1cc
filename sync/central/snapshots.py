"""Snapshots of one node: gathered chunk by chunk, proved by their digest, then ground for the books or a comparison.

Chunks are kept in the database until the snapshot has served, so that memory holds one at a time and a restart
loses none.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from sync.central.books import Books, Line, Position, line_id, name, optional, units
from sync.central.intake import Intake
from sync.central.store import Store

UNDER_WAY_MAX = 10
"""Snapshots of a node at a time; the oldest makes room."""
CHUNKS_MAX = 10_000
DIFFERENCES_TOLD = 1000
SCOPES = ("levels", "positions", "orders")


class Snapshots:
    """The snapshots of the node that `intake` takes in; works in the transaction of whoever calls."""

    def __init__(self, store: Store, intake: Intake) -> None:
        self._store, self._intake, self._node = store, intake, intake.node
        self._seen: dict[int, set[bytes]] = {}
        """Hashes of the chunks that are here: after a break some come again."""
        self._may_settle = True

    def take(self, name_: str, payload: bytes) -> None:
        """Take one message of the snapshot of that name."""
        try:
            told = json.loads(payload)
            if not isinstance(told, dict):
                raise ValueError("expected an object")
            if "begin" in told:
                self._begin(name(name_), told["begin"])
            elif "end" in told:
                self._end(name_, str(told["end"]["digest"]))
            else:
                self._keep(name_, payload)
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            self._intake.find("snapshot", name_, f"The snapshot {name_} cannot be read: {error}.")

    def settle(self) -> None:
        """Use the snapshots that are whole and whose time has come."""
        if not self._may_settle:
            return
        waiting = False
        for id_, name_, begun, is_whole in self._store.snapshots(self._node):
            if is_whole:
                waiting |= not self._use(id_, name_, json.loads(begun))
        self._may_settle = waiting

    def _begin(self, name_: str, begin: Mapping[str, Any]) -> None:
        begun = json.dumps(
            {
                "epoch": name(begin["epoch"]),
                "as_of_seq": units(begin["as_of_seq"]),
                "counts": begin.get("counts"),
            }
        )
        under_way = self._store.snapshots(self._node)
        if any(found == name_ and known == begun and not is_whole for _, found, known, is_whole in under_way):
            return  # its beginning came again
        for id_, *_ in under_way[: max(0, len(under_way) + 1 - UNDER_WAY_MAX)]:
            self._drop(id_)
        self._store.begin_snapshot(self._node, name_, begun)

    def _keep(self, name_: str, payload: bytes) -> None:
        if (found := self._under_way(name_)) is None:
            return  # its end was seen, or its beginning never was
        seen = self._seen.get(found)
        if seen is None:
            seen = self._seen[found] = {hashlib.sha256(each).digest() for each in self._store.chunks(found)}
        digest = hashlib.sha256(payload).digest()
        if digest in seen:
            return
        if len(seen) >= CHUNKS_MAX:
            self._drop(found)
            raise ValueError(f"expected at most {CHUNKS_MAX} chunks")
        self._store.keep_chunk(found, len(seen), payload)
        seen.add(digest)

    def _end(self, name_: str, digest: str) -> None:
        if (found := self._under_way(name_)) is None:
            return
        chain = hashlib.sha256()
        for chunk in self._store.chunks(found):
            chain.update(chunk)
        if chain.hexdigest() != digest:
            self._drop(found)
            raise ValueError(f"its chunks have the digest {chain.hexdigest()}, its end says {digest}")
        self._seen.pop(found, None)
        self._store.snapshot_is_whole(found)
        self._may_settle = True

    def _under_way(self, name_: str) -> int | None:
        known = self._store.snapshots(self._node)
        return next((id_ for id_, each, _, is_whole in known if each == name_ and not is_whole), None)

    def _drop(self, id_: int) -> None:
        self._seen.pop(id_, None)
        self._store.drop_snapshot(id_)

    # -- use -----------------------------------------------------------------------------------------------

    def _use(self, id_: int, name_: str, begun: Mapping[str, Any]) -> bool:
        """Use a snapshot, unless its time is still to come; whether it has served."""
        epoch = self._intake.present
        if epoch is None or epoch.name != begun["epoch"]:
            return False  # it may be the next ledger's: its state comes after it
        as_of = begun["as_of_seq"]
        self._intake.flush()
        try:
            scopes = self._scopes(id_, begun)
            if epoch.base is None:
                self._install(id_, scopes, epoch.name, as_of)
            elif epoch.seq < as_of:
                return False
            if "positions" in scopes:
                self._compare(id_, name_, as_of)
        except (ValueError, LookupError, TypeError) as error:
            self._intake.find("snapshot", name_, f"The snapshot {name_} cannot be used: {error}.")
        self._drop(id_)
        return True

    def _scopes(self, id_: int, begun: Mapping[str, Any]) -> set[str]:
        """What it tells of; where nothing lies, of positions too, though it has none."""
        counted = begun["counts"] if isinstance(begun["counts"], dict) else {}
        return set(counted) | {key for chunk in self._store.chunks(id_) for key in json.loads(chunk)}

    def _install(self, id_: int, scopes: set[str], epoch: str, as_of: int) -> None:
        """Let the books stand on the snapshot. Raises before anything is written if it has no positions."""
        if "positions" not in scopes:
            raise ValueError("the books need one of positions")
        books = _empty_books()
        levels = {
            sku: told for sku, told in self._store.levels(self._node).items() if told.get("epoch") == epoch
        }
        for scope, row in self._rows(id_):
            match scope:
                case "positions":
                    books.moved[_position(row)] = _whole(row["qty"])
                case "orders":
                    _take_order(books, row)
                case "levels" if levels.get(row["sku"], {}).get("seq", -1) < as_of:
                    levels[name(row["sku"])] = dict(row)
        self._store.empty(self._node, "positions")
        if "orders" in scopes:
            self._store.empty(self._node, "lines", "orders")
        if "levels" in scopes:
            self._store.empty(self._node, "levels")
            self._store.keep_levels(self._node, {sku: json.dumps(row) for sku, row in levels.items()})
        self._store.write_books(self._node, books)
        self._intake.rebase(as_of)

    def _compare(self, id_: int, name_: str, as_of: int) -> None:
        """Hold the snapshot, and what moved since, against the books; each difference is told."""
        epoch = self._intake.present
        assert epoch is not None, "compared with no ledger"
        theirs: dict[Position, int] = {}
        for scope, row in self._rows(id_):
            if scope == "positions" and (qty := _whole(row["qty"])):
                theirs[_position(row)] = qty
        since = _empty_books()
        for payload in self._store.events(epoch.id, as_of, epoch.seq):
            # What cannot be read was told when the event came.
            with contextlib.suppress(ValueError):
                since.apply(json.loads(payload))
        for position, qty in since.moved.items():
            theirs[position] = theirs.get(position, 0) + qty
        ours = self._store.positions(self._node)
        differences = [
            {
                **dict(zip(("sku", "lot", "expiry", "pallet", "account"), position, strict=True)),
                "central": ours.get(position, 0),
                "node": theirs.get(position, 0),
            }
            for position in sorted(ours.keys() | theirs.keys())
            if ours.get(position, 0) != theirs.get(position, 0)
        ]
        told = {
            "epoch": epoch.name,
            "as_of_seq": as_of,
            "seq": epoch.seq,
            "positions": len(ours),
            "same": not differences,
            "different": len(differences),
            "differences": differences[:DIFFERENCES_TOLD],
        }
        self._store.keep_comparison(self._node, name_, json.dumps(told))
        if differences:
            text = (
                f"{len(differences)} positions differ from the node's as of event {as_of} (snapshot {name_})."
            )
            self._intake.find("positions", f"{epoch.name}/{as_of}", text)

    def _rows(self, id_: int) -> Iterable[tuple[str, Mapping[str, Any]]]:
        for chunk in self._store.chunks(id_):
            told = json.loads(chunk)
            for scope in SCOPES:
                for row in told.get(scope) or ():
                    yield scope, row


def _empty_books() -> Books:
    """Books behind which there is nothing."""
    return Books(line_of=lambda *_: None, lines_of=lambda _: (), booking_of=lambda _: ())


def _position(row: Mapping[str, Any]) -> Position:
    lot, expiry, pallet = (optional(row.get(key)) for key in ("lot", "expiry", "pallet"))
    return name(row["sku"]), lot, expiry, pallet, name(row["account"])


def _whole(value: object) -> int:
    """So many units; less than none at a supplier."""
    if type(value) is int:
        return units(value) if value >= 0 else -units(-value)
    raise ValueError(f"Expected a whole number, got {value!r:.80}")


def _take_order(books: Books, row: Mapping[str, Any]) -> None:
    order = name(row["order"])
    books.statuses[order] = name(row.get("status") or "open")
    for each in row.get("lines") or ():
        numbers = {
            key: units(each.get(key) or 0)
            for key in ("allocated", "picked", "shipped", "cancelled", "waiting")
        }
        ordered = None if each.get("ordered") is None else units(each["ordered"])
        books.lines[order, line_id(each["line"])] = Line(optional(each.get("sku")), ordered, **numbers)
