"""One snapshot for central: drawn quickly into a file, then read from it message by message.

Drawn at once, since the ledger's log grows while its moment is held; into a file, since a large one would not
fit into memory; in slices, so that everything else goes on.
"""

import hashlib
import json
import time

from edge.domain.requests import Scope
from edge.outbox import SyncOutbox

SLICE_S = 0.02
"""Drawing takes so long in one turn, and the piece in hand."""


class Snapshot:
    """The messages of one snapshot, in order, from the beginning again after `rewind`."""

    def __init__(self, outbox: SyncOutbox, scopes: tuple[Scope, ...], *, epoch: str) -> None:
        """Begin to draw; raises OSError, as `draw` does, where there is no room for it."""
        self._file = outbox.scratch()
        self._rows = outbox.snapshot(scopes)
        self._drawing = self._rows.pieces()
        self._epoch = epoch
        self._pieces: list[tuple[Scope, int]] = []
        """Scope and bytes of each piece in the file, one behind the other."""
        self._sent = 0
        self._digest = hashlib.sha256()
        self.is_drawn = False
        self.as_of_seq = self._rows.as_of_seq
        """The last event that is in it."""

    def draw(self) -> None:
        """Draw for a moment."""
        until = time.monotonic() + SLICE_S
        for scope, piece in self._drawing:
            self._file.write(piece)
            self._pieces.append((scope, len(piece)))
            if time.monotonic() >= until:
                return
        self._file.flush()
        self._rows.close()
        self.is_drawn = True
        self.rewind()

    def rewind(self) -> None:
        """Begin again with the first message."""
        self._file.seek(0)
        self._sent = 0
        self._digest = hashlib.sha256()

    def next(self) -> bytes | None:
        """The next message; None once all were given."""
        number, count = self._sent, len(self._pieces)
        self._sent += 1
        if number == 0:
            begin = {"epoch": self._epoch, "as_of_seq": self.as_of_seq, "counts": self._rows.counts}
            return _json({"begin": begin})
        if number <= count:
            scope, size = self._pieces[number - 1]
            chunk = b'{"n":%d,"of":%d,"%s":%s}' % (number, count, scope.encode(), self._file.read(size))
            self._digest.update(chunk)
            return chunk
        return _json({"end": {"digest": self._digest.hexdigest()}}) if number == count + 1 else None

    def close(self) -> None:
        self._rows.close()
        self._file.close()


def _json(value: dict[str, object]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
