"""Printers that die within a label, in every way: none is missing on paper, and every second one is marked.

A few bytes of a label here; every one of them is for `make torture`.
"""

import re
from pathlib import Path

import pytest

from tests.labels import Queue
from tests.printer_streams import escpos_picture
from tests.renderers.reading import scans_of
from tests.scripts import run_script
from tests.spooling import spooling
from tests.torture.judging import Label, fouls_of
from tests.torture.printers import Death, PtyPrinter, TcpPrinter, Way
from tests.torture.torture import Trial, main, trials

SMOKE = (
    "zpl:CLOSED",
    "escpos:SILENT",
    "escpos:DEAF",
    "zpl:POWER",
    "escpos:PAPER",
    "zpl-serial:CABLE",
)
BYTES = 2


def torture(*arguments: object) -> tuple[int, list[str]]:
    code, lines = run_script("tests/torture/torture.py", *arguments)
    # On a slow machine it tells every few seconds how far it is.
    return code, [line for line in lines if not line.startswith("  ")]


def test_no_label_is_missing_and_every_second_one_is_marked() -> None:
    code, lines = torture("--bytes", BYTES, "--printers", 3, *SMOKE)

    assert code == 0, lines
    for trial, line in zip(SMOKE, lines[:-1], strict=True):
        assert line.startswith(f"{trial}: {BYTES + 1} deaths in ")
        assert line.endswith(" marked COPY: none missing, no second one without its mark")
    assert re.fullmatch(rf"{len(SMOKE)} trials in [\d.]+ minutes: none failed", lines[-1])


def test_every_way_is_tried_in_both_languages() -> None:
    tried = {trial.name for trial in trials()}

    assert {
        f"{language}:{way.name}" for language in ("zpl", "escpos") for way in Way if way is not Way.CABLE
    } <= tried
    assert set(SMOKE) <= tried


def test_a_site_that_stands_still_fails_its_trial_and_no_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stands_still(trial: Trial, *_: object, **__: object) -> bool:
        if trial.language == "zpl":
            raise AssertionError("It stands still.")
        return True

    monkeypatch.setattr("tests.torture.torture.run", stands_still)

    code = main(["zpl:RESET", "escpos:RESET"])

    assert code == 1
    assert capsys.readouterr().out.splitlines() == [
        "zpl:RESET: NOT WELL: It stands still.",
        "2 trials in 0.0 minutes: 1 failed",
    ]


def test_a_trial_that_there_is_not_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["zpl:FIRE"])

    assert ended.value.code == 2
    assert "there is no trial zpl:FIRE; the trials are zpl:CLOSED, " in capsys.readouterr().err


BOOKED = ("L-1", "L-2", "L-3")
GOOD = [Label("L-1", is_copy=False), Label("L-2", is_copy=True), Label("L-3", is_copy=False)]


@pytest.mark.parametrize(
    ("out", "foul"),
    [
        (GOOD, []),
        ([*GOOD, Label("L-3", is_copy=True)], []),
        (GOOD[:2], ["label L-3 is missing"]),
        ([*GOOD, GOOD[2]], ["label L-3 came out 2 times, marked [False, False]"]),
        ([*GOOD, None], ["1 labels came out that nobody can read"]),
        ([GOOD[1], GOOD[0], GOOD[2]], ["labels came out in the order ['L-2', 'L-1', 'L-3']"]),
        ([*GOOD, Label("L-9", is_copy=False)], ["labels came out that were not booked here: ['L-9']"]),
    ],
)
def test_the_judge_sees_what_is_wrong_with_the_paper(out: list[Label | None], foul: list[str]) -> None:
    assert list(fouls_of(BOOKED, out)) == foul


def test_a_printer_that_dies_prints_no_half_label_and_lives_on() -> None:
    queue = Queue(3)
    with (
        TcpPrinter("zpl", [Death(Way.RESET, 100), Death(Way.CLOSED, None)]) as printer,
        spooling(queue, printer.url),
    ):
        queue.wait_until_empty(timeout_s=20)

    assert printer.left == 0
    assert [b"COPY" in label for label in printer.paper] == [True, False, True, False]


@pytest.mark.parametrize("after", [6, 1000], ids=["within its head", "within its dots"])
def test_half_a_picture_in_a_receipt_printer_costs_no_label(tmp_path: Path, after: int) -> None:
    queue = Queue(1)
    with (
        PtyPrinter("escpos", [Death(Way.CABLE, after)], path=tmp_path / "port") as printer,
        spooling(queue, printer.url, language="escpos"),
    ):
        queue.wait_until_empty(timeout_s=8)

    assert "]C0LBL:L-000001" in scans_of(escpos_picture(printer.paper[-1]))
