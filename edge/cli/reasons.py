"""Why a person does something, said behind a command: as words, or as one text."""

import argparse

from edge.errors import UsageError


def add_reason(parser: argparse.ArgumentParser, example: str) -> None:
    """Take a reason; `example` is what one might say."""
    parser.add_argument("words", metavar="REASON", nargs="*", help=example)
    parser.add_argument("--reason", metavar="TEXT", help="the same, as one text")


def reason_of(args: argparse.Namespace, question: str, hint: str) -> str:
    """The reason that was given. Raises UsageError with the question that it would answer."""
    reason = " ".join([*args.words, *filter(None, [args.reason])]).strip()
    if not reason:
        raise UsageError(f"{question} The reason is missing.", hint=hint)
    return reason
