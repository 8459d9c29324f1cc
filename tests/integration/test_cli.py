"""The command line on a ledger on disk and on a daemon's socket: what it prints, where, and how it ends."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from edge.cli import main
from tests.books import tamper
from tests.command_line import CONFIG, config, daemon, ledger

__all__ = ["config", "daemon", "ledger"]


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


def test_a_password_that_others_can_read_is_noted_and_good(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = config.parent / "secret"
    secret.write_text("s3cret")
    secret.chmod(0o644)
    config.write_text(CONFIG.replace("[mqtt]\n", '[mqtt]\npassword_file = "secret"\n'))

    assert main(["check", "-c", str(config)]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        f"note: {secret} is open to other users of this machine (mode 0644): it is a secret; chmod 640 {secret}, or "
        "let systemd hand it out with LoadCredential=."
    ]


def test_a_pattern_that_hides_items_is_noted_and_good(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(CONFIG + "[codes]\nlocation = '^(?P<value>[0-9]{8})$'\n")

    assert main(["check", "-c", str(config)]) == 0
    out, err = capsys.readouterr()
    assert (out.splitlines()[1:], err) == (
        [
            "note: codes.location takes plain GTINs such as 11111115: items with such codes are hidden behind it."
        ],
        "",
    )

    assert main(["check", "-c", str(config), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize(
    ("tables", "key"),
    [
        ("[codes]\nlocation = '^X(?P<value>.+)$'\norder = '^X(?P<value>[A-Z]+)$'\n", "codes.order"),
        ("[codes]\nlot = '^(?P<value>([A-Z]+)+)$'\n", "codes.lot"),
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


def test_a_printer_that_its_layouts_do_not_fit_is_told(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    receipts = '[[printers]]\nid = "receipt-1"\nlanguage = "escpos"\ndevice = "file:///dev/usb/lp0"\n'
    label_width = '"tcp://127.0.0.1:9100"\nmedia = { width = 80 }\n'
    config.write_text(
        CONFIG.replace('"tcp://127.0.0.1:9100"\n', label_width) + receipts + 'profile = "TM-T88"\n'
    )

    assert main(["check", "-c", str(config)]) == 2

    assert capsys.readouterr() == (
        "",
        f"{config}: printers[0]: Printer zebra-1: the layout backorder is 100 x 60 mm, its paper 80 mm wide. Put in "
        "other paper and say so in media, or a smaller layout into [labels] layouts.\n"
        f'{config}: printers[1]: Printer receipt-1: profile: python-escpos knows no printer "TM-T88"; did you mean '
        '"TM-T88V"?\n',
    )


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
