"""The end of the demo: the daemon is ended, the accounts are settled, and it is told where to look."""

import shlex
from collections import Counter

from config.layouts import LayoutError, load_layouts
from edge.demo.cast import PRINTER, program
from edge.demo.shift import Shift
from edge.domain.labels import BACKORDER, FIELDS, LabelContent
from edge.errors import EdgeError
from edge.ledger.reading import Row

COPY = "backup.db"


def close(shift: Shift) -> None:
    """Ask what a person would ask, end the daemon, settle the accounts, audit the ledger and name the files."""
    _ask(shift)
    shift.teller.heading("The day is over")
    shift.finish()
    _tables(shift)
    _compare(shift)
    _audit(shift)
    _where_to_look(shift)


def _ask(shift: Shift) -> None:
    shift.teller.heading("Why does SO-7 have ink and no paper?")
    shift.ask("orders", "SO-7", "--why")
    shift.teller.heading("What asks for a person?")
    shift.ask("exceptions")
    shift.teller.heading("A copy of the ledger, while the daemon works")
    shift.ask("backup", str(shift.cast.folder / COPY))


def _tables(shift: Shift) -> None:
    cast, teller = shift.cast, shift.teller
    received = _sums(shift, "supplier:")
    teller.table(
        "What was received",
        ("item", "", "received", "on hand", "promised", "free", "missing", "waiting"),
        [
            (
                item["sku"],
                item["name"],
                -received[item["sku"]],
                *(item[figure] for figure in ("on_hand", "allocated", "available", "missing", "waiting")),
            )
            for item in cast.books.stock()
        ],
    )
    teller.table(
        "Who got it, and what waits",
        ("order", "", "item", "ordered", "promised", "shipped", "waiting"),
        [
            (
                order["order"],
                _about(order),
                *(line[name] for name in ("sku", "ordered", "allocated", "shipped", "waiting")),
            )
            for order in cast.books.orders()
            for line in order["lines"]
        ],
    )
    kinds = Counter(label["kind"] for label in cast.books.labels())
    teller.table(f"Labels out of {PRINTER}", ("kind", "labels"), sorted(kinds.items()))
    groups = Counter(event.name.partition(".")[0] for event in cast.central.events)
    teller.table("Events at central", ("type", "events"), [*sorted(groups.items()), ("all", groups.total())])


def _about(order: Row) -> str:
    words = [
        order["status"] if order["status"] != "open" else "",
        "express" if order["express"] else "",
        f"tier {order['tier']}" if order["tier"] else "",
        order["fill"] if order["fill"] != "partial" else "",
    ]
    return ", ".join(filter(None, words))


def _compare(shift: Shift) -> None:
    """Do as a central would that knows nothing but the moves in the events: its stock must be the ledger's."""
    stock = _sums(shift, "location:")
    ledger = {item["sku"]: item["on_hand"] for item in shift.cast.books.stock()}
    central = {sku: stock[sku] for sku in ledger}
    if central != ledger:
        raise EdgeError(f"Expected central to have the ledger's stock {ledger}, got {central} by its events.")
    shift.teller.plain()
    same = ", ".join(f"{qty} {sku}" for sku, qty in sorted(central.items()))
    shift.teller.plain(f"Central, by adding up the events, has the same stock as the ledger: {same}.")


def _sums(shift: Shift, accounts: str) -> Counter[str]:
    """What of each item is in the accounts that begin so, by the moves in the events and nothing else."""
    sums: Counter[str] = Counter()
    for event in shift.cast.central.events:
        for move in getattr(event.data, "moves", ()):
            sums[move.sku] += move.qty * (move.to.startswith(accounts) - move.from_.startswith(accounts))
    return sums


def _audit(shift: Shift) -> None:
    done = shift.cast.call("verify")
    if done.returncode != 0:
        found = (done.stderr or done.stdout).strip() or "nothing"
        raise EdgeError(f"Expected 'crossdock verify' to end with 0, got {done.returncode}; it said: {found}")
    shift.teller.heading("The audit: crossdock verify")
    for line in done.stdout.splitlines():
        shift.teller.plain(f"  {line}")


def _where_to_look(shift: Shift) -> None:
    cast, teller = shift.cast, shift.teller
    picture = _picture(shift)
    kept = cast.folder / "labels.zpl"
    kept.write_bytes(b"\n".join(cast.printer.labels) + b"\n")
    events = cast.folder / "events.jsonl"
    events.write_bytes(b"\n".join(cast.central.payloads) + b"\n")
    teller.heading("Where to look")
    for file_, what in (
        (picture, "a picture of one of its labels"),
        (kept, "all labels as the printer got them (ZPL)"),
        (events, "all events as central got them"),
        (cast.folder / COPY, "the copy of the ledger"),
        (cast.config, "the configuration"),
        (cast.folder / "daemon.log", "what the daemon logged"),
    ):
        teller.plain(f"  {what}: {file_}")
    crossdock, config = shlex.join(program()), shlex.quote(str(cast.config))
    teller.plain("  the ledger, as on any site:")
    for command in ("journal", "stock", "orders", "orders SO-7 --why", "exceptions", "labels"):
        teller.plain(f"    {crossdock} {command} -c {config}")
    teller.plain()
    teller.plain("All went as told. Everything that the demo started has ended; its files stay.")


def _picture(shift: Shift) -> str:
    # Pillow comes with it: not before it is needed.
    from drivers.label_picture import save_label_picture  # noqa: PLC0415

    labels = [label for label in shift.cast.books.labels() if label["kind"] == BACKORDER]
    if not labels:
        raise EdgeError(f"Expected a {BACKORDER} label among those of the shift, found none.")
    # The one with the most on it: express, with a lot and an expiry.
    label = max(labels, key=lambda label: sum(bool(text) for text in label["fields"].values()))
    try:
        layout = load_layouts(FIELDS)[BACKORDER]
    except LayoutError as error:
        raise EdgeError(str(error)) from error
    file = shift.cast.folder / f"label-{label['order']}.png"
    save_label_picture(LabelContent(BACKORDER, label["fields"]), layout, file)
    return str(file)
