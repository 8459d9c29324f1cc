"""A node that lives as long as a file of tests: each test takes items, places and orders of its own.

Starting a daemon costs more than a hundred scans. What keeps the tests of one node apart is that no two of
them trade in the same goods, and that each begins a dialogue with its mode. When the file is through, the
books of all its tests are held against each other: see `closing`.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.integration.blackbox.audit import check_heard, positions
from tests.integration.blackbox.central import Central
from tests.integration.blackbox.events import LEFT_OUT, Event, JsonObject, compare
from tests.integration.blackbox.node import Layout, Node, Printer, Station
from tests.integration.blackbox.tcp_printer import TcpPrinter
from tests.integration.blackbox.waits import wait_for
from tests.integration.blackbox.zpl import Label

DOCK, AISLE, DESK, CART = "gun-1", "gun-2", "gun-3", "gun-4"
"""The guns: at a dock that receives, in an aisle, at a desk where nobody else works, on a cart without a place."""

_HELD = ("location", "missing", "quarantine", "picked", "customer")
"""Accounts in which goods are; the others are where they come from and go to."""

_NOWHERE = "NOWHERE"
_END = "END-"
"""An item that never comes, and its orders: such an order is told behind all that was booked before."""

_numbers = itertools.count(1)
"""Across all files, so that even a name in a message tells whose it is."""


def layout(printer: TcpPrinter) -> Layout:
    """Four stations with a gun each, and one printer for all."""
    return Layout(
        stations=(
            Station("dock-1", "receive", "DOCK-1", "zebra-1"),
            Station("aisle-1", "missing", "AISLE", "zebra-1"),
            Station("desk-1", "receive", "DESK", "zebra-1"),
            Station("cart-1", "pick", None, "zebra-1"),
        ),
        guns={DOCK: "dock-1", AISLE: "aisle-1", DESK: "desk-1", CART: "cart-1"},
        printers=(Printer("zebra-1", printer.device),),
    )


class Shop:
    """A running node with its central and printer, and the words of a day's work."""

    def __init__(self, folder: Path, central: Central, printer: TcpPrinter, *, mqtt_port: int) -> None:
        self.node = Node(folder, layout(printer), mqtt_port=mqtt_port)
        self.central = central
        self.printer = printer
        self._read = 0
        self._last_news: list[Event] = []

    def open(self) -> None:
        self.node.launch()
        try:
            self.central.state("online", session=1)
        except TimeoutError as error:
            raise AssertionError(f"{error}\nThe node's log:\n{self.node.log[-4000:]}") from error
        self.item(_NOWHERE)

    def close(self) -> None:
        """End the node and hold its books against what it has told."""
        self._settle()
        check_heard(self.central.heard)
        for sku, total in positions(self.central.events()).items():
            self.central.level(sku, **{key: total[key] for key in ("on_hand", "missing", "quarantine")})
        assert self.node.stop() == 0
        audit = self.node.cli("verify")
        assert audit.returncode == 0, audit.stdout + audit.stderr
        assert "Traceback" not in self.node.log, self.node.log[-4000:]

    # -- names, each given out once ------------------------------------------------------------------------

    def item(self, sku: str | None = None, **fields: object) -> str:
        """Teach an item that nobody else trades in."""
        sku = sku or f"ITEM-{next(_numbers):04}"
        self.central.do("catalogue.upsert", items=[{"sku": sku, "name": f"Thing {sku}", **fields}])
        return sku

    def place(self) -> str:
        return f"A-{next(_numbers):04}"

    def order(self, *lines: tuple[str, int], **fields: object) -> str:
        """Place an order of (sku, qty) lines, numbered from 1: of equals, the earlier comes first."""
        order = f"SO-{next(_numbers):04}"
        numbered = [{"line": n, "sku": sku, "qty": qty} for n, (sku, qty) in enumerate(lines, 1)]
        head = {"order": order, "placed_at": "2026-11-02T08:00:00Z", "lines": numbered}
        self.central.do("order.place", **{**head, **fields})
        return order

    # -- work ----------------------------------------------------------------------------------------------

    def take(self, *codes: str, gun: str = AISLE) -> str:
        """Scan codes that must all be booked; the last verdict."""
        return self.node.take(gun, *codes)

    def stock(
        self, sku: str, qty: int, place: str, *, lot: str | None = None, expiry: str | None = None
    ) -> None:
        """Receive goods into a place."""
        goods = [f"LOT:{lot}"] * bool(lot) + [f"EXP:{expiry}"] * bool(expiry)
        self.take("CMD:RECEIVE", f"LOC:{place}", *goods, f"QTY:{qty}", f"SKU:{sku}", gun=DOCK)

    def pick(self, order: str, place: str, sku: str, qty: int) -> None:
        """Take goods of a place for an order."""
        self.take("CMD:PICK", f"ORD:{order}", f"LOC:{place}", f"QTY:{qty}", f"SKU:{sku}")

    def refused(self, *codes: str, gun: str = AISLE) -> str:
        """Scan until one is refused, which must come, with nothing booked by any; returns its `why`."""
        self.news()
        verdict = next((v for v in (self.node.scan(gun, code) for code in codes) if v == "reject"), None)
        assert verdict is not None, f"{codes} were all taken, one had to be refused"
        (event,) = self.expect(("scan.rejected", {"scanner": gun}))
        assert event.data["reason"], event
        return str(event.data["why"])

    def error(self, kind: str, **data: object) -> JsonObject:
        """Send a command that must be refused and change nothing; returns its error."""
        self.news()
        answer = self.central.command(kind, **data)
        assert answer["ok"] is False, f"{kind} {data} was accepted, it had to be refused"
        self.expect()
        error: JsonObject = answer["error"]
        assert error["text"], answer
        return error

    # -- what was told -------------------------------------------------------------------------------------

    def news(self) -> list[Event]:
        """Every event since the last news, all of them: the node has told whatever it had to tell."""
        first, last = self._settle()
        since = [event for event in self.central.events() if self._read < event.seq < first]
        self._last_news = [e for e in since if not str(e.data.get("order")).startswith(_END)]
        self._read = last
        return self._last_news

    def expect(self, *expected: tuple[str, Mapping[str, object]]) -> list[Event]:
        """The events since the last news are exactly these, `label.*` and `exception.*` left out."""
        told = [event for event in self.news() if not event.type.startswith(LEFT_OUT)]
        if len(told) != len(expected):
            wanted = "\n  ".join(f"{kind} {data}" for kind, data in expected) or "nothing"
            got = "\n  ".join(map(str, told)) or "nothing"
            raise AssertionError(f"Expected\n  {wanted}\ngot\n  {got}")
        compare(told, expected)
        return told

    def raised(self) -> list[str]:
        """The kinds of the exceptions that the last news told of."""
        return [event.data["kind"] for event in self._last_news if event.type == "exception.raised"]

    def cleared(self) -> list[str]:
        """The kinds of the exceptions that the last news told the end of."""
        ids = {e.data["exception"] for e in self._last_news if e.type == "exception.cleared"}
        raised = self.central.events("exception.raised")
        return [event.data["kind"] for event in raised if event.data["exception"] in ids]

    def balance(self, sku: str) -> dict[str, int]:
        """Where the goods of an item are, from the moves of all events and nothing else."""
        self._settle()
        return held(self.central.events(), sku)

    def level(self, sku: str, **values: int) -> JsonObject:
        return self.central.level(sku, **values)

    def label(self, *words: str) -> Label:
        """Wait for a label that carries all these words; the latest of several."""

        def look() -> Label | None:
            found = [label for label in self.printer.labels if all(word in label.text for word in words)]
            return found[-1] if found else None

        return wait_for(look, f"a label with {words}")

    def _settle(self) -> tuple[int, int]:
        """Wait until all that was booked is told; the first and last event of the order that shows it."""
        line = {"line": 1, "sku": _NOWHERE, "qty": 1}
        answer = self.central.do("order.place", order=f"{_END}{next(_numbers):04}", lines=[line])
        return answer["first_seq"], answer["last_seq"]


def held(events: Iterable[Event], sku: str) -> dict[str, int]:
    """What each account holds of an item, accounts with nothing left out."""
    total: Counter[str] = Counter()
    for move in all_moves(events):
        if move["sku"] == sku:
            total[move["from"]] -= move["qty"]
            total[move["to"]] += move["qty"]
    return {account: qty for account, qty in total.items() if qty and account.split(":")[0] in _HELD}


def all_moves(events: Iterable[Event]) -> list[dict[str, Any]]:
    return [move for event in events for move in event.data.get("moves", [])]


def checked(digits: str) -> str:
    """Digits with the check digit behind them that GTIN and SSCC end with (GS1 General Specifications 7.9.1)."""
    total = sum(int(digit) * (3 if n % 2 == 0 else 1) for n, digit in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def new_gtin() -> str:
    """A GTIN-13 that nothing else has."""
    return checked(f"40{next(_numbers):010}")


def new_sscc() -> str:
    """An SSCC that nothing else has."""
    return checked(f"34012345{next(_numbers):09}")
