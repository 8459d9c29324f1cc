"""The command that writes the contract as files: for integrators, without a configuration and without a ledger."""

import argparse
import sys
from pathlib import Path

from edge.cli.tables import print_json, shown
from edge.errors import UsageError


def schema(args: argparse.Namespace) -> int:
    """Write the contract's files, print one schema, or check a folder; 1 if something in that is stale."""
    from sync.contract import files, schemas  # noqa: PLC0415 - every model and paho: 0.3 s

    if args.name is not None:
        if args.name not in schemas.MODELS:
            raise UsageError(
                f"There is no schema {args.name!r}.", hint=f"There are: {', '.join(schemas.MODELS)}."
            )
        sys.stdout.write(files.text_of(schemas.schema(args.name)))
        return 0
    if args.check is not None:
        return _check(args, files.stale(args.check))
    written = files.write(args.output)
    if args.json:
        print_json({"folder": str(args.output), "files": [str(path) for path in written]})
    else:
        print(f"{shown(str(args.output))}: {len(written)} files: asyncapi.json, schemas and examples.")
    return 0


def _check(args: argparse.Namespace, stale: list[str]) -> int:
    if args.json:
        print_json({"folder": str(args.check), "stale": stale})
    else:
        for told in stale:
            print(shown(told))
        if not stale:
            print(f"{shown(str(args.check))}: all is as it would be written now.")
    return 1 if stale else 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may be said after `crossdock schema`."""
    wish = parser.add_mutually_exclusive_group()
    wish.add_argument(
        "name", metavar="NAME", nargs="?", help="print this schema alone: order.place, stock.received, state"
    )
    wish.add_argument(
        *("-o", "--output"),
        metavar="FOLDER",
        type=Path,
        default=Path("contract"),
        help="where to write them (default contract)",
    )
    wish.add_argument(
        "--check", metavar="FOLDER", type=Path, help="write nothing; exit 1 naming files that are stale"
    )
