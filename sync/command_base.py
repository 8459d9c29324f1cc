"""What every command is made of; the commands themselves stand beside it, by what they are about."""

from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

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

    def list_request(self, good: list[tuple[str, Any]], refused: list[RefusedEntry]) -> Request:
        """Say what is asked, given the entries that are right, each with its `at`; may add to `refused`."""
        raise NotImplementedError


def each_once(values: Sequence[object], at: str) -> None:
    """Refuse a value that stands twice; the number 1 and the text "1" are two."""
    seen = set()
    for i, value in enumerate(values):
        if value in seen:
            name = at.rpartition(".")[2].partition("[")[0]
            raise Unfit(at.format(i), f"{name} must not stand twice, got {value!r} again")
        seen.add(value)
