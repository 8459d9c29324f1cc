"""The audit of the books: the journal balances, everything kept beside it follows from it, the events are whole.

Reads row by row in one transaction, so it may run beside the daemon. It needs memory only for the positions that
are not yet balanced, not for the length of the journal. What is told twice is compared: a value that was changed in
one place is found by the other.
"""

import json
import sqlite3

from edge.domain import allocation
from edge.ledger import verify_sql as sql
from edge.ledger.audit import Audit, Book, Check, Finding, Findings, add, goods, run
from edge.ledger.verify_history import check_entries, check_events, check_facts
from edge.ledger.verify_told import check_told, shown_rank

__all__ = ["Finding", "Findings", "verify"]


def verify(connection: sqlite3.Connection) -> Findings:
    """Audit a ledger as it stood at one moment. A damaged file is a breach, too, and not an error."""
    return run(connection, CHECKS)[0]


def check_file(audit: Audit, book: Book) -> None:
    for (text,) in audit.db.execute("PRAGMA quick_check(20)"):
        book.looked_at += 1
        if text != "ok":
            book.breach(f"the file is damaged: {text}")
    for table, row, parent, _ in audit.db.execute("PRAGMA foreign_key_check"):
        book.breach(f"{table} row {row} names something that {parent} does not have")


def _positions(audit: Audit, book: Book) -> None:
    """Positions are the sums of the journal: none differs, none is missing, none is too much."""
    sums: dict[str, int] = dict(audit.db.execute(sql.OPENING, ("journal",)).fetchall())
    for key, qty in audit.db.execute(sql.POSTINGS_BY_KEY):
        add(sums, key, qty)
    book.looked_at = _against_positions(audit, book, sums, "the journal sums to")
    audit.list(
        book, sql.POSITIONS_NEVER_POSTED, "position {} {} {} {} {}: it is empty, and nothing ever was there"
    )
    audit.list(book, sql.POSTED_WITHOUT_POSITION, "position {} {} {} {} {}: goods were there, and it is gone")
    audit.list(book, sql.POSITIONS_OF_NO_AGE, "position {} {} at {}: nothing came in at {}, its age")


def _moves(audit: Audit, book: Book) -> None:
    """Who adds up `moves` of the events and nothing else has the node's positions (contract section 6)."""
    book.looked_at = audit.moves.looked_at
    book.breaches, book.named = audit.moves.breaches, audit.moves.named
    for key, qty in audit.db.execute(sql.OPENING, ("events",)):
        add(audit.moved, key, qty)
    _against_positions(audit, book, audit.moved, "the moves of the events sum to")


def _against_positions(audit: Audit, book: Book, sums: dict[str, int], words: str) -> int:
    """Take each position from the sums; what is left over, either way, is a breach. Empties `sums`."""
    rows = 0
    for key, qty in audit.db.execute(sql.POSITIONS_BY_KEY):
        rows += 1
        expected = sums.pop(key, 0)
        if expected != qty:
            book.breach(f"position {goods(key)}: it holds {qty}, {words} {expected}")
    for key, expected in sorted(sums.items()):
        if expected:
            book.breach(f"position {goods(key)}: there is none, {words} {expected}")
    sums.clear()
    return rows


def _allocations(audit: Audit, book: Book) -> None:
    """Promises stand on goods that are there, and positions and lines know of exactly these."""
    book.looked_at = audit.number("SELECT COUNT(*) FROM allocations WHERE qty > 0")
    audit.list(
        book,
        sql.POSITIONS_ALLOCATED,
        "position {} {} lot {!r} at {}: {} are marked as promised, its allocations sum to {}",
    )
    audit.list(
        book,
        sql.POSITIONS_OVERDRAWN,
        "position {} {} lot {!r} at {}: {} are promised of {} there",
    )
    audit.list(
        book,
        sql.LINES_ALLOCATED,
        "order {} line {}: {} count as allocated, its allocations sum to {}",
    )
    audit.list(book, sql.ALLOCATIONS_OVERDRAWN, "allocation {}: {} are left of it, it was made of {}")
    audit.list(book, sql.ALLOCATIONS_OF_OTHER_ITEMS, "allocation {}: {} is promised to a line of {}")
    audit.list(book, sql.ALLOCATIONS_WITHOUT_POSITION, "allocation {}: its position {} is not there")


def _orders(audit: Audit, book: Book) -> None:
    """What waits is what was ordered and neither given nor cancelled, and lines stand where their order stands."""
    book.looked_at = audit.number("SELECT COUNT(*) FROM lines")
    audit.list(book, sql.LINES_WAITING, "order {} line {}: {} wait, by its other figures it is {}")
    audit.list(book, sql.ORDERS_WAITING, "order {}: {} wait, its lines sum to {}")
    audit.list(
        book, sql.LINES_NOT_AS_ORDER, "order {} line {}: it is live {} and filled {}, its order {} and {}"
    )
    audit.list(
        book,
        sql.LINES_CANCELLED,
        "order {} line {}: it is cancelled {}, {} of it are and {} still come, its order is {}",
    )
    audit.list(book, sql.ORDERED_WITHOUT_LINE, "order {}: line {} of {} was ordered, and is not there")
    _ranks(audit, book)


def _ranks(audit: Audit, book: Book) -> None:
    """Each line's place in the order of service is the one that its order's figures give it."""
    order_by = json.loads(audit.text("SELECT value FROM meta WHERE key = 'order_by'") or "[]")
    if not order_by:
        return
    names = ("express", "tier", "promised_at", "placed_at")
    order, rank = "", ""
    for id_, stored, line, line_rank, *values in audit.db.execute(sql.RANKS):
        if id_ != order:
            order, rank = id_, allocation.rank(order_by, id_, dict(zip(names, values, strict=True)))
            if rank != stored:
                book.breach(
                    f"order {id_}: its rank {shown_rank(stored)!r} is not {shown_rank(rank)!r}, as its figures say"
                )
        if line_rank != _line_rank(rank, line):
            book.breach(
                f"order {id_} line {line}: its rank {shown_rank(line_rank)!r} is not that of its order and line"
            )


def _line_rank(rank: str, line: str) -> str:
    try:
        return allocation.line_rank(rank, json.loads(line))
    except ValueError:
        return ""  # A name that is none has no rank.


def _levels(audit: Audit, book: Book) -> None:
    """An item's level is what its positions, lines and announcements say."""
    book.looked_at = audit.number("SELECT COUNT(*) FROM levels")
    for name, statement in sql.LEVELS.items():
        audit.list(book, statement, f"level of {{}}: {name} says {{}}, derived it is {{}}")
    audit.list(book, sql.LEVELS_OF_NO_TIME, "level of {}: nothing was booked at {}, its time")
    audit.list(book, sql.LEVELS_AHEAD, "level of {}: it follows event {}, the last one is {}")


def _references(audit: Audit, book: Book) -> None:
    """Labels, events and promises name the fact they come from, and it is there."""
    book.looked_at = audit.number("SELECT COUNT(*) FROM labels")
    for table, statement in sql.WITHOUT_FACT.items():
        audit.list(book, statement, f"{table} {{}}: its fact {{}} is not there")
    audit.list(book, sql.LABELS_WITHOUT_ORDER, "label job {}: its order {} is not there")
    audit.list(book, sql.LABELS_OVERSPENT, "label job {}: {} were picked off it, it stands for {}")


def _central(audit: Audit, book: Book) -> None:
    """What central asked for can be told, and what was refused is counted."""
    book.looked_at = audit.number("SELECT (SELECT COUNT(*) FROM asked) + (SELECT COUNT(*) FROM refused)")
    audit.list(book, sql.ASKED_OF_NO_EVENT, "asked {}: it wants events {} to {}, here are {} to {}")
    audit.list(book, sql.ASKED_OF_NO_SCOPE, "asked {}: it wants {}, which is no snapshot")
    audit.list(book, sql.ASKED_AND_TOLD, "asked {}: it counts as told up to {}, and is still here")
    audit.list(book, sql.REFUSED_UNCOUNTED, "refused: {} are counted, the rows sum to {}")


CHECKS: tuple[tuple[str, Check], ...] = (
    ("the file", check_file),
    ("facts without gaps", check_facts),
    ("entries balance", check_entries),
    ("positions follow from the journal", _positions),
    ("allocations lie within stock", _allocations),
    ("orders add up", _orders),
    ("levels follow from the books", _levels),
    ("events without gaps, chain of hashes", check_events),
    ("moves of the events make the positions", _moves),
    ("events tell what the books say", check_told),
    ("labels and events name their facts", _references),
    ("what central asked for, what was refused", _central),
)
