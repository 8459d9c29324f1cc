"""Serial scanners at real pseudo-terminals, under their supervisors, with the real inbox.

The engine is a thread that answers every scan, so that what is tested is the way in and the way back.
"""

from pathlib import Path

import pytest

from drivers.framing import MAX_LINE_BYTES
from drivers.simulated import PtyScanner
from edge.facts import (
    MAX_CODE_LENGTH,
    CodeScanned,
)
from tests.integration.scanner_bench import (
    ACCEPT,
    ATTENTION,
    REJECT,
    TIMEOUT_S,
    Engine,
    at_work,
    ready,
    served,
    settings,
)


def test_a_scan_is_posted_with_its_scanner_station_and_dialogue(gun: PtyScanner, engine: Engine) -> None:
    with at_work(gun, engine):
        gun.scan("LOC:A-01")

        engine.wait_for(
            CodeScanned(scanner="gun-1", station="dock-1", dialogue="gun-1", code="LOC:A-01", debounce_ms=250)
        )


@pytest.mark.parametrize(
    ("code", "answer"), [("LOC:A-01", ACCEPT), ("attention", ATTENTION), ("reject", REJECT)]
)
def test_each_verdict_has_its_bytes(gun: PtyScanner, engine: Engine, code: str, answer: bytes) -> None:
    with at_work(gun, engine):
        assert gun.scan(code) == answer


def test_attention_left_out_is_as_accept(gun: PtyScanner, engine: Engine) -> None:
    with at_work(gun, engine, attention=None):
        assert gun.scan("attention") == ACCEPT


def test_an_empty_answer_writes_nothing(gun: PtyScanner, engine: Engine) -> None:
    with at_work(gun, engine, accept=""):
        gun.send(b"LOC:A-01\rreject\r")

        assert gun.read_answer(TIMEOUT_S) == REJECT
        assert engine.codes(2) == ["LOC:A-01", "reject"]


def test_answers_are_latin_1_bytes(gun: PtyScanner, engine: Engine) -> None:
    gun._answers = [b"\x1b8,\xff"]

    with at_work(gun, engine, accept="\x1b8,\xff"):
        assert gun.scan("LOC:A-01") == b"\x1b8,\xff"


def test_a_scan_that_could_not_be_booked_is_refused(gun: PtyScanner, engine: Engine) -> None:
    with at_work(gun, engine):
        assert gun.scan("fail") == REJECT
        assert gun.scan("LOC:A-01") == ACCEPT


def test_a_scan_without_an_answer_in_time_gets_none_and_the_next_is_served(
    gun: PtyScanner, engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("drivers.conversation.ANSWER_TIMEOUT_S", 0.2)

    with at_work(gun, engine):
        gun.send(b"silent\rreject\r")

        assert gun.read_answer(TIMEOUT_S) == REJECT
    assert "scanner=gun-1 no answer to 'silent' in time: it was given none" in caplog.text


def test_lines_come_split_joined_and_with_any_end(gun: PtyScanner, engine: Engine) -> None:
    with at_work(gun, engine):
        for chunk in (b"LO", b"C:A-01\r", b"\nA\nB\r\nC\r", b"\r\n\r\nD", b"\n"):
            gun.send(chunk)

        assert engine.codes(5) == ["LOC:A-01", "A", "B", "C", "D"]


def test_scans_are_answered_one_by_one_in_their_order(gun: PtyScanner, engine: Engine) -> None:
    # Three answers of which none begins another, so that they can be told apart in a row.
    with at_work(gun, engine, accept="a", attention="t", reject="r"):
        gun._answers = [b"atratr"]
        gun.send(b"X\rattention\rreject\rY\rattention\rreject\r")

        assert gun.read_answer(TIMEOUT_S) == b"atratr"


def test_noise_is_a_line_like_any_other(gun: PtyScanner, engine: Engine) -> None:
    # Every byte but the line ends: none may be taken as a signal, an end of file or flow control on its way.
    noise = bytes(value for value in range(256) if value not in b"\r\n")

    with at_work(gun, engine):
        gun.send(b"LOC:A-01\r" + noise + b"\rLOC:A-02\r")

        assert engine.codes(3) == ["LOC:A-01", noise.decode("latin-1"), "LOC:A-02"]


def test_gs_as_this_scanner_sends_it_becomes_gs(gun: PtyScanner, engine: Engine) -> None:
    with served(settings(gun.url, gs="<GS>"), engine):
        engine.wait_for(ready())
        gun.scan("]C110B7<GS>3712")

        assert engine.codes(1) == ["]C110B7\x1d3712"]


def test_a_long_line_is_cut_and_a_line_that_never_ends_is_told(gun: PtyScanner, engine: Engine) -> None:
    too_long = "A" * (MAX_CODE_LENGTH + 1)

    with at_work(gun, engine):
        gun.send(b"A" * 1000 + b"\rLOC:A-01\r")
        assert engine.codes(2) == [too_long, "LOC:A-01"]

        gun.send(b"A" * (MAX_LINE_BYTES + 1))
        assert engine.codes(3)[2:] == [too_long]

        gun.send(b"A" * 20_000 + b"\rLOC:A-02\r")
        assert engine.codes(4)[3:] == ["LOC:A-02"]


def test_two_scanners_do_not_mix(tmp_path: Path, engine: Engine) -> None:
    with (
        PtyScanner(tmp_path / "one") as one,
        PtyScanner(tmp_path / "two") as two,
        served(settings(one.url), engine),
        served(settings(two.url, id="gun-2"), engine),
    ):
        engine.wait_for(ready())
        engine.wait_for(ready("gun-2"))
        for n in range(50):
            one.send(b"ON")
            two.send(b"TW")
            one.send(b"E%d\r" % n)
            two.send(b"O%d\r" % n)

        assert engine.codes(50) == [f"ONE{n}" for n in range(50)]
        assert engine.codes(50, "gun-2") == [f"TWO{n}" for n in range(50)]
