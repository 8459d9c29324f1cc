"""The commands of contract section 6 as pydantic models, and what each asks for as a plain request.

These are the contract of `cmd`: schemas are generated from them. Reading bytes and wording errors is
`reading`'s; what central is told stands in `events`. Every value carries the words that tell what it must be.
"""

from edge.domain.requests import ClearException, ReprintLabel
from sync.command_base import Command, ListCommand, Unfit
from sync.fields import Name, Reason
from sync.order_messages import (
    OrderAmend,
    OrderCancel,
    OrderHold,
    OrderPlace,
    OrderPrioritise,
    OrderResume,
    OrderShip,
)
from sync.stock_messages import AsnAnnounce, AsnCancel, CatalogueUpsert, StockAdjust, StockCount

__all__ = ["COMMANDS", "Command", "ListCommand", "Unfit"]


class ExceptionClear(Command):
    exception: Name
    reason: Reason

    def request(self, content: str) -> ClearException:  # noqa: ARG002
        return ClearException(self.exception, self.reason)


class LabelReprint(Command):
    label: Name

    def request(self, content: str) -> ReprintLabel:  # noqa: ARG002
        return ReprintLabel(self.label)


COMMANDS: dict[str, type[Command] | type[ListCommand]] = {
    "order.place": OrderPlace,
    "order.amend": OrderAmend,
    "order.cancel": OrderCancel,
    "order.hold": OrderHold,
    "order.resume": OrderResume,
    "order.prioritise": OrderPrioritise,
    "order.ship": OrderShip,
    "asn.announce": AsnAnnounce,
    "asn.cancel": AsnCancel,
    "catalogue.upsert": CatalogueUpsert,
    "stock.count": StockCount,
    "stock.adjust": StockAdjust,
    "exception.clear": ExceptionClear,
    "label.reprint": LabelReprint,
}
"""The command types that this node knows, without the prefix `crossdock.`."""
