"""Asks `crossdock codes` and takes its answer apart."""

import json
from pathlib import Path
from typing import Any

import pytest

from edge.cli import main

GTIN = "07612345001012"
SSCC = "376123450000000429"


def told(
    capsys: pytest.CaptureFixture[str], config: Path, *codes: str, code: int = 0
) -> list[dict[str, Any]]:
    assert main(["codes", "-c", str(config), "--json", "--", *codes]) == code
    out, err = capsys.readouterr()
    assert err == ""
    found: list[dict[str, Any]] = json.loads(out)
    return found


def one(capsys: pytest.CaptureFixture[str], config: Path, text: str, code: int = 0) -> dict[str, Any]:
    (found,) = told(capsys, config, text, code=code)
    return found


def said(capsys: pytest.CaptureFixture[str], config: Path, *arguments: str, code: int = 0) -> str:
    assert main(["codes", "-c", str(config), *arguments]) == code
    out, err = capsys.readouterr()
    assert err == ""
    return out
