"""A week in a warehouse, all of it out of one seed: who does what when, and what goes wrong."""

import logging
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TypeVar

from config.settings import Allocation, RankKey, Settings, Station
from edge.clock import from_rfc3339
from tests.house import StandingClock
from tests.simulation import floor, office
from tests.simulation.bookings import Bookings
from tests.simulation.faults import Faults
from tests.simulation.goods_for_sale import FIRST_DAY, ITEMS
from tests.simulation.referee import Referee
from tests.simulation.site import Site
from tests.simulation.wire import Said
from tests.simulation.world import Command, Gun, Office, World

DAYS = 7
ACTS_A_DAY = 40
LULL_S = 1500
"""Some breaks are longer than any dialogue is remembered."""

ORDERS_BY: tuple[tuple[RankKey, ...], ...] = (
    ("express", "tier", "promised_at", "placed_at"),
    ("placed_at",),
    ("tier", "express", "placed_at"),
    ("promised_at", "tier"),
)

STATIONS = (
    Station(id="dock-1", mode="receive", location="DOCK-1", printer="zebra-1"),
    Station(id="dock-2", mode="receive", location="DOCK-2", printer="zebra-2", idle_reset_s=60),
    Station(id="aisle-1", mode="missing", location="A-01", printer="zebra-1"),
    Station(id="aisle-2", mode="found", location="A-02"),
)
GUNS = (
    Gun("gun-1", "dock-1", "DOCK-1", 120),
    Gun("gun-2", "dock-1", "DOCK-1", 120),
    Gun("gun-3", "dock-2", "DOCK-2", 60),
    Gun("gun-4", "aisle-1", "A-01", 120),
    Gun("gun-5", "aisle-2", "A-02", 120),
    Gun("gun-6", "aisle-2", "A-02", 120),
)


class Mishaps(logging.Handler):
    """Keeps the last mistake of the engine's own that its log tells, with its traceback."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.last: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.last = logging.Formatter().format(record).splitlines()[-12:]


class WeekFailed(AssertionError):  # noqa: N818 - it is a finding
    """A week went wrong; the text has its seed, its step, what was last done and how to run it again."""


@dataclass(slots=True)
class Week:
    """One seed's week. `acts_a_day` makes it shorter or longer."""

    seed: int
    acts_a_day: int = ACTS_A_DAY
    record: Callable[[Said], None] = lambda said: None
    random: Random = field(init=False)
    world: World = field(init=False)
    faults: Faults = field(init=False)

    def run(self) -> None:
        """Live through it. Raises WeekFailed."""
        with tempfile.TemporaryDirectory(prefix="week-") as folder:
            self._begin(Path(folder))
            mishaps, log = Mishaps(), logging.getLogger("edge")
            log.addHandler(mishaps)
            try:
                self._days()
            except Exception as error:
                raise WeekFailed(self._report(error, mishaps.last)) from error
            finally:
                log.removeHandler(mishaps)
                self.world.site.close()

    def _begin(self, folder: Path) -> None:
        self.random = Random(self.seed)
        order_by = self.random.choice(ORDERS_BY)
        min_days = self.random.choice((0, 0, 2))
        settings = Settings(
            site="par1",
            node="dock-a",
            data_dir=folder,
            timezone="Europe/Paris",
            stations=STATIONS,
            allocation=Allocation(order_by=order_by, min_shelf_life_days=min_days),
        )
        referee = Referee(Bookings(order_by, "Europe/Paris", min_days))
        clock = StandingClock(from_rfc3339(f"{FIRST_DAY}T06:00:00Z"))
        site = Site(folder, settings, clock, referee, record=self.record)
        self.world = World(site, self.random, GUNS)
        self.faults = Faults(self.random)

    def _days(self) -> None:
        world = self.world
        world.send(self._catalogue())
        for day in range(DAYS):
            self._day()
            self.faults.everything_mends(world.site)
            self._labels_are_right()
            world.site.audit()
            world.busy.clear()
            world.site.clock.at_ms = from_rfc3339(f"{FIRST_DAY}T06:00:00Z") + (day + 1) * 86_400_000
            if self.random.random() < 0.5:
                world.site.restart()
            # In the morning the day has turned: the daemon sees to that before anybody comes.
            world.site.tick()

    def _labels_are_right(self) -> None:
        site = self.world.site
        with_printer = {station.id for station in STATIONS if station.printer}
        site.paper.names_who_was_served(site.referee.bookings.goods.bookings.values(), with_printer)

    def _catalogue(self) -> Office:
        yield Command("catalogue.upsert", {"items": [item.told(self.random.randint(0, 6)) for item in ITEMS]})

    def _day(self) -> None:
        left = self.acts_a_day
        while left > 0 or self.world.busy:
            self.world.step += 1
            self._time_goes_by()
            self.faults.around(self.world.site)
            begins = left > 0 and self.random.random() < 0.4
            if begins and self.random.random() < 0.3:
                self.world.send(_choose(self.random, office.ACTS)(self.world), self.faults.cut_after())
                self._twice()
                left -= 1
            elif begins and (idle := [gun for gun in GUNS if gun.scanner not in self.world.busy]):
                gun = self.random.choice(idle)
                self.world.begin(gun, _choose(self.random, floor.ACTS)(self.world, gun))
                left -= 1
            self._somebody_scans()

    def _time_goes_by(self) -> None:
        lull = self.random.random() < 0.02
        self.world.site.wait(self.random.randint(60, LULL_S) if lull else self.random.randint(1, 4))
        if self.random.random() < 0.2:
            self.world.site.tick()

    def _somebody_scans(self) -> None:
        busy = [gun for gun in GUNS if gun.scanner in self.world.busy]
        if not busy:
            return
        gun = self.random.choice(busy)
        if self.world.advance(gun, self.faults.cut_after()) and self.faults.happens("bounce", 0.03):
            self.world.bounce(gun)

    def _twice(self) -> None:
        if self.faults.happens("command twice", 0.1):
            self.world.repeat_command()

    def _report(self, error: Exception, mishap: list[str]) -> str:
        world = self.world
        events = [payload.decode()[:600] for payload in world.site.referee.wire.payloads[-8:]]
        return "\n".join(
            [
                f"seed {self.seed}, step {world.step}: {type(error).__name__}: {error}",
                "-- what was done last",
                *world.log[-14:],
                "-- the last events",
                *events,
                *mishap,
                f"-- again: python tests/simulation/simulate.py --start {self.seed} --seeds 1"
                f" --acts {self.acts_a_day}",
            ]
        )


T = TypeVar("T")


def _choose(random: Random, acts: Mapping[str, tuple[int, T]]) -> T:
    weights = [weight for weight, _ in acts.values()]
    return random.choices([act for _, act in acts.values()], weights)[0]
