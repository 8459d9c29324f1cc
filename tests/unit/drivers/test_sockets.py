"""Connections that cannot be made say so at once, and are never taken for made ones."""

import errno
import os

import pytest

from drivers.sockets import connect


def test_a_host_to_which_no_way_leads_is_not_taken_for_connected() -> None:
    # TCP reaches no broadcast address: connect() fails before anything is sent, as it does with the cable pulled.
    with pytest.raises(OSError, match="unreachable") as refused:
        connect("127.255.255.255", 9100, check_stop=lambda: None)
    assert (refused.value.errno, refused.value.strerror) == (
        errno.ENETUNREACH,
        os.strerror(errno.ENETUNREACH),
    )


def test_a_port_where_nobody_listens_says_that_it_refused() -> None:
    with pytest.raises(ConnectionRefusedError):
        connect("127.0.0.1", 1, check_stop=lambda: None)
