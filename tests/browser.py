"""A real Chromium without a window, spoken to over two pipes (the DevTools protocol); none is installed for it."""

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_S = 30.0
"""How long the browser may take to start, or for one thing it is asked, on a busy machine."""
LOOK_EVERY_S = 0.05


def installed() -> str | None:
    """The browser of this machine, if it has one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Chromium:
    """One page, seen at `width` by `height`; `folder` is for what the browser keeps."""

    def __init__(self, program: str, folder: Path, *, width: int = 1920, height: int = 1080) -> None:
        to_read, self._out = os.pipe()
        self._in, to_write = os.pipe()
        options = (
            "--headless --no-sandbox --disable-gpu --no-first-run --hide-scrollbars --remote-debugging-pipe"
        )
        # It reads from 3 and writes to 4, whatever our pipes are called.
        command = f'exec "$0" {options} "$@" 3<&{to_read} 4>&{to_write}'
        self._process = subprocess.Popen(
            [
                "/bin/bash",
                "-c",
                command,
                program,
                f"--user-data-dir={folder}",
                f"--window-size={width},{height}",
            ],
            pass_fds=(to_read, to_write),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self._asked = 0
        self._unread = b""
        self._session: str | None = None
        try:
            target = self.ask("Target.createTarget", url="about:blank")
            self._session = self.ask("Target.attachToTarget", flatten=True, **target)["sessionId"]
            size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
            self.ask("Emulation.setDeviceMetricsOverride", **size)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        # Asked in good order, so that its other processes end first; what does not end by itself is killed.
        with contextlib.suppress(AssertionError, OSError):
            self._session = None
            self.ask("Browser.close")
        os.close(self._out)
        os.close(self._in)
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(PATIENCE_S)

    def open(self, url: str) -> None:
        self.ask("Page.navigate", url=url)

    def text(self, selector: str = "body") -> str:
        """What a person can read within an element; nothing where it is not there."""
        return str(self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"))

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        told = self.ask("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def wait_text(self, *words: str) -> str:
        """Wait until all of these can be read, and return all that can be."""
        until = time.monotonic() + PATIENCE_S
        while not all(word in (text := self.text()) for word in words):
            assert time.monotonic() < until, f"Waited for {words}, and could read: {text}"
            time.sleep(LOOK_EVERY_S)
        return text

    def picture(self) -> bytes:
        """The page as it is seen, a PNG."""
        return base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"])

    def ask(self, method: str, **values: Any) -> dict[str, Any]:
        """One question of the protocol and its answer; events between are passed over."""
        self._asked += 1
        question: dict[str, Any] = {"id": self._asked, "method": method, "params": values}
        if self._session:
            question["sessionId"] = self._session
        os.write(self._out, json.dumps(question).encode() + b"\0")
        until = time.monotonic() + PATIENCE_S
        while (said := self._read(until)).get("id") != self._asked:
            pass
        assert "error" not in said, said
        result: dict[str, Any] = said["result"]
        return result

    def _read(self, until: float) -> dict[str, Any]:
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._in], [], [], max(0.0, until - time.monotonic()))
            more = os.read(self._in, 1 << 16) if ready else b""
            assert more, "The browser says nothing any more."
            self._unread += more
        message, self._unread = self._unread.split(b"\0", 1)
        said: dict[str, Any] = json.loads(message)
        return said
