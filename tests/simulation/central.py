"""What central knows of its own: the orders it placed, what it announced, the thresholds it set.

A command that was answered ok is applied here by the words of contract section 6; what stock does is not this
file's business.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from edge.clock import from_rfc3339
from tests.simulation.accounts import Books, Order
from tests.simulation.codes import Codes

OPTIONAL = ("express", "tier", "promised_at", "placed_at", "fill")


@dataclass(slots=True)
class Expected:
    """Goods announced and not yet received. `sscc` is empty for goods announced without a pallet."""

    asn: str
    po: str
    sscc: str
    sku: str
    qty: int


@dataclass(slots=True)
class Central:
    """Applies commands to the referee's books."""

    books: Books
    order_by: tuple[str, ...]
    codes: Codes
    thresholds: dict[str, int] = field(default_factory=dict)
    expected: list[Expected] = field(default_factory=list)
    received_ssccs: set[str] = field(default_factory=set)

    def apply(self, type_: str, data: dict[str, Any], refused: Iterable[str], at_ms: int) -> None:
        """Apply what was accepted; `refused` names the entries of a list that were not."""
        match type_:
            case "order.place":
                self._place(data, at_ms)
            case "order.amend":
                self._amend(data)
            case "order.prioritise":
                self._set(self.books.orders[data["order"]], data)
            case "order.cancel":
                self._cancel(data)
            case "order.hold" | "order.resume":
                order = self.books.orders[data["order"]]
                order.is_held = type_ == "order.hold"
                order.held_until = from_rfc3339(data["until"]) if data.get("until") else None
            case "catalogue.upsert":
                self._catalogue(data, set(refused))
            case "asn.announce":
                self._announce(data)
            case "asn.cancel":
                self._forget(data["asn"])
            case _:
                pass  # It moves goods: its events tell.

    def _place(self, data: dict[str, Any], at_ms: int) -> None:
        if data["order"] in self.books.orders:
            return
        order = self.books.orders[data["order"]] = Order(data["order"], self.order_by, placed_at=at_ms)
        self._set(order, data)
        for line in data["lines"]:
            self.books.add_line(order, line["line"], line["sku"], line["qty"])

    def _set(self, order: Order, data: dict[str, Any]) -> None:
        for name in OPTIONAL:
            if (value := data.get(name)) is not None:
                setattr(order, name, from_rfc3339(value) if name.endswith("_at") else value)

    def _amend(self, data: dict[str, Any]) -> None:
        order = self.books.orders[data["order"]]
        self._set(order, data)
        for told in data.get("lines", ()):
            line = order.lines.get(told["line"])
            if line is None:
                if told["qty"]:
                    self.books.add_line(order, told["line"], told["sku"], told["qty"])
            elif told["qty"]:
                line.ordered, line.is_cancelled = told["qty"], False
            else:
                line.is_cancelled = True

    def _cancel(self, data: dict[str, Any]) -> None:
        order = self.books.orders[data["order"]]
        for name in data.get("lines") or order.lines:
            order.lines[name].is_cancelled = True

    def _catalogue(self, data: dict[str, Any], refused: set[str]) -> None:
        for n, item in enumerate(data["items"]):
            if any(at.startswith(f"items[{n}]") for at in refused):
                continue
            self.codes.upsert(item)
            if item.get("low_stock") is not None:
                self.thresholds[item["sku"]] = item["low_stock"]

    # -- announcements ---------------------------------------------------------------------------------------

    def _forget(self, asn: str) -> None:
        self.expected = [each for each in self.expected if each.asn != asn]

    def _announce(self, data: dict[str, Any]) -> None:
        self._forget(data["asn"])
        asn, po = data["asn"], data.get("po") or ""
        for pallet in data.get("pallets") or ():
            if pallet["sscc"] not in self.received_ssccs:
                self.expected += [
                    Expected(asn, po, pallet["sscc"], line["sku"], line["qty"]) for line in pallet["contents"]
                ]
        self.expected += [Expected(asn, po, "", line["sku"], line["qty"]) for line in data.get("lines") or ()]

    def arrived(self, data: dict[str, Any]) -> list[tuple[Expected, int]]:
        """Goods came in: they are no longer expected. Returns what was taken off, for an undo."""
        sscc, po, qty = data.get("sscc") or "", data.get("po") or "", data["qty"]
        due = [each for each in self.expected if each.sku == data["sku"] and each.qty]
        on_pallet = [each for each in due if sscc and each.sscc == sscc]
        loose = [each for each in due if po and each.po == po and not each.sscc]
        if on_pallet:
            self.received_ssccs.add(sscc)
        taken = []
        for each in on_pallet or loose:
            if part := min(each.qty, qty):
                each.qty -= part
                qty -= part
                taken.append((each, part))
        return taken

    def still_expected(self, sku: str) -> int:
        return sum(each.qty for each in self.expected if each.sku == sku)
