"""What the command line reads from the ledger: for people and for scripts."""

import sqlite3
from pathlib import Path

import pytest

from edge.cli import main
from tests.books import AT, insert
from tests.command_line import CONFIG, config, daemon, ledger, read
from tests.house import StandingClock

__all__ = ["config", "daemon", "ledger"]


def test_status_tells_all_while_the_daemon_runs(
    config: Path,
    daemon: list[str],
    ledger: sqlite3.Connection,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("edge.cli.readers.SystemClock", lambda: StandingClock(AT + 3_601_999))
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
            "text": "",
            "since": "2025-11-21T09:30:00.000Z",
            "confirm": "broker",
            "epoch": epoch,
            "session": 3,
            "last_seq": 2,
            "published_seq": 1,
            "confirmed_seq": 1,
            "backlog": 1,
            "oldest_at": "2025-11-21T09:30:01.123Z",
            "refused": 0,
            "oldest_age_s": 3600,
        },
        "scanners": [
            {
                "id": "gun-1",
                "station": "dock-1",
                "shadow": False,
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
        "labels": {"queued": 1, "unknown": 0, "held": 0, "printed": 0, "failed": 0, "shadow": 0},
        "shadow": False,
        "exceptions": 1,
        "facts": 2,
    }


def test_status_says_why_central_is_not_reached_and_what_is_only_at_the_broker(
    config: Path, daemon: list[str], ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    insert(ledger, "devices", kind="broker", id="broker", state="lost", text="No route to host.", since=AT)
    insert(ledger, "cursors", name="published", value=2)
    insert(ledger, "cursors", name="refused", value=4)

    told = read(capsys, "status", "-c", str(config))

    assert isinstance(told, dict)
    sync = told["sync"]
    assert (sync["connected"], sync["text"], sync["since"]) == (
        False,
        "No route to host.",
        "2025-11-21T09:30:00.123Z",
    )
    assert (sync["published_seq"], sync["confirmed_seq"], sync["backlog"], sync["refused"]) == (2, 1, 1, 4)
    assert main(["status", "-c", str(config)]) == 0
    out = capsys.readouterr().out
    assert "central     not connected since 2025-11-21 10:30:00: No route to host.\n" in out
    events = "2, of which 1 not delivered (1 of them at the broker), oldest of 2025-11-21 10:30:01"
    assert f"events      {events}\n" in out
    assert "refused     4 messages of central: see crossdock inbox\n" in out


def test_without_events_to_deliver_there_is_no_oldest(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger.execute("UPDATE cursors SET value = 2 WHERE name = 'events'")

    told = read(capsys, "status", "-c", str(config))

    assert isinstance(told, dict)
    assert (told["sync"]["oldest_at"], told["sync"]["oldest_age_s"]) == (None, None)


def test_the_inbox_lists_what_was_refused_the_latest_first(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    garbage = {"topic": "cmd", "source": "", "id": "", "code": "bad_json", "text": "Expected JSON."}
    late = {"topic": "cmd", "source": "/erp", "id": "c-9", "code": "bad_value", "text": "qty must be more"}
    insert(ledger, "refused", at=AT, last_at=AT + 3000, head="\x1b[2J{", size=12, times=3, **garbage)
    insert(ledger, "refused", at=AT, last_at=AT, head="{", size=1, place="lines[0].qty", **late)

    told = read(capsys, "inbox", "-c", str(config))

    first = {"time": "2025-11-21T09:30:03.123Z", "first_at": "2025-11-21T09:30:00.123Z", "times": 3}
    assert told == [
        {**first, **garbage, "source": None, "id": None, "at": None, "size": 12, "head": "<ESC>[2J{"},
        {
            **first,
            "time": first["first_at"],
            "times": 1,
            **late,
            "at": "lines[0].qty",
            "size": 1,
            "head": "{",
        },
    ]
    assert read(capsys, "inbox", "--limit", "1", "-c", str(config)) == [told[0]]
    assert main(["inbox", "-c", str(config)]) == 0
    assert capsys.readouterr().out == (
        "TIME                 TIMES  TOPIC  SOURCE  ID   CODE       TEXT              AT            BEGINS\n"
        "2025-11-21 10:30:03      3  cmd    -       -    bad_json   Expected JSON.    -             <ESC>[2J{\n"
        "2025-11-21 10:30:00      1  cmd    /erp    c-9  bad_value  qty must be more  lines[0].qty  {\n"
    )


def test_an_inbox_with_nothing_in_it_says_so(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inbox", "-c", str(config)]) == 0

    assert capsys.readouterr().out == "Nothing that central sent was refused.\n"


def test_without_a_daemon_nothing_is_connected_and_devices_are_unknown(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    insert(ledger, "devices", kind="broker", id="broker", state="ready", text="", since=1)
    insert(ledger, "devices", kind="scanner", id="gun-1", state="ready", text="", since=1)

    told = read(capsys, "status", "-c", str(config))

    assert isinstance(told, dict)
    assert (told["running"], told["sync"]["connected"]) == (False, False)
    assert told["scanners"] == [
        {
            **{"id": "gun-1", "station": "dock-1", "shadow": False},
            **{"state": "unknown", "text": "", "since": None},
        }
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
        "read": "7612345001012",
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
    assert "is broken: file is not a database" in err


# -- scan ------------------------------------------------------------------------------------------------------
