"""What tests share: of the link a real mosquitto, a node and its central; of scanners an engine and a scanner."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from drivers.simulated import PtyScanner
from sync.local_broker import LocalBroker
from tests.integration.scanner_bench import Engine
from tests.mqtt import Central, Node


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[LocalBroker]:
    with LocalBroker(tmp_path / "broker", persistent=True) as running:
        yield running


@pytest.fixture
def protocol(request: pytest.FixtureRequest) -> str:
    """Of MQTT; `BOTH_PROTOCOLS` has a test run with each."""
    return getattr(request, "param", "5")


@pytest.fixture
def node(broker: LocalBroker, protocol: Literal["5", "3.1.1"]) -> Iterator[Node]:
    made = Node(broker.port, protocol=protocol)
    yield made
    made.stop()


@pytest.fixture
def central(broker: LocalBroker) -> Iterator[Central]:
    made = Central(broker.port)
    yield made
    made.close()


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


@pytest.fixture
def gun(tmp_path: Path) -> Iterator[PtyScanner]:
    with PtyScanner(tmp_path / "gun") as gun:
        yield gun


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorter pauses than a site has, between two tries at a device and two looks whether to stop or go on.

    For tests of what comes behind a pause. How long one is, is shown without this.
    """
    for pause, seconds in {
        "drivers.supervisor.RETRY_FIRST_S": 0.02,
        "drivers.supervisor.RETRY_MAX_S": 0.1,
        "drivers.conversation.READ_TIMEOUT_S": 0.02,
        "drivers.listening.SLICE_S": 0.02,
        "drivers.spool.IDLE_S": 0.02,
    }.items():
        monkeypatch.setattr(pause, seconds)
