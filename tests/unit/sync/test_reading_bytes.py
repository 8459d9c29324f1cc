"""Whatever bytes come on `cmd`: envelope, JSON, size. Read or refused, never raised."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.facts import CommandReceived, CommandRefused
from sync.fields import MAX_BYTES
from sync.reading import read_command
from tests.commands import LINE, ORDER, command, envelope, received, refused


@pytest.mark.parametrize(
    ("changes", "code", "at", "text"),
    [
        ({"specversion": "0.3"}, "bad_envelope", "specversion", 'specversion must be "1.0", got "0.3"'),
        ({"data": []}, "bad_envelope", "data", "data must be an object, got []"),
        ({"type": 7}, "bad_envelope", "type", 'type must be text such as "crossdock.order.place", got 7'),
        ({"time": "yesterday"}, "bad_envelope", "time", None),
        ({"datacontenttype": "text/xml"}, "bad_envelope", "datacontenttype", None),
        ({"cmdseq": 0}, "bad_envelope", "cmdseq", "cmdseq must be a whole number, 1 or more, got 0"),
        ({"cmdseq": True}, "bad_envelope", "cmdseq", None),
        ({"type": "crossdock.order.burn"}, "unknown_type", "type", None),
        ({"type": "order.place"}, "unknown_type", "type", None),
        ({"data_base64": "AA=="}, "unknown_field", "data_base64", None),
    ],
)
def test_a_bad_envelope_is_refused_and_answered(
    changes: dict[str, Any], code: str, at: str, text: str | None
) -> None:
    fact = refused(json.dumps(envelope() | changes).encode())

    assert (fact.code, fact.at, fact.source, fact.id) == (code, at, "/erp", "c-881")
    assert text is None or fact.text == text


def test_extension_attributes_of_cloudevents_are_passed_over() -> None:
    extended = command(
        time="2026-11-20T08:00:00Z",
        datacontenttype="application/json; charset=utf-8",
        cmdseq=7,
        subject="SO-1",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01",
    )

    assert received(extended).request == received(command()).request


@pytest.mark.parametrize("id", ["", "x" * 257, "a\nb", 7, None, ["c"]])
def test_an_id_that_cannot_be_read_is_not_answered(id: object) -> None:
    fact = refused(command(id=id))

    assert (fact.code, fact.at, fact.id) == ("bad_envelope", "id", "")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("NaN", "NaN is no JSON number."),
        ("-Infinity", "-Infinity is no JSON number."),
        ("1e400", "1e400 is beyond what a number can be."),
        ("1" * 5000, "Expected a number of at most 400 digits, got 5000."),
        ('"\\ud800"', "A \\u escape names half a character (a lone surrogate)."),
        ('{"a":1,"a":2}', 'The key "a" stands twice in one object.'),
    ],
)
def test_json_that_is_not_strict_is_refused_and_answered(value: str, text: str) -> None:
    payload = json.dumps(envelope(data="HERE")).replace('"HERE"', value)

    fact = refused(payload.encode())

    assert (fact.code, fact.text, fact.source, fact.id) == ("bad_json", text, "/erp", "c-881")


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"nul",
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b"[" * 200_000,
        b'{"a":' * 50_000,
        b'"\xed\xa0\x80"',
    ],
)
def test_what_is_no_json_is_refused_without_an_answer(payload: bytes) -> None:
    fact = refused(payload)

    assert (fact.code, fact.source, fact.id, fact.at) == ("bad_json", "", "", None)


def test_brackets_within_a_text_are_no_depth() -> None:
    assert received(command(data=ORDER | {"ext": {"note": '"[{' * 1000}})).type == "order.place"


def test_a_command_too_large_is_answered_up_to_a_mebibyte_and_only_kept_beyond() -> None:
    large = command(data=ORDER | {"ext": {"note": "x" * MAX_BYTES}})
    larger = command(data=ORDER | {"ext": {"note": "x" * 1024 * 1024}})

    assert (refused(large).code, refused(large).id) == ("too_large", "c-881")
    assert refused(large).text == f"A message has at most 102400 bytes, got {len(large)}: send it in parts."
    assert (refused(larger).code, refused(larger).id) == ("too_large", "")
    assert len(refused(larger).head) <= 200


def test_a_command_of_just_the_size_is_read() -> None:
    empty = len(command(data=ORDER | {"ext": {"note": ""}}))

    fact = received(command(data=ORDER | {"ext": {"note": "x" * (MAX_BYTES - empty)}}))

    assert fact.type == "order.place"


@pytest.mark.parametrize(
    "data",
    [
        {"order": "SO-1", "lines": [{}] * 25_000},
        {"order": "SO-1", "lines": [LINE]} | {f"x{i}": 1 for i in range(8_000)},
        {"order": "SO-1", "lines": [LINE, *({"line": i, "sku": "", "qty": 0} for i in range(2, 2000))]},
    ],
)
def test_many_errors_cost_little(data: Any) -> None:
    payload = command(data=data)
    assert len(payload) <= MAX_BYTES

    tracemalloc.start()
    fact = read_command(payload)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert isinstance(fact, CommandRefused)
    assert fact.code in {"missing_field", "unknown_field", "bad_value"}
    assert peak < 16 * 1024 * 1024


HOSTILE = Path(__file__).parents[2] / "golden" / "hostile_messages.jsonl"


def test_no_hostile_message_raises_or_is_taken_for_a_command() -> None:
    rows = [json.loads(line) for line in HOSTILE.read_text().splitlines()]

    for row in rows:
        payload = row["input"].encode("latin-1").decode("unicode_escape").encode("latin-1")
        fact = read_command(payload * row.get("repeat", 1))

        assert isinstance(fact, CommandRefused), row
        assert fact.code in {"bad_json", "bad_envelope", "too_large"}, row
    assert len(rows) >= 16


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.binary(max_size=200))
def test_no_bytes_raise(payload: bytes) -> None:
    assert isinstance(read_command(payload), CommandRefused)


@settings(max_examples=60)
@given(
    st.sampled_from(
        ["order.place", "order.cancel", "order.hold", "asn.announce", "catalogue.upsert", "stock.count"]
    ),
    st.dictionaries(
        st.sampled_from(["order", "lines", "asn", "pallets", "items", "location", "tier", "ext", "as_of"]),
        JSON
        | st.lists(
            st.dictionaries(st.sampled_from(["line", "sku", "qty", "lot", "codes", "contents"]), JSON),
            max_size=3,
        ),
    ),
)
def test_no_data_raises(type: str, data: dict[str, Any]) -> None:
    fact = read_command(json.dumps(envelope(type, data)).encode())

    assert isinstance(fact, CommandReceived | CommandRefused)
    assert isinstance(fact, CommandReceived) or fact.text
