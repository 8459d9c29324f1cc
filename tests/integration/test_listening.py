"""Scanners that call one port: who is who, who comes back, who is one too many."""

import socket
import threading
from contextlib import ExitStack, closing

import pytest

from drivers.listening import MAX_CONNECTIONS
from edge.facts import Answer, CodeScanned, DeviceLost, Verdict
from edge.inbox import Stamped
from tests.integration.scanner_bench import TIMEOUT_S, Engine, ready, served, settings


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        number: int = free.getsockname()[1]
        return number


def call(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), TIMEOUT_S)


def dialogues(engine: Engine) -> list[tuple[str, str]]:
    return [(fact.dialogue, fact.code) for fact in engine.facts() if isinstance(fact, CodeScanned)]


def test_two_at_once_from_one_address_are_told_apart(port: int, engine: Engine) -> None:
    with served(settings(f"tcp-listen://127.0.0.1:{port}"), engine):
        engine.wait_for(ready())
        with closing(call(port)) as one, closing(call(port)) as other:
            for connection, code in ((one, b"A"), (other, b"B"), (one, b"C")):
                connection.sendall(code + b"\r")
                assert connection.recv(1) == b"\x06"

    assert dialogues(engine) == [
        ("gun-1@127.0.0.1", "A"),
        ("gun-1@127.0.0.1#2", "B"),
        ("gun-1@127.0.0.1", "C"),
    ]


def test_one_that_hangs_up_and_calls_again_goes_on_behind_its_last_scan(port: int) -> None:
    booked = threading.Event()

    def slowly(stamped: Stamped) -> None:
        if isinstance(stamped.fact, CodeScanned) and stamped.fact.code == "A":
            assert booked.wait(TIMEOUT_S)
        stamped.answer.set_result(Answer(Verdict.ACCEPT))

    engine = Engine(slowly)
    with served(settings(f"tcp-listen://127.0.0.1:{port}"), engine):
        engine.wait_for(ready())
        with closing(call(port)) as gun:
            gun.sendall(b"A\r")
            engine.codes(1)
        with closing(call(port)) as again:
            again.sendall(b"B\r")
            again.settimeout(0.3)
            with pytest.raises(TimeoutError):
                again.recv(1)
            booked.set()
            again.settimeout(TIMEOUT_S)

            assert again.recv(1) == b"\x06"
            assert dialogues(engine) == [("gun-1@127.0.0.1", "A"), ("gun-1@127.0.0.1", "B")]
            # It is there again: nobody is missed.
            assert not any(isinstance(fact, DeviceLost) for fact in engine.facts())
    engine.close()


def test_only_the_last_one_that_hangs_up_is_missed(port: int, engine: Engine) -> None:
    with served(settings(f"tcp-listen://127.0.0.1:{port}"), engine):
        engine.wait_for(ready())
        one, other = call(port), call(port)
        for connection in (one, other):
            connection.sendall(b"A\r")
            assert connection.recv(1) == b"\x06"
        one.close()
        other.sendall(b"B\r")
        assert other.recv(1) == b"\x06"
        assert engine.losses() == []

        other.close()
        engine.wait(lambda facts: any(isinstance(fact, DeviceLost) for fact in facts))
    assert len(engine.losses()) == 1


def test_who_calls_and_says_nothing_was_no_scanner(port: int, engine: Engine) -> None:
    with served(settings(f"tcp-listen://127.0.0.1:{port}"), engine):
        engine.wait_for(ready())
        for _ in range(5):
            call(port).close()
        with closing(call(port)) as gun:
            gun.sendall(b"A\r")
            assert gun.recv(1) == b"\x06"

            assert engine.losses() == []


def test_one_too_many_is_sent_away_and_the_others_stay(port: int, engine: Engine) -> None:
    with served(settings(f"tcp-listen://127.0.0.1:{port}"), engine), ExitStack() as stack:
        engine.wait_for(ready())
        guns = [stack.enter_context(closing(call(port))) for _ in range(MAX_CONNECTIONS)]
        for gun in guns:
            gun.sendall(b"A\r")
            assert gun.recv(1) == b"\x06"

        with closing(call(port)) as too_many:
            assert too_many.recv(1) == b""
        guns[0].sendall(b"B\r")
        assert guns[0].recv(1) == b"\x06"
