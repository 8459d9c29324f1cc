"""What proves this node to the broker, and the broker to it: certificates and the password, all of them files.

They are read anew for each connection. Whether they changed meanwhile, and who else may read them, is told here;
what the broker makes of them is `client`'s. No secret stands in what is raised or told.
"""

import ssl
import stat
import time
from collections.abc import Sequence
from pathlib import Path

from paho.mqtt.client import Client

from config.settings import Mqtt, Tls
from edge.errors import DeviceError

LOOK_EVERY_S = 10.0
"""So often the files are looked at while a connection stands."""

_OTHERS = stat.S_IRWXO | stat.S_IWGRP
"""A group may read a secret, as it does where systemd hands it out (0440): somebody put those people into it."""

_Seen = tuple[tuple[int, ...], ...]


class Credentials:
    """The files of one node's connection to its broker."""

    def __init__(self, mqtt: Mqtt) -> None:
        self._mqtt = mqtt
        tls = mqtt.tls or Tls()
        named = (tls.ca, tls.cert, tls.key, mqtt.password_file)
        self._files: Sequence[Path] = [path for path in named if path is not None]
        self._in_use: _Seen = ()
        self._refused: _Seen = ()
        self._look_at = 0.0

    def load(self) -> tuple[str | None, ssl.SSLContext | None]:
        """Read the password and the certificates as they are now; DeviceError names the file that cannot be used."""
        self._in_use = self._seen()
        self._look_at = time.monotonic() + LOOK_EVERY_S
        return read_password(self._mqtt.password_file), tls_context(self._mqtt.tls)

    def were_renewed(self) -> bool:
        """Tell whether other files can be used than those in use; DeviceError, once, if they changed and cannot be.

        Looks every ten seconds at most. Files are replaced one after the other: what does not fit together yet is
        looked at again.
        """
        now = time.monotonic()
        if now < self._look_at:
            return False
        self._look_at = now + LOOK_EVERY_S
        seen = self._seen()
        if seen in (self._in_use, self._refused):
            return False
        try:
            read_password(self._mqtt.password_file)
            tls_context(self._mqtt.tls)
        except DeviceError:
            self._refused = seen
            raise
        return True

    def _seen(self) -> _Seen:
        return tuple(_looks_of(path) for path in self._files)


def readable_by_others(mqtt: Mqtt) -> list[str]:
    """Name, a sentence each, the password and the key that other users of this machine can read or change."""
    secrets = (mqtt.password_file, mqtt.tls.key if mqtt.tls else None)
    told = []
    for path in secrets:
        try:
            mode = stat.S_IMODE(path.stat().st_mode) if path is not None else 0
        except OSError:
            continue  # told by whoever reads it
        if mode & _OTHERS:
            told.append(
                f"{path} is open to other users of this machine (mode {mode:04o}): "
                f"it is a secret; chmod 640 {path}, or let systemd hand it out with LoadCredential=."
            )
    return told


def tls_context(tls: Tls | None) -> ssl.SSLContext | None:
    """TLS 1.2 or newer, with the broker's name checked; DeviceError if the files cannot be used."""
    if tls is None:
        return None
    try:
        context = ssl.create_default_context(cafile=tls.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if tls.cert is not None:
            # Without a password of ours OpenSSL would ask for one at the terminal, and wait.
            context.load_cert_chain(tls.cert, tls.key, password=lambda: "")
    except (OSError, ValueError) as error:
        files = ", ".join(str(path) for path in (tls.ca, tls.cert, tls.key) if path is not None)
        raise DeviceError(
            f"The broker's certificates cannot be used ({files}): {error}.",
            hint="Expected PEM files under [mqtt] tls: ca, and cert with its key, which has no passphrase.",
        ) from error
    return context


def identify(client: Client, mqtt: Mqtt, password: str | None, tls: ssl.SSLContext | None) -> None:
    """Have a client prove with these, at its next connection, who it is."""
    if mqtt.username is not None or password is not None:
        client.username_pw_set(mqtt.username or "", password)
    if tls is not None:
        client.tls_set_context(tls)


def read_password(path: Path | None) -> str | None:
    """Read a password from its file, None where none is named; DeviceError if it cannot be read."""
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        cause = "it is no UTF-8"  # the error itself would show bytes of it
    except OSError as error:
        cause = str(error)
    raise DeviceError(
        f"The broker's password cannot be read from {path}: {cause}.",
        hint="Correct [mqtt] password_file or the file's rights.",
    )


def _looks_of(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size
