"""Printers that die after each single byte of a label: `python tests/torture/torture.py --bytes 20 zpl:RESET`.

Each printer gets a label for each of its deaths, from a daemon with a real ledger; after each it is mended. In the
end no label may be missing on paper, and every second one must be marked COPY. Each run of a language and a way ends
by itself with a line. Exit 0: all is well; 1: it is not; 2: it could not be run.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if __package__ in (None, ""):
    sys.path.insert(0, str(ROOT))

from tests.torture.judging import judge  # noqa: E402
from tests.torture.printers import Death, MortalPrinter, PtyPrinter, Speech, TcpPrinter, Way  # noqa: E402
from tests.torture.site import FULL, LOOK_S, SMALL, Site  # noqa: E402

TOLD_EVERY_S = 5.0
STUCK_S = 60.0
"""Without a death and without a label that long, a site stands still."""

LONGER = 12
"""Bytes by which a label may be longer than the first one was: its number has more digits."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One language and way, over TCP or a serial port, with a receipt of the site's own size."""

    language: Speech
    way: Way
    is_serial: bool = False
    receipt: str = SMALL
    at_most: int | None = None
    """Deaths, where there are more bytes than anybody has time for."""

    @property
    def name(self) -> str:
        serial, full = "-serial" * self.is_serial, "-full" * (self.receipt is FULL)
        return f"{self.language}{serial}{full}:{self.way.name}"


def trials() -> list[Trial]:
    over_tcp = [way for way in Way if way is not Way.CABLE]
    made = [Trial(language, way) for language in ("zpl", "escpos") for way in over_tcp]
    made += [Trial("escpos", way, receipt=FULL, at_most=200) for way in over_tcp]
    made += [
        Trial(language, way, is_serial=True, at_most=200)
        for language in ("zpl", "escpos")
        for way in (Way.RESET, Way.POWER, Way.CABLE)
    ]
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trials asked for, one after the other; tells the exit code."""
    all_trials = {trial.name: trial for trial in trials()}
    parser = argparse.ArgumentParser(description="Let printers die after each byte of a label.")
    parser.add_argument("trials", nargs="*", metavar="TRIAL", help=f"of {', '.join(all_trials)} (all)")
    parser.add_argument("--bytes", type=int, help="of a label after which a printer dies, at most (all)")
    parser.add_argument("--printers", type=int, default=16, help="that die side by side (16)")
    chosen = parser.parse_args(arguments)
    unknown = [name for name in chosen.trials if name not in all_trials]
    if unknown:
        parser.error(f"there is no trial {unknown[0]}; the trials are {', '.join(all_trials)}")
    begun = time.monotonic()
    failed = 0
    for name in chosen.trials or all_trials:
        trial = all_trials[name]
        bounds = [bound for bound in (chosen.bytes, trial.at_most) if bound is not None]
        with tempfile.TemporaryDirectory() as folder:
            try:
                is_well = run(
                    trial, Path(folder), at_most=min(bounds) if bounds else None, printers=chosen.printers
                )
            except AssertionError as error:
                # A site that stands still, or whose daemon ended: the other trials are run all the same.
                print(f"{name}: NOT WELL: {error}", flush=True)
                is_well = False
        failed += not is_well
    minutes = (time.monotonic() - begun) / 60
    print(f"{len(chosen.trials or all_trials)} trials in {minutes:.1f} minutes: {failed or 'none'} failed")
    return 1 if failed else 0


def run(trial: Trial, folder: Path, *, at_most: int | None, printers: int) -> bool:
    """Run a trial and say what it came to; tells whether all was well."""
    begun = time.monotonic()
    length = _length(trial, folder / "first")
    deaths = [Death(trial.way, after) for after in (*_sampled(range(1, length + LONGER + 1), at_most), None)]
    count = min(printers, len(deaths))
    with ExitStack() as stack:
        dying = [
            stack.enter_context(_printer(trial, folder, number, deaths[number::count]))
            for number in range(count)
        ]
        site = stack.enter_context(closing(Site(folder / "site", dying, receipt=trial.receipt)))
        _live(site, trial, all_deaths=len(deaths))
        judged = judge(site)
    seconds = time.monotonic() - begun
    print(f"{trial.name}: {len(deaths):,} deaths in {seconds:.0f} s, {judged.summary}", flush=True)
    for foul in judged.fouls:
        print(f"  {foul}", flush=True)
    return not judged.fouls


def _live(site: Site, trial: Trial, *, all_deaths: int) -> None:
    """Print a label for each death and one more at each printer, until no label waits."""
    # A label for each death, and one to see that it lives; where none comes a second time, one to be spared.
    wanted = [printer.left * (2 if trial.way is Way.PAPER else 1) + 1 for printer in site.printers]
    site.start()
    site.wait_until_up()
    for number, labels in enumerate(wanted):
        site.receive(number, labels)
    progress = _Progress(trial.name, all_deaths)
    while True:
        if any(printer.is_down.is_set() for printer in site.printers):
            progress.wait(site, lambda: all(one.is_down.is_set() or not one.left for one in site.printers))
            site.kill9()
            for printer in site.printers:
                if printer.is_down.is_set():
                    printer.power_on()
            site.start()
        elif not any(printer.left for printer in site.printers) and site.waiting() == 0:
            return
        progress.look(site)
        time.sleep(LOOK_S)


class _Progress:
    """Tells every few seconds how far it is, and raises AssertionError for a site that stands still."""

    def __init__(self, name: str, deaths: int) -> None:
        self._name, self._deaths = name, deaths
        self._seen = (0, 0)
        self._moved_at = self._told_at = time.monotonic()

    def look(self, site: Site) -> None:
        now = time.monotonic()
        died = self._deaths - sum(printer.left for printer in site.printers)
        seen = died, sum(len(printer.paper) for printer in site.printers)
        if seen != self._seen:
            self._seen, self._moved_at = seen, now
        assert now - self._moved_at < STUCK_S, (
            f"{self._name} stands still after {died} of {self._deaths} deaths; {site.waiting()} labels wait.\n"
            f"{site.log[-3000:]}"
        )
        if now - self._told_at >= TOLD_EVERY_S:
            self._told_at = now
            print(f"  {self._name}: {died:,} of {self._deaths:,} deaths", flush=True)

    def wait(self, site: Site, is_so: Callable[[], bool]) -> None:
        while not is_so():
            self.look(site)
            time.sleep(LOOK_S)


def _length(trial: Trial, folder: Path) -> int:
    """How long a label of this trial is, by printing one."""
    with (
        _printer(trial, folder, 0, ()) as printer,
        closing(Site(folder / "site", [printer], receipt=trial.receipt)) as site,
    ):
        _live(site, trial, all_deaths=0)
        return len(printer.paper[0])


def _sampled(all_of_them: range, at_most: int | None) -> Iterable[int]:
    """So many of them, evenly, the first and the last among them."""
    if at_most is None or len(all_of_them) <= at_most:
        return all_of_them
    last = len(all_of_them) - 1
    return (all_of_them[round(number * last / (at_most - 1))] for number in range(at_most))


def _printer(trial: Trial, folder: Path, number: int, deaths: Sequence[Death]) -> MortalPrinter:
    if not trial.is_serial:
        return TcpPrinter(trial.language, deaths)
    folder.mkdir(parents=True, exist_ok=True)
    return PtyPrinter(trial.language, deaths, path=folder / f"port-{number}")


if __name__ == "__main__":
    sys.exit(main())
