"""The contract's files as an integrator uses them: the kept schemas under a validator that is not ours."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError, validators
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from edge.facts import CommandReceived, CommandRefused

CONTRACT = Path(__file__).parents[1] / "docs" / "contract"
ASYNCAPI = "urn:crossdock:contract"

# What no schema can tell, by the sentence that refuses it.
_BEYOND_SCHEMAS = re.compile(
    r"stand twice|stands twice|counted by an earlier line already"  # one value held against another
    r"|with the right check digit"
    r"|got -?[0-9]+\.0$"  # to a schema 3.0 is a whole number
    r"|A message has at most [0-9]+ bytes"
    r"|0001-01-01T00:00:00\+14:00"  # the year before the first
)


def _pattern(_validator: Any, pattern: str, instance: object, _schema: object) -> Iterator[ValidationError]:
    """As JSON Schema has it, by ECMA-262: there `$` is the end, in Python also a line feed before it."""
    if isinstance(instance, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


_Validator = validators.extend(Draft202012Validator, {"pattern": _pattern})


@cache
def kept(name: str) -> dict[str, Any]:
    """The schema of that name in docs/."""
    told: dict[str, Any] = json.loads((CONTRACT / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
    return told


@cache
def asyncapi() -> dict[str, Any]:
    """The AsyncAPI document in docs/."""
    told: dict[str, Any] = json.loads((CONTRACT / "asyncapi.json").read_text(encoding="utf-8"))
    return told


@cache
def _registry() -> Registry[Any]:
    schemas = [kept(path.stem) for path in sorted((CONTRACT / "schemas").glob("*.json"))]
    # Without their `$schema`, which would bring back the validator's own idea of a pattern.
    told = [{key: value for key, value in each.items() if key != "$schema"} for each in schemas]
    named = [*((each["$id"], each) for each in told), (ASYNCAPI, asyncapi())]
    return Registry[Any]().with_resources((id_, DRAFT202012.create_resource(each)) for id_, each in named)


@cache
def _validator(reference: str) -> Any:
    checker = Draft202012Validator.FORMAT_CHECKER
    return _Validator({"$ref": reference}, registry=_registry(), format_checker=checker)


def _faults(reference: str, document: object) -> list[str]:
    errors = _validator(reference).iter_errors(document)
    return [f"{error.json_path}: {error.message}" for error in errors]


def faults(name: str, document: object) -> list[str]:
    """What is wrong with a document by the schema of that name, each with its place."""
    return _faults(kept(name)["$id"], document)


def faults_in_asyncapi(message: str, payload: object) -> list[str]:
    """The same by what the AsyncAPI document says of a message of that name."""
    return _faults(f"{ASYNCAPI}#/components/messages/{message}/payload", payload)


def hold_against_schemas(payload: bytes, fact: CommandReceived | CommandRefused) -> None:
    """Fail where the schema of commands and what reading made of one differ, save in what no schema can tell."""
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError):
        return
    is_valid = _validator(kept("cmd")["$id"]).is_valid(document)
    if isinstance(fact, CommandReceived):
        refused = [entry.text for entry in getattr(fact.request, "refused", ())]
    else:
        refused = [fact.text]
    if any(not _BEYOND_SCHEMAS.search(text) for text in refused):
        assert not is_valid, f"Reading refuses {refused}, the schema takes it: {payload[:300]!r}"
    if not refused:
        assert is_valid, f"Reading takes it, the schema does not: {faults('cmd', document)}"
