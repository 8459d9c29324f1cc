"""Commands as central sends them, and what reading makes of them.

Each one that a test has read is held against the contract's schemas, too: both have to say the same of it.
"""

import json
from typing import Any

from edge.facts import CommandReceived, CommandRefused
from sync.reading import read_command
from tests.schemas import hold_against_schemas

LINE = {"line": 1, "sku": "PEN", "qty": 2}
ORDER = {"order": "SO-1", "lines": [LINE]}


def envelope(type: str = "order.place", data: Any = ORDER, **attributes: Any) -> dict[str, Any]:
    whole = {"specversion": "1.0", "id": "c-881", "source": "/erp", "type": f"crossdock.{type}", "data": data}
    return whole | attributes


def command(type: str = "order.place", data: Any = ORDER, **attributes: Any) -> bytes:
    return json.dumps(envelope(type, data, **attributes)).encode()


def received(payload: bytes) -> CommandReceived:
    fact = read_command(payload)
    assert isinstance(fact, CommandReceived), fact
    hold_against_schemas(payload, fact)
    return fact


def refused(payload: bytes) -> CommandRefused:
    fact = read_command(payload)
    assert isinstance(fact, CommandRefused), fact
    hold_against_schemas(payload, fact)
    return fact
