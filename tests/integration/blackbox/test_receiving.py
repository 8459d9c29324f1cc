"""Goods come in: pallets announced and not, GS1 labels, cases, quantities, unknown and expired goods."""

from tests.integration.blackbox.central import Central
from tests.integration.blackbox.conftest import StartNode
from tests.integration.blackbox.goods import GS, INK, PEN, PEN_CASE, order
from tests.integration.blackbox.node import Layout, Node, Station, with_printers
from tests.integration.blackbox.tcp_printer import TcpPrinter

SSCC, OTHER_SSCC = "376123450000000429", "376123450000000436"
GTIN = f"{PEN:0>14}"
UNKNOWN = "4006381333931"


def announce(central: Central) -> None:
    """ASN-9: a pallet of 24 pens."""
    pallet = {"sscc": SSCC, "contents": [{"sku": "PEN", "qty": 24}]}
    central.do("asn.announce", asn="ASN-9", po="4711", supplier="ACME", pallets=[pallet])


def test_an_announced_pallet_is_received_in_one_scan_and_refused_in_the_second(
    node: Node, central: Central
) -> None:
    announce(central)

    first = node.scan("gun-1", f"]C100{SSCC}")
    second = node.scan("gun-1", f"00{SSCC}")

    assert first == "accept"
    assert second == "reject"
    received, refused = central.expect(
        ("stock.received", {"sku": "PEN", "qty": 24, "location": "DOCK-1", "po": "4711", "sscc": SSCC}),
        ("scan.rejected", {"station": "dock-1", "scanner": "gun-1", "why": "duplicate"}),
    )
    assert received.data["asn"] == "ASN-9"
    assert received.data["moves"][0]["pallet"] == SSCC
    assert received.seq < refused.seq
    central.level("PEN", on_hand=24)


def test_an_item_of_a_received_pallet_is_refused_at_that_station_until_another_place_is_scanned(
    start_node: StartNode, central: Central
) -> None:
    stations = (Station("dock-1", "receive", "DOCK-1"), Station("dock-2", "receive", "DOCK-2"))
    guns = {"gun-1": "dock-1", "gun-1b": "dock-1", "gun-2": "dock-2"}
    node = start_node(Layout(stations=stations, guns=guns))
    announce(central)
    node.take("gun-1", f"]C100{SSCC}")

    verdicts = {
        "same gun": node.scan("gun-1", PEN),
        "another gun there": node.scan("gun-1b", PEN_CASE),
    }
    node.take("gun-1", INK)
    node.take("gun-2", PEN)
    node.take("gun-1", "LOC:DOCK-1", PEN)

    assert verdicts == {"same gun": "reject", "another gun there": "reject"}
    central.level("PEN", on_hand=26)
    assert [event.data["why"] for event in central.events("scan.rejected")] == ["came_with_pallet"] * 2


def test_an_unannounced_pallet_books_nothing_and_owns_the_items_that_follow(
    node: Node, central: Central
) -> None:
    node.take("gun-1", f"]C100{OTHER_SSCC}", PEN)
    again = node.take("gun-1", f"]C100{OTHER_SSCC}")
    node.take("gun-1", INK, "LOC:A-01", PEN)

    assert again == "attention"
    received = central.expect(
        ("stock.received", {"sku": "PEN", "sscc": OTHER_SSCC}),
        ("stock.received", {"sku": "INK", "sscc": OTHER_SSCC}),
        ("stock.received", {"sku": "PEN", "location": "A-01"}),
    )
    assert [event.data.get("sscc") for event in received] == [OTHER_SSCC, OTHER_SSCC, None]
    pallets = [event.data["moves"][0]["pallet"] for event in received]
    assert pallets == [OTHER_SSCC, OTHER_SSCC, None]


CODES: dict[str, tuple[str, dict[str, object]]] = {
    "a GTIN with expiry, count and lot": (
        f"]C101{GTIN}17290630" + f"3012{GS}10B7",
        {"sku": "PEN", "qty": 12, "lot": "B7", "expiry": "2029-06-30"},
    ),
    "without identifier, the lot in front": (
        f"01{GTIN}10B8{GS}17290630",
        {"sku": "PEN", "qty": 1, "lot": "B8", "expiry": "2029-06-30"},
    ),
    "a best-before where there is no expiry": (
        f"]d201{GTIN}15290731",
        {"sku": "PEN", "qty": 1, "lot": None, "expiry": "2029-07-31"},
    ),
    "a case by its GTIN-14": (PEN_CASE, {"sku": "PEN", "qty": 12, "lot": None, "expiry": None}),
    "a case that says its own pack": (f"]C101{PEN_CASE}3012", {"sku": "PEN", "qty": 12}),
    "an EAN-13 with its identifier": (f"]E0{PEN}", {"sku": "PEN", "qty": 1}),
    "an item by its own number": ("SKU:INK", {"sku": "INK", "qty": 1}),
    "a Digital Link": (
        f"https://id.example.net/01/{GTIN}/10/B9?17=290630",
        {"sku": "PEN", "qty": 1, "lot": "B9", "expiry": "2029-06-30"},
    ),
    "a pallet nobody announced that says what is on it": (
        f"]C100{OTHER_SSCC}02{PEN_CASE}3702",
        {"sku": "PEN", "qty": 24, "sscc": OTHER_SSCC},
    ),
}


def test_a_code_is_received_as_what_it_says(node: Node, central: Central) -> None:
    for code, _ in CODES.values():
        # The place ends a pallet: what follows it would belong to it.
        node.take("gun-1", "LOC:DOCK-1", code)

    told = central.expect(*(("stock.received", data) for _, data in CODES.values()))

    assert len(told) == len(CODES)
    central.level("PEN", on_hand=12 + 1 + 1 + 12 + 12 + 1 + 1 + 24)


def test_the_quantity_multiplies_the_next_item_scan_only(node: Node, central: Central) -> None:
    node.take("gun-1", "QTY:2", PEN_CASE, PEN, "NUM:1", "NUM:0", PEN)

    central.expect(
        ("stock.received", {"qty": 24}), ("stock.received", {"qty": 1}), ("stock.received", {"qty": 10})
    )


def test_a_lot_and_an_expiry_scanned_go_with_the_next_item_scan_only(node: Node, central: Central) -> None:
    node.take("gun-1", "LOT:B7", "EXP:2029-06-30", PEN, PEN)

    central.expect(
        ("stock.received", {"lot": "B7", "expiry": "2029-06-30"}),
        ("stock.received", {"lot": None, "expiry": None}),
    )


def test_a_label_that_counts_otherwise_than_the_catalogue_is_refused(node: Node, central: Central) -> None:
    node.take("gun-1", "QTY:2")

    assert node.scan("gun-1", f"]C101{PEN_CASE}3010") == "reject"

    assert central.event("scan.rejected").data["why"] == "count_differs"
    # A refused scan leaves the dialogue as it was, the quantity too.
    node.take("gun-1", PEN_CASE)
    central.event("stock.received", qty=24)


def test_an_item_that_the_catalogue_lacks_is_received_and_asked_for(node: Node, central: Central) -> None:
    verdict = node.scan("gun-1", UNKNOWN)

    assert verdict == "attention"
    central.event("stock.received", sku=f"{UNKNOWN:0>14}", qty=1)
    central.event("exception.raised", kind="unknown_item")


def test_a_site_that_refuses_unknown_items_books_nothing_of_them(
    start_node: StartNode, central: Central
) -> None:
    node = start_node(Layout(tables='[items]\nunknown = "reject"\n'))

    assert node.scan("gun-1", UNKNOWN) == "reject"

    assert central.event("scan.rejected").data["why"] == "unknown_item"
    assert central.events("stock.received") == []


def test_goods_that_arrive_expired_go_into_quarantine_and_serve_nobody(
    start_node: StartNode, central: Central, printer: TcpPrinter
) -> None:
    node = start_node(with_printers(printer.device))
    order(central, "SO-1", ("PEN", 2))

    verdict = node.take("gun-1", "QTY:2", f"]C101{GTIN}17200131" + "10OLD")

    assert verdict == "attention"
    received = central.event("stock.received", lot="OLD", expiry="2020-01-31")
    assert received.data["moves"][-1]["to"] == "quarantine:DOCK-1"
    central.event("exception.raised", kind="expired")
    central.event("label.printed", kind="quarantine")
    central.level("PEN", on_hand=0, available=0, waiting=2, quarantine=2)
    assert central.events("backorder.allocated") == []


def test_a_site_keeps_the_barcodes_on_its_racks(start_node: StartNode, central: Central) -> None:
    node = start_node(Layout(tables="[codes]\nlocation = '^%L(?P<value>[A-Z0-9-]+)$'\n"))

    node.take("gun-1", "%LA-07", PEN)

    central.event("stock.received", location="A-07")
    assert node.scan("gun-1", "LOC:A-08") == "reject"
