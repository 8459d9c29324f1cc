"""What `crossdock screen` says when it begins. That it serves is the black box's to show."""

from pathlib import Path

import pytest

from config.settings import Settings, Station
from edge.cli.screen import tell
from edge.clock import SystemClock
from edge.screen.board import Board
from edge.screen.server import ScreenServer


def test_who_asks_for_more_than_the_loopback_is_told_who_can_read_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(site="par1", node="dock-a", stations=(Station(id="dock-1"),))
    board = Board(settings, tmp_path / "ledger.db", tmp_path / "crossdock.sock", SystemClock())
    with ScreenServer("::1", 0, board) as server:
        port = server.server_port
        tell(server, "::1", ["dock-1"])
        alone = capsys.readouterr()
        server.is_for_this_machine = False
        tell(server, "10.0.0.5", ["dock-1"])
        open_to_others = capsys.readouterr()

    assert alone.out == f"The screen is at http://[::1]:{port}/\n  http://[::1]:{port}/station/dock-1\n"
    assert alone.err == ""
    assert open_to_others.out.startswith(f"The screen is at http://10.0.0.5:{port}/\n")
    assert open_to_others.err == (
        f"Note: whoever reaches 10.0.0.5, port {port}, reads what the screen shows: there is no login."
        " Let only the warehouse's own network reach it.\n"
    )
