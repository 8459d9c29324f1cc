"""A site's patterns judged before they are used: overlaps, patterns that hold the node up, hidden items."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.settings import Codes
from edge.domain.codes import CodeReader, gtin14
from edge.domain.pattern_check import check
from edge.domain.pattern_trees import MAX_WAYS, tree, ways
from edge.domain.pattern_words import Search, TooIntricateError, graph, gtins
from edge.domain.site_codes import check_patterns

DEFAULTS = {"one": "^ONE:(?P<value>.+)$", "other": "^OTHER:(?P<value>.+)$"}


def overlap(one: str, other: str) -> str | None:
    """The sentence about two patterns, without their names; None if they get along."""
    checked = check({"one": one, "other": other}, DEFAULTS)
    assert checked.notes == ()
    return checked.faults[0][1] if checked.faults else None


def both(code: str) -> str:
    return f"codes.one and codes.other both match '{code}': give each its own prefix."


# -- overlaps ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        ("^(?P<value>[A-Z]-[0-9]{2})$", "^(?P<value>[A-M]-.+)$", "A-11"),
        ("^(?P<value>[A-Z]{2,4})$", "^(?P<value>[A-Z]{4,6})$", "AAAA"),
        ("^(?P<value>[^0-9]{3})$", "^(?P<value>..x)$", "AAx"),
        ("^(?P<value>A|BC|DEF)$", "^(?P<value>(?:XY)?DEF)$", "DEF"),
        ("^(?P<value>(?:AB)+)$", "^(?P<value>(?:ABA)*BAB)$", "ABABAB"),
        ("^(?P<value>(?:AB)+)$", "^(?P<value>A(?:BA)*B)$", "AB"),
        ("^(?i:loc):(?P<value>.)$", "^lOc:(?P<value>[^A])$", "lOc:1"),
        ("(?i)^(?P<value>[a-c]{2})$", "^(?P<value>[B-X]+)$", "BB"),
        ("^(?i:a(?-i:b))(?P<value>c)$", "^AB(?P<value>c)$", None),
        (r"^(?P<value>\d\D\w\W\s\S)$", r"^(?P<value>1-1- -)$", "1-1- -"),
        ("^(?P<value>[^a])$", "^(?P<value>a)$", None),
        (r"^(?P<value>(?>AB|A)B)$", "^(?P<value>ABB)$", "ABB"),
        ("^(?P<value>A++B)$", "^(?P<value>AAB)$", "AAB"),
        ("^(?P<value>A.*?B)$", "^(?P<value>A1B)$", "A1B"),
        ("^(?P<value>[\x00-\xff])$", "^(?P<value>~)$", "~"),
        ("^(?P<value>é)$", "^(?P<value>.)$", None),
        ("^(?P<value>.{300})$", "^(?P<value>A+)$", None),
        ("^(?P<value>.{256})$", "^(?P<value>A+)$", "A" * 256),
        ("^(?P<value>.{257})$", "^(?P<value>A+)$", None),
        ("^(?P<value>[A-Z]{1,64}-.{1,64})$", "^(?P<value>.{1,64}-[A-Z]{1,64}!)$", "A-A!"),
    ],
)
def test_two_patterns_overlap_if_any_code_fits_both(one: str, other: str, code: str | None) -> None:
    assert overlap(one, other) == (None if code is None else both(code))
    assert overlap(other, one) == (None if code is None else both(code))


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        # What looks around or back is confirmed with `re`; where the walk found another, likely codes are tried.
        ("^(?P<value>(?=A)[A-Z]+)$", "^(?P<value>A.*)$", "A"),
        ("^(?P<value>(?!A).)$", "^(?P<value>[AB1])$", "1"),
        (r"^(?P<value>(.)\2)$", "^(?P<value>AA)$", "AA"),
        ("^(?P<value>(X)?(?(2)Y|Z))$", "^(?P<value>Z)$", "Z"),
        (r"^X\b(?P<value>-.)$", "^(?P<value>X-A)$", "X-A"),
    ],
)
def test_what_looks_around_or_back_is_compared_too(one: str, other: str, code: str) -> None:
    assert overlap(one, other) == both(code)


def test_patterns_that_cannot_be_compared_whole_are_noted() -> None:
    note = (
        "codes.one and codes.other are too intricate to be compared whole:"
        " see to it yourself that no code fits both."
    )

    looking = check({"one": "^(?P<value>(?!A)[AB])$", "other": "^(?P<value>[AC])$"}, DEFAULTS)
    large = check({"one": "^(?P<value>((.{100}){100}){100})$", "other": DEFAULTS["other"]}, DEFAULTS)

    assert (looking.faults, looking.notes) == ((), (note,))
    assert (large.faults, large.notes) == ((), (note,))


def test_a_pattern_that_is_too_large_is_held_against_likely_codes() -> None:
    large = check({"one": "^(?P<value>A|((.{100}){100}){100})$", "other": "^(?P<value>A)$"}, DEFAULTS)

    assert large.faults == (("other", both("A")),)


def test_the_bound_is_for_all_searches_together_and_the_least_for_each() -> None:
    one, other = (graph(tree(f"^A{{0,250}}[AB]{{0,250}}(?P<value>{end})$")) for end in "BC")
    search = Search(left=0)

    with pytest.raises(TooIntricateError, match="The patterns are too intricate to be compared"):
        search.shared(one, other)
    assert search.shared(graph(tree("^X(?P<value>.+)$")), other) is None


def test_patterns_beyond_the_bound_are_noted_and_the_check_ends_in_time() -> None:
    one, other = (f"^(?P<value>[A-C]{{0,250}}[AB]{{0,250}}{end})$" for end in "XY")
    start_s = time.process_time()

    checked = check({"one": one, "other": other}, DEFAULTS)

    assert time.process_time() - start_s < 4  # 1 s, and as much again and more while coverage is measured
    assert checked.faults == ()
    assert [note.partition(" are ")[0] for note in checked.notes] == ["codes.one and codes.other"]


def test_one_pair_beyond_the_bound_leaves_the_others_compared() -> None:
    one, other = (f"^(?P<value>[A-C]{{0,250}}[AB]{{0,250}}{end})$" for end in "XY")

    checked = check_patterns(Codes(location=one, order=other, lot="^CMD:(?P<value>[A-Z])$"))

    assert [note.partition(" are ")[0] for note in checked.notes] == ["codes.location and codes.order"]
    assert checked.faults == (
        ("command", "codes.lot and codes.command both match 'CMD:A': give each its own prefix."),
    )


def test_every_site_pattern_is_held_against_every_other() -> None:
    with pytest.raises(
        ValueError, match=r"^codes\.command: codes\.location and codes\.command both match 'CMD:A'"
    ):
        CodeReader(Codes(command=r"^[CL](?:MD|OC):(?P<value>.+)$", location=r"^CMD:(?P<value>[A-Z]+)$"))


def test_our_own_patterns_cost_nothing_and_are_good() -> None:
    checked = check_patterns(Codes())

    assert (checked.faults, checked.notes) == ((), ())


@settings(max_examples=150, deadline=None)
@given(*[st.from_regex(r"\A(?:[ab1]|[ab]\?|\(a\|b1?\)|\.|[ab]\{0,2\}|\[ab\]\*){1,5}\Z")] * 2)
def test_the_walk_finds_a_code_exactly_if_there_is_one(one: str, other: str) -> None:
    texts = [""]
    for _ in range(4):
        texts += [text + char for text in texts for char in "ab1x" if len(text) < 4]
    short = {text for text in texts if re.fullmatch(one, text) and re.fullmatch(other, text)}

    found = Search().shared(graph(tree(one)), graph(tree(other)))

    if found is None:
        assert short == set()
    else:
        assert re.fullmatch(one, found)
        assert re.fullmatch(other, found)
        assert not short or len(found) == min(map(len, short))


# -- patterns that could hold the node up ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "hostile"),
    [
        ("^(?P<value>([A-Z]+)+)$", "A" * 22 + "1"),
        ("^(?P<value>(?:A|AA)+)$", "A" * 30 + "1"),
        ("^(?P<value>(?:A*)*)$", "A" * 22 + "1"),
        ("^(?P<value>(?:A?B?)*)$", "AB" * 18 + "1"),
        ("^(?P<value>(?:[A-Z]+-?)+)$", "A" * 22 + "1"),
        ("^(?P<value>(A?){22}A{22})$", "A" * 22 + "1"),
        ("^(?P<value>.*.*.*[0-9])$", "-" * 256),
        ("^(?=(.+)+A)(?P<value>B)$", "-" * 22),
    ],
)
def test_a_pattern_that_can_read_a_code_in_too_many_ways_is_refused(pattern: str, hostile: str) -> None:
    sentence = (
        r"^codes\.lot: one scan could keep the node busy for hours, as the pattern can read it in too many ways; let no"
        r" part that repeats hold or touch another that takes the same characters: \[A-Z\]\+\(-\[0-9\]\+\)\* instead of"
        r" \(\[A-Z0-9-\]\+\)\+\.$"
    )
    start_s = time.process_time()
    re.fullmatch(pattern, hostile)
    taken_s = time.process_time() - start_s

    assert taken_s > 0.005, "this one would not have been worth a refusal"
    with pytest.raises(ValueError, match=sentence):
        CodeReader(Codes(lot=pattern))


@pytest.mark.parametrize(
    "pattern",
    [
        "^%L(?P<value>[A-Z0-9-]+)$",
        "^(?P<value>[A-Z]+(-[0-9]+)*)$",
        "^(?P<value>[A-Z]{1,64}-[0-9]{1,64})$",
        "^(?P<value>(?:[A-Z][0-9]{2}){1,4})$",
        "^(?P<value>(?:[A-Z]+-)*[0-9]+)$",
        "^(?:LOC|PLACE|P)?:(?P<value>.+)-.+-[A-Z]+$",
        "^(?P<value>[A-Z]*[0-9]*[a-z]*)$",
        "^(?P<value>(?:AB|CD)+)$",
        "^(?P<value>[A-Z]{300,400})$",
    ],
)
@pytest.mark.parametrize("hostile", ["A" * 256, "-" * 256, "A-1" * 85, "LOC:" + "-A" * 126, "A1" * 127 + "-"])
def test_a_pattern_that_is_let_pass_reads_every_code_in_a_blink(pattern: str, hostile: str) -> None:
    assert ways(tree(pattern)) <= MAX_WAYS
    compiled = re.compile(pattern)
    durations_s = []
    for _ in range(3):
        start_s = time.thread_time()
        compiled.fullmatch(hostile)
        durations_s.append(time.thread_time() - start_s)

    assert min(durations_s) < 0.01


def test_a_pattern_nested_too_deep_to_be_judged_is_refused() -> None:
    deep = "^(?P<value>A" + "(?:B|(C" * 120 + ")+)?" * 120 + ")$"
    re.compile(deep)

    checked = check({"one": deep, "other": DEFAULTS["other"]}, DEFAULTS)

    assert checked.faults == (
        ("one", "the parts of the pattern are nested too deep to be judged; write it with fewer brackets."),
    )


# -- hidden items ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "example"),
    [
        (r"^(?P<value>\d{8})$", "11111115"),
        (r"^(?P<value>4\d+)$", "40000008"),
        (r"^(?P<value>[0-9]{13}0)$", "11111111111120"),
    ],
)
def test_a_pattern_that_takes_gtins_is_noted(pattern: str, example: str) -> None:
    checked = check_patterns(Codes(location=pattern))

    assert checked.notes == (
        f"codes.location takes plain GTINs such as {example}: items with such codes are hidden behind it.",
    )
    assert gtin14(example) is not None
    assert checked.faults == ()


@pytest.mark.parametrize("pattern", [r"^(?P<value>\d{7})$", r"^(?P<value>11111110)$", r"^L(?P<value>\d+)$"])
def test_a_pattern_that_takes_no_gtin_is_not_noted(pattern: str) -> None:
    assert check_patterns(Codes(location=pattern)).notes == ()


def test_a_look_ahead_that_keeps_gtins_out_is_believed() -> None:
    assert check_patterns(Codes(location=r"^(?P<value>(?!\d{8}$)\d{8})$")).notes == ()


@pytest.mark.parametrize("code", ["96385074", "123601057072", "4006381333931", "17612345001019"])
def test_the_graph_of_gtins_takes_every_gtin_and_none_with_another_check_digit(code: str) -> None:
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)

    assert Search().shared(gtins(), graph(tree(code))) == code
    assert Search().shared(gtins(), graph(tree(wrong))) is None
