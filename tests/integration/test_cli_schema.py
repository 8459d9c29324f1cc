"""`crossdock schema` as it is called: what it writes, what it leaves alone, and how it ends."""

import json
from pathlib import Path

import pytest

from edge.cli import main
from tests.schemas import CONTRACT, kept


def test_the_contract_is_written_where_nothing_is_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["schema"]) == 0

    written = {path.relative_to("contract") for path in Path("contract").rglob("*.json")}
    assert written == {path.relative_to(CONTRACT) for path in CONTRACT.rglob("*.json")}
    told = f"contract: {len(written)} files: asyncapi.json, schemas and examples.\n"
    assert capsys.readouterr() == (told, "")
    assert main(["schema", "--check", "contract"]) == 0
    assert capsys.readouterr() == ("contract: all is as it would be written now.\n", "")


def test_a_script_is_told_what_was_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--json", "-o", str(tmp_path / "a")]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["folder"] == str(tmp_path / "a")
    assert {*map(Path, told["files"])} == {*(tmp_path / "a").rglob("*.json")}


@pytest.mark.parametrize("name", ["order.place", "stock.received", "undo", "state", "ack", "res", "cmd"])
def test_one_schema_is_printed_by_its_name(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", name]) == 0

    assert json.loads(capsys.readouterr().out) == kept(name)


def test_a_name_that_is_none_is_told_with_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "order.burn"]) == 2

    told = "crossdock: There is no schema 'order.burn'. There are: evt, cmd, state, stock, res, ack, snap, order.place,"
    assert capsys.readouterr().err.startswith(told)


def test_what_is_stale_is_named_and_makes_it_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "contract"
    main(["schema", "-o", str(folder)])
    (folder / "schemas" / "ack.json").write_text("{}")
    capsys.readouterr()

    assert main(["schema", "--check", str(folder)]) == 1
    assert capsys.readouterr() == (f"{folder}/schemas/ack.json is stale\n", "")
    assert main(["schema", "--check", str(folder), "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "folder": str(folder),
        "stale": [f"{folder}/schemas/ack.json is stale"],
    }

    assert main(["schema", "-o", str(folder)]) == 0
    assert main(["schema", "--check", str(folder)]) == 0


@pytest.mark.parametrize("foreign", ["asyncapi.json", "letter.txt"])
def test_a_folder_of_somebody_else_is_left_alone(
    tmp_path: Path, foreign: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / foreign).write_text('{"asyncapi": "3.0.0", "id": "urn:somebody:else"}')

    assert main(["schema", "-o", str(tmp_path)]) == 1

    told = f"crossdock: {tmp_path} is there already and holds no contract of ours: nothing was written. "
    assert capsys.readouterr() == ("", f"{told}Name a new folder with -o.\n")
    assert [path.name for path in tmp_path.iterdir()] == [foreign]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")

    assert main(["schema", "-o", str(tmp_path / "file" / "contract")]) == 1

    hint = "See that its folder may be written by this user and has room."
    told = f"crossdock: {tmp_path}/file/contract cannot be written: Not a directory. {hint}\n"
    assert capsys.readouterr() == ("", told)


def test_one_schema_and_a_folder_are_two_wishes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["schema", "ack", "--check", "contract"])

    told = (
        "crossdock schema: argument --check: not allowed with argument NAME. See crossdock schema --help.\n"
    )
    assert capsys.readouterr() == ("", told)
