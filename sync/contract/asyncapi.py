"""The AsyncAPI 3 document: which message goes where. It is written from the node's side: what it sends and receives."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from sync.contract.examples import examples
from sync.contract.schemas import DATA, ENVELOPES, MODELS, components
from sync.reading import PREFIX
from sync.session import CONTRACT

Json = dict[str, Any]

IDENTITY = "urn:crossdock:contract"
ROOT = "{prefix}/{site}/{node}"
MQTT = {"bindingVersion": "0.2.0"}

TOLD = (
    "What a Crossdock node and central say to each other over MQTT, 5 or 3.1.1 alike. Every message is JSON in UTF-8 of"
    " at most 100 KiB, sent with QoS 1. The node is the application here: it sends what central receives, and receives"
    " what central sends. Within a contract types and fields are only added: pass over those that you do not know."
)

PARAMETERS: Mapping[str, Json] = {
    "prefix": {"description": "`[mqtt] prefix` of the node's configuration.", "default": "crossdock"},
    "site": {"description": "One warehouse: letters, digits, - and _.", "examples": ["par1"]},
    "node": {"description": "One edge box: letters, digits, - and _.", "examples": ["dock-a"]},
    "type": {
        "description": "The event's type without its prefix, / for each dot: subscribe to `evt/#` for all.",
        "enum": [name.replace(".", "/") for name in DATA["evt"]],
    },
    "sku": {
        "description": "The item. Every byte outside `A-Za-z0-9._-` is %XX.",
        "examples": ["SKU-1", "INK%20BLUE"],
    },
    "id": {"description": "The command's id, escaped as an item is in `stock/`.", "examples": ["c-890"]},
}


@dataclass(frozen=True, slots=True)
class Channel:
    """A topic below the node's root. `does` is what the node does with it, None for an answer to another."""

    below: str
    told: str
    does: str | None
    is_received: bool = False
    is_retained: bool = False


CHANNELS: Mapping[str, Channel] = {
    "state": Channel(
        "state",
        "Where the node stands, retained. That it is offline the broker says, too: as its last will.",
        "Say where the node stands",
        is_retained=True,
    ),
    "evt": Channel(
        "evt/{type}",
        "What happened, in order of `seq` and without a hole; `id` tells repeats.",
        "Tell what happened",
    ),
    "stock": Channel(
        "stock/{sku}",
        "An item's level, retained; it follows the events to its `seq`. An empty message takes it away.",
        "Tell an item's level",
        is_retained=True,
    ),
    "cmd": Channel(
        "cmd",
        "What central asks for, one command to the message, never retained. `res` says that it is delivered.",
        "Take a command and answer it",
        is_received=True,
    ),
    "res": Channel(
        "res",
        "The answer to each command, also sent to the response topic that an MQTT 5 command names.",
        None,
    ),
    "ack": Channel(
        "ack",
        "How far central has the events safely, retained.",
        "Learn what is safe with central",
        is_received=True,
        is_retained=True,
    ),
    "snap": Channel(
        "snap/{id}",
        "A snapshot: where it stands, its rows in chunks, the digest of these.",
        "Send a snapshot",
    ),
}


def document() -> Json:
    """Make the document; it refers to nothing outside itself."""
    references, schemas = components(list(MODELS.values()), "#/components/schemas/{model}")
    return {
        "asyncapi": "3.0.0",
        "id": IDENTITY,
        "info": {
            "title": "Crossdock node",
            "version": str(CONTRACT),
            "description": TOLD,
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "servers": {"broker": _broker()},
        "channels": {topic: _channel(topic) for topic in CHANNELS},
        "operations": {_name(topic): _operation(topic) for topic in CHANNELS if CHANNELS[topic].does},
        "components": {
            "parameters": PARAMETERS,
            "messages": {
                name: _message(topic, name, references) for topic in CHANNELS for name in messages_of(topic)
            },
            "schemas": schemas,
        },
    }


def messages_of(topic: str) -> list[str]:
    """The names of the messages that go to a topic: their types, or the topic where it has one message."""
    return list(DATA[topic]) if topic in DATA else [topic]


def _broker() -> Json:
    return {
        "host": "{host}:{port}",
        "protocol": "mqtt",
        "description": "The site's broker, as `[mqtt]` of the node's configuration has it, with TLS or without.",
        "variables": {
            "host": {"description": "`[mqtt] host`"},
            "port": {"description": "`[mqtt] port`", "default": "8883"},
        },
        "bindings": {
            "mqtt": {
                "clientId": "crossdock.{site}.{node}",
                "cleanSession": False,
                "lastWill": {
                    "topic": f"{ROOT}/state",
                    "qos": 1,
                    "retain": True,
                    "message": "The state with the status offline.",
                },
                **MQTT,
            }
        },
    }


def _channel(topic: str) -> Json:
    address = f"{ROOT}/{CHANNELS[topic].below}"
    return {
        "address": address,
        "description": CHANNELS[topic].told,
        "parameters": {
            name: {"$ref": f"#/components/parameters/{name}"}
            for name in PARAMETERS
            if f"{{{name}}}" in address
        },
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages_of(topic)},
    }


def _name(topic: str) -> str:
    return f"{_action(topic)}-{topic}"


def _action(topic: str) -> str:
    return "receive" if CHANNELS[topic].is_received else "send"


def _operation(topic: str) -> Json:
    channel = CHANNELS[topic]
    told: Json = {
        "action": _action(topic),
        "channel": {"$ref": f"#/channels/{topic}"},
        "summary": channel.does,
        "bindings": {"mqtt": {"qos": 1, "retain": channel.is_retained, **MQTT}},
    }
    if topic == "cmd":
        told["reply"] = {"channel": {"$ref": "#/channels/res"}}
    return told


def _message(topic: str, name: str, references: Mapping[type[BaseModel], Json]) -> Json:
    payload = references[MODELS[name]]
    if topic in ENVELOPES:
        its_own = {"type": "object", "properties": {"type": {"const": PREFIX + name}, "data": payload}}
        payload = {"allOf": [references[ENVELOPES[topic]], its_own]}
    told: Json = {"name": PREFIX + name if topic in ENVELOPES else name, "payload": payload}
    if topic in ("cmd", "res"):
        told["correlationId"] = {
            "description": "The answer has the `id` and the `source` of its command.",
            "location": "$message.payload#/id",
        }
    if shown := examples(name):
        told["examples"] = [{"name": key, "payload": example} for key, example in shown.items()]
    return told
