"""Weeks out of seeds, thousands of them: `python tests/simulation/simulate.py --seeds 1000 --jobs 2`.

The first week that fails prints its seed, its step, what was done last and how to run it again; exit 1.
"""

import argparse
import logging
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.simulation.week import ACTS_A_DAY, Week, WeekFailed

TOLD_EVERY_S = 5


def live(seed: int, acts: int) -> tuple[int, str]:
    """Live through a week; returns how many events it had, and what went wrong."""
    # What the engine refuses and loses here is meant: the referee tells what is not.
    logging.getLogger("edge").propagate = False
    week = Week(seed, acts)
    try:
        week.run()
    except WeekFailed as error:
        return 0, str(error)
    return len(week.world.site.referee.wire.payloads), ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the weeks asked for; tells the exit code."""
    parser = argparse.ArgumentParser(description="Seeded weeks, judged by a referee that knows the contract.")
    parser.add_argument("--seeds", type=int, default=1000, help="how many weeks (1000)")
    parser.add_argument("--start", type=int, default=1, help="the first seed (1)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (2)")
    parser.add_argument("--acts", type=int, default=ACTS_A_DAY, help=f"acts in a day ({ACTS_A_DAY})")
    parser.add_argument("--all", action="store_true", help="go on after the first failure")
    chosen = parser.parse_args(arguments)
    begun = told = time.monotonic()
    done = events = failed = 0
    with ProcessPoolExecutor(chosen.jobs) as pool:
        seeds = range(chosen.start, chosen.start + chosen.seeds)
        weeks = [pool.submit(live, seed, chosen.acts) for seed in seeds]
        for week in as_completed(weeks):
            happened, foul = week.result()
            done, events = done + 1, events + happened
            if foul:
                failed += 1
                print(foul, file=sys.stderr, flush=True)
                if not chosen.all:
                    pool.shutdown(cancel_futures=True)
                    return 1
            if time.monotonic() - told > TOLD_EVERY_S:
                told = time.monotonic()
                print(f"{done} of {chosen.seeds} weeks, {events} events", flush=True)
    spent = time.monotonic() - begun
    print(f"{done} weeks, {events} events judged in {spent:.0f} s, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
