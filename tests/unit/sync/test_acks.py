"""What central says on `ack`, read strictly."""

import pytest

from edge.facts import CommandRefused, EventsConfirmed
from sync.acks import read_ack

HASH = "0a" * 32


@pytest.mark.parametrize(
    ("payload", "fact"),
    [
        (b'{"epoch":"e1","seq":0}', EventsConfirmed("e1", 0)),
        (b'{"epoch":"e1","seq":7,"hash":null}', EventsConfirmed("e1", 7)),
        (f'{{"epoch":"e1","seq":7,"hash":"{HASH}","at":[1]}}'.encode(), EventsConfirmed("e1", 7, HASH)),
        (b"", None),
    ],
)
def test_an_ack_says_how_far_central_is(payload: bytes, fact: EventsConfirmed | None) -> None:
    assert read_ack(payload, len(payload)) == fact


@pytest.mark.parametrize(
    ("payload", "code", "text"),
    [
        (b"7", "bad_envelope", "An ack must be a JSON object, got 7"),
        (b"{", "bad_json", None),
        (b'{"epoch":"e1","epoch":"e2","seq":1}', "bad_json", 'The key "epoch" stands twice in one object.'),
        (b'{"epoch":"e1"}', "bad_value", "seq is missing: required are epoch, seq."),
        (b'{"epoch":"e1","seq":-1}', "bad_value", "seq must be a whole number, 0 or more, got -1."),
        (b'{"epoch":"e1","seq":1.0}', "bad_value", "seq must be a whole number, 0 or more, got 1.0."),
        (b'{"epoch":"e1","seq":true}', "bad_value", "seq must be a whole number, 0 or more, got true."),
        (
            b'{"epoch":1,"seq":1}',
            "bad_value",
            "epoch must be printable ASCII text of 1 to 64 characters, got 1.",
        ),
        (
            b'{"epoch":"e1","seq":1,"hash":"0A"}',
            "bad_value",
            'hash must be 64 digits of lower-case hexadecimal, got "0A".',
        ),
        (b'{"epoch":"e1","seq":1}' + b" " * 102_400, "too_large", None),
    ],
)
def test_what_is_no_ack_is_refused_with_its_reason(payload: bytes, code: str, text: str | None) -> None:
    refused = read_ack(payload, len(payload))

    assert isinstance(refused, CommandRefused)
    assert (refused.topic, refused.code, refused.id, refused.size) == ("ack", code, "", len(payload))
    assert text in (None, refused.text)
