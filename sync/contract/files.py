"""The contract's files in a folder: made, written, and held against those that are there."""

import json
from pathlib import Path

from edge.errors import EdgeError
from sync.contract.asyncapi import IDENTITY, document
from sync.contract.examples import examples
from sync.contract.schemas import MODELS, schema

ASYNCAPI = Path("asyncapi.json")


def files() -> dict[Path, str]:
    """Make every file: its text by its path within the folder."""
    made = {ASYNCAPI: text_of(document())}
    for name in MODELS:
        made[Path("schemas", f"{name}.json")] = text_of(schema(name))
        for key, example in examples(name).items():
            made[Path("examples", f"{key}.json")] = text_of(example)
    return made


def text_of(value: object) -> str:
    """JSON as it is kept: for people, and so that a change shows as the lines it changes."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def write(folder: Path) -> list[Path]:
    """Write every file and return their paths. Raises EdgeError where the folder is somebody else's."""
    if folder.exists() and not _is_ours(folder):
        raise EdgeError(
            f"{folder} is there already and holds no contract of ours: nothing was written.",
            hint="Name a new folder with -o.",
        )
    made = files()
    try:
        for path, text in made.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise EdgeError(
            f"{error.filename} cannot be written: {error.strerror}.",
            hint="See that its folder may be written by this user and has room.",
        ) from error
    return [folder / path for path in made]


def stale(folder: Path) -> list[str]:
    """Tell each file that is not as it would be made now, in the order of their names; empty when all are."""
    made = files()
    told = {path: "is missing" for path in made if not (folder / path).is_file()}
    for path, text in made.items():
        if path not in told and (folder / path).read_text(encoding="utf-8", errors="replace") != text:
            told[path] = "is stale"
    for part in ("schemas", "examples"):
        for found in (folder / part).glob("*"):
            if found.relative_to(folder) not in made:
                told[found.relative_to(folder)] = "is none of the contract's"
    return [f"{folder / path} {words}" for path, words in sorted(told.items())]


def _is_ours(folder: Path) -> bool:
    """An empty folder, or one that an earlier contract was written to."""
    try:
        if not any(folder.iterdir()):
            return True
        kept = json.loads((folder / ASYNCAPI).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(kept, dict) and kept.get("id") == IDENTITY
