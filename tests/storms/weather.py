"""What fails in a storm: each function is one strike, after which all that was hit is mended again.

Strikes fall at random moments; the scanner goes on and knows nothing of them.
"""

import random
import shutil
import signal
import sqlite3
import time
from contextlib import closing

from tests.storms.house import House

MOMENT_S = 0.4
"""The longest between two strikes."""


def _moment(chance: random.Random) -> None:
    """Let some work be done: a strike hits something only if it is under way."""
    time.sleep(chance.uniform(0.0, MOMENT_S))


def broker_dies(house: House, chance: random.Random) -> None:
    _moment(chance)
    house.broker.kill9()
    _moment(chance)
    house.broker.start()


def network_fails(house: House, chance: random.Random) -> None:
    """Stall, delay, cut, or let half of a message through, one way or the other."""
    way = chance.choice((house.proxy.to_broker, house.proxy.to_node))
    match chance.choice(("stall", "delay", "cut", "halve")):
        case "stall":
            way.stall()
        case "delay":
            way.delay_s = chance.uniform(0.005, 0.1)
        case "cut":
            house.proxy.cut()
        case "halve":
            way.is_to_break = True
    _moment(chance)
    if chance.random() < 0.5:
        house.proxy.cut()
    house.proxy.clear_up()


def node_dies(house: House, chance: random.Random) -> None:
    _moment(chance)
    house.node.kill9()
    house.node.start()
    house.wait_for_node()


def node_dies_before_it_published(house: House, chance: random.Random) -> None:
    """What it books and publishes from here on does not leave the box."""
    house.proxy.to_broker.stall()
    _dies_held(house, chance)


def node_dies_before_the_puback(house: House, chance: random.Random) -> None:
    """The broker has what it publishes, and it never hears so."""
    house.proxy.to_node.stall()
    _dies_held(house, chance)


def node_dies_before_the_ack(house: House, chance: random.Random) -> None:
    """Central is held still: the broker takes all, central acknowledges nothing."""
    house.central.signal(signal.SIGSTOP)
    _moment(chance)
    house.node.kill9()
    house.central.signal(signal.SIGCONT)
    house.node.start()
    house.wait_for_node()


def _dies_held(house: House, chance: random.Random) -> None:
    _moment(chance)
    house.node.kill9()
    house.proxy.cut()
    house.proxy.clear_up()
    house.node.start()
    house.wait_for_node()


def central_dies(house: House, chance: random.Random) -> None:
    _moment(chance)
    house.central.kill9()
    _moment(chance)
    house.central.start()


def central_is_slow(house: House, chance: random.Random) -> None:
    """It stands still for longer than the node waits for an ack."""
    _moment(chance)
    house.central.signal(signal.SIGSTOP)
    time.sleep(chance.uniform(0.5, 2.5))
    house.central.signal(signal.SIGCONT)


def central_is_an_older_copy(house: House, chance: random.Random) -> None:
    """Its database is put back as it was a moment ago; commands that were written meanwhile are written again."""
    house.central.kill9()
    copy = house.folder / "central-copy.db"
    copy.unlink(missing_ok=True)
    with closing(sqlite3.connect(house.database)) as database:
        database.execute("VACUUM INTO ?", (str(copy),))
    house.central.start()
    _moment(chance)
    _moment(chance)
    house.central.kill9()
    for path in house.folder.glob("central.db*"):
        path.unlink()
    shutil.copy(copy, house.database)
    house.central.start()


def ledger_is_an_older_copy(house: House, chance: random.Random) -> None:
    """A backup is put back in place of the ledger: what was booked since is lost, and a new epoch begins.

    What central commanded since it commands again.
    """
    copy = house.folder / "ledger-copy.db"
    copy.unlink(missing_ok=True)
    kept = house.backup(copy)
    house.adjust()
    house.wait(lambda: house.is_answered, "the command to be answered")
    house.restore(copy, kept)


def two_nodes_with_one_name(house: House, chance: random.Random) -> None:
    """A second box of the same name, with a ledger of its own, comes and goes."""
    house.twin.start()
    _moment(chance)
    time.sleep(1.0)
    house.twin.end()


def anything_fails(house: House, chance: random.Random) -> None:
    chance.choice((broker_dies, network_fails, node_dies, central_dies, central_is_slow))(house, chance)
