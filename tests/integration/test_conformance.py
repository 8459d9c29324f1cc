"""The conformance kit against a real mosquitto: a right central passes, each wrong one fails the trial meant for it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from edge.cli import main
from sync.local_broker import LocalBroker
from tests import centrals
from tests.centrals import RightCentral

TRIALS = [
    *("acks", "bounds", "forward", "hash", "repeat", "unknown", "hole", "reconnect"),
    *("large", "burst", "retained", "restore", "commands"),
]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker]:
    with LocalBroker(tmp_path_factory.mktemp("broker")) as running:
        yield running


def checked(
    broker: LocalBroker,
    capsys: pytest.CaptureFixture[str],
    *more: str,
    patience: str = "0.6",
    silence: str = "30",
) -> tuple[int, dict[str, Any]]:
    code = main(
        [
            *("central", "--check", "--json", "--broker", f"127.0.0.1:{broker.port}"),
            *("--patience", patience, "--silence", silence, "--burst", "100", *more),
        ]
    )
    out, err = capsys.readouterr()
    assert err == ""
    told: dict[str, Any] = json.loads(out)
    assert [one["name"] for one in told["trials"]] == TRIALS
    return code, told


def verdicts(told: dict[str, Any], verdict: str) -> list[str]:
    return [one["name"] for one in told["trials"] if one["verdict"] == verdict]


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_right_central_passes_every_trial(
    broker: LocalBroker, capsys: pytest.CaptureFixture[str], protocol: str
) -> None:
    with RightCentral(broker.port, protocol=protocol):
        code, told = checked(broker, capsys, "--protocol", protocol)

    assert (code, verdicts(told, "fail"), verdicts(told, "skip")) == (0, [], [])


@pytest.mark.parametrize(
    ("central", "trial"),
    [
        (centrals.Ahead, "bounds"),
        (centrals.GoingBack, "forward"),
        (centrals.OfAnotherChain, "hash"),
        (centrals.InCapitals, "hash"),
        (centrals.BlindToHoles, "hole"),
        (centrals.OfBothEpochs, "restore"),
        (centrals.Flooding, "commands"),
        (centrals.LeavingCommandsRetained, "commands"),
        (centrals.ReusingIds, "commands"),
        (centrals.Unreadable, "commands"),
        (centrals.TooLarge, "commands"),
    ],
)
def test_what_a_central_says_wrong_fails_the_trial_meant_for_it_and_no_other(
    broker: LocalBroker, capsys: pytest.CaptureFixture[str], central: type[RightCentral], trial: str
) -> None:
    with central(broker.port):
        code, told = checked(broker, capsys)

    assert (code, verdicts(told, "fail")) == (1, [trial])


@pytest.mark.parametrize(
    ("central", "trial"),
    [
        (centrals.Silent, "acks"),
        (centrals.OfAnotherEpoch, "acks"),
        (centrals.WithTextForSeq, "acks"),
        (centrals.DeadOfARepeat, "repeat"),
        (centrals.DeadOfTheUnknown, "unknown"),
        (centrals.DeadOfALostNode, "reconnect"),
        (centrals.ForShortEvents, "large"),
        (centrals.SoonFull, "burst"),
        (centrals.Forgetful, "retained"),
        (centrals.OfTheFirstEpoch, "restore"),
    ],
)
def test_what_a_central_does_not_say_in_time_fails_the_trial_meant_for_it_and_no_other(
    broker: LocalBroker, capsys: pytest.CaptureFixture[str], central: type[RightCentral], trial: str
) -> None:
    with central(broker.port):
        code, told = checked(broker, capsys, patience="0.8")

    assert (code, verdicts(told, "fail")) == (1, [trial])


def test_a_central_that_asks_for_nothing_and_waits_at_a_hole_is_right(
    broker: LocalBroker, capsys: pytest.CaptureFixture[str]
) -> None:
    with centrals.Waiting(broker.port):
        code, told = checked(broker, capsys, silence="0.3")

    assert (code, verdicts(told, "fail"), verdicts(told, "skip")) == (0, [], ["commands"])
    seen = {one["name"]: one["seen"] for one in told["trials"]}
    assert seen["hole"] == "Central waited until it was sent again."
    assert seen["commands"] == "Central sent no command."


@pytest.mark.parametrize(
    ("central", "failed"),
    [
        (centrals.Resending, []),
        (centrals.ResendingOutOfOrder, ["commands"]),
        (centrals.ResendingNothing, ["commands"]),
    ],
)
def test_commands_that_are_not_answered_must_be_sent_again_in_order(
    broker: LocalBroker, capsys: pytest.CaptureFixture[str], central: type[RightCentral], failed: list[str]
) -> None:
    with central(broker.port):
        _, told = checked(broker, capsys, "--commands", patience="0.8", silence="0.5")

    assert verdicts(told, "fail") == failed
