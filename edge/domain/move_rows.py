"""What moved, as rows for a spreadsheet: one for each move of each event, in the words of the trade.

A cell that a spreadsheet would take for a formula begins with an apostrophe, so that what somebody scanned or sent
stays text (OWASP, CSV Injection). Quantities are numbers.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

HEADER = (
    *("time", "event", "what", "item", "gtin", "lot", "expiry", "pallet", "quantity", "from", "to"),
    *("order", "line", "purchase order", "announcement", "serial"),
    *("station", "scanner", "operator", "cause", "id"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

Cell = str | int


def rows_of(event: Mapping[str, Any], gtin_of: Callable[[str], str], zone: ZoneInfo) -> Iterator[list[Cell]]:
    """The rows of an event, none for one that moved nothing. Times are the site's, with their offset."""
    data = event["data"]
    at = datetime.fromisoformat(event["time"]).astimezone(zone).isoformat(timespec="milliseconds")
    what = str(event["type"]).removeprefix("crossdock.")
    of_event = [*map(data.get, ("order", "line", "po", "asn", "serial", "station", "scanner", "operator"))]
    for move in data.get("moves", ()):
        goods = (move["sku"], gtin_of(move["sku"]), move["lot"], move["expiry"], move["pallet"], move["qty"])
        told = (at, event["seq"], what, *goods, move["from"], move["to"], *of_event)
        yield [_cell(value) for value in (*told, event["cause"], event["id"])]


def _cell(value: object) -> Cell:
    if isinstance(value, int):
        return value
    return "" if value is None else defused(str(value))


def defused(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula.

    >>> defused("=1+1"), defused("B-7")
    ("'=1+1", 'B-7')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text
