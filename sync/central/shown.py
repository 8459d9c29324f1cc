"""What central's database says, for people: nodes, stock, orders, commands, findings. Reads while central runs."""

import json
from typing import Any

from edge.errors import UsageError
from sync.central.database import Database

Shown = dict[str, Any]


def nodes(database: Database) -> list[Shown]:
    """How each node stands, and how far its events are here."""
    found = database.rows(
        "SELECT nodes.name, nodes.state, nodes.seen_at, epochs.name, epochs.seq, epochs.base,"
        " (SELECT COUNT(*) FROM events WHERE events.epoch = epochs.id AND events.seq > epochs.seq),"
        " (SELECT COUNT(*) FROM exceptions WHERE exceptions.node = nodes.id),"
        " (SELECT COUNT(*) FROM commands WHERE commands.node = nodes.id AND commands.answer IS NULL),"
        " (SELECT COUNT(*) FROM findings WHERE findings.node = nodes.id)"
        " FROM nodes LEFT JOIN epochs ON epochs.node = nodes.id AND epochs.standing = 'present' ORDER BY nodes.name"
    )
    return [_node(*row) for row in found]


def _node(
    name: str,
    state: str | None,
    seen_at: str | None,
    epoch: str | None,
    seq: int | None,
    base: int | None,
    held: int,
    exceptions: int,
    unanswered: int,
    findings: int,
) -> Shown:
    told = json.loads(state) if state else {}
    return {
        "node": name,
        "status": told.get("status"),
        "epoch": epoch,
        "seq": seq,
        "last_seq": told.get("last_seq"),
        "held": held if epoch else 0,
        "has_ground": base is not None,
        "exceptions": exceptions,
        "unanswered": unanswered,
        "findings": findings,
        "seen_at": seen_at,
    }


def levels(database: Database, node: str | None) -> list[Shown]:
    """The last level of every item of all nodes, or of one."""
    found = database.rows(
        "SELECT nodes.name, levels.told FROM levels JOIN nodes ON nodes.id = levels.node"
        " WHERE :node = '' OR nodes.name = :node ORDER BY levels.sku, nodes.name",
        {"node": _known(database, node)},
    )
    return [{"node": name, **json.loads(told)} for name, told in found]


def positions(database: Database, node: str | None, sku: str | None) -> list[Shown]:
    """Where goods lie by the moves that were told: of all nodes or one, of all items or one."""
    found = database.rows(
        "SELECT nodes.name, sku, lot, expiry, pallet, account, qty FROM positions"
        " JOIN nodes ON nodes.id = positions.node WHERE (:node = '' OR nodes.name = :node)"
        " AND (:sku = '' OR sku = :sku) ORDER BY sku, nodes.name, account, lot, expiry, pallet",
        {"node": _known(database, node), "sku": sku or ""},
    )
    names = ("node", "sku", "lot", "expiry", "pallet", "account", "qty")
    return [
        {name: value if value != "" else None for name, value in zip(names, row, strict=True)}
        for row in found
    ]


def orders(database: Database, node: str | None) -> list[Shown]:
    """Orders with their lines, as the events tell them."""
    found = database.rows(
        "SELECT nodes.name, orders.name, orders.status, line, sku, ordered, allocated, picked, shipped, cancelled,"
        " waiting FROM orders JOIN nodes ON nodes.id = orders.node LEFT JOIN lines ON lines.node = orders.node"
        " AND lines.order_name = orders.name WHERE :node = '' OR nodes.name = :node"
        " ORDER BY nodes.name, orders.name, line",
        {"node": _known(database, node)},
    )
    names = ("line", "sku", "ordered", "allocated", "picked", "shipped", "cancelled", "waiting")
    told: dict[tuple[str, str], Shown] = {}
    for of_node, order, status, line, *numbers in found:
        one = told.setdefault(
            (of_node, order), {"node": of_node, "order": order, "status": status, "lines": []}
        )
        if line is not None:
            one["lines"].append(dict(zip(names, (json.loads(line), *numbers), strict=True)))
    return list(told.values())


def commands(database: Database, node: str | None, limit: int) -> list[Shown]:
    """Commands and their answers, the latest first."""
    found = database.rows(
        "SELECT nodes.name, commands.name, source, type, data, cmdseq, written_at, answered_at, answer FROM commands"
        " JOIN nodes ON nodes.id = commands.node WHERE :node = '' OR nodes.name = :node"
        " ORDER BY commands.id DESC LIMIT :limit",
        {"node": _known(database, node), "limit": limit},
    )
    names = ("node", "id", "source", "type", "data", "cmdseq", "written_at", "answered_at", "answer")
    told = [dict(zip(names, row, strict=True)) for row in found]
    for one in told:
        one["data"] = json.loads(one["data"])
        one["answer"] = json.loads(one["answer"]) if one["answer"] else None
    return told


def findings(database: Database, node: str | None, limit: int) -> list[Shown]:
    """What was not as it should be, the latest first."""
    found = database.rows(
        "SELECT nodes.name, kind, about, text, at, times FROM findings JOIN nodes ON nodes.id = findings.node"
        " WHERE :node = '' OR nodes.name = :node ORDER BY at DESC, findings.id DESC LIMIT :limit",
        {"node": _known(database, node), "limit": limit},
    )
    return [dict(zip(("node", "kind", "about", "text", "at", "times"), row, strict=True)) for row in found]


def comparison(database: Database, node: str, name: str) -> Shown | None:
    """What came of a comparison, once it is there."""
    found = database.rows(
        "SELECT told FROM comparisons JOIN nodes ON nodes.id = comparisons.node"
        " WHERE nodes.name = :node AND comparisons.name = :name ORDER BY comparisons.id DESC LIMIT 1",
        {"node": node, "name": name},
    )
    return json.loads(found[0][0]) if found else None


def answer(database: Database, name: str) -> Shown | None:
    """The answer to the command with this id, once it is there."""
    found = database.rows(
        "SELECT answer FROM commands WHERE name = :name AND answer IS NOT NULL", {"name": name}
    )
    return json.loads(found[0][0]) if found else None


def _known(database: Database, node: str | None) -> str:
    """The node's name, empty for all of them. Raises UsageError for one that nobody heard of."""
    if node is None:
        return ""
    known = [name for (name,) in database.rows("SELECT name FROM nodes ORDER BY name")]
    if node not in known:
        raise UsageError(
            f"Central knows no node {node!r}.", hint=f"It knows: {', '.join(known) or 'none yet'}."
        )
    return node
