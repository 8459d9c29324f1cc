"""The error family: what is broken in the world, told so that a person can mend it.

No stock, a wrong code or a pallet scanned twice are results, not errors; assertions are for our own bugs.
"""


class EdgeError(Exception):
    """Something in the world is broken: `text` is a whole sentence, `hint` says how to mend it.

    `transient` errors may go away by themselves: a cable, a broker, a printer. The command line ends with
    `exit_code`.
    """

    exit_code = 1

    def __init__(self, text: str, *, hint: str = "", transient: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.hint = hint
        self.transient = transient

    def __str__(self) -> str:
        return f"{self.text} {self.hint}".strip()


class UsageError(EdgeError):
    """The call or the configuration is wrong; nothing was done."""

    exit_code = 2


class DeviceError(EdgeError):
    """A scanner, a printer or the broker cannot be reached or went away."""

    def __init__(self, text: str, *, hint: str = "") -> None:
        super().__init__(text, hint=hint, transient=True)


class LedgerError(EdgeError):
    """The ledger cannot be opened, written or trusted."""
