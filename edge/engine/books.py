"""The open books and the settings, as every part of the engine has them."""

from dataclasses import dataclass

from config.settings import Settings
from edge.clock import Calendar
from edge.domain.codes import CodeReader
from edge.ledger.central import Central
from edge.ledger.desk import Desk
from edge.ledger.labels import Labels
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
    labels: Labels
    central: Central
    reader: CodeReader
    calendar: Calendar

    @property
    def is_confirmed_by_central(self) -> bool:
        """An event counts as delivered once central says so, not once the broker took it."""
        mqtt = self.settings.mqtt
        return mqtt is not None and mqtt.confirm == "central"

    def refuses(self, sku: str) -> bool:
        """The catalogue lacks an item, and the site will have none of it."""
        return self.settings.items.unknown == "reject" and not self.store.by_sku(sku)
