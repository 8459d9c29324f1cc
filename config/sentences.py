"""Pydantic's findings in our own words: what is wrong with a value of the file, and what would be right."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from config.settings import Mqtt, Settings
from config.words import either, nearest, shown

PATTERNS: Mapping[str, str] = {
    r"^[A-Za-z0-9_-]{1,64}$": "1 to 64 letters, digits, - and _",
    r"^[\x20-\x7e]{1,64}$": "1 to 64 printable ASCII characters",
    r"^[A-Za-z0-9._-]{1,64}$": "1 to 64 letters, digits, dots, - and _",
}

_SPEED = 'write the speed into the device, such as "serial:///dev/ttyUSB0?baud=9600".'
_APART = "write it into a file that only the daemon's user can read, and name that file in password_file."

OTHER_WORDS: Mapping[str, tuple[str, str]] = {
    "baud": ("device", _SPEED),
    "baudrate": ("device", _SPEED),
    "broker": ("host", 'did you mean "host"?'),
    "name": ("id", 'did you mean "id"?'),
    "password": ("password_file", _APART),
    "tz": ("timezone", 'did you mean "timezone"?'),
    "url": ("device", 'did you mean "device"?'),
    "user": ("username", 'did you mean "username"?'),
}
"""What people write for a key of ours, that key, and what they are told in the table that has it."""


def sentence(error: ErrorDetails) -> str:
    """Say what is wrong; what would be right. The key stands in front of it already."""
    path, value = error["loc"], error["input"]
    context = error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            return _unknown_key(path)
        case "missing":
            return _missing_key(path)
        case "value_error":
            return str(context["error"])
        case "literal_error":
            return _choice(path, value)
        case "string_pattern_mismatch":
            return f"expected {PATTERNS[context['pattern']]}, got {shown(value)}."
        case "string_too_short":
            return "expected at least one character, got none; to have the default, leave it out."
        case "string_too_long":
            return f"expected at most {context['max_length']} characters, got {len(value)}."
        case "string_type":
            return f"expected a text in quotes, got {shown(value)}."
        case "path_type" | "is_instance_of":
            return f"expected a path in quotes, got {shown(value)}."
        case "bool_type":
            return _switch(value)
        case "int_type" | "float_type" | "greater_than_equal" | "less_than_equal":
            return _number(path, value)
        case "tuple_type" | "model_type":
            return _table(path, value)
    # A kind that no field of ours has today: better in the library's words than not told.
    return f"{error['msg']}, got {shown(value)}."


def _unknown_key(path: Sequence[int | str]) -> str:
    table, name = _table_at(path[:-1]), str(path[-1])
    known = list(table.model_fields)
    ours, remedy = OTHER_WORDS.get(name, ("", ""))
    if ours in known:
        return f"unknown key; {remedy}"
    if near := nearest(name, known):
        return f'unknown key; did you mean "{near}"?'
    if name in Settings.model_fields and table is not Settings:
        # In TOML a key belongs to the last [table] above it, however it is indented.
        return "unknown key here; move it to the top of the file, above the first [table]."
    if name in Mqtt.model_fields and table is Settings:
        return "unknown key here; it belongs below [mqtt]."
    return f"unknown key; expected one of {', '.join(known)}."


def _missing_key(path: Sequence[int | str]) -> str:
    example = (_field_at(path).examples or ["..."])[0]
    return f"missing; add it, such as {path[-1]} = {shown(example)}."


def _choice(path: Sequence[int | str], value: object) -> str:
    choice = [str(name) for name in choices(_field_at(path).annotation)]
    if all(name.isdigit() for name in choice) and len(choice) > 1:
        return f"expected {', '.join(choice[:-1])} or {choice[-1]}, got {_unquoted(value)}."
    if isinstance(value, str) and len(choice) > 1 and (near := nearest(value, choice)):
        return f'expected {either(choice)}, got {shown(value)}; did you mean "{near}"?'
    return f"expected {either(choice)}, got {shown(value)}."


def _switch(value: object) -> str:
    got = "a text; take the quotes off" if value in ("true", "false") else shown(value)
    return f"expected true or false, got {got}."


def _number(path: Sequence[int | str], value: object) -> str:
    field = _field_at(path)
    bounds = field.metadata
    low = next((bound.ge for bound in bounds if hasattr(bound, "ge")), None)
    high = next((bound.le for bound in bounds if hasattr(bound, "le")), None)
    kind = "number" if float in (field.annotation, *get_args(field.annotation)) else "whole number"
    # Of some the bounds hang on another key (`config.printing`).
    within = "" if low is None else f" from {low} to {high}"
    return f"expected a {kind}{within}, got {_unquoted(value)}."


def _unquoted(value: object) -> str:
    is_number = isinstance(value, str) and value.isascii() and value.isdigit()
    return "a text; take the quotes off" if is_number else shown(value)


def _table(path: Sequence[int | str], value: object) -> str:
    name, got = path[-1], shown(value)
    if isinstance(name, int) or len(path) > 1:
        kind = "a list" if name == "order_by" else "a table such as { key = value }"
        return f"expected {kind}, got {got}."
    if _is_list(_field_at(path).annotation):
        return f"expected tables, each under [[{name}]] with two brackets, got {got}."
    return f"expected one table, under [{name}] with single brackets, got {got}."


def _table_at(path: Sequence[int | str]) -> type[BaseModel]:
    """Find the model that describes the table at a path of the file."""
    table: type[BaseModel] = Settings
    for name in path:
        if isinstance(name, str):
            inner = _model_in(table.model_fields[name].annotation)
            assert inner is not None, path
            table = inner
    return table


def _field_at(path: Sequence[int | str]) -> FieldInfo:
    """Find the field that describes the key at a path, or the list that an element at a path stands in."""
    names = [name for name in path if isinstance(name, str)]
    return _table_at(names[:-1]).model_fields[names[-1]]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Find the table within `Table | None` and `tuple[Table, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)


def choices(annotation: Any) -> tuple[Any, ...]:
    """Find the choice within `Literal[...]`, `Literal[...] | None` and `tuple[Literal[...], ...]`."""
    parts = get_args(annotation)
    return choices(parts[0]) if parts and not isinstance(parts[0], str | int) else parts


def _is_list(annotation: Any) -> bool:
    return Ellipsis in get_args(annotation)
