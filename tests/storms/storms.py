"""Storms over a whole site: `python tests/storms/storms.py --seconds 20 node:COMMIT`.

A node, mosquitto and the reference central, each a process, while a scanner scans and central sends commands; one of
them, or the network between them, fails again and again. Then all is mended, and what the scanner was told, the
ledger, what was published and central's books must be one story. Exit 0: they are; 1: they are not; 2: a wrong call.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if __package__ in (None, ""):
    sys.path.insert(0, str(ROOT))

from tests.storms import weather  # noqa: E402
from tests.storms.house import House  # noqa: E402
from tests.storms.judging import fouls_of  # noqa: E402

REST_S = 90.0
"""In which all that waits must have come to central, once all is mended."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What fails. `keeps`: the broker has what it took on disk; without it loses all with its power."""

    name: str
    strike: Callable[[House, random.Random], None]
    keeps: bool = True


TRIALS = {
    trial.name: trial
    for trial in (
        Trial("broker:KEEPING", weather.broker_dies),
        Trial("broker:FORGETFUL", weather.broker_dies, keeps=False),
        Trial("network:WILD", weather.network_fails, keeps=False),
        Trial("node:ANYWHERE", weather.node_dies),
        Trial("node:COMMIT", weather.node_dies_before_it_published),
        Trial("node:PUBLISH", weather.node_dies_before_the_puback),
        Trial("node:PUBACK", weather.node_dies_before_the_ack),
        Trial("central:DIES", weather.central_dies),
        Trial("central:SLOW", weather.central_is_slow),
        Trial("central:OLDER", weather.central_is_an_older_copy),
        Trial("ledger:OLDER", weather.ledger_is_an_older_copy),
        Trial("twins:TWO", weather.two_nodes_with_one_name),
        Trial("all:AT-ONCE", weather.anything_fails, keeps=False),
    )
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trials asked for, one after the other; tells the exit code."""
    parser = argparse.ArgumentParser(description="Let a site's parts and network fail, and judge its books.")
    parser.add_argument("trials", nargs="*", metavar="TRIAL", help=f"of {', '.join(TRIALS)} (all)")
    parser.add_argument("--seconds", type=float, default=30.0, help="of storm in each trial (30)")
    parser.add_argument("--seed", type=int, default=1, help="of when what fails (1)")
    parser.add_argument("--protocol", choices=("5", "3.1.1", "both"), default="both", help="(both)")
    chosen = parser.parse_args(arguments)
    unknown = [name for name in chosen.trials if name not in TRIALS]
    if unknown:
        parser.error(f"there is no trial {unknown[0]}; the trials are {', '.join(TRIALS)}")
    protocols = ("5", "3.1.1") if chosen.protocol == "both" else (chosen.protocol,)
    begun = time.monotonic()
    runs = [(TRIALS[name], protocol) for name in chosen.trials or TRIALS for protocol in protocols]
    failed = 0
    for trial, protocol in runs:
        with tempfile.TemporaryDirectory() as folder:
            failed += not run(trial, protocol, Path(folder), seconds=chosen.seconds, seed=chosen.seed)
    minutes = (time.monotonic() - begun) / 60
    print(f"{len(runs)} storms in {minutes:.1f} minutes: {failed or 'none'} failed")
    return 1 if failed else 0


def run(trial: Trial, protocol: str, folder: Path, *, seconds: float, seed: int) -> bool:
    """Run a trial and say what it came to; tells whether all was well."""
    chance = random.Random(f"{trial.name} {protocol} {seed}")
    name = f"{trial.name} over MQTT {protocol}"
    strikes = 0
    try:
        with House(folder / "house", keeps=trial.keeps, protocol=protocol) as house:
            house.wait(lambda: house.have_met, "the node and central to meet", REST_S)
            ends_at = time.monotonic() + seconds
            while time.monotonic() < ends_at:
                house.adjust()
                trial.strike(house, chance)
                strikes += 1
            house.stop_scanning()
            house.wait(lambda: house.is_quiet, "central to have all", REST_S)
            fouls = list(fouls_of(house))
            told = f"{len(house.booked):,} scans, {house.adjusted} commands, {house.listener.repeats:,} events again"
    except AssertionError as error:
        fouls, told = [str(error)], "it did not come to rest"
    verdict = "NOT WELL" if fouls else "one story"
    print(f"{name}: {strikes} strikes, {told}: {verdict}", flush=True)
    for foul in fouls:
        print(f"  {foul}", flush=True)
    return not fouls


if __name__ == "__main__":
    sys.exit(main())
