"""What the audit says of a ledger, and of one that was tampered with."""

import sqlite3

from edge.ledger.verify import verify
from tests.books import tamper

PEN = "PEN lot B7 expiry 2027-03-01"
"""The goods of the good ledger, as a breach names them."""


def breaches(db: sqlite3.Connection) -> list[str]:
    return [f"{finding.check}: {text}" for finding in verify(db).checks for text in finding.named]


def assert_named(db: sqlite3.Connection, statement: str, told: list[str]) -> None:
    """Do it behind the ledger's back: each of these sentences begins one of what the audit says then."""
    tamper(db, statement)

    found = breaches(db)

    for sentence in told:
        assert any(one.startswith(sentence) for one in found), (sentence, found)
