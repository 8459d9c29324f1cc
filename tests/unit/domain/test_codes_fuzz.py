"""Codes made up by the thousand: what is valid is read as what went in, what is damaged never as something else."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.settings import Codes
from edge.domain.codes import Code, CodeReader, Gs1Code, NoCatalogue, Refused
from tests.fuzz import invariants
from tests.gs1_messages import AIS, CSET_82, GS, Message, message, value_of
from tests.gs1_second_opinion import difference

READER = CodeReader(Codes())
LIMIT_S = 0.05
# Chance as Hypothesis has it: it makes what fails small.
MESSAGES = st.builds(message, st.randoms(use_true_random=False).map(lambda chance: chance.randrange))
SENT_AS = st.sampled_from(["]C1", "]d2", "]Q3", "]e0", "]J1", GS])


def read(text: str) -> Code:
    """Read a scan, see that it took no longer than 50 ms of this thread, and that all holds that must."""
    took_s = []
    for _ in range(3):  # the least of three, as a collection of garbage may fall into any one
        began_s = time.thread_time()
        READER.read(text, NoCatalogue(), today=invariants.TODAY)
        took_s.append(time.thread_time() - began_s)
    assert min(took_s) < LIMIT_S
    return invariants.read(READER, text)


def judge_damaged(payload: str) -> None:
    """Refused, or read as another parser reads it; `read` sees that nothing of it was passed over."""
    read("]C1" + payload)
    assert difference(payload) is None


@pytest.mark.parametrize("between", ["", "|"])
@pytest.mark.parametrize("linear", ["2112345000015", "96385074", "036000291452"])
@pytest.mark.parametrize("behind", ["", "10AB-123", "17261231" + GS + "10AB"])
def test_an_ean_with_a_composite_part_is_the_item_of_what_stands_behind_it(
    linear: str, between: str, behind: str
) -> None:
    code = read(f"]E0{linear}{between}]e0{behind}")

    assert isinstance(code, Gs1Code)
    assert code.elements.gtin == linear.zfill(14)


@pytest.mark.parametrize("ai", AIS)
def test_every_element_of_the_table_is_read_back(ai: str) -> None:
    chance = random.Random(ai)
    for _ in range(5):
        value = value_of(ai, chance.randrange)

        code = read(f"]C1{ai}{value}")

        assert isinstance(code, Gs1Code), code
        assert code.elements.others == ((ai, value),)


@settings(max_examples=300, deadline=None)
@given(MESSAGES, SENT_AS)
def test_a_valid_message_is_read_as_exactly_what_went_in(made: Message, sent_as: str) -> None:
    code = read(sent_as + made.payload)

    assert isinstance(code, Gs1Code), code
    assert code.elements.others == made.elements


@pytest.mark.parametrize("ai", ["10", "21", "91"])
def test_every_character_of_set_82_may_stand_in_a_lot_a_serial_and_a_label(ai: str) -> None:
    for first in range(0, len(CSET_82), 20):
        value = CSET_82[first : first + 20]

        code = read(f"]C1{ai}{value}")

        assert isinstance(code, Gs1Code)
        assert code.elements.others == ((ai, value),)


@settings(max_examples=300, deadline=None)
@given(MESSAGES, st.integers(0, 255), st.sampled_from(CSET_82 + GS + " ^~"))
def test_a_message_with_one_character_changed_is_never_read_as_something_else(
    made: Message, place: int, character: str
) -> None:
    at = place % len(made.payload)

    judge_damaged(made.payload[:at] + character + made.payload[at + 1 :])


@settings(max_examples=200, deadline=None)
@given(MESSAGES, st.integers(0, 255))
def test_a_message_cut_off_is_never_read_as_something_else(made: Message, place: int) -> None:
    judge_damaged(made.payload[: place % len(made.payload)])


@settings(max_examples=200, deadline=None)
@given(MESSAGES)
def test_a_message_sent_twice_in_a_row_is_never_read_as_something_else(made: Message) -> None:
    twice = made.payload + made.payload

    if len(twice) <= 250:
        judge_damaged(twice)
    else:
        assert isinstance(read("]C1" + twice), Refused | Gs1Code)


@settings(max_examples=200, deadline=None)
@given(MESSAGES)
def test_a_message_without_its_separators_is_never_read_as_something_else(made: Message) -> None:
    judge_damaged(made.payload.replace(GS, ""))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 255), MESSAGES)
def test_a_misread_digit_of_a_pallet_or_an_item_is_refused(place: int, made: Message) -> None:
    numbers = [(ai, value) for ai, value in made.elements if ai in {"00", "01", "02"}]
    for ai, value in numbers:
        at = place % len(value)
        wrong = value[:at] + str((int(value[at]) + 1) % 10) + value[at + 1 :]

        code = read(f"]C1{ai}{wrong}")

        assert isinstance(code, Refused)
        assert code.why == "check_digit"


def test_an_address_full_of_percent_signs_takes_no_time() -> None:
    text = "https://a/00/106141412345678908?4302=" + "%2541" * 28 + "%20"
    began_s = time.thread_time()

    code = READER.read(text, NoCatalogue(), today=invariants.TODAY)

    assert time.thread_time() - began_s < LIMIT_S
    assert isinstance(code, Refused)


def test_a_link_may_say_no_more_than_an_element_string() -> None:
    value = "%41" * 24

    code = read("https://a/00/106141412345678908?4302=" + value.replace("%", "%25"))

    assert isinstance(read(f"]C14302{value}"), Refused)
    assert isinstance(code, Refused)
