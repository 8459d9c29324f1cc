"""The warehouse of the simulation: the real engine on a real ledger, a clock that stands until it is moved, and
everything around it that hears and answers: scanners, printers, the link to central. What is heard goes to the referee.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from config.settings import Settings
from edge.engine.core import Engine
from edge.facts import (
    Answer,
    ClockTicked,
    CodeScanned,
    Delivered,
    Fact,
    LabelPrinted,
    LabelSending,
    LabelUnsettled,
)
from edge.inbox import Inbox
from edge.ledger.outbox import LabelRows, SyncRows
from edge.ledger.schema import open_reader
from edge.ledger.verify import verify
from edge.outbox import LabelJob
from sync.reading import read_command
from tests.commands import command as command_bytes
from tests.house import StandingClock
from tests.simulation.paper import Paper
from tests.simulation.referee import Referee
from tests.simulation.wire import (
    AgainSaid,
    CommandSaid,
    Expected,
    Foul,
    LevelsSaid,
    NoteSaid,
    Said,
    ScanSaid,
    StateSaid,
)

DEBOUNCE_MS = 300
PRINTERS = ("zebra-1", "zebra-2")
IN_FLIGHT = 100
"""Events published and not yet delivered at most (contract section 6)."""


@dataclass(slots=True)
class Site:
    """One node. `folder` holds its ledger; after a power cut it goes on in a copy of what was on disk."""

    folder: Path
    settings: Settings
    clock: StandingClock
    referee: Referee
    paper: Paper = field(default_factory=Paper)
    record: Callable[[Said], None] = lambda said: None
    inbox: Inbox = field(init=False)
    engine: Engine = field(init=False)
    sync: SyncRows = field(init=False)
    labels: dict[str, LabelRows] = field(init=False)
    _heard: int = 0
    _levels: int = 0
    _published: int = 0
    _answers: int = 0
    _commands: int = 0
    _cuts: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self._open()

    def _open(self) -> None:
        self.inbox = Inbox(self.clock)
        self.engine = Engine(self.settings, self.inbox)
        # The power cuts of this world are copies of files: waiting for a disk would only make it slow.
        self.engine.books.store.db.execute("PRAGMA synchronous = OFF")
        ledger = self.settings.data_dir / "ledger.db"
        self.sync = SyncRows(ledger)
        self.labels = {printer: LabelRows(ledger, printer) for printer in PRINTERS}
        self._published = self.sync.head().confirmed_seq

    def close(self) -> None:
        self.sync.close()
        for rows in self.labels.values():
            rows.close()
        self.engine.close()

    def hear(self, said: Said) -> None:
        self.record(said)
        self.referee.hear(said)

    def wait(self, seconds: float) -> None:
        self.clock.at_ms += round(seconds * 1000)

    # -- what goes in ----------------------------------------------------------------------------------------

    def _post(self, fact: Fact) -> Answer:
        answer = self.inbox.post(fact)
        batch = self.inbox.take(1)
        assert batch is not None
        self.engine.handle(batch)
        return answer.result(timeout=0)

    def _post_and_cut(self, fact: Fact, cut_after: int) -> None:
        """The power goes so many steps into the booking, or after its commit if it is over by then."""
        folder = self.folder / f"after-cut-{next(self._cuts)}"
        folder.mkdir()
        db = self.engine.books.store.db

        def copy() -> int:
            if not (folder / "ledger.db").exists():
                self._copy_to(folder)
            return 0

        db.set_progress_handler(copy, cut_after)
        self._post(fact)
        db.set_progress_handler(None, 0)
        copy()
        self._go_on_in(folder)

    def _copy_to(self, folder: Path) -> None:
        for file in ("ledger.db", "ledger.db-wal"):
            if (self.settings.data_dir / file).exists():
                shutil.copyfile(self.settings.data_dir / file, folder / file)

    def _go_on_in(self, folder: Path) -> None:
        """What was on disk at that moment is what there is."""
        self.close()
        if self.settings.data_dir != self.folder:
            shutil.rmtree(self.settings.data_dir)
        self.settings = self.settings.model_copy(update={"data_dir": folder})
        self._open()

    def _events(self) -> tuple[bytes, ...]:
        """The events since the last look."""
        rows = self.sync.events(after=self._heard, limit=100_000)
        self._heard += len(rows)
        return tuple(row.payload for row in rows)

    def scan(
        self,
        station: str,
        scanner: str,
        code: str,
        claim: Expected | None = None,
        *,
        is_repeat: bool = False,
        cut_after: int | None = None,
    ) -> Answer | None:
        """Scan. `is_repeat`: the same again, too soon to be meant. With `cut_after` the power goes unanswered."""
        fact = CodeScanned(scanner, station, scanner, code, DEBOUNCE_MS)
        answer = None
        if cut_after is None:
            answer = self._post(fact)
        else:
            self._post_and_cut(fact, cut_after)
        verdict, why = (answer.verdict.value, answer.why) if answer else (None, None)
        self.hear(ScanSaid(station, scanner, code, verdict, why, self._events(), claim, is_repeat))
        self._begin_again(cut_after)
        return answer

    def command(self, type_: str, data: Any, *, cut_after: int | None = None) -> dict[str, Any]:
        """Send a command until it is answered."""
        self._commands += 1
        answer = self.send(f"c-{self._commands}", type_, data, cut_after=cut_after)
        if answer is None:
            answer = self.send(f"c-{self._commands}", type_, data)
        assert answer is not None
        said: dict[str, Any] = json.loads(answer)
        return said

    def repeat_command(self, type_: str, data: Any) -> None:
        """Send the last command again, with the same content or another."""
        self.send(f"c-{self._commands}", type_, data, is_repeat=True)

    def send(
        self, id_: str, type_: str, data: Any, *, is_repeat: bool = False, cut_after: int | None = None
    ) -> bytes | None:
        fact = read_command(command_bytes(type_, data, id=id_))
        if cut_after is None:
            self._post(fact)
        else:
            self._post_and_cut(fact, cut_after)
        rows = self.sync.answers(after=self._answers, limit=1000)
        answer = rows[-1].payload if rows else None
        if rows:
            self._answers = rows[-1].number
        elif cut_after is None:
            raise Foul(f"Command {id_} is not answered.")
        self.hear(CommandSaid(id_, type_, data, answer, self._events(), is_repeat))
        self._begin_again(cut_after)
        return answer

    def tick(self) -> None:
        """The daemon's own clock: what is due is done though nobody scans."""
        self.note(ClockTicked())

    def note(self, fact: Fact) -> None:
        """Post what is neither scan nor command."""
        self._post(fact)
        self.hear(NoteSaid(self._events()))

    # -- printers --------------------------------------------------------------------------------------------

    def next_label(self, printer: str) -> LabelJob | None:
        return self.labels[printer].next()

    def print_label(self, printer: str, *, ending: str = "printed") -> bool:
        """Print the next label of a printer, if there is one; `ending`: printed, unknown, or gone with the process."""
        job = self.next_label(printer)
        if job is None:
            return False
        self.note(LabelSending(job.job))
        self.paper.came_out(printer, job, is_known=ending == "printed")
        match ending:
            case "printed":
                self.note(LabelPrinted(job.job))
            case "unknown":
                self.note(LabelUnsettled(job.job, "the printer was unplugged"))
            case _:
                self.restart()
        return True

    # -- central ---------------------------------------------------------------------------------------------

    def publish(self, *, is_delivered: bool = True) -> int:
        """Publish the next events and levels; undelivered, they go again, byte for byte the same."""
        rows = self.sync.events(after=self._published, limit=IN_FLIGHT)
        self.hear(AgainSaid(tuple((row.seq, row.payload) for row in rows)))
        if rows and is_delivered:
            self._published = rows[-1].seq
            self.note(Delivered("events", self._published))
        return len(rows)

    def tell_levels(self) -> None:
        """Tell the levels whose events are all told."""
        head = self.sync.head()
        rows = self.sync.levels(after=self._levels, upto=head.last_seq, limit=10_000)
        self.hear(LevelsSaid(tuple(row.payload for row in rows)))
        if rows:
            self._levels = rows[-1].number
        self.hear(StateSaid(head.epoch, head.last_seq, head.hash))

    # -- the end of a process --------------------------------------------------------------------------------

    def restart(self) -> None:
        """The daemon ends and starts again."""
        self.close()
        self._open()
        self.hear(NoteSaid(self._events()))

    def _begin_again(self, cut_after: int | None) -> None:
        """What the start of the daemon tells by itself."""
        if cut_after is not None:
            self.hear(NoteSaid(self._events()))

    def audit(self) -> None:
        """The ledger's own audit finds nothing."""
        reader = open_reader(self.settings.data_dir / "ledger.db")
        try:
            findings = verify(reader)
        finally:
            reader.close()
        if not findings.is_sound:
            raise Foul(f"verify finds {[check for check in findings.checks if check.breaches]}")
