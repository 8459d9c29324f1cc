"""What a person says of labels at the command line, checked as central's commands are. Facts come out."""

from typing import Any

from edge.facts import LabelGivenUp, LabelsRedirected, ReprintAsked
from sync.command_base import Model
from sync.fields import Name, Reason
from sync.reading import checked


class _Reprint(Model):
    reprint: Name


class _Redirect(Model):
    """`redirect` is one label, or null for all that waits for the printer."""

    redirect: Name | None
    printer: Name
    to: Name


class _GiveUp(Model):
    give_up: Name
    reason: Reason


def read_wish(asked: dict[str, Any], by: str) -> ReprintAsked | LabelsRedirected | LabelGivenUp:
    """Read a wish by the key that names it; `by` is who says it. Raises ValueError, a sentence."""
    if "reprint" in asked:
        return ReprintAsked(checked(_Reprint, asked).reprint, by)
    if "give_up" in asked:
        wish = checked(_GiveUp, asked)
        return LabelGivenUp(wish.give_up, wish.reason, by)
    redirect = checked(_Redirect, asked)
    return LabelsRedirected(redirect.redirect, redirect.printer, redirect.to, by)
