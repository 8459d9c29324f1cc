"""The open books and the settings, as every part of the engine has them."""

from dataclasses import dataclass

from config.settings import Settings
from edge.clock import Calendar
from edge.domain.codes import CodeReader
from edge.ledger.desk import Desk
from edge.ledger.orders import Orders
from edge.ledger.records import Records
from edge.ledger.store import Store


@dataclass(frozen=True, slots=True)
class Books:
    settings: Settings
    store: Store
    orders: Orders
    records: Records
    desk: Desk
    reader: CodeReader
    calendar: Calendar

    @property
    def printer(self) -> str | None:
        """The printer of what no station asked for: the site's own, else the one that serves all stations."""
        serving = {self.settings.printer_of(station) for station in self.settings.stations}
        return self.settings.labels.printer or (serving.pop() if len(serving) == 1 else None)

    def refuses(self, sku: str) -> bool:
        """The catalogue lacks an item, and the site will have none of it."""
        return self.settings.items.unknown == "reject" and not self.store.by_sku(sku)

    def printer_at(self, station: str) -> str | None:
        return self.settings.printer_of(self.settings.station(station))
