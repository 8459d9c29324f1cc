"""`crossdock screen`: the web screen of the stations, beside the daemon until a signal ends it."""

import argparse
import ipaddress
import signal
import sys
import threading

from config.load import load
from edge.cli.commands import LEDGER, SOCKET, log_to_stderr
from edge.clock import SystemClock
from edge.errors import UsageError
from edge.screen.board import Board
from edge.screen.server import ScreenServer

STOP_S = 5.0


def serve(args: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT; the exit code."""
    settings = load(args.config)
    host = _address(args.host)
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    log_to_stderr()
    board = Board(settings, settings.data_dir / LEDGER, settings.data_dir / SOCKET, SystemClock())
    with ScreenServer(host, args.port, board) as server:
        board.start()
        thread = threading.Thread(target=server.serve_forever, name="screen", daemon=True)
        thread.start()
        tell(server, host, [station.id for station in settings.stations])
        while not over.wait(0.5) and thread.is_alive():
            pass
        board.stop()
        server.shutdown()
        thread.join(STOP_S)
    return 0 if over.is_set() else 1


def _address(host: str) -> str:
    """An address to listen at. No names: to look one up may take for ever, and leads to several."""
    try:
        return str(ipaddress.ip_address("127.0.0.1" if host == "localhost" else host))
    except ValueError:
        raise UsageError(
            f"The screen cannot be at {host!r}: that is no address of a machine.",
            hint="Expected one such as 127.0.0.1 (this machine alone) or 0.0.0.0 (all who reach it).",
        ) from None


def tell(server: ScreenServer, host: str, stations: list[str]) -> None:
    """Say where it is, and who else can read it."""
    url = f"http://{f'[{host}]' if ':' in host else host}:{server.server_port}"
    print(f"The screen is at {url}/" + "".join(f"\n  {url}/station/{one}" for one in stations), flush=True)
    if not server.is_for_this_machine:
        print(
            f"Note: whoever reaches {host}, port {server.server_port}, reads what the screen shows: there is no login.",
            "Let only the warehouse's own network reach it.",
            file=sys.stderr,
            flush=True,
        )
