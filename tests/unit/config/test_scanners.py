"""The scanners of three makers: a configuration that loads, with the bytes that their manuals name."""

from pathlib import Path

import config
from config.load import load
from config.settings import Answer

SCANNERS = Path(config.__file__).with_name("scanners.toml")
ESC, BEL, NAK = "\x1b", "\x07", "\x15"
BEEP = BEL.encode()


def answers() -> dict[str, tuple[Answer, Answer | None, Answer]]:
    return {one.id: (one.accept, one.attention, one.reject) for one in load(SCANNERS).scanners}


def text(answer: str) -> Answer:
    return (answer.encode(),)


def test_each_maker_s_scanner_is_answered_in_its_own_words() -> None:
    lit, good, bad, low, wait, dark = (f"{ESC}[{n}q" for n in (6, 3, 4, 1, 5, 7))

    assert answers() == {
        "zebra-1": ((BEEP,), (BEEP, 200, BEEP), (BEEP, 200, BEEP, 200, BEEP)),
        "honeywell-1": (text(f"{ESC}7,"), text(f"{ESC}7,{ESC}4,{ESC}4,"), text(f"{ESC}8,{ESC}8,")),
        "datalogic-1": (
            text(f"{lit}{good}{wait}{dark}\r"),
            text(f"{lit}{good}{low}{low}{dark}\r"),
            text(f"{bad}{wait}{bad}\r"),
        ),
    }


def test_a_zebra_is_never_asked_to_send_again() -> None:
    assert [piece for answer in answers()["zebra-1"] for piece in answer or () if piece == NAK.encode()] == []


def test_a_datalogic_s_message_is_one_and_no_longer_than_its_base_takes() -> None:
    for answer in answers()["datalogic-1"]:
        assert answer is not None
        (message,) = answer
        assert isinstance(message, bytes)
        assert message.index(b"\r") == len(message) - 1 < 48
        assert message[:1] not in b"$#"


def test_no_scanner_hangs_on_a_port_that_changes_its_name() -> None:
    paths = [one.device.removeprefix("serial://") for one in load(SCANNERS).scanners]

    assert [path for path in paths if not path.startswith(("/dev/crossdock/", "/dev/serial/by-"))] == []
