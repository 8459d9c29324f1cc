"""What is served for a scanner of the configuration: the scanner itself, and the terminal it rides along with."""

from config.settings import Scanner
from drivers.device import Device
from drivers.forward import Forward
from drivers.listening import ListeningScanner
from drivers.scanner import OpenedScanner
from edge.inbox import Post


def devices_of(scanner: Scanner, post: Post) -> list[Device]:
    """Make the devices of a scanner, each for a supervisor of its own. Raises UsageError."""
    forward = Forward(scanner, post) if scanner.forward else None
    kind = ListeningScanner if scanner.device.startswith("tcp-listen:") else OpenedScanner
    device = kind(scanner, post, forward=forward)
    if forward is None:
        return [device]
    forward.scanner = device.wires
    return [device, forward]
