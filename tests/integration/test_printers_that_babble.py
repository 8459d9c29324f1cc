"""A printer that answers nonsense, half an answer or without end: its labels come out, and the daemon stays small."""

from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from tests.torture.babblers import Babbler, EndlessBabbler, noise
from tests.torture.judging import judge
from tests.torture.printers import Speech, TcpPrinter
from tests.torture.site import Site

STATUS = b"\x02030,0,0,0480,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"
LABELS = 2
WITHIN_S = 120.0
GROWTH_KB = 32 * 1024
"""What the interpreter may take for more printers; what endless ones say in a second is far more."""

ANSWERS: dict[str, tuple[Speech, tuple[bytes, ...]]] = {
    "zpl noise": ("zpl", tuple(noise(200, seed=seed) for seed in range(7))),
    "zpl another's protocol": ("zpl", (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",)),
    "zpl half a status": ("zpl", tuple(STATUS[:at] for at in range(1, len(STATUS), 7))),
    "zpl the end of a status": ("zpl", tuple(STATUS[at:] for at in range(1, len(STATUS), 7))),
    "zpl good and bad in turns": ("zpl", (STATUS, b"\x00", STATUS[:40], b"\xff" * 300)),
    "zpl numbers beyond all": (
        "zpl",
        (STATUS.replace(b"0480", b"9" * 4000), STATUS.replace(b"030,", b"-1,")),
    ),
    "zpl a label that never comes out": ("zpl", (STATUS.replace(b"0480,000", b"0480,255"),)),
    "zpl more than anybody reads": ("zpl", (STATUS * 1000,)),
    "escpos noise": ("escpos", tuple(noise(50, seed=seed) for seed in range(7))),
    "escpos another's protocol": ("escpos", (b"HTTP/1.1 400 Bad Request\r\n\r\n",)),
    "escpos one answer of three": ("escpos", (b"\x12", b"", b"")),
    "escpos half the end of a label": ("escpos", (b"\x37", b"\x22AAA", b"\x12", b"\x37\x22")),
    "escpos good and bad in turns": ("escpos", (b"\x12", b"\x12", b"\x12", b"\x93", b"\x00" * 400)),
}

BABBLE: dict[Speech, tuple[bytes, ...]] = {
    "zpl": (noise(4096, seed=1), b"\x00", STATUS, b"0,"),
    "escpos": (noise(4096, seed=2), b"\x00", b"\x12", b"\x37\x22AAAB\x00"),
}


def judged(folder: Path, printers: Sequence[TcpPrinter]) -> tuple[Sequence[str], int]:
    """Print labels on each, by one daemon: what is wrong with the paper, and the most memory it had (kB)."""
    with ExitStack() as stack:
        for printer in printers:
            stack.enter_context(printer)
        site = stack.enter_context(closing(Site(folder / "site", printers)))
        site.start()
        site.wait_until_up()
        for number, _ in enumerate(printers):
            site.receive(number, LABELS)
        site.wait_until_printed(within_s=WITHIN_S)
        return judge(site).fouls, site.peak_kb()


def test_labels_come_out_whatever_a_printer_answers(tmp_path: Path) -> None:
    fouls, _ = judged(tmp_path, [Babbler(language, *answers) for language, answers in ANSWERS.values()])

    assert fouls == [], list(enumerate(ANSWERS))


def test_labels_come_out_of_printers_that_talk_without_end_and_memory_stays(tmp_path: Path) -> None:
    (tmp_path / "usual").mkdir()
    _, usual_kb = judged(tmp_path / "usual", [TcpPrinter(language, ()) for language in BABBLE])
    babble = [(language, words) for language, told in BABBLE.items() for words in told]
    printers = [EndlessBabbler(language, words) for language, words in babble]

    fouls, peak_kb = judged(tmp_path, printers)

    assert fouls == [], list(enumerate(babble))
    assert all(printer.said > 0 for printer in printers)
    assert peak_kb < usual_kb + GROWTH_KB
