"""A site in a storm: what the scanner was told, the ledger, what was published and central's books are one story.

Two seconds of one storm here; all of them are for `make storms`.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.scripts import run_script
from tests.storms.judging import positions_that_differ
from tests.storms.listening import Listener


def test_a_node_that_dies_under_load_leaves_one_story() -> None:
    code, lines = run_script("tests/storms/storms.py", "--seconds", 2, "--protocol", "5", "node:ANYWHERE")

    assert code == 0, lines
    assert lines[0].startswith("node:ANYWHERE over MQTT 5: ")
    assert lines[0].endswith(": one story")
    assert lines[1].endswith(" minutes: none failed")


def test_an_event_that_is_published_before_its_turn_is_heard() -> None:
    listener = Listener()
    hear = listener.connection()

    hear(_published(1) + _published(3)[:7])
    hear(_published(3)[7:])

    assert listener.fouls == ["event 3 was published first when 2 was due"]


def test_books_that_differ_are_seen(tmp_path: Path) -> None:
    with (
        closing(sqlite3.connect(tmp_path / "a.db")) as ledger,
        closing(sqlite3.connect(tmp_path / "b.db")) as central,
    ):
        for db, qty in ((ledger, 5), (central, 4)):
            db.execute("CREATE TABLE positions (sku, lot, expiry, pallet, account, qty)")
            db.execute("INSERT INTO positions VALUES ('PEN', '', '', '', 'location:A-01', ?)", (qty,))

        found = list(positions_that_differ(ledger, central))

    assert found == [
        "the books differ: the node has [('PEN', '', '', '', 'location:A-01', 5)],"
        " central [('PEN', '', '', '', 'location:A-01', 4)]"
    ]


def _published(seq: int) -> bytes:
    """A PUBLISH of MQTT 3.1.1 with QoS 1."""
    topic, payload = b"crossdock/par1/dock-a/evt/stock/found", b'{"epoch":"e1","seq":%d}' % seq
    body = len(topic).to_bytes(2, "big") + topic + b"\x00\x01" + payload
    return bytes([0x32, len(body)]) + body
