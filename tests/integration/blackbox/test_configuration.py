"""A wrong configuration is told line by line, with file and key, and nothing is guessed (section 2)."""

from pathlib import Path

import pytest

from tests.integration.blackbox.node import run_program

GOOD = """
site = "par1"
node = "dock-a"
data_dir = "data"

[mqtt]
host = "127.0.0.1"

[[scanners]]
id = "gun-1"
device = "serial:///dev/ttyUSB0?baud=9600"
station = "dock-1"

[[scanners]]
id = "gun-2"
device = "serial:///dev/ttyUSB1?baud=9600"
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

WRONG = {
    "an unknown key at the top": ('node = "dock-a"', 'node = "dock-a"\nnoed = "x"', "noed"),
    "an unknown key in a table": ('host = "127.0.0.1"', 'host = "127.0.0.1"\nprot = 1883', "prot"),
    "an unknown table": ("[mqtt]", '[colour]\nhost = "x"\n[mqtt]', "colour"),
    "a key that is required": ('site = "par1"', "", "site"),
    "a name with a blank": ('site = "par1"', 'site = "par 1"', "site"),
    "a text where a number belongs": ('host = "127.0.0.1"', 'host = "127.0.0.1"\nport = "x"', "port"),
    "a scanner whose station is not there": (
        'ttyUSB1?baud=9600"\nstation = "dock-1"',
        'ttyUSB1?baud=9600"\nstation = "dock-9"',
        "station",
    ),
    "a station whose printer is not there": ('printer = "zebra-1"', 'printer = "zebra-9"', "printer"),
    "two scanners with one id": ('id = "gun-2"', 'id = "gun-1"', "id"),
    "two scanners at one port": ("ttyUSB1", "ttyUSB0", "device"),
    "a device of a kind that there is not": ("serial:///dev/ttyUSB1", "smoke:///dev/ttyUSB1", "device"),
    "a language that no printer speaks": ('"zpl"', '"zpj"', "language"),
    "a mode that there is not": ('location = "DOCK-1"', 'location = "DOCK-1"\nmode = "recieve"', "mode"),
    "a pattern without its group": (
        "[[printers]]",
        '[codes]\nlocation = "^%L(.+)$"\n[[printers]]',
        "location",
    ),
}


def write(folder: Path, text: str) -> Path:
    config = folder / "bench.toml"
    config.write_text(text, encoding="utf-8")
    return config


def test_a_good_configuration_passes(tmp_path: Path) -> None:
    done = run_program("check", "-c", str(write(tmp_path, GOOD)))

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("old", "new", "key"), WRONG.values(), ids=WRONG.keys())
def test_an_error_is_one_line_with_the_file_and_the_key(tmp_path: Path, old: str, new: str, key: str) -> None:
    assert old in GOOD
    config = write(tmp_path, GOOD.replace(old, new, 1))

    done = run_program("check", "-c", str(config))

    lines = done.stderr.splitlines()
    assert done.returncode == 2, done
    assert len(lines) == 1, done.stderr
    assert config.name in lines[0]
    assert key in lines[0].replace(str(config), "")


def test_every_error_is_told_at_once_and_the_daemon_does_not_start(tmp_path: Path) -> None:
    text = GOOD.replace('site = "par1"', "").replace('"zpl"', '"zpj"').replace("[mqtt]", "[mqtt]\nprot = 1")
    config = write(tmp_path, text)

    done = run_program("run", "-c", str(config))

    assert done.returncode == 2, done
    for key in ("site", "language", "prot"):
        told = [line for line in done.stderr.splitlines() if key in line.replace(str(config), "")]
        assert len(told) == 1, (key, done.stderr)
        assert config.name in told[0]
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data" / "ledger.db").exists()


@pytest.mark.parametrize("content", [b"site = ", b"site = \xff\x00"], ids=["cut short", "no text"])
def test_a_file_that_is_no_toml_is_one_line_too(tmp_path: Path, content: bytes) -> None:
    config = tmp_path / "bench.toml"
    config.write_bytes(content)

    done = run_program("check", "-c", str(config))

    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert config.name in line


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = run_program("run", "-c", str(tmp_path / "nowhere.toml"))

    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "nowhere.toml" in line
