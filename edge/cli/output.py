"""Files that a command makes where its user says."""

from pathlib import Path

from edge.errors import EdgeError


def refuse_to_overwrite(file: Path, *, may_replace: bool) -> None:
    """Before any work: raise EdgeError unless the file may be written."""
    if file.is_dir():
        raise EdgeError(f"{file} is a folder.", hint="Name the file in it with -o.")
    if file.exists() and not may_replace:
        raise EdgeError(
            f"{file} is there already and is not overwritten.", hint="Name another with -o, or add --force."
        )
