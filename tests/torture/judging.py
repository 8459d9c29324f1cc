"""Who judges the paper: what came out of printers, against the labels that the ledger has for each."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import zxingcpp
from PIL.Image import Image

from tests.printer_streams import escpos_picture, zpl_texts
from tests.torture.printers import Speech
from tests.torture.site import Site

SHOWN = 5
"""Fouls told of each printer."""


@dataclass(frozen=True, slots=True)
class Judged:
    """`summary` in words; `fouls` is empty when all was well."""

    summary: str
    fouls: Sequence[str]


@dataclass(frozen=True, slots=True)
class Label:
    """One that came out."""

    label: str
    is_copy: bool


def judge(site: Site) -> Judged:
    """Read all paper of a site that has nothing more to print."""
    jobs = site.labels()
    fouls: list[str] = []
    labels = copies = 0
    for number, printer in enumerate(site.printers):
        booked = [str(job["label"]) for job in jobs if job["printer"] == f"printer-{number}"]
        out = [read(printer.language, data) for data in printer.paper]
        labels += len(booked)
        copies += sum(one is not None and one.is_copy for one in out)
        found = list(fouls_of(booked, out))
        fouls += [f"printer-{number}: {foul}" for foul in found[:SHOWN]]
        fouls += [f"printer-{number}: {len(found) - SHOWN} more"] * (len(found) > SHOWN)
    unprinted = Counter(str(job["status"]) for job in jobs if job["status"] != "printed")
    fouls += [f"{count} labels ended as {status}" for status, count in unprinted.items()]
    fouls += [f"the audit: {breach}" for breach in [site.breaches()] if breach]
    if "Traceback" in site.log:
        fouls.append(f"the log has a traceback: {site.log[site.log.index('Traceback') :][:2000]}")
    out_of_all = sum(len(printer.paper) for printer in site.printers)
    verdict = "NOT WELL" if fouls else "none missing, no second one without its mark"
    return Judged(f"{labels:,} labels came out as {out_of_all:,}, {copies:,} marked COPY: {verdict}", fouls)


def fouls_of(booked: Sequence[str], out: Sequence[Label | None]) -> Iterator[str]:
    """Say what is wrong with what came out of one printer, None for what nobody can read."""
    if None in out:
        yield f"{out.count(None)} labels came out that nobody can read"
    came = [label for label in out if label is not None]
    marks: dict[str, list[bool]] = {}
    for each in came:
        marks.setdefault(each.label, []).append(each.is_copy)
    for label in booked:
        if label not in marks:
            yield f"label {label} is missing"
        elif not all(marks[label][1:]):
            yield f"label {label} came out {len(marks[label])} times, marked {marks[label]}"
    strange = [label for label in marks if label not in booked]
    if strange:
        yield f"labels came out that were not booked here: {strange}"
    if (order := [label for label in marks if label in booked]) != [
        label for label in booked if label in marks
    ]:
        yield f"labels came out in the order {order}"


@lru_cache(maxsize=4096)
def read(language: Speech, data: bytes) -> Label | None:
    """Read one label as a person with a scanner does; None for one that is torn or garbled."""
    if language == "zpl":
        texts = zpl_texts(data)
        codes = {match[1] for text in texts if (match := re.search(r"LBL:([\w-]+)$", text))}
        return Label(codes.pop(), "COPY" in texts) if len(codes) == 1 else None
    try:
        picture = escpos_picture(data)
    except (AssertionError, ValueError):
        return None
    found = {match[0] for match in map(_CODE.fullmatch, _codes(picture)) if match}
    # On one slip of paper a torn label may be read, too, above its copy.
    labels = {code.partition(" ")[0] for code in found}
    if len(labels) != 1:
        return None
    return Label(labels.pop(), any(code.endswith(" COPY") for code in found))


_CODE = re.compile(r"[0-9a-f]+-[0-9]+ (COPY)?")


def _codes(picture: Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(picture)]
