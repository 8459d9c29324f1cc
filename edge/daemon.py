"""The composition root: builds the daemon by hand, starts it and ends it.

Threads: the engine; one for each scanner and printer; one for the broker; one for calls of the command line; one for
the clock.
"""

import logging
import signal
import threading
import time
from collections.abc import Mapping
from typing import Literal

from config.layouts import Layout, LayoutError
from config.settings import Printer, Settings
from drivers.label_layouts import layouts_of
from drivers.scanners import devices_of
from drivers.spool import PAPERS, SpooledPrinter
from drivers.supervisor import SHARED, Supervisor
from edge import __version__, interpreter
from edge.clock import Clock, SystemClock
from edge.domain.codes import CodeReader
from edge.engine.core import Engine
from edge.errors import EdgeError, UsageError
from edge.inbox import Inbox
from edge.ledger.files import make_folder
from edge.ledger.outbox import LabelRows, SyncRows
from edge.local.door import LocalDoor
from edge.ticking import Ticking
from sync.link import CentralLink

log = logging.getLogger(__name__)

TRIED_WITHIN_S = 3.0
"""How long a start waits until every device was tried once."""
STOP_WITHIN_S = 5.0
"""How long an end waits for each device to finish what it has in hand."""

HEAD_START_S = 0.0002
"""What an answer gets before printers and publisher are woken."""


class Daemon:
    """One node at work. Raises UsageError or LedgerError where it cannot."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None) -> None:
        self._settings = settings
        self._ledger = settings.data_dir / "ledger.db"
        self._wakes: list[threading.Event] = []
        self._link: CentralLink | None = None
        self._check()
        make_folder(settings.data_dir)
        clock = clock or SystemClock()
        self._inbox = Inbox(clock)
        # The door comes first: whoever holds it owns the data folder, and a second daemon is refused.
        self._door = LocalDoor(
            settings.data_dir / "crossdock.sock",
            [station.id for station in settings.stations],
            self._inbox.post,
        )
        self._door.start()
        self._engine = Engine(settings, self._inbox, after_commit=self._after_commit)
        self._thread = threading.Thread(target=self._work, name="engine", daemon=True)
        # Asked each time: an engine that opened its ledger anew has other books.
        self._ticking = Ticking(self._inbox.post, clock, lambda: self._engine.books.desk.soonest)
        self._devices = self._supervised()
        self._broken = threading.Event()

    def _check(self) -> None:
        try:
            CodeReader(self._settings.codes)
        except ValueError as error:
            raise UsageError(str(error)) from error

    def _supervised(self) -> list[Supervisor]:
        settings, post = self._settings, self._inbox.post
        supervisors = [
            Supervisor(device, post) for scanner in settings.scanners for device in devices_of(scanner, post)
        ]
        layouts = {
            paper: self._layouts(paper)
            for paper in dict.fromkeys(PAPERS[p.language] for p in settings.printers)
        }
        supervisors += [
            Supervisor(self._printer(printer, layouts[PAPERS[printer.language]]), post)
            # Of a node in shadow not even opened: many a printer takes one connection, and the old system needs it.
            for printer in (() if settings.shadow else settings.printers)
        ]
        self._tried = list(supervisors)
        if settings.mqtt is not None:
            self._link = CentralLink(
                settings,
                lambda: SyncRows(self._ledger),
                post,
                version=__version__,
                everything_tried=lambda: all(each.tried.is_set() for each in self._tried),
                scans=self._inbox.scans,
            )
            supervisors.append(Supervisor(self._link, post, SHARED))
        return supervisors

    def _layouts(self, paper: Literal["label", "receipt"]) -> Mapping[str, Layout]:
        try:
            return layouts_of(self._settings.labels, paper)
        except LayoutError as error:
            raise UsageError(str(error)) from error

    def _printer(self, printer: Printer, layouts: Mapping[str, Layout]) -> SpooledPrinter:
        wake = threading.Event()
        self._wakes.append(wake)
        return SpooledPrinter(
            printer, layouts, lambda: LabelRows(self._ledger, printer.id), self._inbox.post, wake
        )

    def _after_commit(self) -> None:
        if self._inbox.is_empty:
            # Whoever was just answered goes first: a scanner's accept byte does not wait for Python's lock behind
            # the printers and the publisher, which this wakes. Under load nobody is kept waiting here.
            time.sleep(HEAD_START_S)
        for wake in self._wakes:
            wake.set()
        if self._link is not None:
            self._link.wake()

    def _work(self) -> None:
        try:
            self._engine.run()
        finally:
            self._broken.set()

    def start(self) -> None:
        """Start every thread; returns once each device was tried, or after a bound."""
        log.info("crossdock %s site=%s node=%s", __version__, self._settings.site, self._settings.node)
        if self._settings.shadow_told:
            log.warning("in shadow: %s", self._settings.shadow_told)
        self._thread.start()
        self._ticking.start()
        for device in self._devices:
            device.start()
        deadline = time.monotonic() + TRIED_WITHIN_S
        for device in self._tried:
            device.tried.wait(max(0.0, deadline - time.monotonic()))
        log.info("ready")

    def stop(self) -> None:
        """End cleanly: the scan in hand is finished, what waits for central goes as far as it can."""
        log.info("stopping")
        self._door.stop()
        for device in self._devices:
            device.stop()
        if self._link is not None:
            self._link.wake()
        for device in self._devices:
            device.join(STOP_WITHIN_S)
        self._ticking.stop()
        self._inbox.close()
        self._thread.join(STOP_WITHIN_S)
        if self._thread.is_alive():
            raise EdgeError("The engine did not end in time.", hint="What was accepted is on disk.")
        self._engine.close()
        log.info("stopped")

    def run_until_signal(self) -> int:
        """Serve until SIGTERM or SIGINT; the exit code."""
        over = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: over.set())
        interpreter.set_for_threads()
        self.start()
        interpreter.set_for_long()
        while not over.wait(0.5):
            if self._broken.is_set():
                log.error("the engine ended: see above")
                return 1
        self.stop()
        return 0
