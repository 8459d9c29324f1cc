"""What sheets of barcodes say: the commands of the table, quantities, digits, and what the site has."""

import pytest

from edge.domain import sheets
from edge.domain.codes import SiteKind
from edge.domain.dialogue import Dialogue
from edge.domain.sheets import Entry, Group
from edge.domain.stations import MODES, TABLE, Kind, Rule, rule_for
from tests.unit.domain.test_site_codes import read
from tests.unit.domain.writing import writer


def test_every_mode_and_action_of_the_table_is_there_with_its_words() -> None:
    modes, actions = sheets.commands(writer())

    assert [entry.value for entry in modes.entries] == [mode.upper() for mode in MODES]
    assert {f"CMD:{entry.value}" for entry in actions.entries} == {
        rule.kind for rule in TABLE if rule.kind.startswith("CMD:") and rule.kind is not Kind.MODE
    }
    assert modes.entries[0] == Entry("CMD:RECEIVE", "RECEIVE", "Stock in, backorders served, labels.")
    words = {entry.value: entry.words for entry in actions.entries}
    assert words["UNDO"] == "The last booking is reversed."
    assert words["SHORT"] == "No more is here: the rest goes missing (in PICK)."
    assert words["DONE"] == "The pallet or order is closed; the items counted are settled (in COUNT)."
    assert (modes.told, modes.lost, actions.lost) == (
        "From now on this mode; the rest is forgotten, but for the person.",
        (),
        (),
    )


def test_what_a_mode_does_is_not_what_it_refuses() -> None:
    modes, _ = sheets.commands(writer())

    assert Entry("CMD:SHIP", "SHIP", "All picked or allocated leaves.") in modes.entries


def test_every_command_is_one_in_some_mode() -> None:
    dialogues = [Dialogue(mode=mode) for mode in MODES]

    for group in sheets.commands(writer()):
        for entry in group.entries:
            rules = [rule_for(dialogue, read(entry.code)) for dialogue in dialogues]
            assert any(isinstance(rule, Rule) for rule in rules), entry


def test_a_mode_that_the_table_gains_appears_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MODES", (*MODES, "weigh"))
    monkeypatch.setattr(sheets, "TABLE", (*TABLE, Rule("weigh", Kind.ITEM, "weigh", "on the scales")))

    modes, _ = sheets.commands(writer())

    assert modes.entries[-1] == Entry("CMD:WEIGH", "WEIGH", "On the scales.")


def test_quantities_and_digits_are_short_codes() -> None:
    quantities, digits = sheets.quantities(writer()), sheets.digits(writer())

    assert [entry.code for entry in quantities.entries] == [
        f"QTY:{number}" for number in (*range(1, 11), 12, 20, 24, 25, 48, 50, 100)
    ]
    assert [entry.code for entry in digits.entries] == [f"NUM:{digit}" for digit in "1234567890C"]
    assert quantities.told == "How many the next item is. Scan it, then the item."
    assert digits.told == "How many, digit by digit. Scan 1, 2, then the item: 12 of it. C begins anew."
    assert quantities.is_short
    assert digits.is_short


def test_places_items_and_people_are_written_as_the_site_reads_them() -> None:
    site = writer(location=r"^%L(?P<value>[A-Z0-9-]+)$")

    assert sheets.locations(site, [("LA-01", ""), ("dock 1", ""), ("DOCK-1", "Station dock-1")]) == Group(
        "locations",
        SiteKind.LOCATION,
        "Locations",
        "Here from now on.",
        (Entry("%LLA-01", "LA-01", ""), Entry("%LDOCK-1", "DOCK-1", "Station dock-1")),
        ("dock 1",),
    )
    assert sheets.items(site, [("PEN", "Füller")]).entries == (Entry("SKU:PEN", "PEN", "Füller"),)
    assert sheets.operators(site, ["alice"]).entries == (Entry("OP:alice", "alice", ""),)
