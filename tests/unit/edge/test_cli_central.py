"""Rules of what may be said behind `crossdock central`."""

import pytest

from edge.cli.parser import build


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("broker.example.net:8883", ("broker.example.net", 8883)),
        ("broker.example.net", ("broker.example.net", None)),
        ("[::1]:1884", ("::1", 1884)),
        ("[::1]", ("::1", None)),
    ],
)
def test_a_broker_is_a_host_and_if_need_be_a_port(text: str, expected: tuple[str, int | None]) -> None:
    assert build().parse_args(["central", "--broker", text]).broker == expected


@pytest.mark.parametrize("text", ["", ":1883", "host:", "host:0", "host:65536", "host:http", "host:²"])
def test_what_is_no_broker_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build().parse_args(["central", "--broker", text])

    assert f"expected HOST:PORT such as broker.example.net:1883, got {text!r}" in capsys.readouterr().err


def test_a_database_may_be_named_before_the_action_and_behind_it() -> None:
    parse = build().parse_args

    assert parse(["central", "--database", "a.db", "nodes"]).database == "a.db"
    assert parse(["central", "nodes", "--database", "b.db"]).database == "b.db"
    assert parse(["central", "nodes"]).database == "crossdock-central.db"
