"""What the tests of the link share: a real mosquitto, a node and its central."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.local_broker import LocalBroker
from tests.mqtt import Central, Node


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[LocalBroker]:
    with LocalBroker(tmp_path / "broker", persistent=True) as running:
        yield running


@pytest.fixture
def node(broker: LocalBroker) -> Iterator[Node]:
    made = Node(broker.port)
    yield made
    made.stop()


@pytest.fixture
def central(broker: LocalBroker) -> Iterator[Central]:
    made = Central(broker.port)
    yield made
    made.close()
