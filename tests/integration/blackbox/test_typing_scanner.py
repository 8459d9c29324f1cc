"""A USB scanner that types like a keyboard, at the node: goods come in, and a pulled cable is told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.blackbox.central import Central
from tests.integration.blackbox.goods import GS, INK, PEN
from tests.integration.blackbox.node import Layout, Node
from tests.typing_scanner import TypingScanner, keystrokes, stroke


@pytest.mark.parametrize(("layout", "gs"), [("us", "ctrl"), ("uk", "f8"), ("de", "alt"), ("fr", "ctrl")])
def test_a_gs1_label_is_typed_and_booked_in_every_layout(
    start_node: Callable[..., Node], central: Central, tmp_path: Path, layout: str, gs: str
) -> None:
    with TypingScanner(tmp_path / "keys", layout=layout, gs=gs) as gun:
        start_node(Layout(tables=f'[[scanners]]\nid = "keys"\ndevice = "{gun.url}"\nstation = "dock-1"\n'))

        gun.scan(f"]C1010{PEN}10aZ-%&/1{GS}17291231")

        data = central.event("stock.received", sku="PEN").data
        assert (data["lot"], data["expiry"], data["scanner"]) == ("aZ-%&/1", "2029-12-31", "keys")


def test_a_chord_in_the_middle_of_a_code_refuses_it_and_books_nothing(
    start_node: Callable[..., Node], central: Central, tmp_path: Path
) -> None:
    left_ctrl, delete = 29, 111
    with TypingScanner(tmp_path / "keys") as gun:
        start_node(Layout(tables=f'[[scanners]]\nid = "keys"\ndevice = "{gun.url}"\nstation = "dock-1"\n'))

        gun.send(keystrokes(PEN[:6]) + stroke(delete, left_ctrl) + keystrokes(PEN[6:] + "\r"))
        gun.scan(PEN)

        rejected = central.event("scan.rejected")
        received = central.event("stock.received", sku="PEN")
        assert (rejected.data["why"], rejected.data["code"]) == ("bad_code", f"{PEN[:6]}<SUB>{PEN[6:]}")
        assert received.data["qty"] == 1
        assert received.seq == rejected.seq + 1


def test_a_typing_scanner_pulled_out_is_told_and_found_again(
    start_node: Callable[..., Node], central: Central, tmp_path: Path
) -> None:
    with TypingScanner(tmp_path / "keys") as gun:
        start_node(Layout(tables=f'[[scanners]]\nid = "keys"\ndevice = "{gun.url}"\nstation = "dock-1"\n'))
        gun.scan(PEN)
        central.event("stock.received", sku="PEN")

        gun.unplug()
        raised = central.event("exception.raised", kind="scanner")
        gun.plug()
        cleared = central.event("exception.cleared", timeout_s=5.0)
        gun.scan(INK)

        assert raised.data["about"] == "keys"
        assert cleared.data["exception"] == raised.data["exception"]
        central.event("stock.received", after=cleared.seq, sku="INK")
