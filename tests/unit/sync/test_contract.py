"""The contract's files: they say what the models say, and their examples are good."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sync.contract import files
from sync.contract.examples import examples
from sync.contract.schemas import DATA, MODELS, OTHERS
from sync.events import EVENTS, read_event
from sync.messages import COMMANDS
from tests.commands import envelope, received, refused
from tests.integration.blackbox.closed_lists import ERROR_CODES
from tests.schemas import CONTRACT, asyncapi, faults, faults_in_asyncapi, kept

LEVEL = examples("stock")["stock.level"]
EVENT = examples("stock.received")["stock.received"]


def topic_of(name: str) -> str:
    """The topic of a message of that name."""
    return next((topic for topic, types in DATA.items() if name in types), name)


def test_the_contract_in_docs_is_what_the_models_say() -> None:
    assert files.stale(CONTRACT) == [], "The models of messages have changed: make contract."


@pytest.mark.parametrize("name", MODELS)
def test_every_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(kept(name))

    assert kept(name)["$id"] == f"urn:crossdock:schema/{name}/1"


@pytest.mark.parametrize("name", [*OTHERS, *COMMANDS, *EVENTS])
def test_every_message_has_a_good_example(name: str) -> None:
    shown = examples(name)

    assert shown
    assert {key: told for key, each in shown.items() if (told := faults(topic_of(name), each))} == {}


@pytest.mark.parametrize("name", EVENTS)
def test_the_example_of_an_event_is_read_as_an_event(name: str) -> None:
    (example,) = examples(name).values()

    assert isinstance(read_event(json.dumps(example).encode()).data, EVENTS[name])


@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_of_a_command_is_read_as_a_command(name: str) -> None:
    (example,) = examples(name).values()

    assert received(json.dumps(example).encode()).type == name


@pytest.mark.parametrize("name", asyncapi()["components"]["messages"])
def test_the_asyncapi_document_says_of_a_message_what_its_schema_says(name: str) -> None:
    told = asyncapi()["components"]["messages"][name]["examples"]
    good = [each["payload"] for each in told]
    # Each without the first of its fields, which none of them can lack.
    bad = [dict([*each.items()][1:]) for each in good]

    assert good == [*examples(name).values()]
    assert [faults_in_asyncapi(name, each) for each in good] == [[]] * len(good)
    for each in bad:
        assert faults_in_asyncapi(name, each) != []
        assert faults(topic_of(name), each) != []


def test_an_event_of_an_unknown_type_and_fields_that_are_new_are_passed_over() -> None:
    new = {**EVENT, "type": "crossdock.stock.weighed", "data": {"grams": 7}}
    more = {**EVENT, "colour": "red", "data": {**EVENT["data"], "colour": "red"}}

    assert [faults("evt", new), faults("evt", more)] == [[], []]


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"seq": 0}, "$.seq"),
        ({"seq": "42"}, "$.seq"),
        ({"specversion": "0.3"}, "$.specversion"),
        ({"time": "2026-11-21T09:30:00"}, "$.time"),
        ({"data": {**EVENT["data"], "qty": -1}}, "$.data.qty"),
        ({"data": {**EVENT["data"], "expiry": "2027-02-30"}}, "$.data.expiry"),
        ({"data": {**EVENT["data"], "moves": []}}, "$.data.moves"),
    ],
)
def test_what_is_known_of_an_event_is_told_strictly(changed: dict[str, Any], place: str) -> None:
    assert {fault.partition(": ")[0] for fault in faults("evt", {**EVENT, **changed})} == {place}


def test_a_field_that_no_command_has_is_refused_save_under_ext() -> None:
    order = {"order": "SO-1", "lines": [{"line": 1, "sku": "SKU-1", "qty": 2}]}

    assert faults("cmd", envelope(data=order | {"ext": {"colour": "red"}})) == []
    assert faults("cmd", envelope(data=order | {"colour": "red"})) == [
        "$.data: Additional properties are not allowed ('colour' was unexpected)"
    ]


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("state", {"status": "online", "contract": 1, "session": 1, "epoch": "2f9c", "version": "0.1.0"}),
        ("stock", {**LEVEL, "on_hand": None}),
        ("res", {"id": "c-881", "source": "/erp", "ok": False}),
        ("res", {"id": "c-881", "source": "/erp", "ok": False, "error": {"code": "no", "text": "No."}}),
        ("ack", {"epoch": "2f9c", "seq": -1}),
        ("ack", {"epoch": "2f9c", "seq": 1, "hash": "2F9C"}),
        ("snap", {"n": 0, "of": 1, "levels": []}),
        ("snap", {"end": {}}),
    ],
)
def test_a_message_that_lacks_what_its_reader_needs_is_none(name: str, bad: dict[str, Any]) -> None:
    assert len(faults(name, bad)) == 1


def test_an_answer_has_the_codes_of_the_closed_list() -> None:
    assert kept("res")["$defs"]["AnswerError"]["properties"]["code"]["enum"] == ERROR_CODES


@pytest.mark.parametrize(
    ("type", "data", "why"),
    [
        (
            "asn.announce",
            {
                "asn": "ASN-9",
                "pallets": [{"sscc": "376123450000000420", "contents": [{"sku": "A", "qty": 1}]}],
            },
            "its check digit",
        ),
        ("order.cancel", {"order": "SO-1", "lines": [1, {"line": 1}]}, "what stands twice"),
        ("order.place", {"order": "SO-1", "lines": [{"line": 1, "sku": "A", "qty": 3.0}]}, "3.0 and 3"),
    ],
)
def test_what_no_schema_can_tell_is_refused_by_the_node_alone(
    type: str, data: dict[str, Any], why: str
) -> None:
    assert faults("cmd", envelope(type, data)) == []

    assert refused(json.dumps(envelope(type, data)).encode()).code == "bad_value", why


def test_a_schema_says_in_words_what_a_value_must_be() -> None:
    placed = kept("order.place")

    assert placed["properties"]["order"]["description"] == "printable ASCII text of 1 to 64 characters"
    assert placed["properties"]["promised_at"]["anyOf"][0] | {"pattern": ""} == {
        "type": "string",
        "format": "date-time",
        "pattern": "",
        "description": "a time with an offset as in 2026-11-20T08:00:00Z",
    }


def test_what_is_stale_missing_or_left_over_is_named(tmp_path: Path) -> None:
    files.write(tmp_path / "kept")
    files.write(tmp_path / "kept")
    assert files.stale(tmp_path / "kept") == []

    (tmp_path / "kept" / "schemas" / "ack.json").write_text("{}")
    (tmp_path / "kept" / "asyncapi.json").unlink()
    (tmp_path / "kept" / "examples" / "old.json").write_text("{}")

    assert files.stale(tmp_path / "kept") == [
        f"{tmp_path}/kept/asyncapi.json is missing",
        f"{tmp_path}/kept/examples/old.json is none of the contract's",
        f"{tmp_path}/kept/schemas/ack.json is stale",
    ]
