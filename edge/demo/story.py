"""What happens in the demo: one receiving shift, step by step, each with what must come of it.

Whatever comes of a step that the story does not say ends the demo with both told. Scans, commands and the
troubles of printer and broker are all there is to a step; the rest is the daemon's doing.
"""

import time
from collections.abc import Sequence

from edge.demo.cast import AISLE, DOCK, GUNS, PATIENCE_S, PRINTER, WORDS, Cast
from edge.demo.telling import Teller, words_of
from edge.errors import EdgeError
from edge.facts import DeviceKind

PEN, CASE_OF_PENS, INK, PAPER = "7612345001012", "17612345001019", "7612345001029", "7612345001036"
WRONG_DIGIT = "7612345001013"
SSCC = "376123450000000429"

BOOKED, REFUSED = ("accept", "attention"), ("reject",)

# Good for years from whenever the demo is played: expired goods would go into quarantine.
_YEAR = time.gmtime().tm_year + 3
EXPIRY = f"{_YEAR}-06-30"
PAPER_GS1 = f"]C1010{PAPER}17{_YEAR % 100:02}063010B7"
"""GS1-128: GTIN (01), expiry (17), lot (10)."""

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
        goods = " and ".join(f"{qty} {sku}" for sku, qty in lines)
        waits = [f"{order} waits for {qty} {sku}" for sku, qty in lines]
        self.command(
            f"places {order}: {goods}{what}",
            "order.place",
            {"order": order, "lines": numbered, **options},
            hears=[*waits, f"{order} cannot be fulfilled"],
        )

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


def play(shift: Shift) -> None:
    """Play the whole shift."""
    shift.teller.heading("Before the shift: central sends the catalogue and the orders")
    _orders(shift)
    shift.teller.heading("Goods come in at the dock: the orders that wait are served with each scan")
    _receiving(shift)
    shift.teller.heading("Scans that must not book anything")
    _refusals(shift)
    shift.teller.heading("The label printer goes off: receiving goes on")
    _printer(shift)
    shift.teller.heading(
        "The broker goes away, and a picker misses goods: the ledger keeps what central must hear"
    )
    _broker(shift)
    shift.teller.heading("A bay found empty, a cancelled order, a hold that ends")
    _changes(shift)


def _orders(shift: Shift) -> None:
    items = [
        {
            "sku": "PEN",
            "name": "Fountain pen",
            "codes": [{"code": PEN, "pack": 1}, {"code": CASE_OF_PENS, "pack": 12}],
        },
        {"sku": "INK", "name": "Ink, blue", "codes": [{"code": INK, "pack": 1}]},
        {"sku": "PAPER", "name": "Writing paper", "codes": [{"code": PAPER, "pack": 1}]},
    ]
    shift.command(
        "sends a catalogue: PEN (also in cases of 12), INK, PAPER", "catalogue.upsert", {"items": items}
    )
    shift.order("SO-1", [("PEN", 2)], "", customer="A. Martin", placed_at="2026-11-02T08:00:00Z")
    shift.order(
        "SO-2", [("PEN", 2), ("INK", 1)], ", a better customer", tier=5, placed_at="2026-11-03T08:00:00Z"
    )
    shift.order(
        "SO-3",
        [("PAPER", 5)],
        ", express",
        express=True,
        customer="Clinic South",
        placed_at="2026-11-06T08:00:00Z",
    )
    shift.order("SO-4", [("PAPER", 4)], "", tier=3, placed_at="2026-11-04T08:00:00Z")
    shift.command(
        "puts SO-4 on hold: address to be cleared up",
        "order.hold",
        {"order": "SO-4", "reason": "address to be cleared up"},
        hears=["SO-4 held"],
    )
    shift.order(
        "SO-5",
        [("PEN", 4), ("PAPER", 6)],
        ", complete or not at all",
        fill="complete",
        placed_at="2026-11-05T08:00:00Z",
    )
    shift.order("SO-6", [("PAPER", 10)], "", placed_at="2026-11-06T09:00:00Z")


def _receiving(shift: Shift) -> None:
    shift.scan(DOCK, "scans QTY:3 and a pen's barcode", "QTY:3", PEN, hears=[
        "received 3 PEN at DOCK-1", "2 PEN at DOCK-1 to SO-2", "1 PEN at DOCK-1 to SO-1, 1 still waits",
    ])  # fmt: skip
    shift.scan(DOCK, "scans QTY:8 and a GS1-128 of paper with lot and expiry", "QTY:8", PAPER_GS1, hears=[
        "received 8 PAPER at DOCK-1, lot B7", "5 PAPER at DOCK-1 to SO-3", "SO-3 ready",
        "3 PAPER at DOCK-1 to SO-6, 7 still waits",
    ])  # fmt: skip
    contents = [
        {"sku": "PEN", "qty": 24},
        {"sku": "INK", "qty": 10, "lot": "I7", "expiry": EXPIRY},
    ]
    pallet = {"sscc": SSCC, "contents": contents}
    shift.command(
        "announces a pallet: 24 PEN and 10 INK",
        "asn.announce",
        {"asn": "ASN-9", "po": "4711", "supplier": "ACME", "pallets": [pallet]},
    )
    shift.scan(DOCK, "scans the pallet's SSCC, once", f"]C100{SSCC}", hears=[
        "received 24 PEN at DOCK-1", "received 10 INK at DOCK-1, lot I7", "1 PEN at DOCK-1 to SO-1",
        "1 INK at DOCK-1 to SO-2", "SO-1 ready", "SO-2 ready",
    ])  # fmt: skip


def _refusals(shift: Shift) -> None:
    label = shift.cast.books.labels()[0]["label"]
    shift.scan(DOCK, "scans the pallet again", f"00{SSCC}", answer=REFUSED, hears=["refused: duplicate"])
    shift.scan(DOCK, "scans a pen off that pallet", PEN, answer=REFUSED, hears=["refused: came_with_pallet"])
    shift.scan(
        DOCK, "scans a code with a wrong digit", WRONG_DIGIT, answer=REFUSED, hears=["refused: check_digit"]
    )
    shift.scan(
        DOCK, f"scans our own label {label}", f"LBL:{label}", answer=REFUSED, hears=["refused: own_label"]
    )


def _printer(shift: Shift) -> None:
    shift.printer_off()
    shift.scan(DOCK, "scans LOC:A-01 and a case of pens", "LOC:A-01", CASE_OF_PENS, hears=[
        "received 12 PEN at A-01",
    ])  # fmt: skip
    shift.scan(DOCK, "scans LOT:B8, QTY:6 and paper: now SO-5 is whole", "LOT:B8", "QTY:6", PAPER, hears=[
        "received 6 PAPER at A-01, lot B8", "4 PEN at DOCK-1 to SO-5", "6 PAPER at A-01 to SO-5", "SO-5 ready",
    ])  # fmt: skip
    shift.printer_on()


def _broker(shift: Shift) -> None:
    shift.broker_down()
    shift.scan(AISLE, "scans LOC:DOCK-1 and ink: the picker finds none", "LOC:DOCK-1", INK, hears=[
        "10 INK missing at DOCK-1", "1 INK taken back from SO-2 (not_found)", "SO-2 waits for 1 INK",
        "SO-2 cannot be fulfilled",
    ])  # fmt: skip
    shift.scan(AISLE, "scans CMD:FOUND, LOC:DOCK-1 and ink: it was behind", "CMD:FOUND", "LOC:DOCK-1", INK, hears=[
        "found 10 INK at DOCK-1, lot I7", "1 INK at DOCK-1 to SO-2", "SO-2 ready",
    ])  # fmt: skip
    shift.broker_up()


def _changes(shift: Shift) -> None:
    shift.scan(
        AISLE, "scans CMD:MISSING, LOC:DOCK-1 and a pen: none there", "CMD:MISSING", "LOC:DOCK-1", PEN, hears=[
        "27 PEN missing at DOCK-1", "4 PEN taken back from SO-5 (not_found)",
        "2 PEN taken back from SO-1 (not_found)", "2 PEN taken back from SO-2 (not_found)",
        "2 PEN at A-01 to SO-2", "2 PEN at A-01 to SO-1", "4 PEN at A-01 to SO-5",
    ])  # fmt: skip
    shift.command("cancels SO-1", "order.cancel", {"order": "SO-1"}, hears=[
        "2 PEN taken back from SO-1 (cancelled)", "SO-1 cancelled",
    ])  # fmt: skip
    shift.command("lets SO-4 go on", "order.resume", {"order": "SO-4"}, hears=["SO-4 resumed"])
    shift.scan(DOCK, "scans LOT:B8, QTY:5 and paper: SO-4 before SO-6", "LOT:B8", "QTY:5", PAPER, hears=[
        "received 5 PAPER at A-01, lot B8", "4 PAPER at A-01 to SO-4", "SO-4 ready",
        "1 PAPER at A-01 to SO-6, 6 still waits",
    ])  # fmt: skip
