"""What Heroku builds from: a clean clone, the Python that it names, and hashed requirements."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MIGRATIONS = "migrations/versions"
# https://devcenter.heroku.com/articles/python-support: it takes one package manager's file only.
MANAGERS = ("requirements.txt", "Pipfile", "poetry.lock", "uv.lock", "setup.py", "environment.yml")


class CannotRehearse(Exception):
    """Something is missing on this machine; the message says what, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Slug:
    """A release that can be run. `programs` is the folder in which its `python` is."""

    folder: Path
    programs: Path
    commit: str


def cloned(folder: Path, commit: str = "HEAD", *, of: Path = ROOT) -> str:
    """Clone a repository as it was committed; the commit's id."""
    named = _git(of, "rev-parse", commit)
    _git(of, "clone", "--quiet", "--no-hardlinks", "--no-checkout", str(of), str(folder))
    _git(folder, "checkout", "--quiet", "--detach", named)
    return named


def previous(of: Path = ROOT) -> str:
    """The newest commit whose schema is older than ours. Raises CannotRehearse without history."""
    newest = max((of / MIGRATIONS).glob("[0-9]*.py"))
    added = ("--diff-filter=A", "--format=%H", "--", f"{MIGRATIONS}/{newest.name}")
    found = _git(of, "log", *added).splitlines()
    parent = _git(of, "rev-parse", "--verify", "--quiet", f"{found[-1]}^", or_="") if found else ""
    if not parent:
        raise CannotRehearse(
            f"The release before {newest.name} is not in this clone: it has no history that far "
            "back. Run `git fetch --unshallow`, and try again."
        )
    return parent


def checked(folder: Path) -> str:
    """The Python that the buildpack takes. Raises CannotRehearse where it would refuse the app."""
    managers = [name for name in MANAGERS if (folder / name).exists()]
    if managers != ["requirements.txt"]:
        raise CannotRehearse(f"Heroku takes one package manager's file; here are {managers}.")
    if any(folder.glob("*/pyvenv.cfg")):
        raise CannotRehearse("An environment was committed; Heroku makes its own.")
    return (folder / ".python-version").read_text("utf-8").strip()


def installed(folder: Path, shelf: Path) -> tuple[Path, bool]:
    """The environment's folder of programs, and whether it had to be made.

    One for each text of requirements.txt, of that Python; pip asks wherever this machine's asks.
    Raises CannotRehearse where that Python is not here, and CalledProcessError where pip fails.
    """
    wanted = checked(folder)
    text = (folder / "requirements.txt").read_bytes()
    made = shelf / f"{wanted}-{hashlib.sha256(text).hexdigest()[:16]}"
    if (made / "whole").exists():
        return made / "bin", False
    shutil.rmtree(made, ignore_errors=True)
    _run([_python(wanted, folder), "-m", "venv", str(made)], folder)
    pip = [str(made / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-input"]
    _run(
        [*pip, "--disable-pip-version-check", "--require-hashes", "-r", "requirements.txt"], folder
    )
    (made / "whole").touch()
    return made / "bin", True


def _python(wanted: str, folder: Path) -> str:
    """A Python of that version; the folder's own .python-version is heard by shims."""
    asked = "import sys; print('.'.join(map(str, sys.version_info[:2])), sys.executable)"
    for name in (os.environ.get("PYTHON", ""), f"python{wanted}", "python3"):
        found = shutil.which(name) if name else None
        if found is None:
            continue
        ran = subprocess.run(
            [found, "-c", asked], cwd=folder, capture_output=True, text=True, check=False
        )
        version, _, program = ran.stdout.strip().partition(" ")
        if version == wanted:
            return program
    raise CannotRehearse(
        f".python-version asks for Python {wanted}, and none was found: install it, or name one "
        "with PYTHON=..."
    )


def _run(command: Sequence[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, stdin=subprocess.DEVNULL)


def _git(folder: Path, *arguments: str, or_: str | None = None) -> str:
    """What git says of a repository; `or_` where it fails."""
    git = shutil.which("git")
    if git is None:
        raise CannotRehearse("git is missing: install it.")
    command = [git, "-C", str(folder), *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode == 0:
        return ran.stdout.strip()
    if or_ is None:
        raise CannotRehearse(ran.stderr.strip())
    return or_
