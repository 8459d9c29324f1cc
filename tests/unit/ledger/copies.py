"""A house with a copy of its ledger, and one that goes on from the copy."""

from pathlib import Path

from edge.ledger.backup import back_up
from edge.ledger.restore import restore
from tests.house import House, settings

KEPT = ("facts", "postings", "positions", "allocations", "lines", "orders", "items", "commands", "labels")
"""Tables of which a restore takes all rows over."""


def ledger_of(house: House) -> Path:
    return house.settings.data_dir / "ledger.db"


def restored(house: House, tmp_path: Path) -> House:
    """The same house with its ledger from a backup."""
    back_up(ledger_of(house), tmp_path / "copy.db")
    house.close()
    (tmp_path / "again").mkdir()
    restore(tmp_path / "copy.db", tmp_path / "again" / "ledger.db")
    return House(settings(tmp_path / "again"))
