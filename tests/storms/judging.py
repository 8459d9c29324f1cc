"""Who judges a storm: what the scanner was told, the ledger, what was published, central's books: one story."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

from tests.storms.house import ADJUSTED, House

SHOWN = 5


def fouls_of(house: House) -> Iterator[str]:
    """Say what is wrong in a house that has come to rest."""
    yield from house.listener.fouls[:SHOWN]
    with (
        closing(sqlite3.connect(f"file:{house.ledger}?mode=ro", uri=True)) as ledger,
        closing(sqlite3.connect(f"file:{house.database}?mode=ro", uri=True)) as central,
    ):
        yield from _events(ledger, central)
        yield from positions_that_differ(ledger, central)
        yield from _scans(house, ledger)
        yield from _commands(ledger, central, house.adjusted)
    audit = house.call("verify", "-c", str(house.config))
    if audit.returncode:
        yield f"the audit: {audit.stdout}{audit.stderr}"
    for name, log in (("the node", house.node.log), ("central", house.central.log)):
        if "Traceback" in log:
            yield f"{name} says: {log[log.index('Traceback') :][:2000]}"


def _events(ledger: sqlite3.Connection, central: sqlite3.Connection) -> Iterator[str]:
    epoch = ledger.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()[0]
    booked = dict(ledger.execute("SELECT seq, payload FROM events ORDER BY seq"))
    known = dict(
        central.execute(
            "SELECT events.seq, payload FROM events JOIN epochs ON epochs.id = epoch WHERE name = ? ORDER BY 1",
            (epoch,),
        )
    )
    if missing := booked.keys() - known.keys():
        yield f"central lacks {len(missing)} events, the first is {min(missing)}"
    if strange := known.keys() - booked.keys():
        yield f"central has {len(strange)} events that the ledger lacks, the first is {min(strange)}"
    other = [seq for seq in booked.keys() & known.keys() if booked[seq] != known[seq]]
    if other:
        yield f"{len(other)} events have other bytes at central, the first is {min(other)}"


def positions_that_differ(ledger: sqlite3.Connection, central: sqlite3.Connection) -> Iterator[str]:
    """Say where the sums of the journal are not those of the moves that central added up."""
    columns = "sku, lot, expiry, pallet, account, qty"
    booked = set(ledger.execute(f"SELECT {columns} FROM positions WHERE qty <> 0"))
    known = set(central.execute(f"SELECT {columns} FROM positions WHERE qty <> 0"))
    if booked != known:
        ours, theirs = sorted(booked - known)[:SHOWN], sorted(known - booked)[:SHOWN]
        yield f"the books differ: the node has {ours}, central {theirs}"


def _scans(house: House, ledger: sqlite3.Connection) -> Iterator[str]:
    told = (
        json.loads(payload)["data"].get("serial")
        for (payload,) in ledger.execute(
            "SELECT payload FROM events WHERE type = 'stock.received' UNION ALL"
            " SELECT payload FROM past_events WHERE type = 'stock.received'"
        )
    )
    counted = Counter(serial for serial in told if serial)
    if lost := [serial for serial in house.booked if serial not in counted]:
        yield f"{len(lost)} scans were accepted and are not booked: {lost[:SHOWN]}"
    if twice := [serial for serial, times in counted.items() if times > 1]:
        yield f"{len(twice)} serials were booked twice: {twice[:SHOWN]}"
    if strange := counted.keys() - {*house.booked, *house.unsure}:
        yield f"{len(strange)} serials were booked that nobody scanned: {sorted(strange)[:SHOWN]}"


def _commands(ledger: sqlite3.Connection, central: sqlite3.Connection, sent: int) -> Iterator[str]:
    """Each command of ours adds one of `ADJUSTED`: as many are there as were sent."""
    there = ledger.execute("SELECT ifnull(sum(qty), 0) FROM positions WHERE sku = ? AND qty > 0", (ADJUSTED,))
    if (adjusted := there.fetchone()[0]) != sent:
        yield f"{sent} commands were sent, and {adjusted} were applied"
    unanswered = central.execute("SELECT count(*) FROM commands WHERE answer IS NULL").fetchone()[0]
    if unanswered:
        yield f"{unanswered} commands were not answered"
    refused = [
        answer
        for (answer,) in central.execute("SELECT answer FROM commands WHERE answer IS NOT NULL ORDER BY id")
        if not json.loads(answer).get("ok")
    ]
    if refused:
        yield f"{len(refused)} commands were refused: {refused[:SHOWN]}"
