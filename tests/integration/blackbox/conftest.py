"""One broker, one central, one node for each test, and what must hold after every one of them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.blackbox.audit import check_heard
from tests.integration.blackbox.central import Central
from tests.integration.blackbox.goods import teach
from tests.integration.blackbox.mosquitto import Broker, Gate
from tests.integration.blackbox.node import Layout, Node
from tests.integration.blackbox.shop import Shop
from tests.integration.blackbox.tcp_printer import TcpPrinter


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def gate(broker: Broker) -> Iterator[Gate]:
    """The node's way to the broker, shut at first; ask for it before `start_node`."""
    gate = Gate(broker.port)
    yield gate
    gate.shut()


@pytest.fixture
def central(broker: Broker) -> Iterator[Central]:
    """Central, subscribed before the node starts; the rules for all events are checked at the end."""
    central = Central(broker.port)
    central.connect()
    yield central
    central.disconnect()
    check_heard(central.heard)


StartNode = Callable[..., Node]


@pytest.fixture
def make_node(tmp_path: Path, broker: Broker, central: Central) -> Iterator[StartNode]:
    """Configure a node (layout, mqtt_port, alone) that is ended after the test; its log has no traceback."""
    nodes: list[Node] = []

    def make(layout: Layout | None = None, *, mqtt_port: int | None = None, alone: bool = False) -> Node:
        port = None if alone else mqtt_port or broker.port
        node = Node(tmp_path, layout or Layout(), mqtt_port=port)
        nodes.append(node)
        return node

    yield make
    for node in nodes:
        node.clear_away()
        assert "Traceback" not in node.log, node.log[-4000:]


@pytest.fixture
def start_node(make_node: StartNode, central: Central) -> StartNode:
    """As `make_node`, started, online, and (`taught`) told what pens and ink are."""

    def start(layout: Layout | None = None, *, mqtt_port: int | None = None, taught: bool = True) -> Node:
        node = make_node(layout, mqtt_port=mqtt_port)
        node.launch()
        try:
            # It says so only once every device was tried: from here on the guns are read.
            central.state("online", session=1)
        except TimeoutError as error:
            raise AssertionError(f"{error}\nThe node's log:\n{node.log[-4000:]}") from error
        if taught:
            teach(central)
        return node

    return start


@pytest.fixture
def node(start_node: StartNode) -> Node:
    """Two stations with a gun each and no printer, online."""
    return start_node()


@pytest.fixture
def printer() -> Iterator[TcpPrinter]:
    """A label printer that tells its status, switched on."""
    printer = TcpPrinter(speaks=True)
    printer.on()
    yield printer
    printer.off()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One node for all tests of a file, with a broker, a central and a printer of its own."""
    folder = tmp_path_factory.mktemp("shop")
    broker, printer = Broker(folder), TcpPrinter(speaks=True)
    broker.start()
    printer.on()
    central = Central(broker.port)
    central.connect()
    shop = Shop(folder, central, printer, mqtt_port=broker.port)
    try:
        shop.open()
        yield shop
        shop.close()
    finally:
        shop.node.clear_away()
        central.disconnect()
        printer.off()
        broker.stop()
