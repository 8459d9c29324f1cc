"""The daemon as a site runs it, with shorter waits: `python -m tests.torture.daemon run -c FILE`.

It decides as ever; thousands of deaths take minutes.
"""

import importlib
import sys

from edge.cli import main

SHORTER = {
    "drivers.supervisor": {"RETRY_FIRST_S": 0.005, "RETRY_MAX_S": 0.02},
    # A printer is not to be taken for one that can tell nothing because the machine is busy.
    "drivers.asking": {"FIRST_ANSWER_S": 5.0, "ANSWER_S": 0.3},
    "drivers.spool": {
        "ANSWER_S": 0.3,
        "TROUBLE_S": 0.1,
        "POLL_FIRST_S": 0.005,
        "OUT_WITHIN_S": 5.0,
    },
}


def shorten() -> None:
    for module_name, waits in SHORTER.items():
        module = importlib.import_module(module_name)
        for name, seconds in waits.items():
            assert isinstance(getattr(module, name), float), f"{module_name} has no {name} any more."
            setattr(module, name, seconds)


if __name__ == "__main__":
    shorten()
    sys.exit(main())
