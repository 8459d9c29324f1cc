"""What every command is made of; the commands themselves stand beside it, by what they are about."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from edge.domain.requests import RefusedEntry, Request

MAX_ENTRIES = 500
"""Entries of a list command (contract section 6)."""


class Unfit(ValueError):  # noqa: N818 - a finding about data, given back as a refusal
    """Values that are each right and do not go together; `at` is where, `text` a whole sentence."""

    def __init__(self, at: str, text: str, code: str = "bad_value") -> None:
        super().__init__(text)
        self.at, self.text, self.code = at, text, code


class Model(BaseModel):
    """An object of a command. An optional field that is null counts as left out."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    def given(self) -> frozenset[str]:
        """Name the fields that were sent and are not null."""
        return frozenset(name for name in self.model_fields_set if getattr(self, name) is not None)


class Command(Model):
    """The data of a command."""

    def request(self, content: str) -> Request:
        """Say what is asked; `content` is the data as canonical JSON. Raises Unfit."""
        raise NotImplementedError


class ListCommand(Model):
    """A command whose entries are read one by one: the good ones are applied, the others named."""

    LIST: ClassVar[str]
    ENTRY: ClassVar[type[Model]]

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Say what an entry is: a list whose entries are all right is what a sender wants to send."""
        told = handler.resolve_ref_schema(handler(schema))
        told["properties"][cls.LIST]["items"] = handler(cls.ENTRY.__pydantic_core_schema__)
        return told

    def list_request(self, good: list[tuple[str, Any]], refused: list[RefusedEntry]) -> Request:
        """Say what is asked, given the entries that are right, each with its `at`; may add to `refused`."""
        raise NotImplementedError


def given(name: str) -> JsonSchemaValue:
    """The schema of an object that has this field, and not null."""
    return {"required": [name], "properties": {name: {"not": {"type": "null"}}}}


def some_given(*besides: str) -> Callable[[JsonSchemaValue], None]:
    """Say in a model's schema that a field is given beside these."""

    def tell(schema: JsonSchemaValue) -> None:
        schema["anyOf"] = [given(name) for name in schema["properties"] if name not in besides]

    return tell


def each_once(values: Sequence[object], at: str) -> None:
    """Refuse a value that stands twice; the number 1 and the text "1" are two."""
    seen = set()
    for i, value in enumerate(values):
        if value in seen:
            name = at.rpartition(".")[2].partition("[")[0]
            raise Unfit(at.format(i), f"{name} must not stand twice, got {value!r} again")
        seen.add(value)
