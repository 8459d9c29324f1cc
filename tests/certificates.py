"""A site's own authority for tests: certificates by openssl, with the names and dates that a test asks for."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

_RULES = """
[ca]
default_ca = site
[site]
database = {folder}/index
new_certs_dir = {folder}
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
[any]
commonName = supplied
[req]
distinguished_name = none
[none]
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[extensions]
basicConstraints = critical,CA:FALSE
authorityKeyIdentifier = keyid
subjectAltName = {names}
"""
_SELF_SIGNED = ("-extensions", "authority", "-days", "30", "-out", "ca.pem")


class Authority:
    """Keeps its own certificate, `ca.pem`, and what it signs in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.ca = folder / "ca.pem"
        (folder / "index").touch()
        self._rules("DNS:nobody")
        self._openssl("req", "-x509", *self._new_key("ca"), *_SELF_SIGNED, subject="authority")

    def sign(
        self,
        name: str,
        *,
        file: str = "",
        names: str = "IP:127.0.0.1,DNS:localhost",
        valid_days: tuple[float, float] = (-1, 30),
    ) -> tuple[Path, Path]:
        """Make a key and a certificate for that common name, valid between those days from now; cert and key."""
        file = file or name
        self._rules(names)
        self._openssl("req", *self._new_key(file), "-out", f"{file}.csr", subject=name)
        starts, ends = (
            (datetime.now(UTC) + timedelta(days=days)).strftime("%Y%m%d%H%M%SZ") for days in valid_days
        )
        self._openssl(
            *("ca", "-batch", "-config", "rules", "-extensions", "extensions", "-notext"),
            *("-startdate", starts, "-enddate", ends, "-cert", "ca.pem", "-keyfile", "ca.key"),
            *("-in", f"{file}.csr", "-out", f"{file}.pem"),
        )
        return self.folder / f"{file}.pem", self.folder / f"{file}.key"

    def broker(self) -> list[str]:
        """What a mosquitto is configured with that has the certificate signed for "server", and asks for one."""
        return [
            f"cafile {self.ca}",
            f"certfile {self.folder}/server.pem",
            f"keyfile {self.folder}/server.key",
            "require_certificate true",
        ]

    def _rules(self, names: str) -> None:
        (self.folder / "rules").write_text(_RULES.format(folder=self.folder, names=names))

    def _new_key(self, file: str) -> list[str]:
        kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        return [*kind, "-config", "rules", "-keyout", f"{file}.key"]

    def _openssl(self, *arguments: str, subject: str = "") -> None:
        named = ["-subj", f"/CN={subject}"] if subject else []
        subprocess.run(
            ["openssl", *arguments, *named], cwd=self.folder, check=True, capture_output=True, timeout=30
        )
