"""Files that are there whole or not at all, where one stands already."""

from pathlib import Path

import pytest

from edge.errors import LedgerError
from edge.ledger.files import written_whole


def test_a_file_is_replaced_only_where_that_is_wanted(tmp_path: Path) -> None:
    target = tmp_path / "sheets.pdf"
    target.write_text("yesterday's")

    with (
        pytest.raises(LedgerError, match=r"is there already and is not overwritten\."),
        written_whole(target),
    ):
        pass
    assert target.read_text() == "yesterday's"

    with written_whole(target, may_replace=True) as draft:
        draft.write_text("today's")
        assert target.read_text() == "yesterday's"
    assert target.read_text() == "today's"
    assert list(tmp_path.iterdir()) == [target]


def fail_within(draft: Path) -> None:
    draft.write_text("half of tod")
    raise RuntimeError


def test_what_fails_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    target = tmp_path / "sheets.pdf"
    target.write_text("yesterday's")

    with pytest.raises(RuntimeError), written_whole(target, may_replace=True) as draft:
        fail_within(draft)

    assert target.read_text() == "yesterday's"
    assert list(tmp_path.iterdir()) == [target]
