"""What happens in the demo: a day in a warehouse, act by act, in the order in which it is told."""

from collections.abc import Callable

from edge.demo.acts import arriving, expecting, orders, shelves, shipping, troubles
from edge.demo.shift import Shift

Act = Callable[[Shift], None]

ACTS: tuple[tuple[str, Act], ...] = (
    ("Before the shift: central sends the catalogue and the orders", orders.placed),
    ("Goods come in at the dock: the orders that wait are served with each scan", arriving.received),
    ("Scans that must not book anything", arriving.refused),
    ("A carton scanned by mistake is taken back, with its promise and its label", arriving.undone),
    ("A carton has a code that nobody knows: it is taught", arriving.taught),
    ("The label printer goes off: receiving goes on", troubles.printer),
    (
        "The broker goes away, and a picker misses goods: the ledger keeps what central must hear",
        troubles.broker,
    ),
    ("Orders are picked; in one bay there is less than the ledger says", shipping.picked),
    ("What is whole leaves", shipping.shipped),
    ("A count settles what went missing", shelves.counted),
    ("An order is cancelled when it is picked already: its goods come back", shipping.returned),
    ("A hold ends: whose turn comes first is served first", orders.resumed),
    ("The power goes in the middle of a move: what was in hand is on disk", troubles.power),
    ("Two reams look damaged, and are good after all", shelves.quarantined),
    ("An announcement tells who waits when the goods come, and an item runs low", expecting.announced),
)
"""Each act with its heading."""


def play(shift: Shift) -> None:
    """Play the whole day."""
    for heading, act in ACTS:
        shift.teller.heading(heading)
        act(shift)
