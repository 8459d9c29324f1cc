"""Backup, restore and archive as they are called: what is printed, what is refused, and how it ends."""

import sqlite3
from pathlib import Path

import pytest

from edge.cli import main
from edge.ledger.schema import VERSION
from tests.books import tamper
from tests.command_line import CONFIG, config, daemon, ledger, read

__all__ = ["config", "daemon", "ledger"]


def aside(config: Path) -> None:
    """Move the ledger away, as a person is told to."""
    data = config.parent / "data"
    (data / "aside").mkdir()
    for path in data.glob("ledger.db*"):
        path.rename(data / "aside" / path.name)


def test_a_backup_beside_the_daemon_tells_what_is_in_it(
    config: Path, daemon: list[str], ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = config.parent / "copy.db"
    epoch = ledger.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()[0]

    assert main(["backup", "-c", str(config), str(copy)]) == 0

    size = copy.stat().st_size / 1e6
    told = f"{copy}: epoch {epoch} to event 2, 2 facts, schema {VERSION}, {size:.1f} MB.\n"
    assert capsys.readouterr() == (told, "")


def test_a_backup_can_be_read_by_a_script(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    told = read(capsys, "backup", "-c", str(config), str(config.parent / "copy.db"))

    assert isinstance(told, dict)
    assert (told["last_seq"], told["facts"], told["schema"]) == (2, 2, VERSION)


def test_a_backup_does_not_overwrite(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = config.parent / "copy.db"
    copy.write_text("yesterday's")

    assert main(["backup", "-c", str(config), str(copy)]) == 1

    assert capsys.readouterr() == (
        "",
        f"crossdock: {copy} is there already and is not overwritten. Name another file.\n",
    )
    assert copy.read_text() == "yesterday's"


def test_a_copy_is_put_back_and_sound(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = str(config.parent / "copy.db")
    assert main(["backup", "-c", str(config), copy]) == 0
    ledger.close()
    aside(config)
    capsys.readouterr()

    told = read(capsys, "restore", "-c", str(config), copy)

    assert isinstance(told, dict)
    assert told["epoch"] != told["previous"]
    assert told["last_seq"] == 2
    assert main(["verify", "-c", str(config)]) == 0
    capsys.readouterr()
    status = read(capsys, "status", "-c", str(config))
    assert isinstance(status, dict)
    assert (status["sync"]["epoch"], status["sync"]["last_seq"]) == (told["epoch"], 0)


def test_a_copy_is_put_back_on_a_new_box(
    config: Path, ledger: sqlite3.Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = str(tmp_path / "copy.db")
    assert main(["backup", "-c", str(config), copy]) == 0
    new = tmp_path / "new.toml"
    new.write_text(CONFIG.replace('"data"', '"elsewhere"'))

    capsys.readouterr()

    assert main(["restore", "-c", str(new), copy]) == 0

    out, err = capsys.readouterr()
    assert out.startswith(f"{copy} is the ledger in {tmp_path / 'elsewhere'} now: epoch ")
    assert (out.endswith(" to its event 2.\n"), err) == (True, "")
    assert sorted(path.name for path in (tmp_path / "elsewhere").iterdir()) == ["ledger.db"]


def test_a_restore_where_a_ledger_is_tells_how_to_move_it(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = str(config.parent / "copy.db")
    assert main(["backup", "-c", str(config), copy]) == 0
    capsys.readouterr()

    assert main(["restore", "-c", str(config), copy]) == 1

    out, err = capsys.readouterr()
    data = config.parent / "data"
    assert out == ""
    assert err.startswith(f"crossdock: There is a ledger in {data}: ledger.db, ")
    assert f"Move it aside first: cd {data} && mkdir aside && mv ledger.db " in err


def test_a_restore_beside_the_daemon_is_refused(
    config: Path, daemon: list[str], ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = str(config.parent / "copy.db")
    assert main(["backup", "-c", str(config), copy]) == 0
    capsys.readouterr()

    assert main(["restore", "-c", str(config), copy]) == 1

    assert "Another crossdock runs with the data in " in capsys.readouterr().err


def test_a_broken_copy_is_not_put_back(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = config.parent / "copy.db"
    assert main(["backup", "-c", str(config), str(copy)]) == 0
    db = sqlite3.connect(copy, isolation_level=None)
    tamper(db, "UPDATE orders SET waiting = 7")
    db.close()
    ledger.close()
    aside(config)
    capsys.readouterr()

    assert main(["restore", "-c", str(config), str(copy)]) == 1

    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert "is broken: order SO-1: 7 wait, its lines sum to 0" in err
    assert not (config.parent / "data" / "ledger.db").exists()


# -- archive ---------------------------------------------------------------------------------------------------


def test_history_is_archived_and_audited_with_the_ledger(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger.close()
    archive = str(config.parent / "2025.db")

    told = read(capsys, "archive", "-c", str(config), "--before", "2026-01-01", archive)

    assert told == {"file": archive, "upto_fact": 1, "facts": 1, "entries": 0, "events": 0}
    assert main(["verify", "-c", str(config), "--archive", archive]) == 0
    assert "archives join" in capsys.readouterr().out


def test_a_day_to_come_cannot_be_archived(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["archive", "-c", str(config), "--before", "2999-01-01", "x.db"]) == 2

    assert "What is before 2999-01-01 cannot be archived: today is " in capsys.readouterr().err


def test_what_is_no_day_is_a_wrong_call(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["archive", "-c", str(config), "--before", "yesterday", "x.db"])

    assert ended.value.code == 2
    assert "expected a day such as 2026-01-01, got 'yesterday'" in capsys.readouterr().err


def test_an_archive_beside_the_daemon_is_refused(
    config: Path, daemon: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    archive = config.parent / "2025.db"

    assert main(["archive", "-c", str(config), "--before", "2026-01-01", str(archive)]) == 1

    assert "Another crossdock runs with the data in " in capsys.readouterr().err
    assert not archive.exists()


def test_nothing_to_archive_is_said(
    config: Path, ledger: sqlite3.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger.close()

    assert main(["archive", "-c", str(config), "--before", "2020-01-01", str(config.parent / "x.db")]) == 1

    assert "There is nothing to archive" in capsys.readouterr().err
