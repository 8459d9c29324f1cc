"""Rules of the sentences: a line for each wrong value, with its key, what is wrong, what would be right."""

import re
from pathlib import Path

import pytest

from config.load import load
from config.settings import Settings
from tests.unit.config.writing import MINIMAL, PRINTER, SCANNER, STATION, complaints, written


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("data_dir = 5", "data_dir: expected a path in quotes, got 5."),
        ('data_dir = ""', "data_dir: expected a path, relative to this file or absolute."),
        ("timezone = 2026-11-21", "timezone: expected a text in quotes, got 2026-11-21."),
        ('timezone = "../etc/passwd"', 'timezone: there is no time zone "../etc/passwd"; '
         'expected a name such as "Europe/Paris".'),
        ('mqtt = "broker"', 'mqtt: expected one table, under [mqtt] with single brackets, got "broker".'),
        ('[[mqtt]]\nhost = "h"', "mqtt: expected one table, under [mqtt] with single brackets, got a list."),
        ("[mqtt]", 'mqtt.host: missing; add it, such as host = "broker.example.net".'),
        ('[mqtt]\nhost = "h"\nport = 0', "mqtt.port: expected a whole number from 1 to 65535, got 0."),
        ('[mqtt]\nhost = "h"\nport = true', "mqtt.port: expected a whole number from 1 to 65535, got true."),
        ('[mqtt]\nhost = "h"\nport = 1883.0',
         "mqtt.port: expected a whole number from 1 to 65535, got 1883.0."),
        ('[mqtt]\nhost = "h"\nport = 0x' + 20 * "F",
         "mqtt.port: expected a whole number from 1 to 65535, got a number far too large."),
        ('[mqtt]\nhost = "h"\nprotocol = "3.1"',
         'mqtt.protocol: expected "5" or "3.1.1", got "3.1"; did you mean "3.1.1"?'),
        ('[mqtt]\nhost = "h"\nconfirm = "all"', 'mqtt.confirm: expected "broker" or "central", got "all".'),
        ('[mqtt]\nhost = "h"\nprotocol = 5', 'mqtt.protocol: expected "5" or "3.1.1", got 5.'),
        ('[mqtt]\nhost = "h"\nstandby = ["h:0"]',
         "mqtt.standby[0]: expected a port from 1 to 65535 behind the colon, got \"0\"."),
        ('[mqtt]\nhost = "h"\nprefix = "a/b"',
         'mqtt.prefix: expected 1 to 64 letters, digits, dots, - and _, got "a/b".'),
        ('[mqtt]\nhost = "h"\ntls = true', "mqtt.tls: expected a table such as { key = value }, got true."),
        ('[mqtt]\nhost = "h"\ntls = { cert = "c" }',
         "mqtt.tls: cert and key belong together; give both for mutual TLS, or neither for the broker's "
         "certificate alone."),
        ('[mqtt]\nhost = "h"\nnode = "x"',
         "mqtt.node: unknown key here; move it to the top of the file, above the first [table]."),
        ('host = "h"', "host: unknown key here; it belongs below [mqtt]."),
        ('[stations]\nid = "dock-1"', "stations: expected tables, each under [[stations]] with two brackets, "
         "got a table."),
        ("stations = [1]", "stations[0]: expected a table such as { key = value }, got 1."),
        (STATION + 'mode = "RECEIVE"', 'stations[0].mode: expected "receive", "missing", "found", "move", "pick", '
         '"ship", "count", "damage", "release", "scrap", "return", "learn" or "info", got "RECEIVE"; '
         'did you mean "receive"?'),
        (STATION + 'location = "DÖCK"', 'stations[0].location: expected 1 to 64 printable ASCII characters, '
         'got "DÖCK".'),
        (STATION + 'printer = "zebra-1"', 'stations[0].printer: there is no printer "zebra-1"; '
         "add [[printers]] with this id."),
        (STATION + STATION, 'stations[1].id: "dock-1" is there twice (first as stations[0].id); '
         "give each station an id of its own."),
        (STATION + SCANNER + 'baudrate = 9600', "scanners[0].baudrate: unknown key; write the speed into the "
         'device, such as "serial:///dev/ttyUSB0?baud=9600".'),
        ('shadow = "true"', "shadow: expected true or false, got a text; take the quotes off."),
        ('shadow = "yes"', 'shadow: expected true or false, got "yes".'),
        (STATION + SCANNER + "shadow = 1", "scanners[0].shadow: expected true or false, got 1."),
        (PRINTER + "shadow = true",
         "printers[0].shadow: unknown key here; move it to the top of the file, above the first [table]."),
        (STATION + SCANNER + 'accept = "€"',
         'scanners[0].accept: expected single bytes, written as \\u0000 to \\u00ff, got "€".'),
        (STATION + SCANNER + f'reject = "{65 * "x"}"',
         "scanners[0].reject: expected at most 64 characters, got 65."),
        (STATION + SCANNER + 'accept = ["A", 200, true]',
         'scanners[0].accept: expected a text such as "\\u0006", or a list such as ["\\u0006", 200, "\\u0007"] in '
         "which a number is a pause in ms, got true."),
        (STATION + SCANNER + "accept = 200",
         'scanners[0].accept: expected a text such as "\\u0006", or a list such as ["\\u0006", 200, "\\u0007"] in '
         "which a number is a pause in ms, got 200."),
        (STATION + SCANNER + 'attention = ["A", 0, "B"]',
         "scanners[0].attention: expected a pause from 1 to 2000 ms, got 0."),
        (STATION + SCANNER + 'attention = ["A", 1500, "B", 501]',
         "scanners[0].attention: expected pauses of at most 2000 ms together, got 2001."),
        (STATION + SCANNER + 'suffix = "\\n"',
         'scanners[0].suffix: expected characters within a line, such as "\\u001d": CR and LF end a scan.'),
        (STATION + SCANNER + 'suffix = "<"\ngs = "<GS>"',
         "scanners[0].suffix: what ends a code cannot stand in it as gs; give them different texts."),
        (STATION + SCANNER + "forward_answers = true",
         "scanners[0].forward_answers: answers from where? Add forward, or leave this out."),
        (STATION + SCANNER + 'forward = "pty:run/old"',
         'scanners[0].forward: expected the form "pty:///run/crossdock/old-terminal", got "pty:run/old".'),
        (STATION + SCANNER + 'forward = "serial:///dev/ttyUSB0"',
         "scanners[0].forward: this port is there twice (first as scanners[0].device); each scanner and printer "
         "needs a port of its own."),
        (STATION + SCANNER + 'gs = ""',
         "scanners[0].gs: expected at least one character, got none; to have the default, leave it out."),
        (STATION + SCANNER + 'gs = "\\r"',
         'scanners[0].gs: expected characters within a line, such as "\\u001d": CR and LF end a scan.'),
        (SCANNER, 'scanners[0].station: there is no station "dock-1"; add [[stations]] with this id.'),
        (PRINTER.replace("zpl", "zlp"),
         'printers[0].language: expected "zpl" or "escpos", got "zlp"; did you mean "zpl"?'),
        (PRINTER + "status = true", 'printers[0].status: expected "auto" or "off", got true.'),
        ('[labels]\nprinter = "zebra-1"',
         'labels.printer: there is no printer "zebra-1"; add [[printers]] with this id.'),
        ('[labels]\nlayouts = "own"',
         'labels.layouts: there is no folder "own"; make it, or leave this out for our own layouts.'),
        ('[allocation]\norder_by = "tier"', 'allocation.order_by: expected a list, got "tier".'),
        ('[allocation]\norder_by = ["expres"]', 'allocation.order_by[0]: expected "express", "tier", '
         '"promised_at" or "placed_at", got "expres"; did you mean "express"?'),
        ("[items]\nunknown = 1", 'items.unknown: expected "accept" or "reject", got 1.'),
        ('[returns]\nto = "DOCK-1"', 'returns.to: expected "stock" or "quarantine", got "DOCK-1".'),
        ("[items]\ncolour = 1", "items.colour: unknown key; expected one of unknown."),
    ],
)  # fmt: skip
def test_each_error_is_a_line_with_key_and_remedy(tmp_path: Path, line: str, complaint: str) -> None:
    assert complaints(tmp_path, f"{MINIMAL}{line}\n") == [complaint]


def test_a_key_that_is_no_bare_word_is_shown_in_quotes(tmp_path: Path) -> None:
    text = MINIMAL + r'"a\u0007 b" = 1'

    assert complaints(tmp_path, text) == [
        r'"a\u0007 b": unknown key; expected one of ' + ", ".join(Settings.model_fields) + "."
    ]


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        ("LOC:(?P<value>.+)$", "the pattern must begin with ^ and end with $"),
        (r"^LOC:(?P<value>.+)\$", "the pattern must begin with ^ and end with $"),
        ("^LOC:(?P<value>.+$", "the pattern is no regular expression (missing ), unterminated subpattern"),
        ("^LOC:(.+)$", "the pattern has no group named value"),
    ],
)
def test_a_pattern_is_anchored_and_has_the_group_value(tmp_path: Path, pattern: str, complaint: str) -> None:
    (line,) = complaints(tmp_path, f"{MINIMAL}[codes]\nlocation = '{pattern}'\n")

    assert line.startswith(f"codes.location: {complaint}")
    assert line.endswith(r"expected one such as '^%L(?P<value>[A-Z0-9-]+)$' in single quotes.")


def test_a_pattern_that_ends_in_an_escaped_backslash_is_anchored(tmp_path: Path) -> None:
    pattern = r"^(?P<value>.+)\\$"

    settings = load(written(tmp_path, f"{MINIMAL}[codes]\nlot = '{pattern}'\n"))

    assert settings.codes.lot == pattern
    assert re.fullmatch(settings.codes.lot, "B7\\")


def test_two_kinds_of_code_cannot_have_one_pattern(tmp_path: Path) -> None:
    text = f"{MINIMAL}[codes]\nlot = '^EXP:(?P<value>.+)$'\n"

    assert complaints(tmp_path, text) == [
        "codes.lot: the same pattern as codes.expiry; a code can mean one thing only."
    ]


def test_two_codes_may_swap_their_patterns(tmp_path: Path) -> None:
    text = f"{MINIMAL}[codes]\nlot = '^EXP:(?P<value>.+)$'\nexpiry = '^LOT:(?P<value>.+)$'\n"

    assert load(written(tmp_path, text)).codes.lot == "^EXP:(?P<value>.+)$"


def test_a_scanner_and_a_printer_cannot_share_an_id_or_a_port(tmp_path: Path) -> None:
    printer = '[[printers]]\nid = "gun-1"\nlanguage = "zpl"\ndevice = "serial:///dev/ttyUSB0?baud=38400"\n'

    assert complaints(tmp_path, MINIMAL + STATION + SCANNER + printer) == [
        'printers[0].id: "gun-1" is there twice (first as scanners[0].id); '
        "give each scanner and printer an id of its own.",
        "printers[0].device: this port is there twice (first as scanners[0].device); "
        "each scanner and printer needs a port of its own.",
    ]


@pytest.mark.parametrize(
    "line",
    [
        '[mqtt]\nhost = "mqtt://dock-a:geheim@broker"',
        '[mqtt]\nhost = "h"\npassword = "geheim"',
        '[mqtt]\nhost = "h"\npasword_file = "geheim"',
        '[[printers]]\nid = "p"\nlanguage = "zpl"\ndevice = "tcp://dock-a:geheim@10.0.0.20:9100"',
        '[mqtt]\nhost = "h"\npassword_file = "geheim\\u0000"',
        '[mqtt]\nhost = "h"\npassword_file = ["geheim"]',
        '[mqtt]\nhost = "h"\nusername = { name = "geheim" }',
        '[mqtt]\nhost = "h"\npassword = "geheim',
    ],
)
def test_no_error_shows_what_may_be_a_password(tmp_path: Path, line: str) -> None:
    (complaint,) = complaints(tmp_path, f"{MINIMAL}{line}\n")

    assert "geheim" not in complaint
