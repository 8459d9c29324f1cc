"""What central says on `ack`: that it has all events of an epoch to a seq. Whether that can be is the engine's."""

import hashlib
from typing import Annotated

from pydantic import ConfigDict, Field

from edge.facts import CommandRefused, EventsConfirmed
from sync.command_base import Model
from sync.fields import Must, Name, Seq
from sync.reading import checked, head_of, parse_json, shown


class Ack(Model):
    """One message of `ack`; what else stands in it is passed over."""

    model_config = ConfigDict(extra="ignore")

    epoch: Name
    seq: Seq
    hash: (
        Annotated[str, Field(pattern=r"^[0-9a-f]{64}$"), Must("64 digits of lower-case hexadecimal")] | None
    ) = None


def read_ack(payload: bytes, size: int) -> EventsConfirmed | CommandRefused | None:
    """Read one message of `ack`, whose `payload` may be only the beginning of its `size`; None if it says nothing.

    An empty message clears what was retained.
    """
    if not payload:
        return None
    document, problem = parse_json(payload, size)
    if problem is not None:
        return _refused(payload, size, problem.code, problem.text)
    if not isinstance(document, dict):
        return _refused(payload, size, "bad_envelope", f"An ack must be a JSON object, got {shown(document)}")
    try:
        ack = checked(Ack, document)
    except ValueError as error:
        return _refused(payload, size, "bad_value", str(error))
    return EventsConfirmed(ack.epoch, ack.seq, ack.hash)


def _refused(payload: bytes, size: int, code: str, text: str) -> CommandRefused:
    digest = hashlib.sha256(payload).hexdigest()
    return CommandRefused("", "", digest, code, text, None, head_of(payload), topic="ack", size=size)
