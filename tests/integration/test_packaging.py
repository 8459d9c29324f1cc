"""Rules of what is shipped: locks without surprises, a wheel with all in it, units that systemd takes."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = ("edge", "drivers", "sync", "config")
LOCKS = ("requirements.lock", "requirements-dev.lock")
FUZZ_LOCK, EMUPOS_LOCK = "requirements-fuzz.lock", "requirements-emupos.lock"
NPM_LOCK = "tests/renderers/package-lock.json"


def pinned(lock: str) -> dict[str, str]:
    """The entries of a lock file by normalised name (PEP 503), each with its version, marker and hashes."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    entries = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    return {re.sub(r"[-_.]+", "-", re.split(r"[=; ]", entry)[0]).lower(): entry for entry in entries}


def names(requirements: list[str]) -> set[str]:
    return {re.sub(r"[-_.]+", "-", re.split(r"[<>=!~;\[ ]", one)[0]).lower() for one in requirements}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_one_version_and_its_hashes(lock: str) -> None:
    entries = pinned(lock)

    wrong = [
        entry
        for entry in entries.values()
        if not re.fullmatch(r"[\w.-]+==[\w.]+( ; [^;]+?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*", entry)
    ]

    assert len(entries) > len(PROJECT["project"]["dependencies"])
    assert wrong == []


@pytest.mark.parametrize("lock", [*LOCKS, FUZZ_LOCK, EMUPOS_LOCK, NPM_LOCK])
def test_no_lock_names_a_host_or_a_folder(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")

    assert re.findall(r"://|--\S*(?:index|links|host)\S*|[\w-]+\.(?:org|com|net|io)\b| /\w+|@ ", text) == []


def test_everything_that_the_project_asks_for_is_in_the_locks() -> None:
    project = PROJECT["project"]
    needed = names(project["dependencies"]) | names(PROJECT["build-system"]["requires"])
    for_work = names(project["optional-dependencies"]["dev"])

    assert needed - pinned("requirements.lock").keys() == set()
    assert (needed | for_work) - pinned("requirements-dev.lock").keys() == set()
    assert names(project["optional-dependencies"]["fuzz"]) == pinned(FUZZ_LOCK).keys()
    assert names(project["optional-dependencies"]["emupos"]) - pinned(EMUPOS_LOCK).keys() == set()


def test_what_is_tested_is_what_runs() -> None:
    at_work = pinned("requirements-dev.lock")

    assert {name: at_work.get(name) for name in pinned("requirements.lock")} == pinned("requirements.lock")


def test_the_wheel_has_every_module_and_every_data_file(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", PROJECT["project"]["readme"], *PROJECT["project"]["license-files"]):
        shutil.copy(ROOT / name, source / name)
    shutil.copytree(ROOT / "tests", source / "tests")  # must be left out
    expected = {
        path.relative_to(source).as_posix()
        for package in PACKAGES
        for path in (source / package).rglob("*")
        if path.is_file()
    }

    build = "import sys, setuptools.build_meta as backend; print(backend.build_wheel(sys.argv[1]))"
    built = subprocess.run(
        [sys.executable, "-c", build, str(tmp_path)],
        cwd=source,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )

    with zipfile.ZipFile(tmp_path / built.stdout.splitlines()[-1]) as wheel:
        inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
        (entry_points,) = [name for name in wheel.namelist() if name.endswith("/entry_points.txt")]
        commands = wheel.read(entry_points).decode()
    assert inside == expected
    assert {"config/example.toml", "edge/screen/page.html"} <= inside
    assert "crossdock = edge.cli:main" in commands


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not on this machine")
@pytest.mark.parametrize("name", ["crossdock.service", "crossdock-screen.service"])
def test_systemd_understands_every_line_of_the_unit(tmp_path: Path, name: str) -> None:
    text = (ROOT / "systemd" / name).read_text(encoding="utf-8")
    unit = tmp_path / name
    # What is optional is checked too, and the program is one that is there: verify looks for it.
    text = text.replace("#LoadCredential=", "LoadCredential=")
    unit.write_text(text.replace("/opt/crossdock/bin/crossdock", sys.executable), encoding="utf-8")

    verified = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False, timeout=60
    )

    complaints = [line for line in verified.stderr.splitlines() if name in line]
    assert (verified.returncode, complaints) == (0, [])


@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="systemd is not on this machine")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make users and give files away")
def test_the_user_and_the_folder_of_the_service_are_made(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()

    for tool, *arguments in (
        ("systemd-sysusers", ROOT / "systemd" / "crossdock.sysusers"),
        ("systemd-tmpfiles", "--create", ROOT / "systemd" / "crossdock.tmpfiles"),
    ):
        subprocess.run([tool, f"--root={tmp_path}", *arguments], check=True, capture_output=True, timeout=60)

    (user,) = (tmp_path / "etc" / "passwd").read_text(encoding="utf-8").splitlines()
    name, _, _, group, _, home, shell = user.split(":")
    folder = (tmp_path / "etc" / "crossdock").stat()
    assert (name, home, shell) == ("crossdock", "/var/lib/crossdock", "/usr/sbin/nologin")
    assert (folder.st_uid, folder.st_gid, folder.st_mode & 0o777) == (0, int(group), 0o750)
