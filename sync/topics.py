"""The topics of one node (contract section 6), a table."""

import re
from dataclasses import dataclass

_UNSAFE = re.compile(rb"[^A-Za-z0-9._-]")


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics under `{prefix}/{site}/{node}`."""

    prefix: str
    site: str
    node: str

    @property
    def root(self) -> str:
        return f"{self.prefix}/{self.site}/{self.node}"

    def state(self) -> str:
        return f"{self.root}/state"

    def event(self, type: str) -> str:
        """Where events of that type go.

        >>> Topics("crossdock", "par1", "dock-a").event("stock.received")
        'crossdock/par1/dock-a/evt/stock/received'
        """
        return f"{self.root}/evt/{type.replace('.', '/')}"

    def level(self, sku: str) -> str:
        return f"{self.root}/stock/{escaped(sku)}"

    def cmd(self) -> str:
        return f"{self.root}/cmd"

    def res(self) -> str:
        return f"{self.root}/res"

    def ack(self) -> str:
        return f"{self.root}/ack"

    def snapshot(self, id: str) -> str:
        """Where the snapshot goes that the command of that id asked for."""
        return f"{self.root}/snap/{escaped(id)}"


def escaped(name: str) -> str:
    """Write a name so that it is one level of a topic: every byte outside `A-Za-z0-9._-` becomes %XX.

    >>> escaped("A/B +1#%")
    'A%2FB%20%2B1%23%25'
    """
    return _UNSAFE.sub(lambda found: b"%%%02X" % found[0][0], name.encode()).decode()
