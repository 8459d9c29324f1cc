"""A printer that is lost for long leaves its labels to the station's other one, in order, and never unmarked twice."""

import pytest

from config.settings import Labels, Printer, Station
from edge.facts import DeviceKind, DeviceLost, DeviceReady, LabelPrinted, LabelSending, LabelUnsettled
from tests.house import House

PAPER = "Printer zebra-1 is out of paper."
AFTER_S = 30


def _lost(house: House, printer: str = "zebra-1", text: str = PAPER) -> None:
    house.post(DeviceLost(DeviceKind.PRINTER, printer, text))


def _ready(house: House, printer: str) -> None:
    house.post(DeviceReady(DeviceKind.PRINTER, printer))


def _jobs(house: House) -> list[tuple[str, str, int]]:
    return house.rows("SELECT printer, status, copy FROM labels ORDER BY job")


def _told(house: House, printer: str = "zebra-1") -> list[str]:
    rows = house.rows(
        "SELECT text FROM exceptions WHERE kind = 'printer' AND about = ? AND cleared_at IS NULL", printer
    )
    return [text for (text,) in rows]


def _settled(house: House) -> None:
    printers = tuple(
        Printer(id=name, language="zpl", device=f"tcp://127.0.0.1:{port}")
        for name, port in (("zebra-1", 9100), ("zebra-2", 9101))
    )
    stations = (
        Station(id="dock-1", location="DOCK-1", printer="zebra-1", fallback="zebra-2"),
        Station(id="dock-2", location="DOCK-2", printer="zebra-2", fallback="zebra-1"),
    )
    update = {"printers": printers, "stations": stations, "labels": Labels(fallback_after_s=AFTER_S)}
    house.restart(house.settings.model_copy(update=update))
    _ready(house, "zebra-1")
    _ready(house, "zebra-2")


@pytest.fixture
def two(house: House) -> House:
    """Two stations, each other's fallback."""
    _settled(house)
    return house


def test_labels_wait_for_their_printer_until_it_was_lost_for_long(two: House) -> None:
    two.receive("PEN", 2)
    _lost(two)
    two.receive("PEN", 2)
    two.tick()
    assert [printer for printer, _, _ in _jobs(two)] == ["zebra-1", "zebra-1"]

    two.wait(AFTER_S)
    two.tick()
    two.receive("PEN", 2)

    assert _jobs(two) == [("zebra-2", "queued", 0)] * 3
    assert _told(two) == [f"{PAPER} Until it is back its labels come out of zebra-2."]


def test_once_the_printer_is_back_what_is_new_comes_out_of_it(two: House) -> None:
    _lost(two)
    two.wait(AFTER_S)
    two.tick()
    two.receive("PEN", 2)

    _ready(two, "zebra-1")
    two.receive("PEN", 2)

    assert [printer for printer, _, _ in _jobs(two)] == ["zebra-2", "zebra-1"]
    assert _told(two) == []


def test_one_that_is_back_in_time_keeps_its_labels(two: House) -> None:
    two.receive("PEN", 2)
    _lost(two)
    two.wait(AFTER_S - 10)
    _ready(two, "zebra-1")
    two.wait(AFTER_S)
    two.tick()

    assert _jobs(two) == [("zebra-1", "queued", 0)]


def test_a_loss_that_is_told_in_other_words_does_not_begin_anew(two: House) -> None:
    two.receive("PEN", 2)
    _lost(two)
    two.wait(AFTER_S - 5)
    _lost(two, text="Printer zebra-1 cannot be reached.")
    two.wait(6)
    two.tick()

    assert _jobs(two) == [("zebra-2", "queued", 0)]


def test_a_label_that_may_be_on_paper_goes_with_the_mark(two: House) -> None:
    two.receive("PEN", 2)
    two.post(LabelSending(1, "zebra-1"))
    two.post(LabelUnsettled(1, "The line broke."))
    _lost(two)
    two.wait(AFTER_S)
    two.tick()

    assert _jobs(two) == [("zebra-2", "unknown", 1)]


def test_a_label_whose_bytes_are_on_the_way_stays_where_it_is(two: House) -> None:
    two.receive("PEN", 2)
    two.post(LabelSending(1, "zebra-1"))
    _lost(two)
    two.wait(AFTER_S)
    two.tick()

    assert _jobs(two) == [("zebra-1", "sending", 0)]


def test_what_was_asked_for_at_another_station_goes_by_its_own_rule(two: House) -> None:
    two.receive("PEN", 2)
    _lost(two, "zebra-2", "Printer zebra-2 is paused.")
    two.wait(AFTER_S)
    two.tick()

    assert _jobs(two) == [("zebra-1", "queued", 0)]


def test_with_both_lost_labels_wait_and_the_first_that_is_back_prints_all(two: House) -> None:
    two.receive("PEN", 2)
    _lost(two)
    _lost(two, "zebra-2", "Printer zebra-2 is paused.")
    two.wait(AFTER_S)
    two.tick()
    assert _jobs(two) == [("zebra-1", "queued", 0)]
    assert _told(two) == [PAPER]

    _ready(two, "zebra-2")

    assert _jobs(two) == [("zebra-2", "queued", 0)]
    assert _told(two) == [f"{PAPER} Until it is back its labels come out of zebra-2."]


def test_one_that_comes_back_takes_nothing_from_a_printer_whose_time_is_not_over(two: House) -> None:
    two.receive("PEN", 2)
    _lost(two)
    _lost(two, "zebra-2", "Printer zebra-2 is paused.")

    _ready(two, "zebra-2")

    assert _jobs(two) == [("zebra-1", "queued", 0)]


def test_that_another_stands_in_is_told_once(two: House) -> None:
    _lost(two)
    two.wait(AFTER_S)
    two.tick()
    two.told()

    _ready(two, "zebra-2")

    assert [event.type for event in two.told() if event.data.get("kind") == "printer"] == []


def test_a_reprint_comes_out_of_the_printer_that_stands_in(two: House) -> None:
    two.receive("PEN", 2)
    two.post(LabelPrinted(1))
    _lost(two)
    two.wait(AFTER_S)
    two.tick()

    two.scans("CMD:REPRINT")

    assert _jobs(two) == [("zebra-1", "printed", 0), ("zebra-2", "queued", 1)]


def test_the_site_s_fallback_stands_in_for_labels_that_no_station_asked_for(house: House) -> None:
    printers = tuple(
        Printer(id=name, language="zpl", device=f"tcp://127.0.0.1:{port}")
        for name, port in (("zebra-1", 9100), ("zebra-2", 9101))
    )
    labels = Labels(printer="zebra-1", fallback="zebra-2", fallback_after_s=0)
    house.restart(house.settings.model_copy(update={"printers": printers, "labels": labels}))
    _ready(house, "zebra-2")
    house.order("SO-1", ("PEN", 2))
    house.receive("PEN", 2)
    house.scans("CMD:PICK", "LOC:DOCK-1", "ORD:SO-1", "QTY:2", "SKU:PEN")
    house.done("order.cancel", {"order": "SO-1"})
    _lost(house)
    house.tick()

    assert {printer for printer, _, _ in _jobs(house)} == {"zebra-2"}


def test_a_printer_without_a_fallback_keeps_its_labels_for_ever(house: House) -> None:
    house.receive("PEN", 2)
    _lost(house)
    house.wait(10 * AFTER_S)
    house.tick()

    assert _jobs(house) == [("zebra-1", "queued", 0)]
    assert _told(house) == [PAPER]


def test_a_start_forgets_who_was_lost_and_counts_anew(two: House) -> None:
    two.receive("PEN", 2)
    _lost(two)
    two.wait(AFTER_S)
    two.restart()
    _ready(two, "zebra-2")
    two.tick()
    assert _jobs(two) == [("zebra-1", "queued", 0)]

    _lost(two)
    two.wait(AFTER_S)
    two.tick()

    assert _jobs(two) == [("zebra-2", "queued", 0)]
