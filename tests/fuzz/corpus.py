"""What fuzzing begins with: the scans of tests/cases, and the words of which scans are made."""

import json
from collections.abc import Iterable
from pathlib import Path

CASES = Path(__file__).parents[1] / "cases"

TOKENS = (
    *("]C1", "]C0", "]E0", "]d2", "]Q3", "]e0", "]J1", "\x1d", "<GS>", "{FNC--1}", "\r", "\n", "\r\n"),
    *("LOC:", "ORD:", "PO:", "SKU:", "LBL:", "OP:", "QTY:", "NUM:", "LOT:", "EXP:", "CMD:RECEIVE"),
    *("00106141412345678908", "0109506000134352", "0209506000134352", "3724", "17261231", "10AB-123"),
    *(
        "4006381333931",
        "96385074",
        "3103001500",
        "39329781099",
        "8008261231",
        "430042",
        "4302",
        "8013",
        "91L5",
    ),
    *(
        "https://",
        "example.com/",
        "01/09506000134352",
        "/10/",
        "/21/",
        "?17=261231",
        "&",
        "%2F",
        "%41",
        "%2541%2541",
    ),
)


def seeds(target: str) -> list[bytes]:
    """Every case as this target takes it, in order and each once."""
    scans = list(_scans())
    match target:
        case "framing":
            made = [
                bytes([n % 4]) + b"\x20\x40\x60\x80\xa0\xc0\xd0\xe0" + scan + b"\r\n"
                for n, scan in enumerate(scans)
            ]
        case "links":
            made = [scan.partition(b"//")[2].partition(b"/")[2] for scan in scans if scan.startswith(b"http")]
            # An element in which % stands for itself, written in an address: two ways to read each.
            made += [b"00/106141412345678908?4302=" + b"%2541" * 16, b"414/0614141123452/254/32a?4300=A%252C"]
        case "site":
            made = [bytes([n % 128, n % 16, (n // 16) % 16]) + b"\0" + scan for n, scan in enumerate(scans)]
            made += [b"\xff^%L(?P<value>[A-Z0-9-]+)$\0", b"\xff^(?P<value>(A|B)+)$\0"]
        case "differential":
            made = [b"\xc0" + scan.removeprefix(b"]C1") for scan in scans] + [
                bytes(range(n, n + 60)) for n in range(128)
            ]
        case _:
            made = scans
    return list(dict.fromkeys(made))


def dictionary() -> str:
    """The tokens as libFuzzer takes them."""
    return "".join('"' + "".join(f"\\x{ord(c):02x}" for c in token) + '"\n' for token in TOKENS)


def _scans() -> Iterable[bytes]:
    for row in _rows("gs1.jsonl"):
        yield row["input"].encode("latin-1")
    for row in _rows("hostile.jsonl"):
        if row["channel"] == "scan" and not row["input"].startswith("evdev:"):
            # Escaped twice (tests/cases/README.md).
            yield row["input"].encode("latin-1").decode("unicode_escape").encode("latin-1", "replace")
    for row in _rows("morning.jsonl"):
        if "scan" in row:
            yield row["scan"].encode("latin-1")


def _rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (CASES / name).read_text("utf-8").splitlines()]
