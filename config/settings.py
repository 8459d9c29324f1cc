"""The settings of a site as frozen values: what each key means, its default and what is allowed (contract section 2).

Reading the file and telling its errors is `config.load`'s.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""A site, node, scanner, printer or station: letters, digits, - and _."""

Place = Annotated[str, Field(pattern=r"^[\x20-\x7e]{1,64}$")]
"""A location, as everything in the trade: printable ASCII, 1 to 64 characters."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Tls(_Table):
    """Certificates as files (PEM). Mutual TLS when `cert` and `key` are given."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None


class Mqtt(_Table):
    host: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(ge=1, le=65535)] = 1883
    protocol: Literal["5"] = "5"
    username: str | None = None
    password_file: Path | None = None
    tls: Tls | None = None
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")] = "crossdock"
    confirm: Literal["broker"] = "broker"


class Scanner(_Table):
    """`accept`, `attention` and `reject` are written to the scanner as Latin-1 bytes; empty means none."""

    id: Name
    device: str
    station: Name
    accept: str = ""
    attention: str | None = None
    reject: str = ""
    debounce_ms: Annotated[int, Field(ge=0, le=60_000)] = 300
    gs: Annotated[str, Field(min_length=1, max_length=8)] = "\x1d"


class Printer(_Table):
    id: Name
    language: Literal["zpl", "escpos"]
    device: str
    status: Literal["auto", "off"] = "auto"


class Station(_Table):
    id: Name
    mode: Literal["receive", "missing", "found"] = "receive"
    location: Place | None = None
    printer: Name | None = None
    idle_reset_s: Annotated[int, Field(ge=1, le=86_400)] = 120


class Labels(_Table):
    """`printer` serves the stations that name none. `layouts`: a folder whose layouts go before our own."""

    printer: Name | None = None
    layouts: Path | None = None


RankKey = Literal["express", "tier", "promised_at", "placed_at"]


class Allocation(_Table):
    order_by: tuple[RankKey, ...] = ("express", "tier", "promised_at", "placed_at")
    min_shelf_life_days: Annotated[int, Field(ge=0, le=3650)] = 0


class Items(_Table):
    unknown: Literal["accept", "reject"] = "accept"


class Codes(_Table):
    """The site's patterns for its own barcodes: each an anchored regular expression with the group `value`."""

    location: str = r"^LOC:(?P<value>.+)$"
    order: str = r"^ORD:(?P<value>.+)$"
    purchase_order: str = r"^PO:(?P<value>.+)$"
    sku: str = r"^SKU:(?P<value>.+)$"
    label: str = r"^LBL:(?P<value>.+)$"
    operator: str = r"^OP:(?P<value>.+)$"
    quantity: str = r"^QTY:(?P<value>.+)$"
    digit: str = r"^NUM:(?P<value>.+)$"
    lot: str = r"^LOT:(?P<value>.+)$"
    expiry: str = r"^EXP:(?P<value>.+)$"
    command: str = r"^CMD:(?P<value>.+)$"


class Settings(_Table):
    """One node."""

    site: Name
    node: Name
    data_dir: Path
    timezone: str = "UTC"
    mqtt: Mqtt | None = None
    scanners: tuple[Scanner, ...] = ()
    printers: tuple[Printer, ...] = ()
    stations: tuple[Station, ...] = ()
    labels: Labels = Labels()
    allocation: Allocation = Allocation()
    items: Items = Items()
    codes: Codes = Codes()

    def station(self, id: str) -> Station:
        """The station of that id; `config.load` has checked that it is there."""
        return next(station for station in self.stations if station.id == id)

    def printer_of(self, station: Station) -> str | None:
        """The printer that serves a station, if there is one."""
        return station.printer or self.labels.printer
