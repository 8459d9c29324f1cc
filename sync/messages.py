"""The commands of contract section 6 as pydantic models, and what each asks for as a plain request.

These are the contract of `cmd`: schemas are generated from them. Reading bytes and wording errors is
`reading`'s; what central is told stands in `events`. Every value carries the words that tell what it must be.
"""

from typing import Annotated, get_args

from pydantic import Field

from edge.domain.requests import ClearException, ReplayEvents, ReprintLabel, Scope, TakeSnapshot
from sync.command_base import Command, ListCommand, Unfit, each_once
from sync.fields import EventSeq, Must, Name, Reason
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


class SyncReplay(Command):
    from_seq: EventSeq
    to_seq: EventSeq

    def request(self, content: str) -> ReplayEvents:  # noqa: ARG002
        return ReplayEvents(self.from_seq, self.to_seq)


class SyncSnapshot(Command):
    scope: Annotated[
        Scope | Annotated[list[Scope], Field(min_length=1, max_length=len(get_args(Scope)))],
        Must('"levels", "positions" or "orders", or a list of them'),
    ]

    def request(self, content: str) -> TakeSnapshot:  # noqa: ARG002
        scopes = (self.scope,) if isinstance(self.scope, str) else tuple(self.scope)
        each_once(scopes, "scope[{}]")
        return TakeSnapshot(scopes)


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
    "sync.replay": SyncReplay,
    "sync.snapshot": SyncSnapshot,
}
"""The command types that this node knows, without the prefix `crossdock.`."""
