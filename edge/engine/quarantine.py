"""Being built."""

from edge.domain.codes import Code
from edge.engine.items import RefusedError
from edge.engine.scene import Scan


def damage(scan: Scan, code: Code) -> str:
    """Being built."""
    raise RefusedError("unknown_command", f"{code} is not built yet at {scan.station.id}.")


def release(scan: Scan, code: Code) -> str:
    """Being built."""
    raise RefusedError("unknown_command", f"{code} is not built yet at {scan.station.id}.")


def scrap(scan: Scan, code: Code) -> str:
    """Being built."""
    raise RefusedError("unknown_command", f"{code} is not built yet at {scan.station.id}.")
