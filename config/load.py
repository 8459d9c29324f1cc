"""Reads a site's TOML file: into Settings, or into all of its errors at once, each with key and remedy."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config.bounded import read_bounded
from config.references import Place, findings, key
from config.sentences import sentence
from config.settings import Settings

MAX_BYTES = 1024 * 1024
"""A configuration is at most 1 MiB: a thousand stations fit into a tenth of it."""

_TOML_HINTS = (
    ("Unescaped '\\'", r"write \\ for a backslash, or put the text in single quotes"),
    ("Invalid value", "put texts in double quotes"),
    ("Cannot overwrite", "a key or table is there twice: keep one"),
    ("twice", "put all keys of the table under one heading"),
    ("Illegal character", "close the text's quotes on the same line"),
)
"""What helps for the parser's commonest words; the words are CPython's (Lib/tomllib/_parser.py)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One error of a configuration. `key` says where, and is empty when it is about the whole file."""

    file: Path
    key: str
    text: str

    def __str__(self) -> str:
        return ": ".join(part for part in (str(self.file), self.key, self.text) if part)


class ConfigError(ValueError):
    """A configuration that cannot be used: each problem is a line for the person who writes it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def load(path: Path) -> Settings:
    """Read and check a configuration; raises ConfigError with every problem, in the order of the file.

    Relative paths in it become relative to the file. Files it names are not opened.
    """
    data = _parse(path, _read(path))
    folder = path.absolute().parent
    found: list[tuple[Place, str]] = []
    settings: Settings | None = None
    try:
        settings = Settings.model_validate(_with_tuples(data), context={"folder": folder})
    except ValidationError as error:
        found += [(one["loc"], sentence(one)) for one in error.errors(include_url=False)]
    found += findings(data, folder=folder)
    found.sort(key=lambda finding: _position(data, finding[0]))
    if found or settings is None:
        raise ConfigError(tuple(Problem(path, key(place), text) for place, text in found))
    return settings


def _read(path: Path) -> str:
    try:
        raw = read_bounded(path, MAX_BYTES)
    except FileNotFoundError:
        raise _about_file(path, "there is no such file; name the configuration with -c FILE.") from None
    except IsADirectoryError:
        raise _about_file(path, "this is a folder; name the file in it with -c FILE.") from None
    except PermissionError:
        raise _about_file(
            path, "may not be read by this user; give it the right to, or run as another."
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a path that no file can have
        raise _about_file(
            path, f"cannot be read ({error}); mend the disk or name another with -c FILE."
        ) from error
    if raw is None:
        raise _about_file(path, f"is longer than {MAX_BYTES} bytes; is this the right file?")
    try:
        return raw.decode("utf-8-sig")  # editors on Windows put a byte order mark in front
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        text = f"the byte 0x{raw[error.start]:02x} is no UTF-8; save the file as UTF-8."
        raise ConfigError((Problem(path, f"line {line}", text),)) from None


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise _about_file(path, "lists or tables are nested too deep; no option needs that.") from None
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        if at := re.search(r" \(at line (\d+), column (\d+)\)$", said):
            where = f"line {at[1]}, column {at[2]}"
        elif said.endswith("(at end of document)"):
            where = f"line {text.count(chr(10)) + 1}"
        else:
            where = ""
        what = said.partition(" (at ")[0]
        hint = next((hint for words, hint in _TOML_HINTS if words in what), "mend this line")
        problem = Problem(path, where, f"this is no TOML ({what}); {hint}.")
        raise ConfigError((problem,)) from None
    except ValueError:  # CPython's answer to a number of 5,000 digits, for which tomllib has no error
        raise _about_file(path, "a number in it has thousands of digits; no option needs that.") from None


def _about_file(path: Path, text: str) -> ConfigError:
    return ConfigError((Problem(path, "", text),))


def _with_tuples(value: Any) -> Any:
    """Turn lists into tuples, as frozen settings hold them."""
    if isinstance(value, dict):
        return {name: _with_tuples(inner) for name, inner in value.items()}
    return tuple(_with_tuples(inner) for inner in value) if isinstance(value, list) else value


def _position(data: Any, place: Place) -> tuple[int, ...]:
    """Tell where a key stands among its neighbours, level by level; one that is missing comes first."""
    position: list[int] = []
    for part in place:
        if isinstance(data, dict) and part in data:
            position.append(list(data).index(part))
            data = data[part]
        elif isinstance(data, list) and isinstance(part, int):
            position.append(part)
            data = data[part]
        else:
            position.append(-1)
            break
    return tuple(position)
