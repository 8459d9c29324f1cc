"""The conformance kit against a real mosquitto: a right central passes, each wrong one fails the trial meant for it."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.settings import Mqtt
from edge.cli import main
from sync.conformance.node import Bounds, PlayedNode
from sync.conformance.trials import Result, Verdict, run
from sync.local_broker import LocalBroker
from tests import centrals
from tests.centrals import RightCentral
from tests.mqtt import Central, Node, wait_until


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker]:
    with LocalBroker(tmp_path_factory.mktemp("broker")) as running:
        yield running


RIGHT = [
    (RightCentral, []),
    (centrals.Waiting, ["commands"]),
    (centrals.Resending, []),
]
"""With the trials that are skipped."""

WRONG = [
    (centrals.Silent, "acks"),
    (centrals.OfAnotherEpoch, "acks"),
    (centrals.WithTextForSeq, "acks"),
    (centrals.Ahead, "bounds"),
    (centrals.GoingBack, "forward"),
    (centrals.OfAnotherChain, "hash"),
    (centrals.InCapitals, "hash"),
    (centrals.DeadOfARepeat, "repeat"),
    (centrals.DeadOfTheUnknown, "unknown"),
    (centrals.BlindToHoles, "hole"),
    (centrals.DeadOfALostNode, "reconnect"),
    (centrals.ForShortEvents, "large"),
    (centrals.SoonFull, "burst"),
    (centrals.Forgetful, "retained"),
    (centrals.OfTheFirstEpoch, "restore"),
    (centrals.OfBothEpochs, "restore"),
    (centrals.Flooding, "commands"),
    (centrals.LeavingCommandsRetained, "commands"),
    (centrals.ReusingIds, "commands"),
    (centrals.Unreadable, "commands"),
    (centrals.TooLarge, "commands"),
    (centrals.ResendingOutOfOrder, "commands"),
    (centrals.ResendingNothing, "commands"),
]
"""With the trial that is meant for what it does."""

BOUNDS = Bounds(patience_s=8.0, silence_s=30.0, burst=100)
SOON_AGAIN = Bounds(patience_s=8.0, silence_s=0.5, burst=100)


@pytest.fixture(scope="module")
def checked(broker: LocalBroker) -> dict[type[RightCentral], list[Result]]:
    """What came of each central: all are checked at once, each by a node of its own, as most of it is waiting."""
    kinds = [kind for kind, _ in [*RIGHT, *WRONG]]
    with ThreadPoolExecutor(len(kinds)) as pool:
        return dict(zip(kinds, pool.map(lambda kind: check(broker, kind), kinds), strict=True))


def check(broker: LocalBroker, kind: type[RightCentral]) -> list[Result]:
    bounds = SOON_AGAIN if issubclass(kind, centrals.Waiting | centrals.Resending) else BOUNDS
    if kind is centrals.Flooding:
        # All of its flood is there before it is answered, also on a machine that stands still for a moment.
        bounds = replace(bounds, answer_after_s=1.0)
    node = PlayedNode(Mqtt(host="127.0.0.1", port=broker.port), "conformance", kind.__name__, bounds)
    with kind(broker.port, node=kind.__name__):
        return run(node, with_commands=issubclass(kind, centrals.Resending), begun=lambda _trial: None)


def named(results: list[Result], verdict: Verdict) -> list[str]:
    return [one.trial.name for one in results if one.outcome.verdict is verdict]


@pytest.mark.parametrize(("central", "skipped"), RIGHT)
def test_a_right_central_fails_no_trial(
    checked: dict[type[RightCentral], list[Result]], central: type[RightCentral], skipped: list[str]
) -> None:
    results = checked[central]

    assert named(results, Verdict.FAIL) == [], results
    assert named(results, Verdict.SKIP) == skipped


@pytest.mark.parametrize(("central", "trial"), WRONG)
def test_what_a_central_does_wrong_fails_the_trial_meant_for_it_and_no_other(
    checked: dict[type[RightCentral], list[Result]], central: type[RightCentral], trial: str
) -> None:
    results = checked[central]

    assert named(results, Verdict.FAIL) == [trial], results


def test_what_was_seen_is_told_where_it_is_worth_a_sentence(
    checked: dict[type[RightCentral], list[Result]],
) -> None:
    asked, waited = (
        {one.trial.name: one.outcome.seen for one in checked[kind] if one.outcome.seen}
        for kind in (RightCentral, centrals.Waiting)
    )

    assert asked == {
        "hole": "Central asked for it with sync.replay.",
        "commands": "1 came. That unanswered ones are sent again is seen only with --commands.",
    }
    assert waited == {
        "hole": "Central waited until it was sent again.",
        "commands": "Central sent no command.",
    }


def test_it_is_alike_over_mqtt_3_1_1(broker: LocalBroker, capsys: pytest.CaptureFixture[str]) -> None:
    with RightCentral(broker.port, protocol="3.1.1"):
        told = told_by(broker, capsys, "--protocol", "3.1.1")

    assert (told["pass"], told["fail"], told["skip"]) == (13, 0, 0)
    assert [one["verdict"] for one in told["trials"]] == ["pass"] * 13


def told_by(broker: LocalBroker, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    address = f"127.0.0.1:{broker.port}"
    assert main(["central", "--check", "--json", "--broker", address, "--burst", "100", *more]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def test_the_played_node_leaves_nothing_but_the_ack_at_the_broker(
    broker: LocalBroker, capsys: pytest.CaptureFixture[str]
) -> None:
    with RightCentral(broker.port):
        told = told_by(broker, capsys)
    root = f"crossdock/{told['node']}"

    late = Central(broker.port, topic=f"{root}/#")
    # What lies there comes before anything that is published after the subscription.
    late.client.publish(f"{root}/end", b"", qos=1)
    wait_until(lambda: late.got and late.got[-1][0] == f"{root}/end")
    late.close()

    assert [topic for topic, _, is_retained in late.got if is_retained] == [f"{root}/ack"]


def test_each_trial_is_a_line_and_each_failure_a_paragraph(
    broker: LocalBroker, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "110")
    address = f"127.0.0.1:{broker.port}"

    with centrals.Silent(broker.port):
        code = main(
            ["central", "--check", "--broker", address, "--as", "conformance/n-7", "--patience", "0.3"]
        )

    lines = capsys.readouterr().out.splitlines()
    assert code == 1
    assert lines[:3] == [
        "TRIAL      VERDICT  WHAT THE CONTRACT SAYS",
        "acks       fail     An ack has the events' epoch and the seq up to which all are safe.",
        "bounds     skip     No ack goes beyond what was published.",
    ]
    assert lines[14:] == [
        "fail acks: No ack of event 10 came within 0.3 s: none came that counts. May the node conformance/n-7 publish,",
        "  and does central read it? The node keeps its events as undelivered, sends them again, and stops at 1,000.",
        "skip bounds, forward, hash: No ack came that could be judged.",
        "skip repeat, unknown, hole, reconnect, large, burst, retained, restore: Central stands still since the trial",
        "  'acks'.",
        "skip commands: Central sent no command.",
        "0 passed, 1 failed, 12 skipped.",
    ]


def test_a_node_that_is_online_is_not_played_beside(
    broker: LocalBroker, node: Node, central: Central, capsys: pytest.CaptureFixture[str]
) -> None:
    node.start()
    wait_until(central.states)
    address = f"127.0.0.1:{broker.port}"

    code = main(["central", "--check", "--broker", address, "--as", "par1/dock-a"])

    assert code == 2
    assert capsys.readouterr().err == (
        f"crossdock: A node par1/dock-a is online at {address}; it must not be played beside it. "
        "Name another with --as, or leave it out.\n"
    )


def test_the_broker_of_the_configuration_is_taken_where_none_is_named(
    broker: LocalBroker, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    config = tmp_path / "crossdock.toml"
    config.write_text(f'site = "par1"\nnode = "dock-a"\n[mqtt]\nhost = "127.0.0.1"\nport = {broker.port}\n')

    with RightCentral(broker.port):
        code = main(["central", "--check", "--json", "-c", str(config), "--burst", "10", "--patience", "20"])

    assert code == 0
    assert json.loads(capsys.readouterr().out)["broker"] == f"127.0.0.1:{broker.port}"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["--broker", "127.0.0.1", "--as", "par1"],
            "--as must be SITE/NODE of letters, digits, - and _, got 'par1'.",
        ),
        (
            ["--broker", "127.0.0.1", "--cert", "node.pem"],
            "--cert and --key belong together. Give both for mutual TLS, or neither.",
        ),
        (
            ["-c", "{config}", "--as", "par1/dock-a"],
            "The broker is not known: {config} has no [mqtt]. Name it with --broker HOST:PORT.",
        ),
        (
            ["-c", "{config}", "--broker", "127.0.0.1", "--as", "par1/+"],
            "--as must be SITE/NODE of letters, digits, - and _, got 'par1/+'.",
        ),
    ],
)
def test_a_wrong_call_is_told_before_anything_is_played(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], told: str
) -> None:
    config = tmp_path / "crossdock.toml"
    config.write_text('site = "par1"\nnode = "dock-a"\n')

    code = main(["central", "--check", *(one.format(config=config) for one in arguments)])

    assert code == 2
    assert capsys.readouterr().err == f"crossdock: {told.format(config=config)}\n"


def test_the_real_node_of_the_configuration_is_never_played(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    config = tmp_path / "crossdock.toml"
    config.write_text('site = "par1"\nnode = "dock-a"\n[mqtt]\nhost = "127.0.0.1"\n')

    code = main(["central", "--check", "-c", str(config), "--as", "par1/dock-a"])

    assert code == 2
    assert capsys.readouterr().err == (
        "crossdock: par1/dock-a is the real node of this configuration. Name another, or leave --as out.\n"
    )


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_broker_that_does_not_let_the_played_node_in_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], protocol: str
) -> None:
    with LocalBroker(tmp_path / "broker", anonymous=False) as strict:
        address = f"127.0.0.1:{strict.port}"
        code = main(["central", "--check", "--broker", address, "--protocol", protocol])

    assert code == 1
    assert capsys.readouterr().err == (
        f"crossdock: The broker {address} refused the played node: Not authorized. "
        "Check user name, password and certificates against the broker's users.\n"
    )


def test_a_broker_that_refuses_what_is_published_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "acl"
    rules.write_text("topic read crossdock/#\n")
    with LocalBroker(tmp_path / "broker", extra=[f"acl_file {rules}"]) as strict:
        address = f"127.0.0.1:{strict.port}"
        code = main(["central", "--check", "--broker", address, "--patience", "5"])

    refused = f"crossdock: The broker {address} refused a message of the played node: Not authorized."
    lost = f"crossdock: The connection to the broker {address} was lost: Unspecified error."
    told, _, hint = capsys.readouterr().err.partition(" Check that ")
    assert code == 1
    assert told in (refused, lost)  # mosquitto 2.0.11 closes the connection right behind its refusal
    assert hint == (
        "the broker lets the played node publish under its topics and takes messages of 100 KiB, "
        "and that no other client has its name.\n"
    )


def test_a_broker_that_goes_away_ends_the_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with LocalBroker(tmp_path / "broker") as mortal, KillingCentral(mortal):
        code = main(["central", "--check", "--broker", f"127.0.0.1:{mortal.port}"])

    assert code == 1
    assert capsys.readouterr().err.startswith(
        f"crossdock: The connection to the broker 127.0.0.1:{mortal.port} was lost: "
    )


class KillingCentral(RightCentral):
    """Ends its broker when the first event comes."""

    def __init__(self, broker: LocalBroker) -> None:
        self._broker = broker
        super().__init__(broker.port)

    def take(self, *_: object) -> None:
        self._broker.kill()
