"""Label jobs: written in the booking, followed to their end (contract section 5)."""

import pytest

from edge.facts import (
    DeviceKind,
    DeviceLost,
    DeviceReady,
    LabelFailed,
    LabelPrinted,
    LabelSending,
    LabelUnsettled,
    Verdict,
)
from edge.ledger.outbox import LabelRows
from edge.outbox import LabelJob
from tests.house import House


def _next(house: House) -> LabelJob | None:
    rows = LabelRows(house.settings.data_dir / "ledger.db", "zebra-1")
    try:
        return rows.next()
    finally:
        rows.close()


def test_labels_are_written_in_the_booking_in_the_order_of_service(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.order("SO-2", ("PEN", 3), express=True, customer="Bakery")

    house.scans("QTY:7", "SKU:PEN")

    ((fact,),) = house.rows("SELECT max(seq) FROM facts")
    assert house.rows("SELECT fact, kind, order_id, qty FROM labels ORDER BY job") == [
        (fact, "backorder", "SO-2", 3),
        (fact, "backorder", "SO-1", 2),
        (fact, "putaway", "", 2),
    ]
    job = _next(house)
    assert job is not None
    assert (job.content.fields["to"], job.content.fields["express"], job.copy) == ("Bakery", "EXPRESS", False)


def test_a_label_whose_order_is_on_hold_when_it_is_printed_says_so(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.receive("PEN", 5)
    backorder = _next(house)

    house.done("order.hold", {"order": "SO-1"})
    held = _next(house)
    house.done("order.resume", {"order": "SO-1"})
    resumed = _next(house)

    assert [job and job.hold for job in (backorder, held, resumed)] == [False, True, False]
    house.post(LabelPrinted(1))
    putaway = _next(house)
    assert putaway is not None
    assert not putaway.hold


def test_a_label_that_was_being_sent_at_a_restart_goes_again_marked(house: House) -> None:
    house.scans("SKU:PEN")
    house.post(LabelSending(1))

    house.restart()

    job = _next(house)
    assert job is not None
    assert (job.job, job.copy) == (1, True)
    assert house.rows("SELECT status FROM labels") == [("unknown",)]


def test_a_label_nobody_can_vouch_for_goes_again_marked(house: House) -> None:
    house.scans("SKU:PEN")
    house.told()
    house.post(LabelSending(1))
    house.post(LabelUnsettled(1, "the cable was pulled"))
    job = _next(house)
    assert job is not None
    assert job.copy

    house.post(LabelPrinted(1))
    house.post(LabelPrinted(1))

    (told,) = house.told()
    assert (told.type, told.data["copy"]) == ("label.printed", True)
    assert _next(house) is None


def test_a_label_that_cannot_be_printed_is_given_up_with_an_exception(house: House) -> None:
    house.done("catalogue.upsert", {"items": [{"sku": "PEN"}]})
    house.scans("SKU:PEN")
    ((label,),) = house.rows("SELECT label FROM labels")

    house.post(LabelFailed(1, "no such layout"))

    assert house.exceptions() == [("label", label)]
    assert _next(house) is None


@pytest.mark.parametrize("kind", list(DeviceKind))
def test_a_lost_device_has_an_exception_until_it_is_back(house: House, kind: DeviceKind) -> None:
    house.post(DeviceLost(kind, "it-1", "Unplugged."))
    assert house.exceptions() == [(kind.value, "it-1")]

    house.post(DeviceReady(kind, "it-1"))

    assert house.exceptions() == []
    assert house.types() == ["exception.raised", "exception.cleared"]


def test_a_printer_that_prints_and_is_not_as_it_should_be_has_an_exception_until_it_is(house: House) -> None:
    printer, text = DeviceKind.PRINTER, "It answers what is no status."
    house.post(DeviceLost(printer, "it-1", "Unplugged."))
    house.post(DeviceReady(printer, "it-1", text))

    assert house.rows("SELECT state, text FROM devices") == [("ready", text)]
    assert house.rows("SELECT text FROM exceptions WHERE cleared_at IS NULL") == [(text,)]

    house.post(DeviceReady(printer, "it-1"))

    assert house.rows("SELECT state, text FROM devices") == [("ready", "")]
    assert house.exceptions() == []


def test_an_own_label_is_refused_in_receive_and_stands_for_its_goods_elsewhere(house: House) -> None:
    house.scans("QTY:4", "LOT:B7", "SKU:PEN")
    ((label,),) = house.rows("SELECT label FROM labels")

    assert house.scan(f"LBL:{label}").why == "own_label"
    answer = house.scans("CMD:MISSING", "LOC:DOCK-1", f"LBL:{label}")

    assert answer.verdict is Verdict.ATTENTION
    assert house.stock("PEN") == {("missing:DOCK-1", "B7"): 4}


def test_a_label_is_void_once_less_than_its_quantity_is_promised(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.scans("QTY:2", "SKU:PEN")
    ((label,),) = house.rows("SELECT label FROM labels")

    house.done("order.cancel", {"order": "SO-1"})
    house.scans("CMD:MISSING", "LOC:DOCK-1")

    assert house.scan(f"LBL:{label}").why == "void_label"


def _backorder(house: House, *, home: str | None = None) -> str:
    """A label that takes 2 PEN to SO-1."""
    house.done("catalogue.upsert", {"items": [{"sku": "PEN", "home": home}]})
    house.order("SO-1", ("PEN", 2))
    house.receive("PEN", 2)
    ((label,),) = house.rows("SELECT label FROM labels WHERE kind = 'backorder'")
    return str(label)


def test_a_void_label_says_to_whom_its_goods_go_now(house: House) -> None:
    label = _backorder(house)
    house.order("SO-2", ("PEN", 1))

    house.done("order.cancel", {"order": "SO-1"})

    text = f"Label {label} is void: SO-1 has no claim to it now. PEN at DOCK-1 goes to SO-2 now."
    assert house.scans("CMD:PICK").verdict is Verdict.ACCEPT
    assert (house.scan(f"LBL:{label}").why, house.scan(f"LBL:{label}").text) == ("void_label", text)


@pytest.mark.parametrize(("home", "where"), [("A-01", "Put it away at A-01."), (None, "PEN is at DOCK-1.")])
def test_a_void_label_whose_goods_nobody_wants_says_where_they_belong(
    house: House, home: str | None, where: str
) -> None:
    label = _backorder(house, home=home)

    house.done("order.cancel", {"order": "SO-1"})

    house.scans("CMD:FOUND", "LOC:DOCK-1")
    assert house.scan(f"LBL:{label}").text.endswith(f"has no claim to it now. {where}")


def test_a_label_whose_goods_were_picked_by_another_code_is_spent(house: House) -> None:
    label = _backorder(house)
    house.scans("CMD:PICK", "ORD:SO-1", "LOC:DOCK-1", "QTY:2", "SKU:PEN")

    assert house.scan(f"LBL:{label}").why == "duplicate"


@pytest.mark.parametrize("mode", ["MISSING", "FOUND", "MOVE", "DAMAGE", "RELEASE", "SCRAP"])
def test_no_digits_make_a_label_stand_for_nothing(house: House, mode: str) -> None:
    label = _backorder(house)
    house.scans(f"CMD:{mode}", "LOC:DOCK-1", "NUM:0")

    assert house.scan(f"LBL:{label}").why == "needs_quantity"
