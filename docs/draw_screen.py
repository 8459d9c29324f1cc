"""Draws docs/screen.png: what hangs above a station, as a real browser shows it.

`make pictures` runs it where there is a Chromium, else it says so and leaves the picture as it is. The morning at the
dock is booked by the real engine at a standing clock, so that the picture changes only with the screen.
"""

import io
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from config.settings import Printer, Scanner, Settings, Station
from edge.facts import CodeScanned, DeviceKind, DeviceLost, DeviceReady
from edge.local.door import LocalDoor
from edge.screen.board import Board
from edge.screen.server import ScreenServer
from tests.browser import Chromium, installed
from tests.house import House

PICTURE = Path(__file__).with_name("screen.png")
SHADES = 64
FREE = 0
"""A port that nobody has."""

GUNS = ("gun-1", "gun-2")
SITE = {
    "site": "par1",
    "node": "dock-a",
    "timezone": "Europe/Paris",
    "scanners": tuple(Scanner(id=id, device=f"serial:///dev/{id}", station="dock-1") for id in GUNS),
    "printers": (Printer(id="zebra-1", language="zpl", device="tcp://127.0.0.1:9100"),),
    "stations": (Station(id="dock-1", location="DOCK-1", printer="zebra-1"),),
}


def main() -> None:
    program = installed()
    if program is None:
        print("== no Chromium: docs/screen.png is left as it is")  # noqa: T201 - for who called make
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, morning(Path(folder)) as url:
        with Chromium(program, Path(folder) / "browser") as browser:
            browser.open(f"{url}/station/dock-1")
            browser.wait_text("ACCEPTED", "REFUSED", "zebra-1")
            picture = Image.open(io.BytesIO(browser.picture()))
        picture.convert("RGB").quantize(SHADES).save(PICTURE, format="PNG", optimize=True)


@contextmanager
def morning(folder: Path) -> Iterator[str]:
    """A node in which something happened, and its screen."""
    settings = Settings.model_validate({**SITE, "data_dir": folder})
    house = House(settings)
    _live(house)
    door = LocalDoor(folder / "crossdock.sock", ["dock-1"], house.inbox.post)
    door.start()
    board = Board(settings, folder / "ledger.db", folder / "crossdock.sock", house.clock)
    with ScreenServer("127.0.0.1", FREE, board) as server:
        board.start()
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        board.stop()
        server.shutdown()
    door.stop()
    house.close()


def _live(house: House) -> None:
    for gun in GUNS:
        house.post(DeviceReady(DeviceKind.SCANNER, gun))
    house.done(
        "catalogue.upsert",
        {"items": [{"sku": "PEN", "name": "Fountain pen", "codes": [{"code": "7612345001012", "pack": 1}]}]},
    )
    house.order("SO-1", ("PEN", 2))
    house.post(DeviceReady(DeviceKind.PRINTER, "zebra-1"))
    house.wait(40)
    for gun, *codes in (
        ("gun-1", "OP:alice", "PO:4711", "QTY:5", "7612345001012"),
        ("gun-2", "OP:bo", "7612345001013"),
    ):
        for code in codes:
            house.wait(1)
            house.post(CodeScanned(gun, "dock-1", gun, code))
    text = "zebra-1 is out of paper. Put a roll in and close the head: it goes on by itself."
    house.post(DeviceLost(DeviceKind.PRINTER, "zebra-1", text))
    house.wait(3)


if __name__ == "__main__":
    main()
