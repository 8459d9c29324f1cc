"""A CUPS of the test's own: real cupsd on a socket in a folder, its raw queues lead to printers that write a file."""

import grp
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

CUPSD = shutil.which("cupsd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
COMMANDS = "/usr/bin:/usr/sbin:/bin"
PROGRAMS = Path("/usr/lib/cups/daemon")
STARTED_WITHIN_S = 20.0

# Who may do what is as Debian ships it: only the owner of a job cancels it, whom CUPS knows by the socket.
CONFIGURATION = """
Listen {folder}/sock
Browsing Off
DefaultAuthType Basic
WebInterface No
<Location />
  Order allow,deny
</Location>
<Policy default>
  JobPrivateAccess default
  JobPrivateValues default
  <Limit Create-Job Print-Job Print-URI Validate-Job>
    Order deny,allow
  </Limit>
  <Limit Cancel-Job Cancel-Jobs Hold-Job Release-Job Restart-Job Purge-Jobs>
    Require user @OWNER @SYSTEM
    Order deny,allow
  </Limit>
  <Limit CUPS-Add-Modify-Printer Pause-Printer Resume-Printer CUPS-Accept-Jobs CUPS-Reject-Jobs>
    AuthType Default
    Require user @SYSTEM
    Order deny,allow
  </Limit>
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
"""

FILES = """
ServerRoot {folder}/etc
ServerBin {folder}/bin
RequestRoot {folder}/spool
TempDir {folder}/spool/tmp
CacheDir {folder}/cache
StateDir {folder}/run
AccessLog {folder}/log/access
ErrorLog {folder}/log/error
PageLog {folder}/log/page
"""

# What CUPS gives a job to (backend(7)): it waits while the printer is off, for two minutes at most, says so, and stops
# the queue when it is broken.
BACKEND = """#!/bin/sh
[ $# = 0 ] && exit 0
folder=${DEVICE_URI#spy:}
tries=0
while [ -e "$folder/off" ] && [ $tries -lt 2400 ]; do
  [ $tries = 0 ] && echo "INFO: The printer is not responding." >&2
  tries=$((tries + 1))
  sleep 0.05
done
[ -e "$folder/broken" ] && exit 4
cat "${6:--}" >>"$folder/paper"
"""


class Cups:
    """Running from the start. Its folder is short: the path of a socket has at most 107 bytes."""

    def __init__(self) -> None:
        assert CUPSD is not None
        self.folder = Path(tempfile.mkdtemp(prefix="cups-", dir="/tmp"))
        self.folder.chmod(0o755)
        for name in ("etc", "bin/backend", "spool/tmp", "cache", "run", "log"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "bin" / "daemon").symlink_to(PROGRAMS)
        backend = self.folder / "bin" / "backend" / "spy"
        backend.write_text(BACKEND, encoding="ascii")
        backend.chmod(0o755)
        # As root cupsd wants another user for what it starts.
        users = "User lp\nGroup lp\n" if os.geteuid() == 0 else ""
        users += f"SystemGroup {grp.getgrgid(os.getegid()).gr_name}\n"
        conf, files = self.folder / "cupsd.conf", self.folder / "files.conf"
        conf.write_text(CONFIGURATION.format(folder=self.folder), encoding="utf-8")
        files.write_text(FILES.format(folder=self.folder) + users, encoding="utf-8")
        self.socket = self.folder / "sock"
        self._process = subprocess.Popen(
            [CUPSD, "-f", "-c", conf, "-s", files], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + STARTED_WITHIN_S
        while "is running" not in self.said("lpstat", "-r"):
            assert self._process.poll() is None, "cupsd ended"
            assert time.monotonic() < deadline, "cupsd does not start"
            time.sleep(0.02)

    def said(self, *command: str) -> str:
        """Run a command of CUPS and return what it says."""
        done = subprocess.run(
            command,
            env={"CUPS_SERVER": str(self.socket), "PATH": COMMANDS, "LC_ALL": "C"},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return done.stdout + done.stderr

    def queue(self, name: str) -> "Queue":
        """Make a raw queue to a printer of its own."""
        folder = self.folder / name
        folder.mkdir()
        folder.chmod(0o777)
        self.said(
            "lpadmin", "-p", name, "-E", "-v", f"spy:{folder}", "-o", "printer-error-policy=stop-printer"
        )
        return Queue(self, name, folder)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(20)
        shutil.rmtree(self.folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Queue:
    def __init__(self, cups: Cups, name: str, folder: Path) -> None:
        self._cups = cups
        self.name = name
        self.url = f"cups://{name}"
        self._folder = folder

    @property
    def paper(self) -> bytes:
        """What came out of its printer."""
        paper = self._folder / "paper"
        return paper.read_bytes() if paper.exists() else b""

    @property
    def waiting(self) -> str:
        """The jobs that have not come out, as lpstat lists them."""
        return self._cups.said("lpstat", "-W", "not-completed", "-o", self.name)

    def turn(self, trouble: str, *, on: bool) -> None:
        """Give the printer a trouble, "off" or "broken", or take it away."""
        if on:
            (self._folder / trouble).touch()
        else:
            (self._folder / trouble).unlink()

    def do(self, *command: str) -> None:
        """Run a command of CUPS for this queue, such as cupsdisable."""
        self._cups.said(*command, self.name)
