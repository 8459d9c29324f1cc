"""What a value on the wire must be, with the words that tell a sender so. Commands and events use them."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from edge.clock import from_rfc3339

MAX_BYTES = 100 * 1024
"""A message, either way (contract section 6)."""


class Must:
    """What a value must be, in the words of the refusal, `qty must be {words}, got -1`, and of the schemas."""

    TYPE = "must"

    def __init__(self, words: str) -> None:
        self._words = words

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.custom_error_schema(
            handler(source), custom_error_type=self.TYPE, custom_error_message=self._words
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "description": self._words}


_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def time_ms(value: object) -> int:
    """Read an RFC 3339 time with an offset into milliseconds UTC; anything else is a ValueError."""
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        raise ValueError(value)
    try:
        return from_rfc3339(value.upper())
    except OverflowError as error:  # year 1 east of Greenwich is year 0 in UTC
        raise ValueError(value) from error


def _date(value: str) -> str:
    date.fromisoformat(value)
    return value


def _sscc(value: str) -> str:
    # Weights 3 and 1 from the right, the check digit having 1 (GS1 General Specifications 7.9.1).
    if sum(int(digit) * (3 if i % 2 == 0 else 1) for i, digit in enumerate(value)) % 10:
        raise ValueError(value)
    return value


Name = Annotated[
    str, Field(pattern=r"^[\x20-\x7e]{1,64}$"), Must("printable ASCII text of 1 to 64 characters")
]
# Texts are shown and printed: no control characters, line separators or marks that turn the writing round.
_UNSHOWN = r"\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
Text = Annotated[
    str,
    Field(pattern=f"^[^{_UNSHOWN}]{{0,256}}$"),
    Must("text of at most 256 characters without control characters"),
]
Reason = Annotated[
    str,
    Field(pattern=rf"^[^{_UNSHOWN}]*[^\s{_UNSHOWN}][^{_UNSHOWN}]*$", max_length=256),
    Must("text of 1 to 256 characters, not blank, without control characters"),
]
Code = Annotated[
    str, Field(pattern=r"^[\x20-\x7e]{1,256}$"), Must("printable ASCII text of 1 to 256 characters")
]
Line = Annotated[
    Annotated[int, Field(ge=-(2**53) + 1, le=2**53 - 1)]
    | Annotated[str, Field(pattern=r"^[\x20-\x7e]{1,64}$")],
    Must("a whole number or printable ASCII text of 1 to 64 characters"),
]
Quantity = Annotated[int, Field(ge=1, le=1_000_000), Must("a whole number from 1 to 1000000")]
Amount = Annotated[int, Field(ge=0, le=1_000_000), Must("a whole number from 0 to 1000000")]
Change = Annotated[
    Annotated[int, Field(ge=-1_000_000, le=-1)] | Annotated[int, Field(ge=1, le=1_000_000)],
    Must("a whole number from -1000000 to 1000000, not 0"),
]
Days = Annotated[int, Field(ge=0, le=3650), Must("a whole number of days from 0 to 3650")]
Tier = Annotated[int, Field(ge=0, le=9), Must("a whole number from 0 to 9")]
Seq = Annotated[int, Field(ge=0, le=2**53 - 1), Must("a whole number, 0 or more")]
EventSeq = Annotated[int, Field(ge=1, le=2**53 - 1), Must("a whole number, 1 or more")]
"""The number of an event that there is: they count from 1."""
Flag = Annotated[bool, Must("true or false")]
Time = Annotated[
    int,
    PlainValidator(time_ms),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": f"^{_RFC3339.pattern}$"}),
    Must("a time with an offset as in 2026-11-20T08:00:00Z"),
]
Date = Annotated[
    str,
    Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", json_schema_extra={"format": "date"}),
    AfterValidator(_date),
    Must("a date as in 2027-03-01"),
]
SsccText = Annotated[
    str,
    Field(pattern=r"^[0-9]{18}$"),
    AfterValidator(_sscc),
    Must("18 digits with the right check digit, as a string"),
]
Fill = Annotated[Literal["partial", "line", "complete"], Must('"partial", "line" or "complete"')]
