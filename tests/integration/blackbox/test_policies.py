"""The site's own rules: order of service, shelf life, why an order was served (contract sections 2 and 4)."""

from datetime import UTC, datetime, timedelta

from tests.integration.blackbox.central import Central
from tests.integration.blackbox.conftest import StartNode
from tests.integration.blackbox.goods import order
from tests.integration.blackbox.node import Layout

RULES = '[allocation]\norder_by = ["placed_at", "tier"]\nmin_shelf_life_days = 30\n'

DAYS_LEFT = {"SHORT": 10, "LONG": 400}


def test_a_site_s_own_order_of_service_and_shelf_life_decide_and_can_be_asked_for(
    start_node: StartNode, central: Central
) -> None:
    node = start_node(Layout(tables=RULES))
    order(central, "SO-YOUNG", ("PEN", 1), placed_at="2026-11-03T08:00:00Z", tier=9, express=True)
    order(central, "SO-OLD-1", ("PEN", 1), placed_at="2026-11-02T08:00:00Z", tier=1)
    order(central, "SO-OLD-2", ("PEN", 1), placed_at="2026-11-02T08:00:00Z", tier=5)

    for lot, days in DAYS_LEFT.items():
        expiry = (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
        node.take("gun-1", f"LOT:{lot}", f"EXP:{expiry}", "SKU:PEN")

    # Too short a life serves nobody; of the other the oldest gets it, tier only among equals, express not at all.
    central.level("PEN", on_hand=2, allocated=1, waiting=2)
    served = [(e.data["order"], e.data["lot"]) for e in central.events("backorder.allocated")]
    assert served == [("SO-OLD-2", "LONG")]

    why = {id: node.cli("orders", id, "--why") for id in ("SO-OLD-2", "SO-OLD-1", "SO-YOUNG")}
    assert {done.returncode for done in why.values()} == {0}
    # Who waits is told who is before it and what it waits for.
    assert "PEN" in why["SO-YOUNG"].stdout
    assert "SO-OLD-1" in why["SO-YOUNG"].stdout
    assert "SO-YOUNG" not in why["SO-OLD-1"].stdout
    assert "LONG" in why["SO-OLD-2"].stdout
