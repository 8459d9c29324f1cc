"""The outbox as SQL: commands and their answers, in the transaction of whoever calls. Its rules are `outbox`'s."""

from dataclasses import dataclass

from edge.clock import Clock, rfc3339
from sync.central.database import Database


@dataclass(frozen=True, slots=True)
class Command:
    """A command in the outbox; `data` is JSON."""

    id: int
    source: str
    name: str
    type: str
    data: str
    cmdseq: int | None
    answer: str | None


class CommandRows:
    """The table of commands; nodes go by the numbers that `store` gave them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db, self._clock = database, clock

    def add(self, node: int, command: Command) -> None:
        """Put a command into the outbox; its own number is given here."""
        self._db.rows(
            "INSERT INTO commands (node, source, name, type, data, cmdseq, written_at)"
            " VALUES (:node, :source, :name, :type, :data, :cmdseq, :now)",
            {
                "node": node,
                "source": command.source,
                "name": command.name,
                "type": command.type,
                "data": command.data,
                "cmdseq": command.cmdseq,
                "now": rfc3339(self._clock.now_ms()),
            },
        )

    def last_cmdseq(self, node: int, source: str) -> int:
        sql = "SELECT max(cmdseq) FROM commands WHERE node = :node AND source = :source"
        return int(self._db.rows(sql, {"node": node, "source": source})[0][0] or 0)

    def unanswered(self, node: int, limit: int) -> list[Command]:
        """Those without an answer, the oldest first."""
        # What central itself asks for has no number and goes first.
        where = "node = :node AND answer IS NULL ORDER BY cmdseq IS NOT NULL, id LIMIT :limit"
        return self._commands(where, node=node, limit=limit)

    def find(self, node: int, source: str, name: str) -> Command | None:
        where = "node = :node AND source = :source AND name = :name"
        found = self._commands(where, node=node, source=source, name=name)
        return found[0] if found else None

    def reopen(self, node: int, source: str, *, first: int, before: int) -> int:
        """Take the answers off those with these numbers, to be sent again; how many there were."""
        return len(
            self._db.rows(
                "UPDATE commands SET answer = NULL, answered_at = NULL WHERE node = :node AND source = :source"
                " AND cmdseq >= :first AND cmdseq < :before AND answer IS NOT NULL RETURNING id",
                {"node": node, "source": source, "first": first, "before": before},
            )
        )

    def renumber(self, node: int, source: str, *, by: int) -> None:
        """Count those without an answer on by so many."""
        self._db.rows(
            "UPDATE commands SET cmdseq = cmdseq + :by WHERE node = :node AND source = :source AND answer IS NULL",
            {"node": node, "source": source, "by": by},
        )

    def keep_answer(self, command: int, answer: str) -> None:
        self._db.rows(
            "UPDATE commands SET answer = :answer, answered_at = :now WHERE id = :id",
            {"id": command, "answer": answer, "now": rfc3339(self._clock.now_ms())},
        )

    def _commands(self, where: str, **values: object) -> list[Command]:
        sql = f"SELECT id, source, name, type, data, cmdseq, answer FROM commands WHERE {where}"  # noqa: S608 - ours
        return [Command(*row) for row in self._db.rows(sql, values)]
