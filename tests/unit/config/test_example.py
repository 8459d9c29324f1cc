"""The example is what a technician starts from: it has every option, and all of it is valid."""

import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

import config
from config.load import load
from config.sentences import choices
from config.settings import Settings

EXAMPLE = Path(config.__file__).with_name("example.toml")


def with_all_options(folder: Path) -> Path:
    """The example with the options switched on that stand behind a single # (its own first lines say how)."""
    path = folder / "crossdock.toml"
    path.write_text(re.sub(r"^#(?=\w+ = )", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE))
    (folder / "labels").mkdir()
    (folder / "fonts").mkdir()
    (folder / "fonts" / "company.ttf").touch()
    return path


def options_left_out(tables: Sequence[BaseModel], name: str = "") -> Iterator[str]:
    """Name the options that none of some tables of one kind gives, nor of those within them."""
    for key in type(tables[0]).model_fields:
        given = [getattr(table, key) for table in tables if key in table.model_fields_set]
        if not given:
            yield f"{name}{key}"
        inner = [one for value in given for one in (value if isinstance(value, tuple) else (value,))]
        if inner and isinstance(inner[0], BaseModel):
            yield from options_left_out(inner, f"{name}{key}.")


def test_the_example_loads() -> None:
    assert load(EXAMPLE).site == "par1"


def test_the_example_has_every_option(tmp_path: Path) -> None:
    settings = load(with_all_options(tmp_path))

    assert list(options_left_out([settings])) == []


def test_the_patterns_shown_are_the_defaults() -> None:
    codes = load(EXAMPLE).codes

    assert codes == type(codes)()


@pytest.mark.parametrize("key", ["language", "status", "tracking", "after", "mode"])
def test_the_example_names_every_choice(key: str) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    lines = text.splitlines()
    n = next(n for n, line in enumerate(lines) if line.startswith(f"{key} = "))
    # Behind the key, or in the comment above it.
    comment = itertools.takewhile(lambda line: line.startswith("# "), reversed(lines[:n]))
    line = " ".join([lines[n], *comment])
    tables = [get_args(Settings.model_fields[name].annotation)[0] for name in ("printers", "stations")]
    (field,) = [table.model_fields[key] for table in tables if key in table.model_fields]

    assert [choice for choice in choices(field.annotation) if f'"{choice}"' not in line] == []
