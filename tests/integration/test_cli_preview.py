"""`crossdock labels preview` as it is called: a picture or a printer's bytes, without ledger, daemon or printer."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from edge.cli import main, parser, preview
from edge.domain.labels import FIELDS
from tests.command_line import CONFIG, config
from tests.unit.config.test_zpl_template import GOOD
from tests.unit.config.writing import written

__all__ = ["config"]


def previewed(config: Path, *arguments: str) -> int:
    return main(["labels", "preview", "-c", str(config), *arguments])


def codes_on(file: Path) -> list[str]:
    with Image.open(file) as picture:
        return sorted(symbol.bytes.decode("latin-1") for symbol in zxingcpp.read_barcodes(picture))


@pytest.mark.parametrize("paper", ["label", "receipt"])
@pytest.mark.parametrize("kind", FIELDS)
def test_every_kind_is_drawn_with_an_example_that_scans(
    config: Path, tmp_path: Path, kind: str, paper: str
) -> None:
    file = tmp_path / "label.png"

    assert previewed(config, kind, "--paper", paper, "-o", str(file)) == 0

    assert f"LBL:{preview.EXAMPLES[kind]['label']}" in codes_on(file)


def test_it_says_what_it_drew_and_from_which_file(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "label.png"

    assert previewed(config, "missing", "-o", str(file)) == 0

    ours = Path(parser.__file__).parents[2] / "config" / "labels" / "missing.toml"
    assert capsys.readouterr() == (f"{file}: missing, 100 x 60 mm, from {ours}\n", "")


def test_the_bytes_of_a_printer_are_those_of_its_language(config: Path, tmp_path: Path) -> None:
    assert previewed(config, "missing", "--printer", "zebra-1", "--copy", "-o", str(tmp_path / "l.zpl")) == 0
    assert previewed(config, "missing", "--language", "escpos", "-o", str(tmp_path / "l.bin")) == 0

    assert b"^FDCOPY^FS" in (tmp_path / "l.zpl").read_bytes()
    assert (tmp_path / "l.bin").read_bytes().startswith(b"\x1b@\x1dv0")


def test_the_bytes_of_a_printer_are_with_its_settings(config: Path, tmp_path: Path) -> None:
    config.write_text(
        CONFIG.replace('"tcp://127.0.0.1:9100"\n', '"tcp://127.0.0.1:9100"\ndpi = 300\nspeed = 51\n')
    )

    assert previewed(config, "missing", "--printer", "zebra-1", "-o", str(tmp_path / "l.zpl")) == 0

    assert (tmp_path / "l.zpl").read_bytes().startswith(b"^XA^CI28^PW1181^LL709^LH0,0^LS0^FWN^PON^PQ1^PR2\n")


def test_fields_say_what_is_asked_for(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "l.zpl"

    asked = ("--field", "place=B-7", "--field", r"orders=SO-1: a=b\nSO-2: waits", "--field", "name=")
    assert previewed(config, "missing", *asked, "-o", str(file)) == 0

    drawn = file.read_bytes()
    assert all(text in drawn for text in (b"^FDB-7^FS", b"^FDSO-1: a=b^FS", b"^FDSO-2: waits^FS"))
    assert b"Tinten" not in drawn


def test_a_site_s_layouts_go_before_ours_and_a_raw_one_before_both(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = written(tmp_path, CONFIG + '\n[labels]\nlayouts = "labels"\n')
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "backorder.zpl").write_text(GOOD)
    picture, raw = tmp_path / "label.png", tmp_path / "label.zpl"

    assert previewed(site, "backorder", "-o", str(picture)) == 0
    told = capsys.readouterr().out.splitlines()
    assert previewed(site, "backorder", "--json", "-o", str(raw)) == 0

    designed = tmp_path / "labels" / "backorder.zpl"
    assert told[1].startswith(
        f"note: A ZPL printer prints {designed}; no picture can be drawn of that, this is "
    )
    assert json.loads(capsys.readouterr().out) == {
        "file": str(raw),
        "kind": "backorder",
        "language": "zpl",
        "layout": str(designed),
        "copy": False,
        "hold": False,
        "notes": [],
    }
    assert b"^FD>:LBL:2f9c-104217^FS" in raw.read_bytes()


def test_a_letter_that_no_font_has_is_said(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Linear A: no font of a box has it.
    assert previewed(config, "missing", "--field", "name=\U00010600", "-o", str(tmp_path / "l.png")) == 0

    note = "note: No font has U+10600: boxes stand there. Install fonts-wqy-microhei or fonts-noto-cjk, "
    assert note in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("backordr",), "There is no label 'backordr'. There are: backorder, putaway, missing, "),
        (("missing", "--printer", "zebra-2"), "There is no printer 'zebra-2'. There are: zebra-1."),
        (("missing", "--field", "lot=1"), "--field 'lot=1': expected NAME=VALUE with a field of missing. "),
        (("missing", "--field", "sku"), "--field 'sku': expected NAME=VALUE with a field of missing. "),
        (
            ("missing", "--language", "zpl", "--paper", "receipt"),
            "A printer of zpl has label paper, not receipt. Give one of --language and --paper.",
        ),
        (("missing", "-o", "label.bin"), "label.bin: expected a name that ends in .png for a picture, "),
        (("missing", "-o", "label.jpg"), "label.jpg: expected a name that ends in .png for a picture, "),
    ],
)
def test_a_wrong_call_is_told_in_a_sentence(
    config: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    assert previewed(config, *arguments) == 2

    assert capsys.readouterr().err.startswith(f"crossdock: {sentence}")


def test_a_code_that_cannot_be_drawn_is_told(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert previewed(config, "missing", "--field", "label=é", "-o", str(tmp_path / "l.png")) == 1

    assert "Expected 1 to 512 printable ASCII characters for a code128 symbol" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_told(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "gone" / "label.png"

    assert previewed(config, "missing", "-o", str(file)) == 1

    assert capsys.readouterr().err == f"crossdock: {file} cannot be written: No such file or directory.\n"


def test_without_a_configuration_our_own_layouts_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(parser, "DEFAULT_CONFIG", tmp_path / "none.toml")

    assert main(["labels", "preview", "missing", "-o", str(tmp_path / "l.png")]) == 0
    assert previewed(tmp_path / "other.toml", "missing") == 2
    assert "there is no such file; name the configuration with -c FILE." in capsys.readouterr().err


def test_it_is_there_in_the_program_itself(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "edge.cli", "labels", "preview", "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert "--field NAME=VALUE" in done.stdout
