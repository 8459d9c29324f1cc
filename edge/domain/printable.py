"""What people read of a code: every character that cannot be printed stands as its name.

A module of its own, so that who only reads the ledger does not load what reads codes.
"""

import re

SUB = "\x1a"
"""SUBSTITUTE, which a driver puts where it knows that something of a code is lost (ECMA-48, 8.3.148)."""


def visible(text: str, limit: int = 300) -> str:
    """Make every character that is not printable ASCII visible, for events, logs and screens; cut at a limit.

    >>> visible("AB" + chr(29) + "17" + chr(27) + chr(0x9B))
    'AB<GS>17<ESC><0x9B>'
    """
    shown = _UNSEEN.sub(_name_of, text[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 3] + "..."


def _name_of(unseen: re.Match[str]) -> str:
    code = ord(unseen[0])
    return f"<{_CONTROLS[code]}>" if code < len(_CONTROLS) else f"<0x{code:02X}>"


_UNSEEN = re.compile(r"[^\x20-\x7e]")
_CONTROLS = (
    *("NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR", "SO", "SI"),
    *("DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC"),
    *("FS", "GS", "RS", "US"),
)
