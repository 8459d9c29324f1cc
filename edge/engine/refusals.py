"""How a scan and how a command is refused."""

from collections.abc import Sequence

from edge.domain.requests import RefusedEntry


class RefusedError(Exception):
    """A scan is refused: nothing was booked. `why` is from the closed list."""

    def __init__(self, why: str, reason: str) -> None:
        super().__init__(reason)
        self.why = why
        self.reason = reason


class CommandError(Exception):
    """A command cannot be applied: `code` is from the closed list, `at` says where in its data."""

    def __init__(
        self, code: str, text: str, at: str | None = None, refused: Sequence[RefusedEntry] = ()
    ) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.at = at
        self.refused = tuple(refused)

    @classmethod
    def of_all(cls, refused: Sequence[RefusedEntry]) -> "CommandError":
        """A list command of which no entry was good: the first of them says why, all are named."""
        first = refused[0]
        return cls(first.code, first.text, first.at, refused)

    def told(self) -> dict[str, str]:
        """The error in the words of an answer."""
        error = {"code": self.code, "text": self.text}
        return error if self.at is None else {**error, "at": self.at}
