"""The ledger's folder, and files that are there whole or not at all.

Those are written under another name, on disk, then given their own: a power cut leaves at most the other name, which
nobody opens.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.errors import LedgerError

MODE = 0o640
"""A ledger says who ordered what: it is for crossdock's user and group."""

_BESIDE = ("", "-wal", "-shm", "-journal")
"""What SQLite may have made with a database file."""


def make_folder(folder: Path) -> None:
    """Make the folder of the ledger, if it is not there. Raises LedgerError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError(
            f"The folder {folder} for the ledger cannot be made: {error.strerror}.",
            hint="Make it and give it to crossdock's user, or name another as data_dir.",
        ) from error


@contextmanager
def written_whole(target: Path, *, may_replace: bool = False) -> Iterator[Path]:
    """Give a name beside `target` to write to; at the end what is there becomes `target`, and is on disk.

    Raises LedgerError if `target` is there already and may not be replaced, or cannot be written. Whatever is raised
    within leaves nothing new.
    """
    _refuse_to_overwrite(target, may_replace=may_replace)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        # Made here, so that a folder that is not there or may not be written is told before any work.
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, MODE))
        yield draft
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        _refuse_to_overwrite(target, may_replace=may_replace)
        draft.rename(target)
        _sync_folder(target.parent)
    except OSError as error:
        raise LedgerError(
            f"{target} cannot be written: {error.strerror or error}.",
            hint="See that its folder is there, may be written by this user and has room.",
        ) from error
    finally:
        for ending in _BESIDE:
            draft.with_name(draft.name + ending).unlink(missing_ok=True)


def _refuse_to_overwrite(target: Path, *, may_replace: bool) -> None:
    if not may_replace and (target.exists() or target.is_symlink()):
        raise LedgerError(f"{target} is there already and is not overwritten.", hint="Name another file.")


def _sync_folder(folder: Path) -> None:
    """A new name is on disk only once its folder is."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
