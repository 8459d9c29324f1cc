"""From bytes to a fact: what came on `cmd` can be asked of the engine, or is refused with a reason.

Nothing that somebody sends makes this raise, and whoever can be answered is. What the fields of a command may
be is `messages`'; the one place that words pydantic's errors in the contract's own terms is here.
"""

import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from edge.domain.requests import RefusedEntry, Request
from edge.facts import CommandReceived, CommandRefused, ReplyTo
from sync.fields import MAX_BYTES, Must, time_ms
from sync.messages import COMMANDS, ListCommand, Unfit

MAX_READ_BYTES = 1024 * 1024
"""Up to here a message that is too large is read for its id, so that it can be answered."""
MAX_DEPTH = 64
"""Arrays and objects within each other."""
MAX_DIGITS = 400
"""Of one number. More is nobody's quantity, and costs its square to read."""
MAX_ID = 256
"""Characters of an id or a source."""
MAX_CMDSEQ = 2**53 - 1
"""The largest whole number that every reader of JSON knows."""
PREFIX = "crossdock."

Refusal = Literal[
    "bad_json",
    "bad_envelope",
    "unknown_type",
    "unknown_field",
    "missing_field",
    "bad_value",
    "too_large",
]


_Checked = TypeVar("_Checked", bound=BaseModel)


class _Refused(Exception):  # noqa: N818 - a finding, turned into a fact below
    def __init__(self, code: Refusal, text: str, at: str | None = None) -> None:
        super().__init__(text)
        self.code, self.text, self.at = code, text, at


def read_command(
    payload: bytes, reply_to: ReplyTo | None = None, *, size: int | None = None
) -> CommandReceived | CommandRefused:
    """Read one message of `cmd`: at most 100 KiB of strict UTF-8 and JSON, as a CloudEvent.

    `size` is how many bytes came, where `payload` is only their beginning.

    The digest is SHA-256 over the canonical JSON of type and data, or over the payload where they cannot be
    read.
    """
    document: Any = None
    digest = ""
    try:
        document, problem = parse_json(payload, size)
        if problem is not None:
            raise problem
        name, data = _envelope(document)
        digest = _digest(name, data)
        return CommandReceived(
            source=document["source"],
            id=document["id"],
            type=name,
            digest=digest,
            request=_request(name, data),
            reply_to=reply_to,
            cmdseq=_cmdseq(document),
            head=head_of(payload),
            size=len(payload),
        )
    except _Refused as refused:
        return CommandRefused(
            source=_text(document, "source"),
            id=_text(document, "id"),
            digest=digest or hashlib.sha256(payload).hexdigest(),
            code=refused.code,
            text=refused.text,
            at=refused.at,
            head=head_of(payload),
            reply_to=reply_to,
            cmdseq=_cmdseq(document),
            size=size or len(payload),
        )


def read_retained(
    payload: bytes, reply_to: ReplyTo | None = None, *, size: int | None = None
) -> CommandRefused:
    """Read a command that was left on the topic: it is refused whatever it asks, since nobody knows how old it is."""
    document, _ = parse_json(payload, size)
    return CommandRefused(
        source=_text(document, "source"),
        id=_text(document, "id"),
        digest=hashlib.sha256(payload).hexdigest(),
        code="bad_envelope",
        text="A command must not be retained: publish it anew without retain, and clear the topic",
        at=None,
        head=head_of(payload),
        reply_to=reply_to,
        size=size or len(payload),
        is_retained=True,
    )


def head_of(payload: bytes) -> str:
    """The first characters, for people; what is no UTF-8 is made visible."""
    return payload[:200].decode("utf-8", "backslashreplace")


def _cmdseq(document: Any) -> int | None:
    """The number of a command where it can be read."""
    value = document.get("cmdseq") if isinstance(document, dict) else None
    return value if type(value) is int and 1 <= value <= MAX_CMDSEQ else None


def canonical(value: Any) -> str:
    """Write JSON so that equal values are equal texts: keys sorted, nothing between.

    >>> canonical({"b": 1, "a": [None, "ü"]})
    '{"a":[null,"ü"],"b":1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _digest(name: str, data: Any) -> str:
    return hashlib.sha256(canonical({"type": name, "data": data}).encode()).hexdigest()


def parse_json(payload: bytes, size: int | None = None) -> tuple[Any, _Refused | None]:
    """The document as far as it can be read, for its id, and why it is refused all the same, if it is.

    `size` is how many bytes came, where `payload` is only their beginning.
    """
    if len(payload) > MAX_READ_BYTES:
        return None, _too_large(size or len(payload))
    if payload.count(b"{") + payload.count(b"[") > MAX_DEPTH and _depth(payload) > MAX_DEPTH:
        return None, _Refused("bad_json", f"Expected values at most {MAX_DEPTH} levels deep, got more.")
    problems: list[str] = []

    def constant(text: str) -> None:
        problems.append(f"{text} is no JSON number.")

    def integer(text: str) -> int | None:
        if len(text) > MAX_DIGITS:
            problems.append(f"Expected a number of at most {MAX_DIGITS} digits, got {len(text)}.")
            return None
        return int(text)

    def real(text: str) -> float:
        value = float(text)
        if math.isinf(value):
            problems.append(f"{text[:40]} is beyond what a number can be.")
        return value

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) < len(items):
            counts = Counter(key for key, _ in items)
            twice = next(key for key, count in counts.items() if count > 1)
            problems.append(f"The key {shown(twice)} stands twice in one object.")
        return found

    try:
        document = json.loads(
            payload.decode("utf-8"),
            parse_constant=constant,
            parse_int=integer,
            parse_float=real,
            object_pairs_hook=pairs,
        )
    except UnicodeDecodeError as error:
        return None, _Refused("bad_json", f"Expected UTF-8, got the byte 0x{payload[error.start]:02x}.")
    except ValueError as error:
        return None, _Refused("bad_json", f"Expected a JSON object: {error}.")
    except RecursionError:
        return None, _Refused("bad_json", f"Expected values at most {MAX_DEPTH} levels deep, got more.")
    if len(payload) > MAX_BYTES:
        return document, _too_large(len(payload))
    if not problems and re.search(rb"\\u[dD][89a-fA-F]", payload) and not _encodable(document):
        problems.append("A \\u escape names half a character (a lone surrogate).")
    return document, _Refused("bad_json", problems[0]) if problems else None


def _too_large(size: int) -> _Refused:
    return _Refused("too_large", f"A message has at most {MAX_BYTES} bytes, got {size}: send it in parts.")


def _depth(payload: bytes) -> int:
    """How deep it goes at most; brackets within texts are passed over."""
    depth = deepest = 0
    for bracket in re.sub(rb'"(?:[^"\\]|\\.)*+"', b"", payload, flags=re.DOTALL):
        if bracket in b"{[":
            depth += 1
            deepest = max(deepest, depth)
        elif bracket in b"}]":
            depth -= 1
    return deepest


def _encodable(document: Any) -> bool:
    try:
        canonical(document).encode()
    except UnicodeEncodeError:
        return False
    return True


_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def _text(document: Any, name: str) -> str:
    """The id or source where it can be read, else nothing."""
    value = document.get(name) if isinstance(document, dict) else None
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_ID or _UNPRINTABLE.search(value):
        return ""
    return value


def _envelope(document: Any) -> tuple[str, Any]:
    """The command's type and data. Attributes of CloudEvents that we do not know are passed over."""
    if not isinstance(document, dict):
        raise _Refused("bad_envelope", f"A command must be a JSON object, got {shown(document)}")
    for name in ("specversion", "id", "source", "type", "data"):
        if name not in document:
            raise _Refused(
                "bad_envelope", f"{name} is missing: a command has specversion, id, source, type, data", name
            )
    if document["specversion"] != "1.0":
        _bad("specversion", '"1.0"', document)
    for name in ("id", "source"):
        if not _text(document, name):
            _bad(name, f"text of 1 to {MAX_ID} characters without control characters", document)
    if not isinstance(document["type"], str):
        _bad("type", 'text such as "crossdock.order.place"', document)
    if not isinstance(document["data"], dict):
        _bad("data", "an object", document)
    _check_optional(document)
    for name in document:
        # CloudEvents 1.0.2 section 3.1: extensions are named in lower-case letters and digits.
        if not re.fullmatch(r"[a-z0-9]+", name):
            raise _Refused("unknown_field", f"{named(name)} is no attribute of a command", named(name))
    name = document["type"].removeprefix(PREFIX)
    if name not in COMMANDS or name == document["type"]:
        known = ", ".join(PREFIX + known for known in COMMANDS)
        raise _Refused("unknown_type", f"type must be one of {known}, got {shown(document['type'])}", "type")
    return name, document["data"]


def _check_optional(document: dict[str, Any]) -> None:
    time, content, cmdseq = (document.get(name) for name in ("time", "datacontenttype", "cmdseq"))
    if time is not None:
        try:
            time_ms(time)
        except ValueError:
            _bad("time", "a time with an offset as in 2026-11-20T08:00:00Z", document)
    if content is not None and not (
        isinstance(content, str) and re.fullmatch(r"[a-z]+/([\w.-]+\+)?json *(;.*)?", content, re.IGNORECASE)
    ):
        _bad("datacontenttype", '"application/json"', document)
    if cmdseq is not None and _cmdseq(document) is None:
        _bad("cmdseq", "a whole number, 1 or more", document)


def _bad(name: str, words: str, document: dict[str, Any]) -> None:
    raise _Refused("bad_envelope", f"{name} must be {words}, got {shown(document[name])}", name)


def _request(name: str, data: dict[str, Any]) -> Request:
    model = COMMANDS[name]
    try:
        command = model.model_validate(data)
        if not isinstance(command, ListCommand):
            return command.request(canonical(data))
    except ValidationError as error:
        raise _first(error, model, data) from None
    except Unfit as unfit:
        raise _Refused(
            "missing_field" if unfit.code == "missing_field" else "bad_value", unfit.text, unfit.at
        ) from None
    good: list[tuple[str, Any]] = []
    refused: list[RefusedEntry] = []
    for i, entry in enumerate(getattr(command, command.LIST)):
        at = f"{command.LIST}[{i}]"
        try:
            good.append((at, command.ENTRY.model_validate(entry)))
        except ValidationError as error:
            first = _first(error, command.ENTRY, entry, at)
            refused.append(RefusedEntry(first.at or at, first.code, first.text))
    return command.list_request(good, refused)


def checked(model: type[_Checked], data: dict[str, Any]) -> _Checked:
    """Read what is no command of central's by the same rules. Raises ValueError, a sentence."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ValueError(f"{_first(error, model, data).text}.") from None


def _first(error: ValidationError, model: type[BaseModel], data: Any, root: str = "") -> _Refused:
    """The error that stands first in the document, in our words. What is missing stands at the end."""

    order: dict[int, dict[str, int]] = {}  # of the keys of each object met, by its id()

    def place(found: Any) -> list[int]:
        where, value = [], data
        for step in found["loc"]:
            if isinstance(value, dict):
                keys = order.get(id(value)) or {key: i for i, key in enumerate(value)}
                order[id(value)] = keys
                where.append(keys.get(step, len(keys)))
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int):
                where.append(step)
                value = value[step]
        return where

    found = min(error.errors(include_url=False), key=place)
    loc, value = found["loc"], found["input"]
    at = root
    for step in loc:
        at += f"[{step}]" if isinstance(step, int) else f".{named(step)}" if at else named(step)
    name = at.rpartition(".")[2]
    match found["type"]:
        case Must.TYPE:
            return _Refused("bad_value", f"{name} must be {found['msg']}, got {shown(value)}", at)
        case "missing":
            fields = ", ".join(_required(model, loc[:-1]))
            return _Refused("missing_field", f"{name} is missing: required are {fields}", at)
        case "extra_forbidden":
            fields = ", ".join(_fields(model, loc[:-1]))
            return _Refused("unknown_field", f"{name} is not known here: known are {fields}", at)
        case "too_short":
            return _Refused("bad_value", f"{name} must have at least one entry, got none", at)
        case "too_long":
            most = found["ctx"]["max_length"]
            return _Refused("too_large", f"{name} must have at most {most} entries, got {len(value)}", at)
        case "list_type":
            return _Refused("bad_value", f"{name} must be a list, got {shown(value)}", at)
    return _Refused("bad_value", f"{name or 'data'} must be an object, got {shown(value)}", at)


def _model_at(model: type[BaseModel], loc: Sequence[int | str]) -> type[BaseModel]:
    """The model of the object at that place of a document."""
    for step in loc:
        if isinstance(step, str):
            model = _model_in(model.model_fields[step].annotation) or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)


def _fields(model: type[BaseModel], loc: Sequence[int | str]) -> list[str]:
    return list(_model_at(model, loc).model_fields)


def _required(model: type[BaseModel], loc: Sequence[int | str]) -> list[str]:
    return [name for name, field in _model_at(model, loc).model_fields.items() if field.is_required()]


def named(key: str) -> str:
    """A key as it may stand in a sentence: cut, and its control characters visible."""
    text = key if re.fullmatch(r"[\x20-\x7e]*", key) else shown(key)[1:-1]
    return text if len(text) <= 64 else text[:61] + "..."


def shown(value: Any) -> str:
    """A value as JSON for a sentence, in ASCII and cut.

    >>> shown("3"), shown(3.0), shown(True), shown("x" * 80)
    ('"3"', '3.0', 'true', '"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...')
    """
    text = json.dumps(value if not isinstance(value, str) else value[:80])
    return text if len(text) <= 64 else text[:61] + "..."
