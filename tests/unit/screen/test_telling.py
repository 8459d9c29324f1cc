"""What a screen tells of a station: what concerns it and nothing else, as people read it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from config.settings import Labels, Printer, Scanner, Settings, Station
from edge.facts import CodeScanned, DeviceKind, DeviceLost, DeviceReady, LabelFailed, LabelSending
from edge.ledger.watching import Watching
from edge.screen.telling import DIALOGUES_MAX, EXCEPTIONS_MAX, TEXT_MAX, Moment, tell_all, tell_station, told
from tests.house import House

PEN = "7612345001012"
GUNS = {"gun-1": "dock-1", "gun-2": "dock-1", "gun-3": "aisle-1", "wifi": "aisle-1"}
AISLE = Station(id="aisle-1", mode="missing")
SITE = {
    "site": "par1",
    "node": "dock-a",
    "scanners": tuple(
        Scanner(id=id, device=f"serial:///dev/{id}", station=station) for id, station in GUNS.items()
    ),
    "printers": tuple(
        Printer(id=f"zebra-{n}", language="zpl", device=f"tcp://10.0.0.{n}:9100") for n in (1, 2)
    ),
    "stations": (
        Station(id="dock-1", location="DOCK-1", printer="zebra-1"),
        AISLE,
    ),
    "labels": Labels(printer="zebra-2"),
}


class Wall:
    """A node with two stations, and what their screens tell."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings.model_validate({**SITE, "data_dir": folder})
        self.house = House(self.settings)
        self.watching = Watching(folder / "ledger.db", ["DOCK-1"])

    def scan(self, code: str, *, gun: str = "gun-1", dialogue: str = "") -> None:
        self.house.wait(1)
        self.house.post(CodeScanned(gun, GUNS[gun], dialogue or gun, code))

    def moment(self, *, is_running: bool = True) -> Moment:
        return Moment(self.watching.look(), self.house.clock.at_ms, is_running)

    def station(self, id: str = "dock-1", *, is_running: bool = True) -> dict[str, Any]:
        return tell_station(self.settings, self.settings.station(id), self.moment(is_running=is_running))

    def talk(self, gun: str = "gun-1", station: str = "dock-1") -> dict[str, Any]:
        """What is told of the scanner's only dialogue."""
        (scanner,) = [one for one in self.station(station)["scanners"] if one["id"] == gun]
        (talk,) = scanner["dialogues"]
        assert isinstance(talk, dict)
        return talk


@pytest.fixture
def wall(tmp_path: Path) -> Iterator[Wall]:
    wall = Wall(tmp_path)
    yield wall
    wall.watching.close()
    wall.house.close()


def test_a_refused_scan_is_told_with_its_code_its_reason_and_what_the_next_will_find(wall: Wall) -> None:
    for code in ("OP:alice", "PO:4711", "QTY:3", "7612345001013"):
        wall.scan(code)

    assert wall.talk() == {
        **{
            "dialogue": "gun-1",
            "answer": "reject",
            "code": "7612345001013",
            "at": "2026-11-21T09:00:04.000Z",
        },
        "text": "GTIN check digit is wrong: the last digit should be 2.",
        **{"mode": "receive", "place": "DOCK-1", "operator": "alice", "order": None, "po": "4711"},
        **{"pallet": None, "quantity": 3, "lot": None, "expiry": None, "begun": 0, "lapsed": None},
    }


def test_what_has_lapsed_by_now_is_not_told_any_more_and_that_it_has_is(wall: Wall) -> None:
    for code in ("OP:alice", "CMD:COUNT", "LOC:A-01"):
        wall.scan(code)
    before = wall.talk()

    wall.house.wait(121)

    after = wall.talk()
    assert (before["mode"], before["place"], before["lapsed"]) == ("count", "A-01", None)
    assert (after["mode"], after["place"], after["operator"]) == ("receive", "DOCK-1", "alice")
    assert after["lapsed"] == "This scanner was reset: it is in RECEIVE at DOCK-1 now. Scan again."
    assert (after["answer"], after["text"]) == (before["answer"], before["text"])


def test_a_station_is_told_nothing_of_another(wall: Wall) -> None:
    wall.scan("CMD:COUNT", gun="gun-3")
    wall.house.post(DeviceLost(DeviceKind.SCANNER, "gun-3", "gun-3 is gone."))
    wall.house.post(DeviceLost(DeviceKind.PRINTER, "zebra-2", "zebra-2 is out of paper."))

    dock, aisle = wall.station("dock-1"), wall.station("aisle-1")

    assert [one["id"] for one in dock["scanners"]] == ["gun-1", "gun-2"]
    assert [one["dialogues"] for one in dock["scanners"]] == [[], []]
    assert (dock["exceptions"], dock["printer"]["id"]) == ([], "zebra-1")
    assert [(one["id"], one["state"]) for one in aisle["scanners"]] == [
        ("gun-3", "lost"),
        ("wifi", "unknown"),
    ]
    assert [row["text"] for row in aisle["exceptions"]] == ["zebra-2 is out of paper.", "gun-3 is gone."]
    assert aisle["printer"]["id"] == "zebra-2"


def raise_of(kind: str) -> Callable[[Wall], None]:
    def of_a_label(wall: Wall) -> None:
        wall.scan(PEN)
        wall.house.post(LabelFailed(1, "its layout has no room."))

    def of_a_forward(wall: Wall) -> None:
        wall.house.post(DeviceLost(DeviceKind.SCANNER, "gun-1.forward", "The old terminal is gone."))

    def of_a_move_that_was_left(wall: Wall) -> None:
        for code in (PEN, "CMD:MOVE", "LOC:DOCK-1", PEN):
            wall.scan(code)
        wall.house.wait(121)
        wall.house.tick()

    def of_goods_at_its_place(wall: Wall) -> None:
        for code in (PEN, "CMD:MISSING", "LOC:DOCK-1", PEN):
            wall.scan(code)

    acts = {
        "label": of_a_label,
        "scanner": of_a_forward,
        "dropped": of_a_move_that_was_left,
        "count_needed": of_goods_at_its_place,
    }
    return acts[kind]


@pytest.mark.parametrize("kind", ["label", "scanner", "dropped", "count_needed"])
def test_what_people_at_a_station_can_mend_is_told_there_and_nowhere_else(wall: Wall, kind: str) -> None:
    raise_of(kind)(wall)

    dock, aisle = wall.station("dock-1"), wall.station("aisle-1")

    assert [row["kind"] for row in dock["exceptions"]] == [kind]
    assert aisle["exceptions"] == []


def test_labels_that_wait_are_told_with_the_time_of_the_oldest(wall: Wall) -> None:
    wall.house.post(DeviceReady(DeviceKind.PRINTER, "zebra-1"))
    wall.scan(PEN)
    wall.scan(PEN)

    assert wall.station()["printer"] == {
        **{"id": "zebra-1", "state": "ready", "text": "", "since": "2026-11-21T09:00:00.000Z"},
        **{"waiting": 2, "waiting_since": "2026-11-21T09:00:01.000Z"},
    }


def test_the_printer_that_stands_in_and_labels_that_are_held_concern_a_station_too(wall: Wall) -> None:
    stations = (Station(id="dock-1", location="DOCK-1", printer="zebra-1", fallback="zebra-2"), AISLE)
    wall.settings = wall.settings.model_copy(update={"stations": stations, "labels": Labels(max_age_h=1)})
    wall.house.restart(wall.settings)
    wall.scan(PEN)
    wall.house.wait(2 * 3600)
    wall.house.post(LabelSending(1))
    wall.house.post(DeviceLost(DeviceKind.PRINTER, "zebra-2", "Printer zebra-2 is paused."))

    kinds = [(row["kind"], row["about"]) for row in wall.station()["exceptions"]]

    assert ("printer", "zebra-2") in kinds
    assert ("label", "zebra-1") in kinds
    assert wall.station("aisle-1")["exceptions"] == []


def test_of_devices_nothing_is_known_while_no_daemon_runs(wall: Wall) -> None:
    wall.house.post(DeviceReady(DeviceKind.SCANNER, "gun-1"))

    up, down = wall.station(), wall.station(is_running=False)

    assert (up["running"], up["scanners"][0]["state"]) == (True, "ready")
    assert (down["running"], down["scanners"][0]["state"]) == (False, "unknown")


def test_of_a_ledger_that_cannot_be_read_the_reason_is_told_and_the_rest_is_empty(wall: Wall) -> None:
    moment = Moment(None, 0, is_running=False, trouble="There is no ledger.")

    station = tell_station(wall.settings, wall.settings.station("dock-1"), moment)

    assert station["trouble"] == "There is no ledger."
    assert [one["dialogues"] for one in station["scanners"]] == [[], []]
    assert tell_all(wall.settings, moment)["exceptions"] == 0


def test_peers_of_a_network_scanner_are_told_each_the_latest_first_and_not_too_many(wall: Wall) -> None:
    for n in range(DIALOGUES_MAX + 2):
        wall.scan(f"LOC:A-{n}", gun="wifi", dialogue=f"wifi@10.0.0.{n}")

    (wifi,) = [one for one in wall.station("aisle-1")["scanners"] if one["id"] == "wifi"]

    told_of = [(talk["dialogue"], talk["place"]) for talk in wifi["dialogues"]]
    assert told_of == [(f"wifi@10.0.0.{n}", f"A-{n}") for n in range(DIALOGUES_MAX + 1, 1, -1)]


def test_of_peers_that_nobody_has_seen_since_the_last_shift_only_the_latest_is_told(wall: Wall) -> None:
    wall.scan("LOC:A-1", gun="wifi", dialogue="wifi@10.0.0.1")
    wall.scan("LOC:A-2", gun="wifi", dialogue="wifi@10.0.0.2")
    wall.house.wait(13 * 3600)

    assert wall.talk("wifi", "aisle-1")["dialogue"] == "wifi@10.0.0.2"


def test_more_exceptions_than_fit_are_counted(wall: Wall) -> None:
    for n in range(EXCEPTIONS_MAX + 3):
        wall.scan(f"SKU:I-{n}")
    for code in ("CMD:MISSING", "LOC:DOCK-1", *(f"SKU:I-{n}" for n in range(EXCEPTIONS_MAX + 3))):
        wall.scan(code)

    told_of = wall.station()

    assert (len(told_of["exceptions"]), told_of["more_exceptions"]) == (EXCEPTIONS_MAX, 3)
    assert told_of["exceptions"][0]["about"] == f"DOCK-1 I-{EXCEPTIONS_MAX + 2}"


def test_all_stations_are_told_in_a_few_figures(wall: Wall) -> None:
    wall.scan(PEN)
    wall.scan("NO-SUCH", gun="gun-2")
    wall.house.post(DeviceLost(DeviceKind.SCANNER, "gun-1", "gun-1 is gone."))

    dock, aisle = tell_all(wall.settings, wall.moment())["stations"]

    assert dock["last"]["answer"] == "reject"
    assert {name: dock[name] for name in ("station", "location", "mode", "scanners", "lost")} == {
        **{"station": "dock-1", "location": "DOCK-1", "mode": "receive", "scanners": 2, "lost": ["gun-1"]}
    }
    assert (dock["labels_waiting"], dock["exceptions"]) == (1, 1)
    assert aisle == {
        **{"station": "aisle-1", "location": None, "mode": "missing", "last": None, "scanners": 2},
        **{"lost": [], "labels_waiting": 0, "exceptions": 0},
    }


def test_text_is_cut_and_what_cannot_be_seen_has_a_name() -> None:
    assert told("Café 钢笔 <b>") == "Café 钢笔 <b>"
    assert told("a\x1b[2J\u202eb\n") == "a<ESC>[2J<0x202E>b<LF>"
    assert told("\ud800") == "<0xD800>"
    assert told("x" * 1000) == "x" * (TEXT_MAX - 1) + "…"
