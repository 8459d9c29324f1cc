"""A morning at two stations, the contract's own worked example: tests/cases/morning.jsonl, whole."""

import json
from pathlib import Path
from typing import Any

from tests.integration.blackbox.audit import positions
from tests.integration.blackbox.central import Central
from tests.integration.blackbox.conftest import StartNode

CASE = Path(__file__).parents[2] / "cases" / "morning.jsonl"

GUN = {"dock-1": "gun-1", "aisle-1": "gun-2"}


def test_the_morning_goes_as_the_contract_says(start_node: StartNode, central: Central) -> None:
    node = start_node(taught=False)
    steps: list[dict[str, Any]] = [json.loads(line) for line in CASE.read_text(encoding="utf-8").splitlines()]

    for step in steps:
        match step:
            case {"command": kind, "data": data, "ok": ok}:
                assert central.answer(central.send(kind, data))["ok"] is ok, step
            case {"scan": code, "station": station, "answer": answer}:
                verdict = node.scan(GUN[station], code)
                assert {"attention": "accept"}.get(verdict, verdict) == answer, (step, verdict)
            case {"expect": expected}:
                central.expect(*((event["type"], event["data"]) for event in expected))
            case {"level": sku, **values}:
                central.level(sku, **values)
            case {"note": _}:
                pass
            case _:
                raise AssertionError(f"The case has a step that nobody plays: {step}")

    # A refused scan is told in its turn: nothing else came after the last expected event.
    assert node.scan("gun-2", "#end") == "reject"
    central.expect(("scan.rejected", {"code": "#end"}))
    for sku, total in positions(central.events()).items():
        central.level(sku, on_hand=total["on_hand"], missing=total["missing"])
