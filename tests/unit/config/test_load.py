"""Rules of reading a configuration: the sentences people get, where they point, and in which order."""

import os
from pathlib import Path

import pytest

from config.load import MAX_BYTES, ConfigError, load
from config.settings import Settings
from tests.unit.config.writing import MINIMAL, complaints, written


def test_site_and_node_are_all_that_is_required(tmp_path: Path) -> None:
    settings = load(written(tmp_path, MINIMAL))

    assert settings == Settings(site="par1", node="dock-a")
    assert settings.data_dir == Path("/var/lib/crossdock")


def test_the_example_of_the_contract_loads(tmp_path: Path) -> None:
    text = r"""
site = "par1"
node = "dock-a"
data_dir = "/var/lib/crossdock"
timezone = "Europe/Paris"
[mqtt]
host = "broker.example.net"
port = 8883
protocol = "5"
username = "dock-a"
password_file = "/run/credentials/crossdock.service/mqtt"
tls = { ca = "ca.pem", cert = "node.pem", key = "node.key" }
prefix = "crossdock"
confirm = "broker"
[[scanners]]
id = "gun-1"
device = "serial:///dev/ttyUSB0?baud=9600"
station = "dock-1"
accept = "\u0006"
attention = "\u0006\u0007"
reject = "\u0007"
debounce_ms = 300
gs = "\u001d"
[[printers]]
id = "zebra-1"
language = "zpl"
device = "tcp://10.0.0.20:9100"
status = "auto"
[[stations]]
id = "dock-1"
mode = "receive"
location = "DOCK-1"
printer = "zebra-1"
idle_reset_s = 120
[allocation]
order_by = ["express", "tier", "promised_at", "placed_at"]
min_shelf_life_days = 0
[items]
unknown = "accept"
"""

    settings = load(written(tmp_path, text))

    assert settings.mqtt is not None
    assert settings.mqtt.tls is not None
    assert settings.mqtt.tls.ca == tmp_path / "ca.pem"
    assert settings.scanners[0].attention == (b"\x06\x07",)
    assert settings.printer_of(settings.station("dock-1")) == "zebra-1"


def test_relative_paths_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mqtt = '[mqtt]\nhost = "h"\npassword_file = "../secret"\n'
    text = f'{MINIMAL}data_dir = "data"\n{mqtt}[labels]\nlayouts = "own"\n'
    (tmp_path / "site" / "own").mkdir(parents=True)
    written(tmp_path / "site", text)
    monkeypatch.chdir(tmp_path)

    settings = load(Path("site/crossdock.toml"))

    assert settings.data_dir == tmp_path / "site" / "data"
    assert settings.mqtt is not None
    assert settings.mqtt.password_file == tmp_path / "site" / ".." / "secret"
    assert settings.labels.layouts == tmp_path / "site" / "own"


def test_all_errors_are_told_at_once_and_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = """
site = "par 1"
nod = "dock-a"
timezone = "europe/pariss"
[mqtt]
host = "h"
port = "8883"
[[stations]]
id = "dock-1"
[[scanners]]
id = "gun-1"
device = "serial://dev/ttyUSB0"
station = "dok-1"
debounce_ms = 99999
[[scanners]]
id = "gun-1"
device = "tcp-listen://5001"
[allocation]
order_by = ["tier", "tier"]
"""

    assert complaints(tmp_path, text) == [
        'node: missing; add it, such as node = "dock-a".',
        'site: expected 1 to 64 letters, digits, - and _, got "par 1".',
        'nod: unknown key; did you mean "node"?',
        'timezone: there is no time zone "europe/pariss"; did you mean "Europe/Paris"?',
        "mqtt.port: expected a whole number from 1 to 65535, got a text; take the quotes off.",
        'scanners[0].device: expected the form "serial:///dev/ttyUSB0?baud=9600", got "serial://dev/ttyUSB0".',
        'scanners[0].station: there is no station "dok-1"; did you mean "dock-1"?',
        "scanners[0].debounce_ms: expected a whole number from 0 to 60000, got 99999.",
        'scanners[1].station: missing; add it, such as station = "dock-1".',
        'scanners[1].id: "gun-1" is there twice (first as scanners[0].id); '
        "give each scanner and printer an id of its own.",
        'scanners[1].device: expected the form "tcp-listen://0.0.0.0:5001", got "tcp-listen://5001".',
        'allocation.order_by[1]: "tier" is there twice (first as allocation.order_by[0]); '
        "name each key once.",
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('site "par1"\n', "line 1, column 6: this is no TOML (Expected '=' after a key in a key/value pair); "
         "mend this line."),
        ("site = par1\n", "line 1, column 8: this is no TOML (Invalid value); put texts in double quotes."),
        ('site = "a"\nsite = "b"\n', "line 2, column 11: this is no TOML (Cannot overwrite a value); "
         "a key or table is there twice: keep one."),
        ('node = "\\d"', "line 1, column 11: this is no TOML (Unescaped '\\' in a string); "
         "write \\\\ for a backslash, or put the text in single quotes."),
        ('site = "a', "line 1: this is no TOML (Unterminated string); mend this line."),
        ("site = " + "9" * 5000, "a number in it has thousands of digits; no option needs that."),
        ("site = " + "[" * 100_000, "lists or tables are nested too deep; no option needs that."),
        (b'site = "a"\nnode = "\xe9"\n', "line 2: the byte 0xe9 is no UTF-8; save the file as UTF-8."),
        (b"#" * (MAX_BYTES + 1), "is longer than 1048576 bytes; is this the right file?"),
    ],
)  # fmt: skip
def test_what_is_no_toml_is_told_with_its_line(tmp_path: Path, text: str | bytes, complaint: str) -> None:
    assert complaints(tmp_path, text) == [complaint]


def test_a_file_saved_on_windows_loads(tmp_path: Path) -> None:
    path = written(tmp_path, b"\xef\xbb\xbf" + MINIMAL.replace("\n", "\r\n").encode())

    assert load(path).site == "par1"


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("missing.toml", "there is no such file; name the configuration with -c FILE."),
        ("", "this is a folder; name the file in it with -c FILE."),
        ("crossdock.toml/x", "cannot be read ([Errno 20] Not a directory: "),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_a_sentence(tmp_path: Path, name: str, complaint: str) -> None:
    written(tmp_path, MINIMAL)

    with pytest.raises(ConfigError) as caught:
        load(tmp_path / name)

    assert str(caught.value).startswith(f"{tmp_path / name}: {complaint}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_told_in_a_sentence(tmp_path: Path) -> None:
    path = written(tmp_path, MINIMAL)
    path.chmod(0)

    with pytest.raises(ConfigError, match="may not be read by this user"):
        load(path)
