"""Rules of how the demo looks into the ledger."""

from contextlib import closing
from pathlib import Path

from edge.demo.books import Books
from edge.facts import LabelPrinted, LabelSending
from tests.house import House, settings


def test_a_label_whose_bytes_are_on_the_way_is_still_open(tmp_path: Path) -> None:
    with closing(House(settings(tmp_path))) as house:
        house.receive("PEN", 3)
        books = Books(house.settings.data_dir / "ledger.db")

        waiting = books.open_labels()
        house.post(LabelSending(1))
        sent = books.open_labels()
        house.post(LabelPrinted(1))

        assert (waiting, sent, books.open_labels()) == (1, 1, 0)
