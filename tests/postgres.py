"""A PostgreSQL server of our own for tests: in a temporary folder, at a socket there, under no network port."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

START_TIMEOUT_S = 30
NOBODY = "nobody"


def find_programs() -> Path | None:
    """The folder of initdb and pg_ctl, the newest there is. Debian keeps them off the PATH."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).parent)
    return max(found, key=str, default=None)


@contextmanager
def server() -> Iterator[str]:
    """Run one; yields its connection string, of a user who may do all."""
    programs = find_programs()
    assert programs is not None, "no PostgreSQL here: ask find_programs first"
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    data = folder / "data"
    as_user: list[str] = []
    if os.getuid() == 0:  # which it refuses to run as
        user = pwd.getpwnam(NOBODY)
        os.chown(folder, user.pw_uid, user.pw_gid)
        as_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    try:
        _run(
            [
                *as_user,
                str(programs / "initdb"),
                "-D",
                str(data),
                "-U",
                "crossdock",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "-N",
            ]
        )
        # Nothing of it has to survive: no flush to the disk.
        options = f"-F -c listen_addresses='' -c unix_socket_directories={folder}"
        log = ["-l", str(folder / "log"), "-w", "-t", str(START_TIMEOUT_S)]
        _run([*as_user, str(programs / "pg_ctl"), "start", "-D", str(data), *log, "-o", options])
        try:
            yield f"postgresql://crossdock@/postgres?host={quote(str(folder), safe='')}"
        finally:
            _run([*as_user, str(programs / "pg_ctl"), "stop", "-D", str(data), "-m", "immediate", "-w"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(call: Sequence[str]) -> None:
    # The server inherits what it does not close: no pipe, or we would wait for its end.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            call, check=False, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd="/", timeout=60
        )
        said.seek(0)
        assert done.returncode == 0, said.read().decode(errors="replace")
