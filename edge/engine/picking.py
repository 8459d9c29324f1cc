"""Being built."""

from edge.domain.codes import Code
from edge.engine.items import RefusedError
from edge.engine.scene import Scan


def pick(scan: Scan, code: Code) -> str:
    """Being built."""
    raise RefusedError("unknown_command", f"{code} is not built yet at {scan.station.id}.")


def short(scan: Scan, code: Code) -> str:
    """Being built."""
    raise RefusedError("unknown_command", f"{code} is not built yet at {scan.station.id}.")


def ship(scan: Scan, code: Code) -> str:
    """Being built."""
    raise RefusedError("unknown_command", f"{code} is not built yet at {scan.station.id}.")


def take_back(scan: Scan, code: Code) -> str:
    """Being built."""
    raise RefusedError("unknown_command", f"{code} is not built yet at {scan.station.id}.")
