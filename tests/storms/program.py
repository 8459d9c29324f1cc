"""The program as a site runs it, with shorter waits: `python -m tests.storms.program run -c FILE`.

It decides as ever; what takes half a minute at a site takes a second here.
"""

import importlib
import sys

SHORTER: dict[str, dict[str, float]] = {
    "drivers.supervisor": {"RETRY_FIRST_S": 0.02, "RETRY_MAX_S": 0.2},
    "sync.dialects": {"KEEPALIVE_S": 2},
    "sync.session": {"STATE_EVERY_S": 0.5},
    "sync.connecting": {"HANDSHAKE_TIMEOUT_S": 2.0},
    "sync.event_lanes": {"SILENCE_MAX_S": 2.0},
    "sync.central.intake": {"ASK_AGAIN_S": 1.0, "QUIET_S": 1.0},
    "sync.central.outbox": {"AGAIN_S": 1.0},
    "sync.central.service": {"BACKOFF_MIN_S": 0.05, "BACKOFF_MAX_S": 0.2},
}
SILENCE_S = 1.0


def shorten() -> None:
    for module_name, waits in SHORTER.items():
        module = importlib.import_module(module_name)
        for name, seconds in waits.items():
            assert hasattr(module, name), f"{module_name} has no {name} any more."
            setattr(module, name, seconds)
    from sync.link import CentralLink  # noqa: PLC0415 - only now that its waits are set

    defaults = CentralLink.__init__.__kwdefaults__ or {}
    assert "silence_s" in defaults, "CentralLink has no silence_s any more."
    defaults["silence_s"] = SILENCE_S


if __name__ == "__main__":
    from edge.cli import main

    # A reading command is called as ever.
    if {"run", "central"} & set(sys.argv[1:2]):
        shorten()
    sys.exit(main())
