"""What printers answer when they are asked how they are, and what is made of nonsense."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import asking, zpl_status
from drivers.escpos_printer import Escpos
from drivers.printing import MAX_DRAINED, Report, Trouble
from drivers.zpl_printer import Zpl
from drivers.zpl_status import report_of

WELL = (
    b"\x02030,0,0,0480,000,0,0,0,000,0,0,0\x03\r\n"
    b"\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n"
    b"\x021234,0\x03\r\n"
)
OUT_OF_PAPER = Trouble("is out of paper", "put in a roll")
CUTTER = Trouble("has a cutter that is stuck", "clear it, and switch the printer off and on")
IN_ERROR = Trouble("reports an error", "see its display or lamps, and switch it off and on")
PROCESS_QUESTION = b"\x1d(H\x06\x00\x30\x30"


class Line:
    """A channel whose other end answers by a rule; `stale` is there before anything was asked."""

    def __init__(self, rule: Callable[[bytes], bytes], stale: bytes = b"") -> None:
        self._rule = rule
        self._ready = stale

    def write(self, data: bytes) -> None:
        self._ready += self._rule(data)

    def read(self, timeout_s: float) -> bytes:
        ready, self._ready = self._ready, b""
        return ready

    def settle(self) -> None: ...

    def close(self) -> None: ...


def receipt_printer(answers: Mapping[int, int], stale: bytes = b"") -> Line:
    """Answers `DLE EOT n` with these bits beside the fixed ones, and `GS ( H` at once."""

    def rule(data: bytes) -> bytes:
        if data.startswith(PROCESS_QUESTION):
            return b"\x37\x22" + data[7:] + b"\x00"
        return bytes([0x12 | answers[data[2]]]) if data[2] in answers else b""

    return Line(rule, stale)


@pytest.mark.parametrize(
    ("old", "new", "report"),
    [
        (b"", b"", Report(heard=True, told=True)),
        (b"030,0,", b"030,1,", Report(heard=True, told=True, trouble=OUT_OF_PAPER)),
        (b",0480,000", b",0480,002", Report(heard=True, told=True, waiting=2)),
        (b"4,0,00000000", b"4,0,00000003", Report(heard=True, told=True, waiting=3)),
        (b"4,0,00000000", b"4,1,00000001", Report(heard=True, told=True)),
        (b"030,0,0", b"030,0,1", Report(True, True, Trouble("is paused", "press its pause key"))),
        (
            b"\x02000,0,0,0,0",
            b"\x02000,0,1,0,0",
            Report(True, True, Trouble("has its head open", "close it")),
        ),
        (
            b"\x02000,0,0,0,0",
            b"\x02000,0,0,1,1",
            Report(True, True, Trouble("is out of ribbon", "put in a ribbon")),
        ),
        (b"\x02000,0,0,0,0", b"\x02000,0,0,1,0", Report(heard=True, told=True)),
    ],
)
def test_the_flags_of_a_zpl_printer_are_told_by_name(old: bytes, new: bytes, report: Report) -> None:
    assert report_of(WELL.replace(old, new, 1)) == report


@pytest.mark.parametrize(
    "noise", [b"HTTP/1.1 400\r\n", b"\x02,,,\x03", b"~HS", b"\x02" + b"1," * 11 + b"x\x03"]
)
def test_noise_is_heard_and_tells_nothing(noise: bytes) -> None:
    assert report_of(noise) == Report(heard=True)


def test_an_answer_among_noise_is_found() -> None:
    assert report_of(b"hello\r\n" + WELL + b"\xff").told


@given(st.binary(max_size=300))
def test_no_bytes_upset_the_reading_of_an_answer(data: bytes) -> None:
    assert report_of(data).heard == bool(data)
    assert Escpos({}).ask(Line(lambda _: data), within_s=0.001).waiting == 0


def test_an_answer_that_came_late_is_not_taken_for_the_next() -> None:
    stale = WELL.replace(b"030,0,", b"030,1,")

    assert Zpl({}).ask(Line(lambda _: WELL, stale), within_s=0.1) == Report(heard=True, told=True)
    assert Escpos({}).ask(receipt_printer({1: 0, 2: 0, 4: 0}, b"\x7a"), within_s=0.1).trouble is None


def test_a_zpl_printer_without_paper_says_nothing_at_all() -> None:
    assert Zpl({}).ask(Line(lambda _: b""), within_s=0.01) == Report()


@pytest.mark.parametrize(
    ("answers", "trouble"),
    [
        ({1: 0, 2: 0, 4: 0}, None),
        ({1: 0x08, 2: 0x20, 4: 0x60}, OUT_OF_PAPER),
        ({1: 0, 2: 0, 4: 0x60}, OUT_OF_PAPER),
        ({1: 0, 2: 0, 4: 0x0C}, None),
        ({1: 0x08, 2: 0x04, 4: 0}, Trouble("has its cover open", "close it")),
        ({1: 0x08, 2: 0x40, 3: 0x08, 4: 0}, CUTTER),
        ({1: 0x08, 2: 0x40, 3: 0x40, 4: 0}, Trouble("is too hot", "let it stand")),
        ({1: 0x08, 2: 0x40, 3: 0x20, 4: 0}, IN_ERROR),
        ({1: 0x08, 2: 0x40, 4: 0}, IN_ERROR),
        ({1: 0x08, 2: 0, 4: 0}, Trouble("is offline", "press its feed or online key")),
        ({1: 0}, None),
    ],
)
def test_the_bits_of_a_receipt_printer_are_told_by_name(
    answers: Mapping[int, int], trouble: Trouble | None
) -> None:
    report = Escpos({}).ask(receipt_printer(answers), within_s=0.01)

    assert (report.told, report.trouble) == (True, trouble)


def test_bytes_without_the_fixed_bits_are_no_answer() -> None:
    assert Escpos({}).ask(Line(lambda _: b"\x00\xff\x93"), within_s=0.01) == Report(heard=True)


def test_a_label_is_out_once_the_printer_says_so() -> None:
    language = Escpos({})
    line = receipt_printer({1: 0, 2: 0, 4: 0})
    question = language.end_question()
    before = language.ask(line, within_s=0.1)

    line.write(question)
    after = language.ask(line, within_s=0.1)

    assert question.startswith(PROCESS_QUESTION)
    assert (before.waiting, after.waiting) == (1, 0)


def test_a_printer_that_does_not_tell_the_end_is_not_asked_for_it_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("drivers.escpos_printer.END_WITHIN_S", -1)
    language = Escpos({})
    assert language.end_question()

    assert language.ask(receipt_printer({1: 0, 2: 0, 4: 0}), within_s=0.1).waiting == 0
    assert language.end_question() == b""


@pytest.mark.parametrize(
    "nonsense",
    [
        # R and V have the bits of a status, and R those of "out of paper".
        b"HTTP/1.1 400 Bad Request\r\nVary: *\r\n\r\n",
        bytes(range(256)),
        b"\x12" * 100,
    ],
    ids=["another protocol", "every byte", "a hundred answers"],
)
def test_a_receipt_printer_that_says_more_than_an_answer_tells_nothing(nonsense: bytes) -> None:
    report = Escpos({}).ask(Line(lambda data: nonsense), within_s=1.0)

    assert report == Report(heard=True)


def test_a_receipt_printer_that_talks_without_end_is_heard_out_no_longer_than_an_answer_may_be() -> None:
    line = Endless(b"\x37\x22AAAB\x00" * 512)

    report = Escpos({}).ask(line, within_s=60.0)

    assert report == Report()
    assert line.reads <= 2 + MAX_DRAINED


class Endless(Line):
    """Always has more to say."""

    def __init__(self, babble: bytes) -> None:
        super().__init__(lambda data: b"")
        self._babble = babble
        self.reads = 0

    def read(self, timeout_s: float) -> bytes:
        self.reads += 1
        return self._babble


def test_one_that_spoke_nonsense_and_fell_silent_is_not_asked_at_every_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asking, "FIRST_ANSWER_S", 0.01)
    now_s, asked, answers = [0.0], [], iter([b"HTTP/1.1 400"])
    monkeypatch.setattr(asking, "time", SimpleNamespace(monotonic=lambda: now_s[0]))

    def rule(data: bytes) -> bytes:
        asked.append(data)
        return next(answers, b"")

    line, printer = Line(rule), asking.Asking(Zpl({}), name="Printer zebra-1", asks=True)
    printer.greet(line)
    for now_s[0] in (1.0, 61.0, 62.0, 63.0):
        printer.ask_again(line)

    assert printer.complaint
    assert asked == [b"~HS", b"~HS", b"~HQES"]


def label_printer(status: bytes, errors: bytes) -> Line:
    """Answers `~HS` and `~HQES`, each with what is given."""
    return Line(lambda data: {b"~HS": status, b"~HQES": errors}[data])


def errors_of(flags: int) -> bytes:
    return b"\x02\r\nPRINTER STATUS\r\nERRORS: %d 00000000 %08X\r\nWARNINGS: 0 00000000 00000000\r\n\x03" % (
        bool(flags),
        flags,
    )


@pytest.mark.parametrize(
    ("flags", "what"),
    [
        (0x1, "is out of paper"),
        (0x2, "is out of ribbon"),
        (0x4, "has its head open"),
        (0x5, "has its head open"),
        (0x8, "has a cutter that is stuck"),
        (0x10, "is too hot"),
        (0x20, "is too hot"),
        (0x1000, "has a paper jam"),
        (0x8000, "has a paper jam"),
        (0x10000, "is paused"),
        (0x80000, "does not find the black mark"),
        (0x200, "reports an error"),
    ],
)
def test_a_zpl_printer_that_is_silent_for_its_trouble_is_asked_for_its_errors(flags: int, what: str) -> None:
    report = Zpl({}).ask(label_printer(b"", errors_of(flags)), within_s=0.01)

    assert (report.heard, report.told) == (True, True)
    assert report.trouble is not None
    assert report.trouble.what == what


def test_one_that_is_silent_and_has_no_error_is_silent() -> None:
    assert Zpl({}).ask(label_printer(b"", errors_of(0)), within_s=0.01) == Report()


def test_a_label_that_stays_in_a_printer_which_says_it_is_well_is_asked_about(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    printer, waits = Zpl({}), WELL.replace(b",0480,000", b",0480,001", 1)

    first = printer.ask(label_printer(waits, errors_of(0x8)), within_s=0.01)
    monkeypatch.setattr(zpl_status, "STAYS_S", 0.0)
    then = printer.ask(label_printer(waits, errors_of(0x8)), within_s=0.01)
    monkeypatch.setattr(zpl_status, "STAYS_S", 60.0)
    out = printer.ask(label_printer(WELL, errors_of(0)), within_s=0.01)

    assert (first.trouble, first.waiting) == (None, 1)
    assert then.trouble is not None
    assert (then.trouble.what, then.waiting) == ("has a cutter that is stuck", 1)
    assert out == Report(heard=True, told=True)


def test_one_that_does_not_know_the_question_is_asked_once() -> None:
    asked: list[bytes] = []

    def rule(data: bytes) -> bytes:
        asked.append(data)
        return b"?" if data == b"~HQES" else b""

    printer = Zpl({})
    for _ in range(2):
        printer.ask(Line(rule), within_s=0.01)

    assert asked == [b"~HS", b"~HQES", b"~HS"]
