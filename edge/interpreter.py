"""Python and the C library, set for a daemon in which a scan must not wait for another thread's work."""

import contextlib
import ctypes
import gc
import sys

SWITCH_S = 0.0002
"""So long a thread may keep Python's lock while another wants it. By itself it is 5 ms, and reading a scan, booking
and answering it take the lock some ten times."""

_M_ARENA_MAX = -8
"""`malloc.h` of glibc."""


def set_for_threads() -> None:
    """To be called before threads are started."""
    sys.setswitchinterval(SWITCH_S)
    _share_one_heap()


def set_for_long() -> None:
    """To be called once all is loaded that stays: it is looked through for garbage no more.

    That took 25 ms under Python's lock, again and again while a backlog was told.
    """
    gc.collect()
    gc.freeze()


def _share_one_heap() -> None:
    """Let all threads allocate from one heap, where the C library is glibc.

    Left to itself it gives each thread one of its own, so that none waits for another, and each keeps what it once
    took: 6 MB of 80 after a catalogue was loaded. Python's threads take turns anyway.
    """
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
