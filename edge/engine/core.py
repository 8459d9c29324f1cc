"""The engine: takes the facts that wait, books each, commits them together and only then answers.

It holds the one connection that writes. A fact that cannot be booked leaves the books as they were.
"""

import json
import logging
import sqlite3
from collections.abc import Callable
from typing import assert_never

from config.settings import Settings
from edge.clock import Calendar
from edge.domain.codes import CodeReader
from edge.domain.printable import visible
from edge.engine import confirming, devices, exceptions, label_jobs, label_wishes, times
from edge.engine.books import Books
from edge.engine.commands import answering, ordering
from edge.engine.scans.answering import Scans
from edge.errors import EdgeError, LedgerError
from edge.facts import (
    Answer,
    ClockTicked,
    CodeScanned,
    CommandReceived,
    CommandRefused,
    Delivered,
    DeviceLost,
    DeviceReady,
    EventsConfirmed,
    ExceptionCleared,
    Fact,
    LabelFailed,
    LabelGivenUp,
    LabelPrinted,
    LabelSending,
    LabelsRedirected,
    LabelUnsettled,
    ReprintAsked,
    Verdict,
)
from edge.inbox import Inbox, Stamped
from edge.ledger.central import Central
from edge.ledger.desk import Desk
from edge.ledger.labels import Labels
from edge.ledger.orders import Orders
from edge.ledger.records import Records
from edge.ledger.schema import open_writer
from edge.ledger.store import Store
from edge.ledger.tail import check_tail

log = logging.getLogger(__name__)

BATCH = 64
"""Facts in one commit at most, so that the first of them does not wait long for the last."""


class Engine:
    """Books facts into the ledger at `data_dir/ledger.db`. Everything but the constructor is for one thread."""

    def __init__(
        self, settings: Settings, inbox: Inbox, *, after_commit: Callable[[], None] = lambda: None
    ) -> None:
        self._settings = settings
        self._inbox = inbox
        self._after_commit = after_commit
        self._reader = CodeReader(settings.codes)
        self._calendar = Calendar(settings.timezone)
        self._rule = 0
        self._failed_scans: dict[str, int] = {}
        self._open()
        with self.books.store.transaction():
            self._begin_session()

    def _open(self) -> None:
        self._connection = open_writer(self._settings.data_dir / "ledger.db")
        check_tail(self._connection)
        store, orders = Store(self._connection), Orders(self._connection)
        records, desk = Records(self._connection), Desk(self._connection)
        statements = (store, orders, records, desk, Labels(self._connection), Central(self._connection))
        self.books = Books(self._settings, *statements, self._reader, self._calendar)
        records.rule = self._rule
        self._scans = Scans(self.books, self._failed_scans)

    def _begin_session(self) -> None:
        times.begin(self.books)
        records, desk = self.books.records, self.books.desk
        records.set_meta("session", str(int(records.meta("session") or 0) + 1))
        desk.forget_devices()
        unsettled = self.books.labels.unsettle()
        order_by = json.dumps(self._settings.allocation.order_by)
        if records.meta("order_by") != order_by:
            self._rank_again()
            records.set_meta("order_by", order_by)
        self._rule = records.rule = records.rule_named(", ".join(self._settings.allocation.order_by))
        log.info(
            "ledger epoch=%s session=%s last_seq=%d labels_to_send_again=%d",
            *(records.epoch, records.meta("session"), records.seq, unsettled),
        )

    def _rank_again(self) -> None:
        """The order of service was changed: every order gets its rank in the new one."""
        for order, values in self.books.orders.order_ranks():
            ordering.rank_anew(self.books, order, values)

    def run(self) -> None:
        """Work until the inbox is closed and empty."""
        while (batch := self._inbox.take(BATCH)) is not None:
            self.handle(batch)

    def handle(self, batch: list[Stamped]) -> None:
        """Book some facts in one commit, then answer each."""
        try:
            with self.books.store.transaction():
                answers = [self._book(stamped, is_alone=len(batch) == 1) for stamped in batch]
        except (sqlite3.Error, LedgerError) as error:
            self._failed(batch, error)
            return
        for stamped, answer in zip(batch, answers, strict=True):
            if isinstance(answer, EdgeError):
                stamped.answer.set_exception(answer)
            else:
                stamped.answer.set_result(answer)
        self._after_commit()

    def _failed(self, batch: list[Stamped], error: Exception) -> None:
        """A commit that failed may be on disk all the same: open the ledger anew, so that it is seen as it is."""
        log.error("%d facts could not be booked: %s", len(batch), error)
        try:
            self._connection.close()
            self._open()
        except (sqlite3.Error, LedgerError) as again:
            log.error("the ledger cannot be opened again: %s", again)
        # Nobody is told "accepted" unless the commit said so: a booking that is there all the same is an event.
        is_full = "full" in str(error)
        text = (
            "The disk of the box is full: nothing can be booked."
            if is_full
            else "The ledger cannot be written."
        )
        for stamped in batch:
            if isinstance(stamped.fact, CodeScanned):
                self._scans.fail(stamped.fact, stamped.at_ms)
                stamped.answer.set_result(Answer(Verdict.REJECT, text, "disk_full"))
            else:
                stamped.answer.set_exception(LedgerError(text, hint="Make room, or look at the disk."))

    def _book(self, stamped: Stamped, *, is_alone: bool) -> Answer | EdgeError:
        """Book one fact; a mistake of ours in it must not take the others of the commit along."""
        fact, db = stamped.fact, self.books.store.db
        if stamped.at_ms >= self.books.desk.soonest:
            times.catch_up(self.books, stamped.at_ms)
        number = self.books.records.fact + 1
        # Behind a savepoint each page that changes is copied: one fact alone begins its transaction again instead.
        if not is_alone:
            db.execute("SAVEPOINT fact")
        try:
            answer = self._decide(fact, number, stamped.at_ms)
        except sqlite3.OperationalError:
            raise
        except Exception as error:
            log.exception("a fact could not be booked: %s", visible(repr(fact)))
            db.execute("ROLLBACK" if is_alone else "ROLLBACK TO fact")
            db.execute("BEGIN IMMEDIATE" if is_alone else "RELEASE fact")
            self.books.records.load_tail()
            self.books.desk.find_soonest()
            text = f"A mistake inside crossdock: nothing was booked ({type(error).__name__})."
            if isinstance(fact, CommandReceived):
                # Central is answered: a command sent again and again would hold up all those behind it.
                return answering.give_up(self.books, fact, self.books.records.fact + 1, stamped.at_ms, text)
            if isinstance(fact, CodeScanned):
                self._scans.fail(fact, stamped.at_ms)
            return LedgerError(text)
        if not is_alone:
            db.execute("RELEASE fact")
        self._log(fact, number, answer)
        return answer

    def _decide(self, fact: Fact, number: int, at_ms: int) -> Answer:
        books = self.books
        match fact:
            case CodeScanned():
                return self._scans.book(fact, number, at_ms)
            case ClockTicked():
                return devices.DONE
            case CommandReceived():
                return answering.apply(books, fact, number, at_ms)
            case CommandRefused():
                return answering.refuse(books, fact, number, at_ms)
            case EventsConfirmed():
                return confirming.confirm(books, fact, number, at_ms)
            case ExceptionCleared():
                return exceptions.cleared(books, fact, number, at_ms)
            case ReprintAsked() | LabelsRedirected() | LabelGivenUp():
                return label_wishes.wished(books, fact, number, at_ms)
            case DeviceReady():
                return devices.ready(books, fact, number, at_ms)
            case DeviceLost():
                return devices.lost(books, fact, number, at_ms)
            case LabelSending() | LabelPrinted() | LabelUnsettled() | LabelFailed():
                return label_jobs.follow(books, fact, number, at_ms)
            case Delivered():
                return confirming.delivered(books, fact)
            case _:
                assert_never(fact)

    def _log(self, fact: Fact, number: int, answer: Answer) -> None:
        match fact:
            case CodeScanned():
                log.info(
                    "seq=%d scan station=%s scanner=%s code=%s answer=%s %s",
                    *(
                        number,
                        fact.station,
                        fact.scanner,
                        visible(fact.code),
                        answer.verdict.value,
                        answer.text,
                    ),
                )
            case CommandReceived() | CommandRefused():
                log.info(
                    "seq=%d command id=%s answer=%s %s",
                    *(number, visible(fact.id), answer.why or "ok", visible(answer.text)),
                )
            case ExceptionCleared():
                log.info("seq=%d exception.clear by=%s %s", number, fact.by, visible(answer.text))
            case ReprintAsked() | LabelsRedirected() | LabelGivenUp():
                log.info("seq=%d label wish by=%s %s", number, fact.by, visible(answer.text))
            case EventsConfirmed() if answer.verdict is Verdict.REJECT:
                log.warning("seq=%d ack %s", number, visible(answer.text))
            case DeviceLost():
                log.warning("seq=%d %s %s lost: %s", number, fact.kind.value, fact.device, fact.text)
            case DeviceReady():
                level = logging.WARNING if fact.text else logging.INFO
                log.log(level, "seq=%d %s %s ready %s", number, fact.kind.value, fact.device, fact.text)
            case _:
                pass

    def close(self) -> None:
        """Close the ledger; the log of writes goes into the file."""
        self._connection.close()
