"""The JSON Schemas (2020-12) of all messages: what is on the wire, by name.

A name is a command's or an event's type without its prefix, or the topic that the message goes to.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from sync.command_message import CommandMessage
from sync.events import EVENTS, EventMessage
from sync.messages import COMMANDS
from sync.node_messages import Ack, Answer, Level, Snapshot, State
from sync.reading import PREFIX

ENVELOPES: Mapping[str, type[BaseModel]] = {"evt": EventMessage, "cmd": CommandMessage}
"""The messages whose `data` depends on their type, by topic."""
DATA: Mapping[str, Mapping[str, type[BaseModel]]] = {"evt": EVENTS, "cmd": COMMANDS}
"""What that `data` is, by topic and type."""
OTHERS: Mapping[str, type[BaseModel]] = {
    "state": State,
    "stock": Level,
    "res": Answer,
    "ack": Ack,
    "snap": Snapshot,
}
"""The other messages, by topic."""
MODELS: Mapping[str, type[BaseModel]] = {**ENVELOPES, **OTHERS, **COMMANDS, **EVENTS}


class _Told(GenerateJsonSchema):
    """Schemas for people to read: no title for each field, and no default that is null."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        told = super().default_schema(schema)
        if told.get("default", ...) is None:
            del told["default"]
        return told


def schema(name: str) -> JsonSchemaValue:
    """Make the schema of that name; it refers to others by their `$id`. Raises KeyError."""
    told = MODELS[name].model_json_schema(schema_generator=_Told)
    if name in ENVELOPES:
        told["allOf"] = [_if_of(type_) for type_ in DATA[name]]
    else:
        told["title"] = name if name in OTHERS else PREFIX + name
    return {"$schema": _Told.schema_dialect, "$id": identity(name), **told}


def identity(name: str) -> str:
    """A schema's `$id`; that of an event's data is what its events have as `dataschema`."""
    return f"urn:crossdock:schema/{name}/1"


def _if_of(type_: str) -> JsonSchemaValue:
    return {
        "if": {"properties": {"type": {"const": PREFIX + type_}}},
        "then": {"properties": {"data": {"$ref": identity(type_)}}},
    }


def components(
    models: Sequence[type[BaseModel]], template: str
) -> tuple[dict[type[BaseModel], JsonSchemaValue], JsonSchemaValue]:
    """Make the schemas of these models for one document: a reference to each, and all by the names in these."""
    references, told = models_json_schema(
        [(model, "validation") for model in dict.fromkeys(models)],
        ref_template=template,
        schema_generator=_Told,
    )
    return {model: references[model, "validation"] for model in models}, told["$defs"]
