"""`crossdock central`: the reference central. Runs it, shows what it knows, writes commands for it to send."""

import argparse
import json
import re
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edge.cli.broker_named import named_broker
from edge.cli.commands import log_to_stderr
from edge.cli.conformance import check
from edge.cli.tables import cell, goods, print_json, print_table
from edge.clock import SystemClock
from edge.errors import EdgeError, UsageError
from sync.central import shown
from sync.central.database import Database, open_database

_NODE = re.compile(r"[A-Za-z0-9_-]{1,64}/[A-Za-z0-9_-]{1,64}")
COMMAND_BYTES_MAX = 1024 * 1024


def run(args: argparse.Namespace) -> int:
    """Run central until SIGTERM or SIGINT, or with --check judge another's."""
    if args.check:
        return check(args)
    from sync.central.service import run as run_central  # noqa: PLC0415 - paho and the messages: 0.2 s

    mqtt, _ = named_broker(args)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    log_to_stderr()

    def ready(broker: str, database: str) -> None:
        print(f"Central reads {mqtt.prefix}/+/+ at {broker} into {database}.", flush=True)

    run_central(args.database, mqtt, args.client_id, SystemClock(), stop=stop, ready=ready)
    return 0


def nodes(args: argparse.Namespace) -> int:
    """List the nodes: online or not, how far their events are here."""
    with _reading(args) as database:
        told = shown.nodes(database)
    if args.json:
        print_json(told)
    else:
        titles = (
            "node",
            "status",
            "seq",
            "of",
            "held",
            "books",
            "exceptions",
            "unanswered",
            "findings",
            "seen",
        )
        rows = [
            (
                *(one["node"], one["status"], one["seq"], one["last_seq"], one["held"]),
                "follow" if one["has_ground"] else "await a snapshot",
                *(one["exceptions"], one["unanswered"], one["findings"], one["seen_at"]),
            )
            for one in told
        ]
        print_table(titles, rows, empty="No node was heard of yet.")
    return 0


def stock(args: argparse.Namespace) -> int:
    """List levels of all nodes, or where one item lies."""
    with _reading(args) as database:
        levels = shown.levels(database, args.node)
        lying = shown.positions(database, args.node, args.sku) if args.sku or args.json else []
    if args.sku:
        levels = [one for one in levels if one.get("sku") == args.sku]
    if args.json:
        print_json({"levels": levels, "positions": lying})
    elif args.sku:
        rows = [(one["node"], one["account"], one["qty"], goods(one)) for one in lying]
        print_table(("node", "where", "qty", "goods"), rows, empty=f"No node has {args.sku}.")
    else:
        kinds = ("on_hand", "allocated", "available", "waiting", "missing", "quarantine", "expected")
        print_table(
            ("sku", "node", *kinds),
            [(one.get("sku"), one["node"], *(one.get(kind) for kind in kinds)) for one in levels],
            empty="No level was told yet.",
        )
    return 0


def orders(args: argparse.Namespace) -> int:
    """List orders and their lines."""
    with _reading(args) as database:
        told = shown.orders(database, args.node)
    if args.json:
        print_json(told)
    else:
        kinds = ("line", "sku", "ordered", "allocated", "picked", "shipped", "cancelled", "waiting")
        rows = [
            (one["order"], one["node"], one["status"], *(line.get(kind) for kind in kinds))
            for one in told
            for line in one["lines"] or [{}]
        ]
        print_table(("order", "node", "status", *kinds), rows, empty="No order was told of yet.")
    return 0


def commands(args: argparse.Namespace) -> int:
    """List commands and what was answered."""
    with _reading(args) as database:
        told = shown.commands(database, args.node, args.limit)
    if args.json:
        print_json(told)
    else:
        rows = [
            (one["written_at"], one["node"], one["type"], one["id"], _answer(one["answer"])) for one in told
        ]
        print_table(
            ("written", "node", "type", "id", "answer"),
            rows,
            empty="No command was sent yet.",
            is_last_whole=True,
        )
    return 0


def findings(args: argparse.Namespace) -> int:
    """List what was not as it should be."""
    with _reading(args) as database:
        told = shown.findings(database, args.node, args.limit)
    if args.json:
        print_json(told)
    else:
        rows = [(one["at"], one["node"], one["kind"], one["times"], one["text"]) for one in told]
        print_table(
            ("last at", "node", "kind", "times", "what"),
            rows,
            empty="All is as it should be.",
            is_last_whole=True,
        )
    return 0


def send(args: argparse.Namespace) -> int:
    """Write a command into the outbox; the running central sends it until it is answered."""
    from sync.central.outbox import write  # noqa: PLC0415 - for this command alone

    node, data = _node(args.node), _data(args.data)
    database = open_database(args.database)
    try:
        command = write(database, SystemClock(), node, args.type, data)
        told = _wait(lambda: shown.answer(database, command.name), args.wait) if args.wait else None
    finally:
        database.close()
    if args.wait and told is None:
        raise EdgeError(
            f"No answer to {command.name} within {args.wait} s.",
            hint="It stays in the outbox: look with crossdock central commands, and whether central and the node run.",
        )
    if args.json:
        print_json({"id": command.name, "source": command.source, "cmdseq": command.cmdseq, "answer": told})
    else:
        print(command.name if told is None else f"{command.name}: {_answer(told)}")
    return 0 if told is None or told.get("ok") is True else 1


def compare(args: argparse.Namespace) -> int:
    """Ask the node for its positions and hold them against central's; 1 if one differs."""
    from sync.central.outbox import OWN_SOURCE, write  # noqa: PLC0415 - for this command alone

    node = _node(args.node)
    database = open_database(args.database)
    try:
        scope = {"scope": ["positions"]}
        command = write(database, SystemClock(), node, "sync.snapshot", scope, source=OWN_SOURCE)
        told = _wait(lambda: _compared(database, node, command.name), args.wait)
    finally:
        database.close()
    if told is None:
        raise EdgeError(
            f"{node} sent no snapshot within {args.wait} s.",
            hint="Check that crossdock central runs on this database and that the node is online.",
        )
    if args.json:
        print_json(told)
    elif told["same"]:
        print(f"{node}: all {told['positions']} positions are the node's, as of event {told['as_of_seq']}.")
    else:
        rows = [
            (one["sku"], one["account"], one["central"], one["node"], goods(one))
            for one in told["differences"]
        ]
        print_table(("sku", "where", "central", "node", "goods"), rows, empty="")
        print(f"{node}: {told['different']} positions differ, as of event {told['as_of_seq']}.")
    return 0 if told["same"] else 1


def _compared(database: Database, node: str, name: str) -> dict[str, Any] | None:
    """What came of it. Raises EdgeError if the node refused."""
    answered = shown.answer(database, name)
    if answered is not None and answered.get("ok") is not True:
        raise EdgeError(f"{node} sends no snapshot: {_answer(answered)}.")
    return shown.comparison(database, node, name)


def _wait(look: Any, seconds: float) -> Any:
    deadline = time.monotonic() + seconds
    while (found := look()) is None and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


@contextmanager
def _reading(args: argparse.Namespace) -> Iterator[Database]:
    database = open_database(args.database, to_read=True)
    try:
        yield database
    finally:
        database.close()


def _node(text: str) -> str:
    if not _NODE.fullmatch(text):
        raise UsageError(f"Expected SITE/NODE such as par1/dock-a, got {text!r}.")
    return text


def _data(text: str) -> dict[str, Any]:
    """The data of a command: JSON as it stands, in a file, or from standard input."""
    if text == "-":
        said = sys.stdin.read(COMMAND_BYTES_MAX)
    elif text.lstrip().startswith("{"):
        said = text
    else:
        try:
            with Path(text).open(encoding="utf-8") as file:
                said = file.read(COMMAND_BYTES_MAX)
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                f"The command's data cannot be read from {text!r}: {error}.",
                hint="Expected a file, - for standard input, or the JSON itself.",
            ) from error
    try:
        data = json.loads(said)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"The command's data is no JSON: {error}.") from error
    if not isinstance(data, dict):
        raise UsageError(f"Expected a JSON object as the command's data, got {said[:80]!r}.")
    return data


def _answer(answer: dict[str, Any] | None) -> str:
    if answer is None:
        return "none yet"
    if answer.get("ok") is True:
        return "ok"
    error = answer.get("error")
    said = error if isinstance(error, dict) else {}
    return (
        ": ".join(cell(said[key], limit=None) for key in ("code", "at", "text") if said.get(key)) or "not ok"
    )
