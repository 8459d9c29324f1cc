"""The picture of the dialogue: it says what the table says, all of it, and is the one that is kept in docs/."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from docs import draw_dialogue
from edge.domain.stations import MODES, RECEIVE, TABLE, Kind, Rule

SVG = "{http://www.w3.org/2000/svg}"


def words(picture: str) -> str:
    """All text of a picture, one blank between."""
    texts = ET.fromstring(picture).iter(f"{SVG}text")
    return re.sub(r"\s+", " ", " ".join(text.text or "" for text in texts))


def test_the_picture_in_docs_is_what_the_table_draws() -> None:
    kept = draw_dialogue.PICTURE.read_text(encoding="utf-8")

    assert kept == draw_dialogue.draw(), "The table has changed: make pictures."


def test_every_mode_and_what_each_rule_does_can_be_read() -> None:
    told = words(draw_dialogue.draw())

    assert all(mode.upper() in told for mode in MODES)
    assert [rule for rule in TABLE if rule.told.partition(":")[0] not in told] == []


def test_a_rule_that_no_row_draws_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    added = Rule(RECEIVE, Kind.EMPTY, "empty", "nothing else is here")
    monkeypatch.setattr(draw_dialogue, "TABLE", (*TABLE, added))

    with pytest.raises(ValueError, match=r"^No row draws these rules of the table: receive CMD:EMPTY\.$"):
        draw_dialogue.draw()


def test_a_row_with_a_scan_that_the_table_lacks_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw_dialogue, "ROWS", {**draw_dialogue.ROWS, "found": "CMD:EMPTY > item+"})

    told = r"^The row of found has a scan 'CMD:EMPTY' that the table does not know\.$"
    with pytest.raises(ValueError, match=told):
        draw_dialogue.draw()


def test_what_a_rule_tells_is_data_in_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    table = tuple(replace(rule, told="<b> & co") if rule.mode == RECEIVE else rule for rule in TABLE)
    monkeypatch.setattr(draw_dialogue, "TABLE", table)

    assert "<b> & co" in words(draw_dialogue.draw())


def test_nothing_leaves_the_picture() -> None:
    """Boxes within the frame, and words within their boxes by the width that a wide typeface takes."""
    root = ET.fromstring(draw_dialogue.draw())
    _, _, width, height = (int(n) for n in root.attrib["viewBox"].split())

    for box in root.iter(f"{SVG}rect"):
        right = int(box.get("x", 0)) + int(box.attrib["width"])
        bottom = int(box.get("y", 0)) + int(box.attrib["height"])
        assert right <= width
        assert bottom <= height
    for text in root.iter(f"{SVG}text"):
        if text.get("class") == "sub":
            assert len(text.text or "") * draw_dialogue.LETTER <= draw_dialogue.BOX
