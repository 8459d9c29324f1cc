"""The scanners of three makers: a configuration that loads, with the bytes that their manuals name."""

from pathlib import Path

import config
from config.load import load

SCANNERS = Path(config.__file__).with_name("scanners.toml")
ESC, BEL, NAK = "\x1b", "\x07", "\x15"


def answers() -> dict[str, tuple[str, str | None, str]]:
    return {one.id: (one.accept, one.attention, one.reject) for one in load(SCANNERS).scanners}


def test_each_maker_s_scanner_is_answered_in_its_own_words() -> None:
    lit, good, bad, low, wait, dark = (f"{ESC}[{n}q" for n in (6, 3, 4, 1, 5, 7))

    assert answers() == {
        "zebra-1": (BEL, BEL * 2, BEL * 3),
        "honeywell-1": (f"{ESC}7,", f"{ESC}7,{ESC}4,{ESC}4,", f"{ESC}8,{ESC}8,"),
        "datalogic-1": (
            f"{lit}{good}{wait}{dark}\r",
            f"{lit}{good}{low}{low}{dark}\r",
            f"{bad}{wait}{bad}\r",
        ),
    }


def test_a_zebra_is_never_asked_to_send_again() -> None:
    assert NAK not in "".join(text or "" for text in answers()["zebra-1"])


def test_a_datalogic_s_message_is_one_and_no_longer_than_its_base_takes() -> None:
    for text in answers()["datalogic-1"]:
        assert text is not None
        assert text.index("\r") == len(text) - 1 < 48
        assert text[0] not in "$#"


def test_no_scanner_hangs_on_a_port_that_changes_its_name() -> None:
    paths = [one.device.removeprefix("serial://") for one in load(SCANNERS).scanners]

    assert [path for path in paths if not path.startswith(("/dev/crossdock/", "/dev/serial/by-"))] == []
