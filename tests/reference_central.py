"""The reference central as a process, and a scripted node at the other side of a real broker."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from tests.mqtt import TIMEOUT_S, wait_until
from tests.nodes import NODE, Told


class CentralProcess:
    """`crossdock central` on a database, while it is entered; started again after it was ended or killed.

    `port` is that of the broker on this machine; None where the arguments say it.
    """

    def __init__(self, port: int | None, database: str, *arguments: str) -> None:
        broker = [] if port is None else ["--broker", f"127.0.0.1:{port}"]
        self._call = [
            sys.executable,
            "-m",
            "edge.cli",
            "central",
            *broker,
            "--database",
            database,
            *arguments,
        ]
        self._process: subprocess.Popen[str] | None = None
        self.ready = ""

    def start(self) -> None:
        """Start it and wait until it has subscribed."""
        self._process = subprocess.Popen(
            self._call, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        # An overdue one is killed, which ends the wait for its line.
        overdue = threading.Timer(TIMEOUT_S, self._process.kill)
        overdue.start()
        assert self._process.stdout is not None
        self.ready = self._process.stdout.readline().strip()
        overdue.cancel()
        assert self.ready, "central did not come up"

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it; its exit code."""
        assert self._process is not None
        process, self._process = self._process, None
        process.send_signal(how)
        code = process.wait(TIMEOUT_S)
        if process.stdout is not None:
            process.stdout.close()
        return code

    def kill(self) -> None:
        self.end(signal.SIGKILL)

    def close(self) -> None:
        if self._process is not None:
            self.kill()

    def __enter__(self) -> "CentralProcess":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ScriptedNode:
    """Publishes what a node tells, and keeps what central says to it."""

    def __init__(self, port: int, *, node: str = NODE) -> None:
        self.acks: list[dict[str, Any]] = []
        self.commands: list[bytes] = []
        self._root = f"crossdock/{node}/"
        subscribed = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.max_inflight_messages_set(100)
        self._client.reconnect_delay_set(min_delay=1, max_delay=1)
        self._client.on_message = self._on_message
        self._client.on_connect = lambda client, *_: client.subscribe(
            [(f"{self._root}ack", 1), (f"{self._root}cmd", 1)]
        )
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert subscribed.wait(TIMEOUT_S)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        self._client.publish(self._root + topic, payload, qos=1, retain=retain)

    def state(self, told: Told, **other: object) -> None:
        self.publish("state", told.state(**other), retain=True)

    def tell(self, told: Told, seqs: Iterable[int]) -> None:
        """Publish these of its events."""
        for seq in seqs:
            self.publish(told.topic(seq), told.payloads[seq - 1])

    def snapshot(self, name: str, messages: Sequence[bytes]) -> None:
        for message in messages:
            self.publish(f"snap/{name}", message)

    def answer(self, command: dict[str, Any], **other: object) -> None:
        told = {"id": command["id"], "source": command["source"], "ok": True, **other}
        self.publish("res", json.dumps(told).encode())

    def wait_ack(self, seq: int, *, epoch: str = "e1") -> dict[str, Any]:
        """Wait until central says that it has all to this event."""
        wait_until(
            lambda: any(ack["epoch"] == epoch and ack["seq"] >= seq for ack in list(self.acks)),
            f"an ack of event {seq} of {epoch}",
        )
        return self.acks[-1]

    def wait_command(self, type_: str, *, beyond: int = 0) -> dict[str, Any]:
        """Wait for a command of this type that comes after so many of them; its envelope."""

        def found() -> list[dict[str, Any]]:
            told = [json.loads(each) for each in list(self.commands)]
            return [each for each in told if each["type"] == f"crossdock.{type_}"][beyond:]

        wait_until(found, f"a {type_}")
        return found()[0]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        payload = bytes(message.payload)
        if message.topic.endswith("/ack"):
            self.acks.append(json.loads(payload))
        else:
            self.commands.append(payload)


def run_central(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `crossdock central` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "edge.cli", "central", *arguments],
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
