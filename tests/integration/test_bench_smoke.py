"""The measurements can be taken. What they come to is for `make bench`, on a machine that does nothing else."""

from tests.bench.table import HEADINGS, Row, table
from tests.scripts import ROOT, run_script

MEASURED = (
    "receipts with 5 waiting backorders each",
    "scans from 8 streams, accepted after commit",
    "a GS1-128 label read as a code",
    "a plain EAN-13 read as a code",
    "a label from job to ZPL, p50 / p99",
    "a label from job to ESC/POS, p50 / p99",
    "one scanner, scan to accept, p50 / p99",
    "20 scanners at 2 scans/s each, scan to accept, p99",
    "a scanner pulled out and put in 2 times",
    "commit to first byte at an idle printer, p50 / p99",
    "a scan with 50 labels waiting for a dead printer, p50 / p99",
    "60 labels out once the printer is back",
    "backlog drained, confirm=broker, against bare paho",
    "backlog drained, confirm=central, against bare paho",
    "commit to PUBACK, idle, p50 / p99",
    "2,000 items and 1,000 positions over MQTT, 500 a message",
    "a receipt with 2,000 lines waiting, against 1,000",
    "memory of the daemon after 50 scans",
    "from start to ready",
    "verify over 1,000 events",
    "a receipt with 2,000 events in the ledger, against none",
    "scan to accept while 1,000 events drain, p50 / p99",
    "memory with 1,000 undelivered events",
    "a COUNT of 20 items, settled",
    "a pallet of 20 lines, received",
)


def test_every_figure_stands_in_the_table_and_nothing_stays_on_the_disk() -> None:
    kept = set((ROOT / "build" / "bench").glob("*"))

    code, lines = run_script("tests/bench/run.py", "--small", within_s=120)

    assert code == 0
    head = next(n for n, line in enumerate(lines) if line.split() == list(HEADINGS))
    figures = lines[head + 2 : head + 2 + len(MEASURED)]
    assert [line[: len(what)] for line, what in zip(figures, MEASURED, strict=True)] == list(MEASURED)
    assert {line.split()[-1] for line in figures} <= {"yes", "no"}
    assert set((ROOT / "build" / "bench").glob("*")) <= kept


def test_a_figure_that_is_not_reached_stands_as_it_is_with_what_limits_it() -> None:
    row = Row("scans", "5/s", "100/s", "0.05", ">= 0.5", is_reached=False, limit="the belt.", note="by hand.")

    lines = table([row]).splitlines()

    assert lines == [
        "what   figure  floor  ratio  goal    reached",
        "-----  ------  -----  -----  ------  -------",
        "scans  5/s     100/s  0.05   >= 0.5  no",
        "",
        "- scans: by hand.",
        "- scans: not reached: the belt.",
    ]
