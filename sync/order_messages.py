"""The commands about orders: placed, amended, put before others, held, shipped, cancelled."""

from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field

from edge.domain.requests import (
    AmendedLine,
    AmendOrder,
    CancelOrder,
    HoldOrder,
    LineId,
    OrderLine,
    PlaceOrder,
    PrioritiseOrder,
    ResumeOrder,
    ShipOrder,
)
from sync.command_base import Command, Model, Unfit, each_once, some_given
from sync.fields import Amount, Fill, Flag, Line, Name, Quantity, Seq, Text, Tier, Time


class NamedLine(Model):
    line: Line


def _line_of(value: object) -> object:
    """A line may be named by itself or as the object it was ordered with."""
    return value["line"] if isinstance(value, dict) and value.keys() == {"line"} else value


class OrderLineData(Model):
    line: Line
    sku: Name
    qty: Quantity


class AmendedLineData(Model):
    """The quantity is the line's new one, not a difference; 0 cancels the line. A new line needs its SKU."""

    line: Line
    sku: Name | None = None
    qty: Amount


class OrderFields(Command):
    """What an order may say of itself, when placed and when amended."""

    order: Name
    placed_at: Time | None = None
    promised_at: Time | None = None
    not_before: Time | None = None
    ship_by: Time | None = None
    express: Flag | None = None
    tier: Tier | None = None
    fill: Fill | None = None
    customer: Text | None = None
    lane: Text | None = None
    ext: dict[str, Any] | None = None


class OrderPlace(OrderFields):
    lines: Annotated[list[OrderLineData], Field(min_length=1, fail_fast=True)]

    def request(self, content: str) -> PlaceOrder:
        each_once([line.line for line in self.lines], "lines[{}].line")
        return PlaceOrder(
            order=self.order,
            lines=tuple(OrderLine(line.line, line.sku, line.qty) for line in self.lines),
            content=content,
            placed_at_ms=self.placed_at,
            promised_at_ms=self.promised_at,
            not_before_ms=self.not_before,
            ship_by_ms=self.ship_by,
            express=self.express or False,
            tier=self.tier or 0,
            fill=self.fill or "partial",
            customer=self.customer,
            lane=self.lane,
            ext=self.ext,
        )


class OrderAmend(OrderFields):
    model_config = ConfigDict(json_schema_extra=some_given("order", "revision"))

    lines: Annotated[list[AmendedLineData], Field(min_length=1, fail_fast=True)] | None = None
    revision: Seq | None = None

    def request(self, content: str) -> AmendOrder:  # noqa: ARG002
        fields = self.given() - {"order", "lines", "revision"}
        if self.lines is None and not fields:
            raise Unfit(
                "lines", "lines is missing: an amendment has lines, fields to change or both", "missing_field"
            )
        lines = self.lines or []
        each_once([line.line for line in lines], "lines[{}].line")
        return AmendOrder(
            order=self.order,
            lines=tuple(AmendedLine(line.line, line.qty, line.sku) for line in lines),
            given=fields,
            placed_at_ms=self.placed_at,
            promised_at_ms=self.promised_at,
            not_before_ms=self.not_before,
            ship_by_ms=self.ship_by,
            express=self.express,
            tier=self.tier,
            fill=self.fill,
            customer=self.customer,
            lane=self.lane,
            ext=self.ext,
            revision=self.revision,
        )


class OrderPrioritise(Command):
    model_config = ConfigDict(json_schema_extra=some_given("order"))

    order: Name
    express: Flag | None = None
    tier: Tier | None = None
    promised_at: Time | None = None

    def request(self, content: str) -> PrioritiseOrder:  # noqa: ARG002
        fields = self.given() - {"order"}
        if not fields:
            raise Unfit(
                "express", "express is missing: a priority has express, tier or promised_at", "missing_field"
            )
        return PrioritiseOrder(self.order, fields, self.express, self.tier, self.promised_at)


class SomeLines(Command):
    """A command about a whole order, or only about the lines it names."""

    order: Name
    lines: (
        Annotated[
            list[Annotated[Line, BeforeValidator(_line_of, json_schema_input_type=Line | NamedLine)]],
            Field(min_length=1, fail_fast=True),
        ]
        | None
    ) = None

    def named(self) -> tuple[LineId, ...] | None:
        """The lines named, each once, or None for the whole order. Raises Unfit."""
        each_once(self.lines or [], "lines[{}]")
        return None if self.lines is None else tuple(self.lines)


class OrderShip(SomeLines):
    def request(self, content: str) -> ShipOrder:  # noqa: ARG002
        return ShipOrder(self.order, self.named())


class OrderCancel(SomeLines):
    def request(self, content: str) -> CancelOrder:  # noqa: ARG002
        return CancelOrder(self.order, self.named())


class OrderHold(Command):
    order: Name
    reason: Text | None = None
    until: Time | None = None

    def request(self, content: str) -> HoldOrder:  # noqa: ARG002
        return HoldOrder(self.order, self.reason, self.until)


class OrderResume(Command):
    order: Name

    def request(self, content: str) -> ResumeOrder:  # noqa: ARG002
        return ResumeOrder(self.order)
