"""The command line: `crossdock`. `parser` has what may be said, `program` calls the command and tells its errors."""

from edge.cli.program import main

__all__ = ["main"]
