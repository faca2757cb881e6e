"""Where the browser comes from, and that a run without one says so."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.chrome import ABSENT, NAMES, found

ROOT = Path(__file__).parents[2]
INSTALLER = ROOT / ".ci" / "chromium"


def machine(folder: Path, **programs: str) -> Path:
    """A PATH with these programs, each a shell script, and what any system has."""
    path = folder / "programs"
    path.mkdir()
    for name in ("bash", "timeout"):
        (path / name).symlink_to(str(shutil.which(name)))
    for name, script in programs.items():
        program = path / name.replace("_", "-")
        program.write_text(f"#!/bin/bash\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return path


def installed(folder: Path, **programs: str) -> tuple[str, list[str]]:
    """What the installer says, and what it asked of the package manager."""
    calls = folder / "calls"
    path = machine(folder, **programs)
    ran = subprocess.run(
        [shutil.which("bash") or "bash", INSTALLER],
        env={"PATH": str(path), "CALLS": str(calls)},
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout + ran.stderr, calls.read_text().splitlines() if calls.exists() else []


APT = 'echo "apt-get $*" >> "$CALLS"'
INSTALLS = ["apt-get update", "apt-get install --yes --no-install-recommends chromium"]


def test_a_chromium_that_is_there_is_found_whatever_its_name(tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / name).mkdir()
        path = machine(tmp_path / name, **{name.replace("-", "_"): ""})
        assert found(str(path)) == path / name
    assert found(str(tmp_path)) is None


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_installed_where_there_is_one(tmp_path: Path, name: str) -> None:
    there = {name.replace("-", "_"): "", "apt_get": APT, "id": "echo 0"}
    assert installed(tmp_path, **there) == ("", [])


def test_root_installs_it_with_the_systems_package_manager(tmp_path: Path) -> None:
    said, calls = installed(tmp_path, apt_get=APT, id="echo 0")
    assert (calls, said) == (INSTALLS, "Installing Chromium for the tests in a browser\n")


def test_who_may_become_root_without_being_asked_does(tmp_path: Path) -> None:
    sudo = '[ "$1" = -n ] && shift && exec "$@"'
    _, calls = installed(tmp_path, apt_get=APT, id="echo 1000", sudo=sudo, true="")
    assert calls == INSTALLS


@pytest.mark.parametrize(
    "programs",
    [{"id": "echo 0"}, {"apt_get": APT, "id": "echo 1000", "sudo": "exit 1"}],
    ids=["no package manager", "not root"],
)
def test_who_may_not_install_goes_on_without(tmp_path: Path, programs: dict[str, str]) -> None:
    assert installed(tmp_path, **programs) == ("", [])


def test_an_installation_that_fails_is_told_and_fails_nothing(tmp_path: Path) -> None:
    said, _ = installed(tmp_path, apt_get="exit 100", id="echo 0")
    assert "the tests in a browser will be skipped" in said


def test_the_last_line_says_that_tests_were_skipped_for_want_of_a_browser(tmp_path: Path) -> None:
    path = machine(tmp_path)
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "tests/browser/test_first_minute.py",
            "-k",
            "sqlite",
        ],
        cwd=ROOT,
        env={**os.environ, "PATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )
    last = ran.stdout.splitlines()[-1]
    assert ran.returncode == 0, ran.stdout
    assert last.startswith("tests: 0 passed, ")
    assert last.endswith(f"in a browser, {ABSENT}")
    assert "SKIPPED: " in last
