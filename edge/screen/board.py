"""What all viewers look at: the ledger asked once for all of them, and only while somebody looks.

A viewer's request looks at the ledger itself, at most every `LOOK_EVERY_S` whoever asks: one `data_version` while
nothing happens. A thread of its own asks the daemon's door whether it is there, since a hung daemon takes its time
to answer.
"""

import hashlib
import json
import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from config.settings import Settings
from edge.clock import Clock
from edge.errors import LedgerError
from edge.ledger.watching import Seen, Watching
from edge.local import calls
from edge.screen.telling import Moment, tell_all, tell_station

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.2
"""How late a commit is seen. An answer to a scan is read within a second; this and the way to the page are less."""
PING_EVERY_S = 1.0
LEAVE_AFTER_S = 10.0
"""The ledger is closed when nobody has looked for so long."""
STOP_S = 3.0


@dataclass(frozen=True, slots=True)
class Document:
    """JSON with a tag that changes with it."""

    body: bytes
    tag: str


class Board:
    """The documents of one node, for any number of threads. `over` is set when the program ends."""

    def __init__(self, settings: Settings, ledger: Path, door: Path, clock: Clock) -> None:
        self.settings = settings
        self.over = threading.Event()
        self._door = door
        self._clock = clock
        places = dict.fromkeys(station.location for station in settings.stations if station.location)
        self._watching = Watching(ledger, [*places])
        self._lock = threading.Lock()
        self._looked_at = -LOOK_EVERY_S
        self._seen: Seen | None = None
        self._moment = Moment(None, 0, is_running=False)
        self._documents: dict[str | None, tuple[Moment, Document]] = {}
        self._trouble = ""
        self._is_running = False
        self._thread = threading.Thread(target=self._tend, name="board", daemon=True)

    def start(self) -> None:
        self._ask_daemon()
        self._thread.start()

    def stop(self) -> None:
        """Wake whoever waits, and let go of the ledger."""
        self.over.set()
        self._thread.join(STOP_S)
        with self._lock:
            self._watching.close()

    def now_ms(self) -> int:
        return self._clock.now_ms()

    def document(self, station: str | None) -> Document:
        """How a station is now, or all of them; raises KeyError for a station that is not there."""
        moment = self._look()
        made_at, document = self._documents.get(station, (None, None))
        if document is None or made_at is not moment:
            document = self._made(station, moment)
            self._documents[station] = moment, document
        return document

    def _made(self, station: str | None, moment: Moment) -> Document:
        if station is None:
            told = tell_all(self.settings, moment)
        else:
            named = {one.id: one for one in self.settings.stations}
            told = tell_station(self.settings, named[station], moment)
        body = json.dumps(told, separators=(",", ":")).encode()
        return Document(body, hashlib.blake2b(body, digest_size=12).hexdigest())

    def changed(self, station: str | None, tag: str, *, within_s: float) -> Document | None:
        """Wait until the document has another tag than this; None if it has not within that time."""
        until = time.monotonic() + within_s
        while (document := self.document(station)).tag == tag:
            left_s = until - time.monotonic()
            if left_s <= 0 or self.over.wait(min(LOOK_EVERY_S, left_s)):
                return None
        return document

    def _look(self) -> Moment:
        """What is known now: the same object as before while nothing else is."""
        with self._lock:
            now = time.monotonic()
            if now - self._looked_at >= LOOK_EVERY_S:
                self._read()
                self._looked_at = now
            # By the clock alone a document changes where something lapses, which nobody sees to the millisecond.
            at_ms = self._clock.now_ms() // 1000 * 1000
            moment = Moment(self._seen, at_ms, self._is_running, self._trouble)
            if moment != self._moment:
                self._moment = moment
            return self._moment

    def _read(self) -> None:
        try:
            self._seen, trouble = self._watching.look(), ""
        except LedgerError as error:
            self._seen, trouble = None, f"{error}"
        if trouble != self._trouble:
            log.warning("%s", trouble or "The ledger can be read again.")
        self._trouble = trouble
        if not self._is_running:
            # The daemon may be stopped so that the ledger can be moved aside: nobody holds it meanwhile.
            self._watching.close()

    def _tend(self) -> None:
        while not self.over.wait(PING_EVERY_S):
            self._ask_daemon()
            with self._lock:
                if time.monotonic() - self._looked_at > LEAVE_AFTER_S:
                    self._watching.close()

    def _ask_daemon(self) -> None:
        self._is_running = calls.ping(self._door) is not None
