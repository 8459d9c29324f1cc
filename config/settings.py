"""The settings of a site as frozen values: what each key means, its default, its limits (contract section 2).

Reading the file and telling its errors is `config.load`'s. A ValueError raised here is a sentence for people.
"""

import re
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationInfo,
    model_validator,
)

from config import devices
from config.words import nearest, shown

ANSWER_MAX = 64
"""Bytes written back to a scanner for one scan, at most."""

PAUSE_MAX_MS = 2000
"""Pauses in an answer, all together: the next scan's answer comes after them."""


def _path(value: object, info: ValidationInfo) -> object:
    """Take a path as text, relative to `folder` in the context: the folder of the file that names it."""
    if not isinstance(value, str):
        return value
    if not value or "\0" in value:
        raise ValueError("expected a path, relative to this file or absolute.")
    folder: Path = (info.context or {}).get("folder", Path())
    return folder / value


def _latin_1(text: str) -> str:
    if any(character > "\xff" for character in text):
        raise ValueError(f"expected single bytes, written as \\u0000 to \\u00ff, got {shown(text)}.")
    return text


def _within_a_line(text: str) -> str:
    if "\r" in text or "\n" in text:
        raise ValueError('expected characters within a line, such as "\\u001d": CR and LF end a scan.')
    return _latin_1(text)


def _answer(value: object) -> "Answer":
    """Read an answer to a scanner: a text, or a list of texts and pauses. Raises ValueError, a sentence."""
    pieces = value if isinstance(value, list | tuple) else (value,)
    answer: list[bytes | int] = []
    for piece in pieces:
        if isinstance(piece, str):
            answer.append(_latin_1(piece).encode("latin-1"))
        elif isinstance(piece, int) and not isinstance(piece, bool) and pieces is value:
            answer.append(_pause(piece))
        else:
            raise ValueError(
                f'expected a text such as "\\u0006", or a list such as ["\\u0006", 200, "\\u0007"] in which a '
                f"number is a pause in ms, got {shown(piece)}."
            )
    length = sum(len(piece) for piece in answer if isinstance(piece, bytes))
    if length > ANSWER_MAX:
        raise ValueError(f"expected at most {ANSWER_MAX} characters, got {length}.")
    if (pause_ms := sum(piece for piece in answer if isinstance(piece, int))) > PAUSE_MAX_MS:
        raise ValueError(f"expected pauses of at most {PAUSE_MAX_MS} ms together, got {pause_ms}.")
    return tuple(piece for piece in answer if piece)


def _pause(ms: int) -> int:
    if not 1 <= ms <= PAUSE_MAX_MS:
        raise ValueError(f"expected a pause from 1 to {PAUSE_MAX_MS} ms, got {shown(ms)}.")
    return ms


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        near = nearest(name, available_timezones())
        remedy = f'did you mean "{near}"?' if near else 'expected a name such as "Europe/Paris".'
        raise ValueError(f"there is no time zone {shown(name)}; {remedy}") from None
    return name


def _pattern(text: str) -> str:
    example = r"""such as '^%L(?P<value>[A-Z0-9-]+)$' in single quotes"""
    unescaped = re.sub(r"\\.", "", text, flags=re.DOTALL)
    if not (unescaped.startswith("^") and unescaped.endswith("$")):
        raise ValueError(f"the pattern must begin with ^ and end with $; expected one {example}.")
    try:
        groups = re.compile(text).groupindex
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"the pattern is no regular expression ({error}); expected one {example}.") from None
    if "value" not in groups:
        raise ValueError(f"the pattern has no group named value; expected one {example}.")
    return text


Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""A site, node, scanner, printer or station: letters, digits, - and _."""

PREFIX = r"^[A-Za-z0-9._-]{1,64}$"
"""The first level of the topics."""

Place = Annotated[str, Field(pattern=r"^[\x20-\x7e]{1,64}$")]
"""A location, as everything in the trade: printable ASCII, 1 to 64 characters."""

FilePath = Annotated[Path, BeforeValidator(_path)]
"""A file or folder. That it is there is not checked here: credentials exist only while the service runs."""

Answer = tuple[bytes | int, ...]
"""What is written back to a scanner, piece by piece; a number is a pause in milliseconds."""

AnswerBytes = Annotated[Answer, PlainValidator(_answer)]
"""In the file a text, or a list of texts and pauses: each character is the byte of its number (Latin-1)."""

Marks = Annotated[str, Field(min_length=1, max_length=8), AfterValidator(_within_a_line)]
"""Characters that a scanner sends beside its codes, each one byte (Latin-1)."""

Pattern = Annotated[str, AfterValidator(_pattern)]
"""An anchored regular expression with the group `value`."""


RawBytes = Annotated[str, Field(max_length=256), AfterValidator(_latin_1)]
"""Bytes for a printer as they are: each character is the byte of its number."""

Mode = Literal[
    "receive",
    "missing",
    "found",
    "move",
    "pick",
    "ship",
    "count",
    "damage",
    "release",
    "scrap",
    "return",
    "learn",
    "info",
]
"""What a station does (contract section 3)."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Tls(_Table):
    """Certificates as files (PEM). Mutual TLS when `cert` and `key` are given; without `ca`, the system's."""

    ca: FilePath | None = None
    cert: FilePath | None = None
    key: FilePath | None = None

    @model_validator(mode="after")
    def _check_pair(self) -> Self:
        if (self.cert is None) != (self.key is None):
            raise ValueError(
                "cert and key belong together; give both for mutual TLS, or neither for the broker's "
                "certificate alone."
            )
        return self


class Mqtt(_Table):
    """`standby`: brokers that are tried in turn where `host` does not answer, as HOST or HOST:PORT.

    `confirm`: an event counts as delivered once the broker took it, or once central said that it has it.
    """

    host: Annotated[str, AfterValidator(devices.host), Field(examples=["broker.example.net"])]
    port: Annotated[int, Field(ge=1, le=65535)] = 1883
    standby: Annotated[tuple[Annotated[str, AfterValidator(devices.broker)], ...], Field(max_length=8)] = ()
    protocol: Literal["5", "3.1.1"] = "5"
    username: str | None = None
    password_file: FilePath | None = None
    tls: Tls | None = None
    prefix: Annotated[str, Field(pattern=PREFIX)] = "crossdock"
    confirm: Literal["broker", "central"] = "broker"

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """The brokers as host and port, in the order they are tried."""
        standby = (devices.broker_address(one) for one in self.standby)
        return ((self.host, self.port), *((host, port or self.port) for host, port in standby))


class Scanner(_Table):
    """`accept`, `attention` and `reject` are written to the scanner; empty means nothing is.

    `prefix` and `suffix` are what it sends around each code; a suffix ends a code as CR and LF do. `forward` is a
    port to which its bytes also go; what comes from there is written to the scanner if `forward_answers` is set.
    `shadow`: what it scans is booked, and no label of it is printed.
    """

    id: Annotated[Name, Field(examples=["gun-1"])]
    device: Annotated[
        str, AfterValidator(devices.scanner), Field(examples=[*devices.SCANNER_EXAMPLES.values()])
    ]
    station: Annotated[Name, Field(examples=["dock-1"])]
    accept: AnswerBytes = ()
    attention: AnswerBytes | None = None
    reject: AnswerBytes = ()
    debounce_ms: Annotated[int, Field(ge=0, le=60_000)] = 300
    gs: Marks = "\x1d"
    prefix: Marks | None = None
    suffix: Marks | None = None
    forward: Annotated[str, AfterValidator(devices.forward)] | None = None
    forward_answers: bool = False
    shadow: bool = False

    @property
    def forward_id(self) -> str:
        """The other terminal as a device of its own. No name has a dot."""
        return f"{self.id}.forward"


class Media(_Table):
    """What is in a printer, in mm: labels of `width` by `height`, or paper on which `width` can be printed."""

    width: Annotated[float, Field(ge=10, le=300, examples=[100])]
    height: Annotated[float | None, Field(ge=10, le=600)] = None


class Printer(_Table):
    """`dpi` to `after`, `prologue` and `epilogue` go with each label; what is left out is as the printer is set up.

    What only one language knows, which choice and within which bounds, is `config.printing`'s.
    """

    id: Annotated[Name, Field(examples=["zebra-1"])]
    language: Annotated[Literal["zpl", "escpos"], Field(examples=["zpl"])]
    device: Annotated[
        str, AfterValidator(devices.printer), Field(examples=[*devices.PRINTER_EXAMPLES.values()])
    ]
    status: Literal["auto", "off"] = "auto"
    dpi: Literal[180, 203, 300, 600] | None = None
    media: Media | None = None
    tracking: Literal["gap", "mark", "continuous"] | None = None
    darkness: float | None = None
    speed: float | None = None
    after: Literal["tear", "cut", "peel", "rewind"] | None = None
    prologue: RawBytes = ""
    epilogue: RawBytes = ""
    profile: Annotated[str, Field(pattern=r"^[\x20-\x7e]{1,64}$")] | None = None


class Station(_Table):
    id: Annotated[Name, Field(examples=["dock-1"])]
    mode: Mode = "receive"
    location: Place | None = None
    printer: Name | None = None
    fallback: Name | None = None
    idle_reset_s: Annotated[int, Field(ge=1, le=86_400)] = 120


class Labels(_Table):
    """`printer` serves the stations that name none, and `fallback` stands in for theirs where they name none.

    A printer that is lost for `fallback_after_s` leaves its labels to the fallback. A label that is older than
    `max_age_h` when its turn comes waits for a person. `layouts`: a folder whose layouts go before our own.
    `fonts`: font files for letters that our font lacks, in the order they are tried.
    """

    printer: Name | None = None
    fallback: Name | None = None
    fallback_after_s: Annotated[int, Field(ge=0, le=86_400)] = 30
    max_age_h: Annotated[int, Field(ge=1, le=8760)] | None = None
    layouts: FilePath | None = None
    fonts: Annotated[tuple[FilePath, ...], Field(max_length=8)] = ()


RankKey = Literal["express", "tier", "promised_at", "placed_at"]


class Allocation(_Table):
    order_by: tuple[RankKey, ...] = ("express", "tier", "promised_at", "placed_at")
    min_shelf_life_days: Annotated[int, Field(ge=0, le=3650)] = 0


class Items(_Table):
    unknown: Literal["accept", "reject"] = "accept"


class Returns(_Table):
    """Where goods that come back from an order go: onto the shelf again, or aside for a person to look at."""

    to: Literal["stock", "quarantine"] = "stock"


class Codes(_Table):
    """The site's patterns for its own barcodes, each in the place of its default."""

    location: Pattern = r"^LOC:(?P<value>.+)$"
    order: Pattern = r"^ORD:(?P<value>.+)$"
    purchase_order: Pattern = r"^PO:(?P<value>.+)$"
    sku: Pattern = r"^SKU:(?P<value>.+)$"
    label: Pattern = r"^LBL:(?P<value>.+)$"
    operator: Pattern = r"^OP:(?P<value>.+)$"
    quantity: Pattern = r"^QTY:(?P<value>.+)$"
    digit: Pattern = r"^NUM:(?P<value>.+)$"
    lot: Pattern = r"^LOT:(?P<value>.+)$"
    expiry: Pattern = r"^EXP:(?P<value>.+)$"
    command: Pattern = r"^CMD:(?P<value>.+)$"


class Settings(_Table):
    """One node. `shadow`: it books all and prints nothing, beside the system that was there before."""

    site: Annotated[Name, Field(examples=["par1"])]
    node: Annotated[Name, Field(examples=["dock-a"])]
    data_dir: FilePath = Path("/var/lib/crossdock")
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    shadow: bool = False
    mqtt: Mqtt | None = None
    scanners: tuple[Scanner, ...] = ()
    printers: tuple[Printer, ...] = ()
    stations: tuple[Station, ...] = ()
    labels: Labels = Labels()
    allocation: Allocation = Allocation()
    items: Items = Items()
    returns: Returns = Returns()
    codes: Codes = Codes()

    def station(self, id: str) -> Station:
        """The station of that id; `config.load` has checked that it is there."""
        return next(station for station in self.stations if station.id == id)

    def printer_of(self, station: Station) -> str | None:
        """The printer that serves a station, if there is one."""
        return station.printer or self.labels.printer

    def fallback_of(self, station: Station) -> str | None:
        """The printer that stands in for a station's own, if there is one."""
        fallback = station.fallback or self.labels.fallback
        return None if fallback == self.printer_of(station) else fallback

    def is_shadow(self, scanner: str) -> bool:
        """Tell whether nothing is printed of what a scanner scans; without one (""), of what nobody scanned."""
        return self.shadow or any(one.shadow and one.id == scanner for one in self.scanners)

    @property
    def shadow_told(self) -> str:
        """What is in shadow, in words; empty where nothing is."""
        if self.shadow:
            return "the whole node: it books, and prints nothing"
        named = [one.id for one in self.scanners if one.shadow]
        if not named:
            return ""
        return f"scanner{'' if len(named) == 1 else 's'} {', '.join(named)}: booked, and nothing printed"
