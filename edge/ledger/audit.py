"""What every check of the audit is made of: a book of breaches, and how rows and goods are named in them."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

SHOWN = 20
"""Breaches of one check that are named; the rest is only counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: how many rows it looked at, how many breaches there are, the first of them by name."""

    check: str
    looked_at: int
    breaches: int
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """All that the audit found, check by check."""

    checks: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        return not any(finding.breaches for finding in self.checks)

    @property
    def first_breach(self) -> str:
        """The first breach in words and how many more there are; empty if the books are sound."""
        broken = [finding for finding in self.checks if finding.breaches]
        if not broken:
            return ""
        more = sum(finding.breaches for finding in broken) - 1
        return f"{broken[0].named[0]}{f' (and {more} more)' if more else ''}"


class Book:
    """Collects what one check sees."""

    def __init__(self) -> None:
        self.looked_at = 0
        self.breaches = 0
        self.named: list[str] = []

    def breach(self, text: str) -> None:
        self.breaches += 1
        if len(self.named) < SHOWN:
            self.named.append(text)


class Audit:
    """One run: the ledger, and what one check leaves to the next. Sums are by goods and account, see `add`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.db = connection
        self.moved: dict[str, int] = {}
        """Sums of the events' moves, filled while the chain is walked: each event is read once."""

        self.moves, self.told = Book(), Book()
        """What was found on the way about the moves, and about what else the books must say by the events."""

        self.is_archive = bool(self.text("SELECT value FROM meta WHERE key = 'archive'"))
        """History alone, without the positions and promises that follow from it."""

    def list(self, book: Book, statement: str, sentence: str) -> None:
        """Name a breach for each row of a query that finds only breaches."""
        for row in self.db.execute(statement):
            book.breach(sentence.format(*row))

    def number(self, statement: str) -> int:
        """The one number of a query; 0 where there is none."""
        row = self.db.execute(statement).fetchone()
        return int(row[0] or 0) if row else 0

    def text(self, statement: str) -> str:
        row = self.db.execute(statement).fetchone()
        return "" if row is None or row[0] is None else str(row[0])


Check = Callable[[Audit, Book], None]


def run(
    connection: sqlite3.Connection, checks: tuple[tuple[str, Check], ...]
) -> tuple[Findings, dict[str, int]]:
    """Make all checks at one moment of the ledger, or within the transaction that is open.

    Returns the findings, and what the events that were walked moved. A damaged file is a breach, too, and not an error.
    """
    is_own = not connection.in_transaction
    if is_own:
        connection.execute("BEGIN")
    try:
        audit = Audit(connection)
        return Findings(tuple(_checked(name, check, audit) for name, check in checks)), audit.moved
    finally:
        # A database too damaged to be read has ended the transaction by itself.
        if is_own and connection.in_transaction:
            connection.execute("ROLLBACK")


def _checked(name: str, check: Check, audit: Audit) -> Finding:
    book = Book()
    try:
        check(audit, book)
    except sqlite3.DatabaseError as error:
        book.breach(f"the ledger's file cannot be read here: {error}")
    except (ValueError, TypeError, KeyError) as error:
        book.breach(f"what stands here cannot be read: {type(error).__name__} {error}")
    return Finding(name, book.looked_at, book.breaches, tuple(book.named))


def add(sums: dict[str, int], key: str, qty: int) -> None:
    """Add to a sum. What is balanced is forgotten: goods that came and left must not add up to memory."""
    total = sums.get(key, 0) + qty
    if total:
        sums[key] = total
    else:
        sums.pop(key, None)


def goods(key: str) -> str:
    """Name the goods of a key and, where it is part of it, the account.

    >>> goods("\\x1f".join(["PEN", "B7", "", "", "location:A-01"]))
    'PEN lot B7 at location:A-01'
    """
    sku, lot, expiry, pallet, *account = key.split("\x1f")
    words = [sku]
    words += [
        f"{name} {value}" for name, value in (("lot", lot), ("expiry", expiry), ("pallet", pallet)) if value
    ]
    return " ".join(words + [f"at {name}" for name in account])


def archived(audit: Audit, what: str) -> int:
    """How far the history was archived: the last "fact" or "entry" that left, 0 if none did."""
    return audit.number(f"SELECT value FROM cursors WHERE name = 'archived_{what}'")
