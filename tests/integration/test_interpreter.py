"""How the daemon sets Python and the C library, each in a process of its own: it lasts."""

import platform
import subprocess
import sys

import pytest

COUNTED = """
import ctypes, re, sys, threading

if sys.argv[1] == "shared":
    from edge.interpreter import set_for_threads
    set_for_threads()
all_have, all_counted = threading.Barrier(9), threading.Barrier(9)

def work():
    # Too large for what Python keeps for small things.
    held = [bytearray(10_000) for _ in range(10)]
    all_have.wait(10)
    all_counted.wait(10)

for _ in range(8):
    threading.Thread(target=work).start()
all_have.wait(10)
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(libc.fopen(sys.argv[2].encode(), b"w"))
libc.malloc_info(0, out)
libc.fclose(out)
all_counted.wait(10)
print(len(re.findall("<heap nr=", open(sys.argv[2]).read())))
"""


SEEN = """
import gc
import edge.cli.commands, pydantic
from edge.interpreter import set_for_long

before = len(gc.get_objects())
set_for_long()
print(before, len(gc.get_objects()))
"""


def heaps(how: str, path: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", COUNTED, how, path], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has no heap for each thread")
def test_threads_share_one_heap_so_that_memory_is_not_kept_once_for_each(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = str(tmp_path_factory.mktemp("heap") / "info.xml")

    assert heaps("shared", path) == 1
    # Otherwise there is nothing to share.
    assert heaps("as it comes", path) > 1


def test_what_was_loaded_at_start_is_looked_through_for_garbage_no_more() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SEEN], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    before, after = map(int, done.stdout.split())

    assert before > 10_000
    assert after < before / 100
