"""The sample configuration of a site's broker (`config/mosquitto`), run as it is but for its paths and port."""

import re
import shlex
import subprocess
from pathlib import Path

import config
from sync.local_broker import HOST, LocalBroker

SAMPLES = Path(config.__file__).parent / "mosquitto"


class SiteBroker(LocalBroker):
    """mosquitto under our sample files, with certificates from `folder`: ca.pem, broker.pem and broker.key."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "broker")
        self._certificates = folder

    def _config(self) -> list[str]:
        rules = self._folder / "acl"
        rules.write_text((SAMPLES / "acl").read_text())
        rules.chmod(0o600)
        text = (SAMPLES / "mosquitto.conf").read_text()
        for old, new in {
            "listener 8883": f"listener {self.port} {HOST}",
            "/etc/mosquitto/certs/": f"{self._certificates}/",
            "acl_file /etc/mosquitto/crossdock.acl": f"acl_file {rules}",
            "persistence_location /var/lib/mosquitto/": f"persistence_location {self._folder}/",
        }.items():
            assert old in text, old
            text = text.replace(old, new)
        user = next(line for line in super()._config() if line.startswith("user "))
        return [*text.splitlines(), user, "log_dest stdout"]


def make_certificates(folder: Path, *nodes: str) -> None:
    """Do what the sample's heading says: an authority, the broker's certificate, and one for each node."""
    text = (SAMPLES / "mosquitto.conf").read_text().replace("\\\n#", "")
    commands = re.findall(r"^#   (openssl .+)$", text, re.MULTILINE)
    assert len(commands) == 3
    authority, broker, node = commands
    made = [authority, broker.replace("broker.example.net,IP:10.0.0.5", f"localhost,IP:{HOST}")]
    made += [node.replace("dock-a", name).replace("node.", f"{name}.") for name in nodes]
    for command in made:
        subprocess.run(shlex.split(command), cwd=folder, check=True, capture_output=True, timeout=30)
