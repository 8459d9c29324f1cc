"""The dialogue at a scanner (contract section 3)."""

import json
from dataclasses import asdict, replace

import pytest

from config.settings import Station
from edge.domain.codes import ItemCode, Refused, SiteCode, SiteKind
from edge.domain.dialogue import (
    UNDO_DEPTH,
    UNDONE_WITHIN_MS,
    Dialogue,
    begin,
    booked,
    is_bounce,
    kept,
    refusal,
    refused_once,
    restore,
    used,
    wake,
)
from edge.domain.stations import EVERY, MODES, TABLE, Kind, When, rule_for, set_scene

STATION = Station(id="dock-1", location="DOCK-1", idle_reset_s=120)
AT = 1_000_000_000


def _set(dialogue: Dialogue, kind: SiteKind, *values: str) -> Dialogue:
    for value in values:
        scene = set_scene(dialogue, STATION, SiteCode(kind, value), AT)
        assert not isinstance(scene, Refused), scene
        dialogue = scene.dialogue
    return dialogue


def _refused(dialogue: Dialogue, kind: SiteKind, value: str) -> Refused:
    refused = set_scene(dialogue, STATION, SiteCode(kind, value), AT)
    assert isinstance(refused, Refused), refused
    return refused


def _after(dialogue: Dialogue, seconds: int) -> Dialogue:
    return wake(replace(dialogue, last_at=AT), STATION, AT + seconds * 1000)


def test_a_station_begins_in_its_own_mode() -> None:
    assert begin(Station(id="aisle", mode="missing")) == Dialogue(mode="missing")


def test_an_idle_scanner_is_as_at_the_start_and_says_so_once() -> None:
    left = Dialogue(mode="missing", location="A-01", order="SO-1", po="4711", lot="B7", operator="alice")

    assert _after(replace(left, operator_at=AT), 120).mode == "missing"
    assert _after(replace(left, operator_at=AT), 121) == Dialogue(
        mode="receive",
        operator="alice",
        operator_at=AT,
        last_at=AT,
        refuse="This scanner was reset: it is in RECEIVE at DOCK-1 now. Scan again.",
    )


@pytest.mark.parametrize("left", [Dialogue(mode="receive"), Dialogue(mode="receive", location="DOCK-1")])
def test_a_reset_that_changed_nothing_refuses_nothing(left: Dialogue) -> None:
    assert _after(left, 121).refuse == ""


def test_a_quantity_lapses_after_thirty_seconds_and_the_next_item_is_told() -> None:
    typed = _set(begin(STATION), SiteKind.QUANTITY, "5")

    assert _after(typed, 30).quantity == 5
    lapsed = _after(typed, 31)
    assert lapsed.quantity is None
    assert (
        refusal(lapsed)
        == "QTY 5 was scanned more than 30 s ago and has lapsed. Scan it again if it is meant."
    )
    assert refusal(refused_once(lapsed)) == ""


@pytest.mark.parametrize(("kind", "value"), [(SiteKind.QUANTITY, "5"), (SiteKind.DIGIT, "C")])
def test_a_quantity_scanned_again_after_it_lapsed_is_meant(kind: SiteKind, value: str) -> None:
    lapsed = _after(_set(begin(STATION), SiteKind.QUANTITY, "5"), 31)

    assert refusal(_set(lapsed, kind, value)) == ""


def test_a_digit_does_not_stand_for_the_ones_before_it_that_lapsed() -> None:
    half = _after(_set(begin(STATION), SiteKind.DIGIT, "1"), 31)

    assert refusal(_set(half, SiteKind.DIGIT, "2")).startswith("QTY 1 was scanned more than 30 s ago")


def test_a_quantity_scanned_again_does_not_hide_a_reset() -> None:
    away = _after(replace(_set(begin(STATION), SiteKind.QUANTITY, "5"), location="A-01"), 121)

    assert refusal(_set(away, SiteKind.QUANTITY, "5")).startswith("This scanner was reset")


def test_a_quantity_does_not_lapse_without_a_word_when_the_scanner_is_reset() -> None:
    assert refusal(_after(_set(begin(STATION), SiteKind.QUANTITY, "5"), 121)).startswith("QTY 5 was scanned")


@pytest.mark.parametrize(
    "left", [Dialogue(mode="receive", po="4711"), Dialogue(mode="receive", pallet="3" * 18)]
)
def test_a_reset_that_ended_a_purchase_order_or_pallet_says_so_once(left: Dialogue) -> None:
    assert refusal(_after(left, 121)) == "This scanner was reset: it is in RECEIVE at DOCK-1 now. Scan again."


def test_a_reset_names_no_place_where_one_has_to_be_scanned() -> None:
    aisle = Station(id="aisle-1", mode="missing", location="AISLE")

    away = wake(Dialogue(mode="missing", location="A-01", last_at=AT), aisle, AT + 121_000)

    assert refusal(away) == "This scanner was reset: it is in MISSING now. Scan again."


def test_digits_make_a_number_and_c_takes_it_back() -> None:
    typed = _set(begin(STATION), SiteKind.DIGIT, "1", "0", "7")
    assert typed.quantity == 107

    assert _set(typed, SiteKind.DIGIT, "C").quantity is None
    assert _set(typed, SiteKind.DIGIT, "C", "4").quantity == 4


def test_a_digit_after_a_whole_quantity_begins_a_new_number() -> None:
    whole = _set(begin(STATION), SiteKind.QUANTITY, "5")

    assert _set(whole, SiteKind.DIGIT, "3").quantity == 3


@pytest.mark.parametrize(
    ("kind", "value"),
    [(SiteKind.QUANTITY, "0"), (SiteKind.QUANTITY, "1000000"), (SiteKind.DIGIT, "9")],
)
def test_a_quantity_goes_from_1_to_999999(kind: SiteKind, value: str) -> None:
    full = _set(begin(STATION), SiteKind.DIGIT, *"999999")

    assert _refused(full, kind, value).why == "bad_code"


def test_a_mode_scan_clears_all_but_the_person() -> None:
    left = Dialogue(
        mode="receive",
        location="A-01",
        order="SO-1",
        po="4711",
        pallet="3" * 18,
        quantity=5,
        quantity_at=AT,
        lot="B7",
        expiry="2027-03-01",
        operator="alice",
        operator_at=AT,
        refuse="No.",
    )

    assert _set(left, SiteKind.COMMAND, "FOUND") == Dialogue(mode="found", operator="alice", operator_at=AT)


def test_another_person_begins_anew_and_the_same_one_goes_on() -> None:
    left = Dialogue(mode="found", location="A-01", operator="alice", operator_at=AT - 1)

    same, other = _set(left, SiteKind.OPERATOR, "alice"), _set(left, SiteKind.OPERATOR, "bob")

    assert same == replace(left, operator_at=AT)
    assert (other.operator, other.mode, other.location) == ("bob", "receive", "")
    assert other.refuse.startswith("This scanner was reset")


def test_the_person_is_forgotten_after_thirty_minutes() -> None:
    left = _set(begin(STATION), SiteKind.OPERATOR, "alice")

    assert _after(left, 1800).operator == "alice"
    assert _after(left, 1801).operator == ""


def test_quantity_lot_and_expiry_are_for_one_item() -> None:
    left = Dialogue(
        mode="receive", location="A-01", quantity=5, quantity_at=AT, lot="B7", expiry="2027-03-01"
    )

    assert used(left) == Dialogue(mode="receive", location="A-01")


def test_a_place_or_a_purchase_order_ends_the_pallet() -> None:
    on_pallet = Dialogue(mode="receive", pallet="3" * 18)

    assert _set(on_pallet, SiteKind.LOCATION, "A-01").pallet == ""
    assert _set(on_pallet, SiteKind.PURCHASE_ORDER, "4711").pallet == ""


@pytest.mark.parametrize("value", ["found", "DANCE", "Done"])
def test_a_command_that_is_none_is_refused(value: str) -> None:
    refused = rule_for(begin(STATION), SiteCode(SiteKind.COMMAND, value))

    assert isinstance(refused, Refused)
    assert refused.why == "unknown_command"
    assert refused.reason.startswith(f"{value} is no command. Modes: RECEIVE, MISSING, ")


def test_an_action_belongs_to_its_mode() -> None:
    refused = rule_for(begin(STATION), SiteCode(SiteKind.COMMAND, "SHORT"))

    assert refused == Refused("unknown_command", "CMD:SHORT belongs to PICK; this scanner is in RECEIVE.")


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_knows_what_an_item_is(mode: str) -> None:
    rule = rule_for(Dialogue(mode=mode), ItemCode("X", None, None))

    assert isinstance(rule, Refused) == (mode == "ship")


def test_no_two_rules_answer_the_same_scan() -> None:
    for mode in (*MODES, EVERY):
        for kind in Kind:
            whens = [rule.when for rule in TABLE if (rule.mode, rule.kind) == (mode, kind)]
            assert whens in ([], [When.ALWAYS], [When.NOTHING_BEGUN, When.BEGUN]), (mode, kind, whens)


def test_the_second_place_of_a_move_is_told_from_the_first() -> None:
    place = SiteCode(SiteKind.LOCATION, "A-01")

    first, second = (rule_for(Dialogue(mode="move", begun=begun), place) for begun in (0, 2))

    assert not isinstance(first, Refused)
    assert not isinstance(second, Refused)
    assert (first.does, second.does) == ("place", "put")


def test_none_of_it_may_be_counted_or_picked() -> None:
    assert _set(Dialogue(mode="count"), SiteKind.QUANTITY, "0").quantity == 0
    assert _set(Dialogue(mode="pick"), SiteKind.QUANTITY, "0").quantity == 0


def test_a_scanner_remembers_its_last_bookings_for_a_while() -> None:
    dialogue = begin(STATION)
    for entry in range(1, UNDO_DEPTH + 3):
        dialogue = booked(dialogue, entry, AT + entry)

    assert [entry for entry, _ in dialogue.bookings] == [*range(3, UNDO_DEPTH + 3)]
    assert booked(dialogue, 99, AT + UNDONE_WITHIN_MS + UNDO_DEPTH).bookings == (
        (UNDO_DEPTH, AT + UNDO_DEPTH),
        (UNDO_DEPTH + 1, AT + UNDO_DEPTH + 1),
        (UNDO_DEPTH + 2, AT + UNDO_DEPTH + 2),
        (99, AT + UNDONE_WITHIN_MS + UNDO_DEPTH),
    )


def test_an_open_count_and_what_can_be_undone_outlive_a_reset_and_the_disk() -> None:
    left = Dialogue(
        mode="count", begun=2, counted_at="A-01", count_entry=7, bookings=((5, AT),), job=3, last_at=AT
    )

    again = restore(json.loads(json.dumps(kept(_after(left, 121)))), STATION)

    assert (again.mode, again.begun, again.counted_at, again.count_entry) == ("receive", 0, "A-01", 7)
    assert (again.bookings, again.job) == (((5, AT),), 3)


def test_a_dialogue_is_restored_as_it_was_whatever_else_was_kept() -> None:
    left = Dialogue(mode="found", location="A-01", quantity=5, quantity_at=AT, last_code="X", last_at=AT)

    assert restore({**asdict(left), "from_tomorrow": 1}, STATION) == left
    assert restore({}, STATION) == begin(STATION)


def test_a_bounce_is_the_last_code_again_too_soon() -> None:
    last = Dialogue(mode="receive", last_code="X", last_at=AT)

    assert is_bounce(last, "X", AT + 300, 300)
    assert not is_bounce(last, "X", AT + 301, 300)
    assert not is_bounce(last, "Y", AT, 300)
    assert not is_bounce(last, "X", AT - 1, 300)  # the clock was set back
    assert not is_bounce(last, "X", AT, 0)


def test_the_last_code_again_before_it_was_answered_is_a_bounce_however_long_that_took() -> None:
    last = Dialogue(mode="receive", last_code="X", last_at=AT)

    assert is_bounce(last, "X", AT + 60_000, 300, is_early=True)
    assert is_bounce(last, "X", AT - 60_000, 300, is_early=True)  # the clock was set back
    assert not is_bounce(last, "Y", AT, 300, is_early=True)
    assert not is_bounce(last, "X", AT + 60_000, 0, is_early=True)


UNKNOWN = Refused("unknown_code", "X-1 is no GTIN, and not in the catalogue.")


def test_only_learn_takes_a_code_that_nobody_knows_first_as_the_code_and_then_as_the_item() -> None:
    def does(dialogue: Dialogue, code: ItemCode | Refused) -> str:
        rule = rule_for(dialogue, code)
        return rule.why if isinstance(rule, Refused) else rule.does

    empty, holding = Dialogue(mode="learn"), Dialogue(mode="learn", teaching="X-1")

    assert [does(each, UNKNOWN) for each in (empty, holding)] == ["teach", "learn"]
    assert does(empty, Refused("check_digit", "GTIN check digit is wrong.")) == "check_digit"
    assert {does(Dialogue(mode=mode), UNKNOWN) for mode in MODES if mode != "learn"} == {"unknown_code"}


def test_a_quantity_waits_while_a_code_to_teach_is_in_hand() -> None:
    holding = Dialogue(mode="learn", teaching="X-1", quantity=12, lot="B7")

    assert used(holding) == holding
    assert used(replace(holding, teaching="")).quantity is None


def test_a_code_to_teach_does_not_get_lost_by_a_reset_without_a_word() -> None:
    at_learn = Station(id="desk", mode="learn", idle_reset_s=120)
    left = Dialogue(mode="learn", teaching="X-1", taught=("X-0", "PEN"), last_at=AT)

    woken = wake(left, at_learn, AT + 121_000)

    assert (woken.teaching, woken.taught) == ("", ())
    assert refusal(woken) == "This scanner was reset: it is in LEARN now. Scan again."
