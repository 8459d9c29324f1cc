"""The command line on a ledger on disk and on a daemon's socket: what it prints, where, and how it ends."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from edge.cli import main
from edge.errors import EdgeError
from edge.facts import Answer, CodeScanned, Fact, Verdict
from edge.local import LocalDoor
from tests.books import good_ledger, insert, tamper

CONFIG = """
site = "par1"
node = "dock-a"
data_dir = "data"
timezone = "Europe/Paris"

[mqtt]
host = "127.0.0.1"

[[scanners]]
id = "gun-1"
device = "serial:///dev/ttyUSB0"
station = "dock-1"

[[printers]]
id = "zebra-1"
language = "zpl"
device = "tcp://127.0.0.1:9100"

[[stations]]
id = "dock-1"
location = "DOCK-1"
printer = "zebra-1"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "crossdock.toml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def ledger(config: Path) -> Iterator[sqlite3.Connection]:
    data = config.parent / "data"
    data.mkdir()
    db = good_ledger(data / "ledger.db")
    yield db
    db.close()


@pytest.fixture
def daemon(config: Path, ledger: sqlite3.Connection) -> Iterator[list[str]]:
    """A door behind which every code is accepted but BAD and FAIL; the codes that came."""
    came: list[str] = []

    def post(fact: Fact) -> "Future[Answer]":
        assert isinstance(fact, CodeScanned)
        came.append(fact.code)
        answer: Future[Answer] = Future()
        if fact.code == "FAIL":
            answer.set_exception(EdgeError("The disk is full.", hint="Free some of it."))
        elif fact.code == "BAD":
            answer.set_result(Answer(Verdict.REJECT, "No such\x1b code.", "unknown_code"))
        else:
            answer.set_result(Answer(Verdict.ACCEPT, "3 PEN at DOCK-1"))
        return answer

    door = LocalDoor(config.parent / "data" / "crossdock.sock", ["dock-1"], post, session=3)
    door.start()
    yield came
    door.stop()


def read(capsys: pytest.CaptureFixture[str], *arguments: str) -> object:
    assert main([*arguments, "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    told: object = json.loads(out)
    return told


# -- reading ---------------------------------------------------------------------------------------------------


def test_status_tells_all_while_the_daemon_runs(
    config: Path, daemon: list[str], ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind, device, state, text in (
        ("broker", "broker", "ready", ""),
        ("scanner", "gun-1", "ready", ""),
        ("printer", "zebra-1", "lost", "No paper."),
    ):
        insert(ledger, "devices", kind=kind, id=device, state=state, text=text, since=1_763_717_400_000)
    insert(ledger, "exceptions", id="e1", kind="printer", about="zebra-1", text="No paper.", raised_at=1)
    epoch = ledger.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()[0]

    told = read(capsys, "status", "-c", str(config))

    assert told == {
        "site": "par1",
        "node": "dock-a",
        "running": True,
        "version": "0.1.0",
        "sync": {
            "connected": True,
            "epoch": epoch,
            "session": 3,
            "last_seq": 2,
            "published_seq": 1,
            "confirmed_seq": 1,
            "backlog": 1,
            "oldest_at": "2025-11-21T09:30:01.123Z",
        },
        "scanners": [
            {
                "id": "gun-1",
                "station": "dock-1",
                "state": "ready",
                "text": "",
                "since": "2025-11-21T09:30:00.000Z",
            }
        ],
        "printers": [
            {
                "id": "zebra-1",
                "state": "lost",
                "text": "No paper.",
                "since": "2025-11-21T09:30:00.000Z",
                "queued": 1,
            }
        ],
        "labels": {"queued": 1, "unknown": 0, "printed": 0, "failed": 0},
        "exceptions": 1,
        "facts": 2,
    }


def test_without_a_daemon_nothing_is_connected_and_devices_are_unknown(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    insert(ledger, "devices", kind="broker", id="broker", state="ready", text="", since=1)
    insert(ledger, "devices", kind="scanner", id="gun-1", state="ready", text="", since=1)

    told = read(capsys, "status", "-c", str(config))

    assert isinstance(told, dict)
    assert (told["running"], told["sync"]["connected"]) == (False, False)
    assert told["scanners"] == [
        {"id": "gun-1", "station": "dock-1", "state": "unknown", "text": "", "since": None}
    ]


def test_a_node_without_a_central_is_neither_connected_nor_not(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(CONFIG.replace('[mqtt]\nhost = "127.0.0.1"\n', ""))

    told = read(capsys, "status", "-c", str(config))

    assert isinstance(told, dict)
    assert told["sync"]["connected"] is None


PEN = {
    "sku": "PEN",
    "name": "Fountain pen",
    "on_hand": 3,
    "allocated": 2,
    "available": 1,
    "waiting": 0,
    "missing": 0,
    "quarantine": 0,
    "expected": 0,
}


def test_stock_lists_levels_with_names(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    insert(ledger, "items", sku="INK", name="Ink, blue")

    ink = {**dict.fromkeys(PEN, 0), "sku": "INK", "name": "Ink, blue"}
    assert read(capsys, "stock", "-c", str(config)) == [ink, PEN]


def test_stock_of_an_item_tells_where_it_lies_and_its_codes(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    at = {"account": "location:DOCK-1", "place": "DOCK-1", "lot": "B7", "expiry": "2027-03-01"}
    position = {**at, "pallet": None, "qty": 3, "allocated": 2}

    told = read(capsys, "stock", "PEN", "-c", str(config))

    assert told == [{**PEN, "positions": [position], "codes": [{"code": "7612345001012", "pack": 1}]}]


def test_orders_tell_rank_lines_and_where_they_are_allocated(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    told = read(capsys, "orders", "-c", str(config))

    assert isinstance(told, list)
    (order,) = told
    assert {name: order[name] for name in ("order", "status", "express", "tier", "fill", "placed_at")} == {
        "order": "SO-1",
        "status": "open",
        "express": False,
        "tier": 5,
        "fill": "partial",
        "placed_at": "2025-11-21T09:30:00.123Z",
    }
    figures = {"ordered": 2, "allocated": 2, "picked": 0, "shipped": 0, "cancelled": 0, "waiting": 0}
    place = {"place": "DOCK-1", "lot": "B7", "expiry": "2027-03-01", "pallet": None, "qty": 2}
    line = {"line": 1, "sku": "PEN", "name": "Fountain pen", **figures, "reason": None}
    assert order["lines"] == [{**line, "allocations": [place]}]
    assert read(capsys, "orders", "SO-1", "-c", str(config)) == told


def test_the_journal_is_told_latest_first_with_what_was_moved(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    told = read(capsys, "journal", "-c", str(config))

    assert isinstance(told, list)
    scan, command = told
    goods = {
        "entry": 1,
        "kind": "received",
        "sku": "PEN",
        "lot": "B7",
        "expiry": "2027-03-01",
        "pallet": None,
    }
    assert scan == {
        "seq": 2,
        "time": "2025-11-21T09:30:01.123Z",
        "cause": "scan/2",
        "source": "gun-1",
        "code": "7612345001012",
        "answer": "accept",
        "text": "3 PEN",
        "moves": [
            {**goods, "account": "supplier:4711", "qty": -3},
            {**goods, "account": "location:DOCK-1", "qty": 3},
        ],
    }
    assert (command["seq"], command["moves"]) == (1, [])
    assert read(capsys, "journal", "--limit", "1", "-c", str(config)) == [scan]


def test_labels_tell_how_each_ended(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger.execute("UPDATE labels SET status = 'failed', error = 'Too wide.'")

    told = read(capsys, "labels", "-c", str(config))

    assert isinstance(told, list)
    (label,) = told
    names = ("label", "status", "kind", "printer", "copy", "error", "order", "fields")
    assert [label[name] for name in names] == [
        "L1",
        "failed",
        "backorder",
        "zebra-1",
        False,
        "Too wide.",
        "SO-1",
        {"order": "SO-1", "sku": "PEN"},
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("status",), ["not running", "gun-1", "zebra-1", "1 queued"]),
        (("stock",), ["Fountain pen", "ON HAND"]),
        (("stock", "PEN"), ["location:DOCK-1", "7612345001012"]),
        (("orders",), ["SO-1", "2025-11-21 10:30:00"]),
        (("orders", "SO-1"), ["SO-1", "DOCK-1", "B7"]),
        (("journal",), ["gun-1", "+3", "PEN location:DOCK-1 (lot B7, expiry 2027-03-01)"]),
        (("labels",), ["backorder", "queued"]),
        (("verify",), ["entries balance", "The ledger is sound."]),
    ],
)
def test_people_get_a_table_in_the_site_s_time(
    config: Path,
    ledger: sqlite3.Connection,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    words: list[str],
) -> None:
    assert main([*arguments, "-c", str(config)]) == 0

    out, err = capsys.readouterr()
    assert err == ""
    assert [word for word in words if word not in out] == [], out


def test_what_central_sent_cannot_command_a_terminal(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger.execute("UPDATE items SET name = 'Pen' || char(27) || '[2J' || char(10) || 'INK'")

    assert main(["stock", "-c", str(config)]) == 0

    assert "Pen\\x1b[2J\\x0aINK" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("stock", "NIX"),
            "crossdock: There is no item 'NIX' in the ledger. See them all: crossdock stock.\n",
        ),
        (
            ("orders", "SO-9"),
            "crossdock: There is no order 'SO-9' in the ledger. See them: crossdock orders.\n",
        ),
    ],
)
def test_what_the_ledger_does_not_know_is_a_line_and_1(
    config: Path,
    ledger: sqlite3.Connection,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    told: str,
) -> None:
    assert main([*arguments, "-c", str(config)]) == 1

    assert capsys.readouterr() == ("", told)


def test_without_a_ledger_reading_says_how_one_is_made(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["stock", "-c", str(config)]) == 1

    ledger = config.parent / "data" / "ledger.db"
    told = f"crossdock: There is no ledger at {ledger}. It is made when the daemon starts: crossdock run.\n"
    assert capsys.readouterr() == ("", told)


def test_a_file_that_is_no_ledger_is_a_line(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config.parent / "data").mkdir()
    (config.parent / "data" / "ledger.db").write_text("This is no database, however long it may be. " * 100)

    assert main(["stock", "-c", str(config)]) == 1

    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert "cannot be read" in err


# -- scan ------------------------------------------------------------------------------------------------------


def test_each_scan_by_hand_gets_a_line_and_a_refused_one_makes_it_1(
    config: Path, daemon: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["scan", "-c", str(config), "dock-1", "QTY:3", "BAD"])

    assert code == 1
    assert capsys.readouterr() == ("accept     3 PEN at DOCK-1\nreject     No such\\x1b code.\n", "")
    assert daemon == ["QTY:3", "BAD"]


def test_accepted_scans_by_hand_are_0(
    config: Path, daemon: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scan", "-c", str(config), "dock-1", "A", "B", "--json"]) == 0

    lines = capsys.readouterr().out.splitlines()
    answer = {"verdict": "accept", "text": "3 PEN at DOCK-1", "why": None}
    assert [json.loads(line) for line in lines] == [answer, answer]


def test_a_scan_by_hand_is_the_bytes_of_the_call(config: Path, daemon: list[str]) -> None:
    main(["scan", "-c", str(config), "dock-1", "10é\x1d"])

    assert daemon == ["10\xc3\xa9\x1d"]


def test_a_scan_that_the_daemon_could_not_book_fails(
    config: Path, daemon: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scan", "-c", str(config), "dock-1", "FAIL"]) == 1

    assert capsys.readouterr() == ("", "crossdock: The disk is full. Free some of it.\n")


@pytest.mark.parametrize(("station", "codes"), [("dock-9", ["A"]), ("dock-1", ["A", ""])])
def test_a_scan_that_cannot_be_meant_is_2_and_not_handed_in(
    config: Path, daemon: list[str], capsys: pytest.CaptureFixture[str], station: str, codes: list[str]
) -> None:
    assert main(["scan", "-c", str(config), station, *codes]) == 2

    out, err = capsys.readouterr()
    assert (out, len(err.splitlines()), daemon) == ("", 1, [])


def test_a_scan_without_a_daemon_is_1(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", "-c", str(config), "dock-1", "A"]) == 1

    told = f"crossdock: No crossdock runs with the data in {config.parent}/data. Start it: crossdock run.\n"
    assert capsys.readouterr() == ("", told)


# -- verify and check ------------------------------------------------------------------------------------------


def test_verify_names_a_breach_and_ends_with_1(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    tamper(ledger, "UPDATE orders SET waiting = 7")

    assert main(["verify", "-c", str(config)]) == 1
    out = capsys.readouterr().out
    assert "breach: orders add up: order SO-1: 7 wait, its lines sum to 0\n" in out
    assert out.endswith("The ledger is NOT sound: 1 breach.\n")

    assert main(["verify", "-c", str(config), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["sound"] is False
    assert [check["check"] for check in told["checks"] if check["breaches"]] == ["orders add up"]


def test_a_good_configuration_is_told_in_a_line(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "-c", str(config)]) == 0

    told = "site par1, node dock-a, 1 station, 1 scanner, 1 printer, central at 127.0.0.1:1883"
    assert capsys.readouterr() == (f"{config}: good: {told}\n", "")


@pytest.mark.parametrize(
    ("tables", "key"),
    [
        ("[codes]\nlocation = '^X(?P<value>.+)$'\norder = '^X(?P<value>[A-Z]+)$'\n", "codes"),
        ('[labels]\nlayouts = "layouts"\n', "labels.layouts"),
        ("[mqtt2]\n", "mqtt2"),
    ],
)
def test_what_only_its_users_can_check_is_checked_too(
    config: Path, capsys: pytest.CaptureFixture[str], tables: str, key: str
) -> None:
    (config.parent / "layouts").mkdir()
    (config.parent / "layouts" / "backorder.toml").write_text("width = 0\n")
    config.write_text(CONFIG + tables)

    assert main(["check", "-c", str(config)]) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert err.startswith(f"{config}: {key}: ")

    assert main(["check", "-c", str(config), "--json"]) == 2
    (problem,) = json.loads(capsys.readouterr().out)
    assert (problem["file"], problem["key"]) == (str(config), key)


# -- calling ---------------------------------------------------------------------------------------------------


def test_the_configuration_may_be_named_before_and_after_the_command(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["-c", str(config), "check"]) == 0
    assert main(["check", "-c", str(config)]) == 0
    # The later one holds.
    assert main(["-c", "nowhere.toml", "check", "-c", str(config)]) == 0
    assert main(["-c", "nowhere.toml", "check"]) == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "crossdock: the following arguments are required: COMMAND. See crossdock --help.\n"),
        (
            ["scan"],
            "crossdock scan: the following arguments are required: STATION, CODE. See crossdock scan --help.\n",
        ),
        (
            ["journal", "--limit", "0"],
            "crossdock journal: argument --limit: expected a whole number from 1 to 99999999, got '0'. "
            "See crossdock journal --help.\n",
        ),
    ],
)
def test_a_wrong_call_is_a_line_and_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert capsys.readouterr() == ("", told)


def test_an_error_of_ours_is_a_line_and_no_traceback(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.delenv("CROSSDOCK_DEBUG", raising=False)
    monkeypatch.setattr("edge.cli.readers.snapshot", breaks)

    assert main(["stock", "-c", str(config)]) == 1
    told = "crossdock failed unexpectedly (RuntimeError: a bug). Set CROSSDOCK_DEBUG=1 to see where.\n"
    assert capsys.readouterr() == ("", told)

    monkeypatch.setenv("CROSSDOCK_DEBUG", "1")
    with pytest.raises(RuntimeError):
        main(["stock", "-c", str(config)])


def test_an_interrupt_ends_with_130(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("edge.cli.readers.snapshot", interrupted)

    assert main(["stock", "-c", str(config)]) == 130
    assert capsys.readouterr() == ("", "")


def test_a_reader_who_has_seen_enough_is_no_error(config: Path, ledger: sqlite3.Connection) -> None:
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run(
        [sys.executable, "-m", "edge.cli", "stock", "-c", str(config)],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=20,
        check=False,
    )

    os.close(writing)
    assert done.stderr == ""


def test_reading_loads_neither_drivers_nor_broker_nor_codes(config: Path, ledger: sqlite3.Connection) -> None:
    code = (
        "import sys; from edge.cli import main; main(['stock', '-c', sys.argv[1]]);"
        "print([m for m in ('drivers', 'sync', 'paho', 'biip', 'serial', 'sqlite_utils') if m in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, str(config)], capture_output=True, text=True, timeout=20, check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"


def test_a_data_folder_that_cannot_be_made_is_a_line(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (config.parent / "data").write_text("a file in its place")

    done = subprocess.run(
        [sys.executable, "-m", "edge.cli", "run", "-c", str(config)],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    assert done.returncode == 1
    folder = config.parent / "data"
    assert done.stderr == (
        f"crossdock: The folder {folder} for the ledger cannot be made: File exists. "
        "Make it and give it to crossdock's user, or name another as data_dir.\n"
    )
