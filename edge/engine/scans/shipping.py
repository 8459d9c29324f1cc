"""SHIP: what an order has leaves the ledger (contract section 3)."""

from edge.domain.codes import Code, SiteCode
from edge.engine.refusals import RefusedError
from edge.engine.scans.scenes import order_named, refuse_unless_open
from edge.engine.scene import Scan
from edge.engine.shipping import ship_order
from edge.engine.words import pieces


def ship(scan: Scan, code: Code) -> str:
    """Let an order leave with all that it has. Raises RefusedError."""
    assert isinstance(code, SiteCode)
    order = order_named(scan, code.value)
    refuse_unless_open(order, "shipped")
    if not any(has["picked"] or has["allocated"] for _, has in scan.books.orders.all_lines(order.id)):
        waits = f": {order.waiting} pieces of it wait" if order.waiting else ", and nothing of it waits"
        raise RefusedError("nothing_to_ship", f"Order {order.id} has nothing picked or allocated{waits}.")
    shipped = ship_order(scan.begin("shipped"), order.id, None, scan.who())
    if shipped.is_complete:
        return f"{shipped.qty} pieces of {order.id} leave: it is complete."
    scan.attention = True
    waits = pieces(shipped.waits.items())
    return f"{shipped.qty} pieces of {order.id} leave. Still waiting for it: {waits}."
