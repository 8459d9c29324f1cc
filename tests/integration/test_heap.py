"""Threads of the daemon share one heap of the C library, so that memory is not kept once for each of them."""

import platform
import subprocess
import sys

import pytest

COUNTED = """
import ctypes, re, sys, threading

if sys.argv[1] == "shared":
    from edge.daemon import share_one_heap
    share_one_heap()
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


def heaps(how: str, path: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", COUNTED, how, path], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has no heap for each thread")
def test_threads_of_the_daemon_share_one_heap(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = str(tmp_path_factory.mktemp("heap") / "info.xml")

    assert heaps("shared", path) == 1
    # Otherwise there is nothing to share.
    assert heaps("as it comes", path) > 1
