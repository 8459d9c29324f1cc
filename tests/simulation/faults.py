"""What goes wrong: the power, the process, the link, the printers, and people who do things twice."""

from dataclasses import dataclass, field
from random import Random

from tests.simulation.site import IN_FLIGHT, PRINTERS, Site


@dataclass(slots=True)
class Faults:
    """Which of them happen, by chance. Rates are per step of the simulation."""

    random: Random
    is_central_away: bool = False
    is_off: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(PRINTERS, False))
    seen: dict[str, int] = field(default_factory=dict)

    def happens(self, name: str, share: float) -> bool:
        """Roll the dice for one of them, and keep count."""
        if self.random.random() >= share:
            return False
        self.seen[name] = self.seen.get(name, 0) + 1
        return True

    def cut_after(self) -> int | None:
        """After how many steps of the database the power goes: often within the booking, often after its commit."""
        if not self.happens("power cut", 0.006):
            return None
        return self.random.choice((1, 20, 60, 150, 400, 1_000_000))

    def around(self, site: Site) -> None:
        """Whatever else goes on between two scans: printers print, the link publishes, things break and mend."""
        if self.happens("restart", 0.004):
            site.restart()
        if self.happens("central away or back", 0.01):
            self.is_central_away = not self.is_central_away
        for printer in PRINTERS:
            if self.happens("printer off or on", 0.01):
                self.is_off[printer] = not self.is_off[printer]
            if not self.is_off[printer] and self.random.random() < 0.5:
                site.print_label(printer, ending=self._ending())
        if not self.is_central_away and self.random.random() < 0.3:
            # An event may be published and its delivery never be heard of.
            site.publish(is_delivered=not self.happens("delivery unheard", 0.05))
        if self.random.random() < 0.3:
            site.tell_levels()

    def _ending(self) -> str:
        if self.happens("label unknown", 0.03):
            return "unknown"
        return "gone" if self.happens("process gone while printing", 0.01) else "printed"

    def everything_mends(self, site: Site) -> None:
        """At the end all labels come out and central hears all."""
        for printer in PRINTERS:
            while site.print_label(printer):
                pass
        while site.publish() == IN_FLIGHT:
            pass
        site.tell_levels()
