"""The ledger for who looks at it again and again, as a screen does: read anew only once somebody has committed.

Read-only. Between two looks no transaction is open, so that the log of the writer can be folded back; the file is
opened anew when another ledger stands in its place.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.errors import LedgerError
from edge.ledger.desk import IS_ABOUT_PLACE, bounds_of
from edge.ledger.labels import first_job
from edge.ledger.reading import Row, rows_of
from edge.ledger.schema import broken, is_damage, open_reader
from edge.ledger.tables import LABEL_IS_OPEN

EXCEPTIONS_MAX = 200
"""Open exceptions of devices, labels and dialogues, and of one place, that are read at most: the latest."""

_EXCEPTION = "SELECT kind, about, text, raised_at FROM exceptions WHERE cleared_at IS NULL"
_OF_DEVICES = "kind IN ('scanner', 'printer', 'label', 'dropped')"
_OF_PLACES = "kind IN ('contradiction', 'count_again', 'count_needed', 'damaged', 'expired')"
# Ids of one moment end in their number: the longer is the later.
_LATEST_FIRST = f"ORDER BY raised_at DESC, length(id) DESC, id DESC LIMIT {EXCEPTIONS_MAX}"


@dataclass(frozen=True, slots=True)
class Seen:
    """One moment of the ledger, as far as people at a station need it. Times are ms UTC.

    `dialogues` are as they were kept; `devices` by kind and id. Exceptions come latest first: those of devices, labels
    and dialogues, and of each place asked for those of the goods there. `label_printers` names the printer of each
    label that an exception is about. `queues` has for each printer the labels `waiting`, and `since` when.
    """

    dialogues: Mapping[str, Mapping[str, Any]]
    devices: Mapping[tuple[str, str], Row]
    exceptions: Sequence[Row]
    label_printers: Mapping[str, str]
    at_places: Mapping[str, Sequence[Row]]
    open_exceptions: int
    queues: Mapping[str, Row]


class Watching:
    """A ledger that is watched, with the goods at `places`. One thread at a time."""

    def __init__(self, path: Path, places: Sequence[str]) -> None:
        self._path = path
        self._places = places
        self._reader: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._version = -1
        self._seen: Seen | None = None

    def look(self) -> Seen:
        """What is there: the same object as before while nobody committed. Raises LedgerError."""
        try:
            reader = self._open()
            # Asked before it is read: a commit between the two is read now, and again at the next look.
            (version,) = reader.execute("PRAGMA data_version").fetchone()
            if self._seen is None or version != self._version:
                self._seen, self._version = self._read(reader), version
        except LedgerError:
            self.close()
            raise
        except sqlite3.Error as error:
            self.close()
            if is_damage(error):
                raise broken(self._path, f"{error}") from error
            raise LedgerError(
                f"The ledger {self._path} cannot be read: {error}.", hint="It is tried again."
            ) from error
        return self._seen

    def close(self) -> None:
        """Let go of the file; the next look opens it again."""
        if self._reader is not None:
            self._reader.close()
        self._reader = self._file = self._seen = None

    def _open(self) -> sqlite3.Connection:
        """The open ledger: the one that is at the path now."""
        file = _identity(self._path)
        if self._reader is None or file != self._file:
            self.close()
            self._reader, self._file = open_reader(self._path), file
        return self._reader

    def _read(self, reader: sqlite3.Connection) -> Seen:
        reader.execute("BEGIN")
        try:
            return _seen(reader, self._places)
        finally:
            reader.rollback()


def _identity(path: Path) -> tuple[int, int] | None:
    """Tell a file from another of its name; None where there is none."""
    try:
        file = path.stat()
    except FileNotFoundError:
        return None
    return file.st_dev, file.st_ino


def _seen(db: sqlite3.Connection, places: Sequence[str]) -> Seen:
    devices = rows_of(db, "SELECT kind, id, state, text, since FROM devices ORDER BY kind, id", ())
    labels = db.execute(
        f"SELECT label, printer FROM exceptions JOIN labels ON label = about AND job = {first_job('about')}"
        " WHERE exceptions.kind = 'label' AND cleared_at IS NULL ORDER BY label"
    )
    return Seen(
        dialogues={
            id: json.loads(state)
            for id, state in db.execute("SELECT id, state FROM dialogues ORDER BY id").fetchall()
        },
        devices={(row["kind"], row["id"]): row for row in devices},
        exceptions=rows_of(db, f"{_EXCEPTION} AND {_OF_DEVICES} {_LATEST_FIRST}", ()),
        label_printers=dict(labels),
        at_places={place: _about_goods(db, place) for place in places},
        open_exceptions=db.execute("SELECT COUNT(*) FROM exceptions WHERE cleared_at IS NULL").fetchone()[0],
        queues=_queues(db),
    )


def _about_goods(db: sqlite3.Connection, place: str) -> list[Row]:
    """The open exceptions about goods at a place."""
    return rows_of(
        db, f"{_EXCEPTION} AND {_OF_PLACES} AND {IS_ABOUT_PLACE} {_LATEST_FIRST}", bounds_of(place)
    )


def _queues(db: sqlite3.Connection) -> dict[str, Row]:
    rows = rows_of(
        db,
        # Counted in the index alone: ten thousand may wait for a dead printer.
        "SELECT queue.printer, waiting, at AS since FROM (SELECT printer, COUNT(*) AS waiting, MIN(job) AS first"
        f" FROM labels WHERE {LABEL_IS_OPEN} GROUP BY printer) AS queue JOIN labels ON job = first"
        " ORDER BY queue.printer",
        (),
    )
    return {row["printer"]: row for row in rows}
