"""The audit of what is only ever added to: facts, entries and events.

Events are walked once, those of the ledgers from which this one was restored before its own. Nothing here needs
memory for the length of the history.
"""

import hashlib
import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from edge.ledger import verify_sql as sql
from edge.ledger.audit import Audit, Book, add, archived, goods
from edge.ledger.verify_told import Event, Witness, event_name


def check_facts(audit: Audit, book: Book) -> None:
    """Facts count without a gap from where the archive ends."""
    book.looked_at = audit.number("SELECT COUNT(*) FROM facts")
    for seq, expected in audit.db.execute(sql.FACT_GAPS, (archived(audit, "fact"),)):
        book.breach(f"fact {seq}: it stands where fact {expected} should be")


def check_entries(audit: Audit, book: Book) -> None:
    """Entries count without a gap; the postings of each sum to zero for each item, lot, expiry and pallet."""
    for entry, expected in audit.db.execute(sql.ENTRY_GAPS, (archived(audit, "entry"),)):
        book.breach(f"entry {entry}: it stands where entry {expected} should be")
    for entry, postings in groupby(audit.db.execute(sql.POSTINGS_BY_ENTRY), key=lambda row: int(row[0])):
        book.looked_at += 1
        sums: dict[str, int] = {}
        for expected, (_, n, key, qty) in enumerate(postings):
            if n != expected:
                book.breach(f"entry {entry}: posting {n} stands where posting {expected} should be")
            add(sums, key, qty)
        for key, qty in sums.items():
            book.breach(f"entry {entry}: its postings of {goods(key)} sum to {qty:+}, not to 0")
    audit.list(book, sql.ENTRIES_WITHOUT_POSTINGS, "entry {}: it has no postings")
    audit.list(book, sql.ENTRIES_OUT_OF_ORDER, "entry {}: it is of fact {}, the next one of fact {}")
    audit.list(book, sql.ENTRIES_UNREADABLE, "entry {}: what it takes to undo it is no JSON: {}")
    audit.list(
        book, sql.UNDONE_WRONGLY, "entry {}: it undoes entry {}, which is not before it or undone twice"
    )


# -- the chain of events ---------------------------------------------------------------------------------------


def check_events(audit: Audit, book: Book) -> None:
    """Events count from 1 without a gap, say so themselves, and their chain of hashes is whole, epoch by epoch."""
    epoch = audit.text("SELECT value FROM meta WHERE key = 'epoch'")
    epochs = [*ancestors(audit), epoch]
    for stranger, number in audit.db.execute(sql.STRANGERS, (json.dumps(epochs[:-1]),)):
        book.breach(f"{number} past events are of epoch {stranger}, from which this ledger does not descend")
    witness = Witness(audit)
    begins = begin_of(audit, epochs)
    for each in epochs:
        past = each != epoch
        rows = audit.db.execute(sql.PAST_EVENTS, (each,)) if past else audit.db.execute(sql.EVENTS)
        last = _walk(rows, audit, book, witness, epoch=each, begin=begins.get(each), past=past)
    witness.close()
    for cursor, words in (("events", "delivered"), ("published", "published")):
        upto = audit.number(f"SELECT value FROM cursors WHERE name = '{cursor}'")
        if upto > last:
            book.breach(f"events count as {words} up to {upto}, the last one is {last}")


def ancestors(audit: Audit) -> list[str]:
    """The epochs from which this ledger descends, the oldest first."""
    return [
        str(epoch)
        for epoch in json.loads(audit.text("SELECT value FROM meta WHERE key = 'ancestors'") or "[]")
    ]


def begin_of(audit: Audit, epochs: list[str]) -> dict[str, tuple[int, bytes]]:
    """After which event, with which hash, each epoch begins here. Those that were archived whole are left out."""
    at = audit.text("SELECT value FROM meta WHERE key = 'archived_epoch'")
    begins = dict.fromkeys(epochs, (0, bytes(32)))
    if at in begins:
        head = bytes.fromhex(audit.text("SELECT value FROM meta WHERE key = 'archived_hash'"))
        begins[at] = (archived(audit, "seq"), head)
        for gone in epochs[: epochs.index(at)]:
            del begins[gone]
    return begins


def _walk(
    rows: Any,
    audit: Audit,
    book: Book,
    witness: Witness,
    *,
    epoch: str,
    begin: tuple[int, bytes] | None,
    past: bool,
) -> int:
    """Walk the events of one epoch; returns the last one's seq."""
    past_epoch = epoch if past else ""
    if begin is None:
        for seq, *_ in rows:
            book.breach(f"{event_name(seq, past_epoch)}: it was archived, and is still here")
        return 0
    # Millions of events pass here: nothing is put into words that is not a breach.
    expected, head, sha256 = begin[0] + 1, begin[1], hashlib.sha256
    for seq, kind, fact, payload, stored in rows:
        book.looked_at += 1
        if seq != expected:
            _tell_gap(book, event_name(seq, past_epoch), seq=seq, expected=expected, first=begin[0] + 1)
        if sha256(head + payload).digest() != stored:
            name = event_name(seq, past_epoch)
            book.breach(f"{name}: its hash is not that of the hash before it and its bytes")
        # Go on from what is stored, so that one break is told once.
        expected, head = seq + 1, stored
        try:
            told = _read(payload)
            event = Event(seq, kind, fact, told, _moves_of(told, audit, seq, kind, past_epoch), past_epoch)
            _compare(event, book, epoch)
        except (ValueError, TypeError, KeyError) as error:
            name = event_name(seq, past_epoch)
            book.breach(f"{name}: its bytes are no event: {type(error).__name__} {error}")
            continue
        witness.hear(event)
    return expected - 1


def _tell_gap(book: Book, name: str, *, seq: int, expected: int, first: int) -> None:
    gap = f"event {expected} is" if seq == expected + 1 else f"events {expected} to {seq - 1} are"
    book.breach(f"{gap} not there" if seq > expected else f"{name}: events count from {first}")


_DECODE = json.JSONDecoder().raw_decode


def _read(payload: bytes) -> Any:
    """Read an event, which is one JSON value on one line; a third faster than `json.loads`. Raises ValueError."""
    text = payload.decode()
    told, end = _DECODE(text)
    if end != len(text):
        raise ValueError(f"something stands behind it, from character {end} on")
    return told


def _compare(event: Event, book: Book, epoch: str) -> None:
    """Name what an event says of itself that its row does not. Raises KeyError or TypeError if it says nothing."""
    told, seq, type_ = event.told, event.seq, f"crossdock.{event.kind}"
    if told["seq"] != seq or told["epoch"] != epoch or told["type"] != type_:
        for key, value in (("seq", seq), ("epoch", epoch), ("type", type_)):
            if told[key] != value:
                book.breach(f"{event.name}: its bytes say {key} {told[key]!r}, the ledger {value!r}")
    if not str(told["id"]).endswith(f"/{epoch}/{seq}"):
        book.breach(f"{event.name}: its id {told['id']!r} does not end in /{epoch}/{seq}")


def _moves_of(told: Any, audit: Audit, seq: int, kind: str, past_epoch: str) -> Sequence[tuple[str, int]]:
    """Add up what an event moves; what it did to each position."""
    if kind != "undo" and (not kind.startswith("stock.") or kind == "stock.low"):
        return ()
    audit.moves.looked_at += 1
    changes: list[tuple[str, int]] = []
    try:
        for move in told["data"]["moves"]:
            of = "\x1f".join([move[key] or "" for key in ("sku", "lot", "expiry", "pallet")])
            changes += ((f"{of}\x1f{move['from']}", -move["qty"]), (f"{of}\x1f{move['to']}", +move["qty"]))
    except (TypeError, KeyError) as error:
        name = event_name(seq, past_epoch)
        audit.moves.breach(f"{name} ({kind}): its moves cannot be read: {type(error).__name__} {error}")
        return ()
    for key, qty in changes:
        add(audit.moved, key, qty)
    return changes
