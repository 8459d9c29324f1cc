"""The contract's tables, as the referee needs them: closed lists, the order inside a booking, who moves what where."""

from collections.abc import Mapping

WHYS = frozenset(
    [
        "check_digit",
        "bad_gs1",
        "bad_code",
        "unknown_code",
        "unknown_item",
        "unknown_order",
        "count_differs",
        "needs_place",
        "needs_order",
        "needs_quantity",
        "needs_item",
        "duplicate",
        "came_with_pallet",
        "not_wanted",
        "own_label",
        "void_label",
        "unknown_label",
        "unknown_command",
        "nothing_to_ship",
        "on_hold",
        "cancelled",
        "not_here",
        "nothing_to_undo",
        "built_upon",
        "lapsed",
        "too_long",
        "disk_full",
    ]
)
ERROR_CODES = frozenset(
    [
        "bad_json",
        "bad_envelope",
        "unknown_type",
        "unknown_field",
        "missing_field",
        "bad_value",
        "too_large",
        "unknown_order",
        "unknown_item",
        "unknown_label",
        "unknown_exception",
        "exists",
        "stale",
        "shipped",
        "already_picked",
        "code_taken",
        "conflict",
        "gap",
        "out_of_range",
        "disk_full",
    ]
)
REASONS = frozenset(
    [
        "out_of_stock",
        "not_found",
        "damaged",
        "count",
        "undone",
        "taken",
        "cancelled",
        "amended",
        "expired",
        "adjusted",
    ]
)
EXCEPTION_KINDS = frozenset(
    [
        "unfulfillable",
        "on_hold",
        "late",
        "documents",
        "handover_failed",
        "stuck_in_transit",
        "delivery_failed",
        "restock",
        "asn_overdue",
        "over",
        "short",
        "unexpected",
        "damaged",
        "expired",
        "unknown_item",
        "count_needed",
        "count_again",
        "contradiction",
        "dropped",
        "low_stock",
        "ack_mismatch",
        "scanner",
        "printer",
        "label",
        "broker",
        "disk",
        "clock",
        "ledger",
    ]
)

_ORDERS = ("order.cancelled", "order.held", "order.resumed", "order.shipped")
PHASES: Mapping[str, int] = {
    "backorder.released": 1,
    "backorder.allocated": 2,
    "backorder.waiting": 3,
    **dict.fromkeys(_ORDERS, 4),
    **dict.fromkeys(("order.ready", "order.unfulfillable"), 5),
    "stock.low": 6,
    **dict.fromkeys(("exception.raised", "exception.cleared"), 7),
}
"""The order of events in a booking; what happened to the stock comes first (0)."""

ANYWHERE = frozenset(("backorder.eta", "order.late", "reorder.suggested"))
"""Types for which the contract names no place inside a booking."""

SHELF = ("location:", "missing:", "adjustment")
"""What is seen beyond the ledger comes out of the place's missing, then out of adjustment."""

FROM_TO: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "stock.received": (("supplier:",), ("location:", "quarantine:")),
    "stock.found": (("missing:", "adjustment"), ("location:",)),
    "stock.returned": (("picked:", "customer:"), ("location:", "quarantine:")),
    "stock.damaged": (SHELF, ("quarantine:", "location:")),
    "stock.released": (("quarantine:",), ("location:",)),
    "stock.scrapped": (("quarantine:",), ("scrap",)),
    "stock.picked": (SHELF, ("picked:", "location:")),
    "stock.shipped": (("picked:", "location:"), ("customer:",)),
    "stock.missing": (("location:",), ("missing:",)),
    "stock.moved": (SHELF, ("location:",)),
    "stock.counted": (SHELF, SHELF),
    "stock.adjusted": (SHELF, (*SHELF, "quarantine:")),
    "stock.identified": (("",), ("",)),
    "undo": (("",), ("",)),
}
"""Where the goods of an event may come from and go to, by the beginning of the account's name."""

SUMS_UP = frozenset(
    f"stock.{told}" for told in ("received", "found", "returned", "damaged", "released", "scrapped", "picked")
) | {"stock.shipped", "stock.missing", "stock.moved"}
"""Events whose `qty` is what reaches the end of their moves."""

LEVEL_ATTRIBUTES = ("on_hand", "allocated", "available", "waiting", "missing", "quarantine", "expected")
