"""Being built."""

from edge.domain.codes import Code
from edge.engine.items import RefusedError
from edge.engine.scene import Scan


def begin(scan: Scan, code: Code) -> str:
    """Being built."""
    raise RefusedError("unknown_command", f"{code} is not built yet at {scan.station.id}.")


def go_on(scan: Scan, code: Code) -> str:
    """Being built."""
    raise RefusedError("unknown_command", f"{code} is not built yet at {scan.station.id}.")


def tally(scan: Scan, code: Code) -> str:
    """Being built."""
    raise RefusedError("unknown_command", f"{code} is not built yet at {scan.station.id}.")


def empty(scan: Scan, code: Code) -> str:
    """Being built."""
    raise RefusedError("unknown_command", f"{code} is not built yet at {scan.station.id}.")


def settle(scan: Scan, code: Code) -> str:
    """Being built."""
    raise RefusedError("unknown_command", f"{code} is not built yet at {scan.station.id}.")
