"""Rules of README and ARCHITECTURE: what they name is there."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")

LATER = "## What this version leaves out"
"""Behind this heading a document names what is not there yet."""


def text_of(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def sub_commands() -> set[str]:
    """Every `crossdock X` that stands in code of a document, in a line of its own or between backticks."""
    found: set[str] = set()
    for document in DOCUMENTS:
        text = text_of(document).split(LATER)[0]
        inline = re.findall(r"`(?:\S*/)?crossdock ([a-z]+)", text)
        lines = re.findall(r"^\s*(?:/opt/crossdock/bin/)?crossdock ([a-z]+)", text, re.MULTILINE)
        found |= {*inline, *lines}
    return found


def test_the_documents_name_the_commands_a_site_needs() -> None:
    # So that the test below has something to hold against the program.
    assert sub_commands() >= {"run", "demo", "check", "scan", "status"}


@pytest.mark.parametrize("command", sorted(sub_commands()))
def test_every_command_that_a_document_names_is_there(command: str) -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "edge.cli", command, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert (asked.returncode, asked.stderr) == (0, "")
    assert command in asked.stdout


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_that_a_document_names_is_there(document: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    in_code = re.findall(r"`[^`\n]*`|^ {4}.*$", text_of(document), re.MULTILINE)

    named = {target for code in in_code for target in re.findall(r"\bmake ([a-z]+)", code)}

    assert named - targets == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_a_document_links_or_names_is_there(document: str) -> None:
    text = text_of(document)
    linked = re.findall(r"\]\(([^)#\s]+)[^)]*\)|src=\"([^\"]+)\"", text)
    named = re.findall(r"(?<![/\w])((?:systemd|config|docs|tests|edge|drivers|sync)/[\w./-]*\w)", text)

    paths = {a or b for a, b in linked if "://" not in (a or b)} | set(named)

    # A module may be named without its ending, as its room has it.
    missing = {p for p in paths if not ((ROOT / p).exists() or (ROOT / f"{p}.py").exists())}
    assert missing == set()


def test_the_readme_is_a_page_without_a_hole() -> None:
    text = text_of("README.md")

    assert len(text.splitlines()) < 120
    assert "to be filled" not in text


def test_the_picture_is_well_formed_and_tells_what_it_shows() -> None:
    picture = ElementTree.parse(ROOT / "docs" / "architecture.svg").getroot()

    named = "{http://www.w3.org/2000/svg}"
    assert picture.get("role") == "img"
    assert picture.findtext(f"{named}title") == "The way of a scan through Crossdock"
    # Drawn for any page: it loads nothing from elsewhere.
    assert not re.search(r"(href|url)\s*[=(]\s*[\"']?(?!#)\w", text_of("docs/architecture.svg"))
