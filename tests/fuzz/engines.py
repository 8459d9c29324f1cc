"""Where inputs come from: atheris, which looks for new ways through the code, or a plain mutator without it.

The plain one is seeded and the same everywhere; it is for machines that atheris has no wheel for.
"""

import os
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.fuzz import corpus
from tests.fuzz.judging import Judge

MAX_LENGTH = 5000
"""Bytes of an input: a line that never ends is told at 4,096."""

Tell = Callable[[], None]


def plain(judge: Judge, seeds: Sequence[bytes], *, seed: int, tell: Tell) -> None:
    """Mutate the corpus blindly until the judge has seen enough."""
    # Seeded on purpose: the same inputs every time.
    chance = random.Random(seed)
    pool = [*seeds, b""]
    for data in pool:
        if judge.is_done:
            return
        judge.execute(data)
    while not judge.is_done:
        judge.execute(_mutated(chance.choice(pool), pool, chance)[:MAX_LENGTH])
        tell()


def coverage_guided(judge: Judge, folder: Path, *, seed: int, tell: Tell, done: Tell) -> None:
    """Have libFuzzer mutate the corpus in a folder; `done` ends the process, since libFuzzer never returns."""
    import atheris  # noqa: PLC0415 - only in a process that fuzzes, and only where there is a wheel

    dictionary = folder.parent / "tokens.dict"
    dictionary.write_text(corpus.dictionary(), encoding="ascii")

    def execute(data: bytes) -> None:
        judge.execute(data)
        if judge.is_done:
            done()
        tell()

    options = (
        f"-seed={seed}",
        f"-max_len={MAX_LENGTH}",
        f"-dict={dictionary}",
        # The judge stops what does not end; this is for what Python cannot stop, within C.
        "-timeout=30",
        "-rss_limit_mb=2048",
        f"-artifact_prefix={folder.parent}{os.sep}",
        "-verbosity=0",
    )
    atheris.Setup([sys.argv[0], *options, str(folder)], execute)
    atheris.Fuzz()


def _mutated(data: bytes, pool: Sequence[bytes], chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 6)):
        a = chance.randint(0, len(data))
        b = min(len(data), a + chance.randint(0, 12))
        match chance.randrange(7):
            case 0:  # another byte
                data = data[:a] + bytes([chance.randrange(256)]) + data[a + 1 :]
            case 1:  # one more
                data = data[:a] + bytes([chance.randrange(256)]) + data[a:]
            case 2:  # some fewer
                data = data[:a] + data[b:]
            case 3:  # some again and again
                data = data[:a] + data[a:b] * chance.randint(2, 40) + data[b:]
            case 4:  # a word
                data = data[:a] + chance.choice(corpus.TOKENS).encode("latin-1") + data[b:]
            case 5:  # the end of another
                other = chance.choice(pool)
                data = data[:a] + other[chance.randint(0, len(other)) :]
            case _:  # cut off
                data = data[:a]
    return data
