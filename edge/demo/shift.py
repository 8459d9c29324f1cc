"""The steps that the demo's story is made of: a scan, a command, trouble with printer, broker or power.

Each says what must come of it, and whatever comes of it that the story does not say ends the demo with both told.
"""

from collections.abc import Mapping, Sequence

from edge.demo.cast import GUNS, PATIENCE_S, PRINTER, WORDS, Cast
from edge.demo.telling import Teller
from edge.demo.words import goods, settled_by, words_of
from edge.errors import EdgeError
from edge.facts import DeviceKind

BOOKED, REFUSED = ("accept", "attention"), ("reject",)

Lines = Sequence[tuple[str, int]]


class Shift:
    """The steps that a story is made of, with what was already told of the events."""

    def __init__(self, cast: Cast, teller: Teller) -> None:
        self.cast, self.teller = cast, teller
        self._told = 0
        self._due: list[str] = []
        self._what = ""
        self._is_broker_up = self._is_printer_on = True

    def scan(
        self,
        station: str,
        what: str,
        *codes: str,
        hears: Sequence[str] = (),
        answer: Sequence[str] = BOOKED,
    ) -> None:
        """Scan codes at a station; the last gets one of `answer`, those before it are booked."""
        for code in codes[:-1]:
            self._scan(station, code, BOOKED)
        verdict = self._scan(station, codes[-1], answer)
        words = self.cast.books.last_words(GUNS[station])
        self.teller.line(station, what, answer=verdict, words=words)
        self._expect(what, hears)

    def command(self, what: str, type: str, data: dict[str, object], *, hears: Sequence[str] = ()) -> None:
        """Let central send a command that must be accepted."""
        answer = self.cast.central.command(type, data, PATIENCE_S)
        if answer.get("ok") is not True or answer.get("refused"):
            raise EdgeError(f"Expected central's {type} ({what}) to be answered ok, got {answer}.")
        self.teller.line("central", what, answer="ok")
        self._expect(what, hears)

    def order(self, order: str, lines: Lines, what: str, **options: object) -> None:
        """Let central place an order for which nothing is there yet."""
        numbered = [{"line": n, "sku": sku, "qty": qty} for n, (sku, qty) in enumerate(lines, start=1)]
        wanted = goods((qty, sku) for sku, qty in lines)
        self.command(
            f"places {order}: {wanted}{what}",
            "order.place",
            {"order": order, "lines": numbered, **options},
            hears=[f"{order} waits for {wanted}"],
        )

    def promised(self, sku: str, place: str, to: Mapping[str, int]) -> None:
        """Tell to whom an item is promised at a place; it must be to these."""
        found = self.cast.books.promised(sku, place)
        if found != to:
            raise EdgeError(f"Expected {sku} at {place} to be promised as {dict(to)}, got {found}.")
        told = ", ".join(f"{qty} to {order}" for order, qty in found.items())
        self.teller.under("ledger", f"has the promises moved along: {told}, all at {place}")

    def ask(self, *arguments: str) -> None:
        """Call the command line as a person in the demo's folder would, and show what it prints."""
        command, here = arguments[0], f"{self.cast.folder}/"
        self.teller.pause()
        self.teller.plain(f"  $ crossdock {' '.join(arguments)}".replace(here, ""))
        done = self.cast.call(*arguments)
        if done.returncode != 0:
            raise EdgeError(
                f"Expected 'crossdock {command}' to end with 0, got {done.returncode}: {done.stderr.strip()}"
            )
        for line in done.stdout.splitlines():
            self.teller.plain(f"  {line}".replace(here, "").rstrip())

    def printer_off(self) -> None:
        self._is_printer_on = False
        self.cast.printer.off()
        text = self.cast.books.wait_device(DeviceKind.PRINTER, PRINTER, "lost", PATIENCE_S)
        self.teller.line(PRINTER, "is switched off")
        self.teller.under("daemon", text)

    def printer_on(self) -> None:
        waiting = self.cast.books.open_labels()
        self.teller.under(PRINTER, f"{waiting} labels wait for it; nothing else does")
        self._is_printer_on = True
        self.cast.printer.on()
        self.teller.line(PRINTER, "is switched on again")
        self._settle()

    def broker_down(self) -> None:
        self._settle()
        self._is_broker_up = False
        self.cast.broker.stop()
        text = self.cast.books.wait_device(DeviceKind.BROKER, "broker", "lost", PATIENCE_S)
        self.teller.line("broker", "is gone")
        self.teller.under("daemon", text)

    def broker_up(self) -> None:
        waiting = self.cast.books.last_seq() - self._told
        self.teller.under("central", f"hears nothing; {waiting} events wait in the ledger")
        self._is_broker_up = True
        self.cast.broker.start()
        self.teller.line("broker", "is back on its port")
        self.cast.central.wait_back(PATIENCE_S)
        self._settle()

    def power_cut(self) -> None:
        """Kill the daemon where it stands and start it again; goes on when it is ready."""
        self._settle()
        self.cast.daemon.cut()
        self.teller.line("power", "is cut (SIGKILL)")
        self.cast.central.wait_status("offline", PATIENCE_S)
        self.teller.under("central", "hears that the node is offline: its last will")
        self.cast.daemon.start()
        self.cast.wait_ready()
        self.teller.line("power", "is back, and the daemon has started again")

    def finish(self) -> None:
        """Wait until every label is printed and central has every event; then end the daemon."""
        self._settle()
        self.teller.line("daemon", "is told to end (SIGTERM)")
        self.cast.daemon.stop()
        self.cast.central.wait_status("offline", PATIENCE_S)
        self.cast.central.wait_events(self.cast.books.last_seq(), PATIENCE_S)
        self.teller.under("daemon", "has ended with 0; nothing is left to print or to tell")

    def _scan(self, station: str, code: str, expected: Sequence[str]) -> str:
        self.cast.daemon.check()
        got = self.cast.scanners[station].scan(code, PATIENCE_S)
        verdict = WORDS.get(got)
        if verdict is None or verdict not in expected:
            words = f"{verdict}: {self.cast.books.last_words(GUNS[station])}" if verdict else repr(got)
            raise EdgeError(f"Expected {' or '.join(expected)} for {code} at {station}, got {words}")
        return verdict

    def _expect(self, what: str, hears: Sequence[str]) -> None:
        self._what = what
        self._due += hears
        if self._is_broker_up:
            self._settle()

    def _settle(self) -> None:
        """Wait until what was begun is done, as far as it can be; tell it, and compare it with the story."""
        books, central = self.cast.books, self.cast.central
        if self._is_printer_on:
            books.wait_labels(PATIENCE_S)
        central.wait_events(books.last_seq(), PATIENCE_S)
        fresh = central.events[self._told :]
        self._told += len(fresh)
        heard = [words for event in fresh if (words := words_of(event)) is not None]
        if heard:
            self.teller.under("central", f"hears: {'; '.join(heard)}")
        for event in fresh:
            if event.name == "exception.raised":
                self.teller.under("central", f"hears an exception: {event.data.text}")
        if settled := [name for event in fresh if (name := settled_by(event))]:
            self.teller.under("central", f"hears what is settled: {', '.join(settled)}")
        self._tell_labels([event.data.label for event in fresh if event.name == "label.printed"])
        due, self._due = self._due, []
        # Sorted: the story says what comes of a step, the contract's tests in which order.
        if sorted(due) != sorted(heard):
            raise EdgeError(
                f"Expected central to hear of '{self._what}': {'; '.join(due) or 'nothing'}. "
                f"It heard: {'; '.join(heard) or 'nothing'}."
            )

    def _tell_labels(self, printed: Sequence[str]) -> None:
        known = {label["label"]: label for label in self.cast.books.labels()}
        texts = []
        for name in printed:
            label = known[name]
            to = f" for {label['order']}" if label["order"] else ""
            texts.append(f"{label['kind']} label, {label['qty']} {label['sku']}{to}")
        if texts:
            self.teller.under(PRINTER, f"prints {'; '.join(texts)}")
