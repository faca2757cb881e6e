"""What Heroku would not build, and what can't be built here, is told in a sentence."""

import shutil
import subprocess
from pathlib import Path

import pytest

from rehearsal import source
from rehearsal.source import CannotRehearse


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Ana", "-c", "user.email=ana@example.com")
    program = shutil.which("git") or "git"
    subprocess.run([program, "-C", str(folder), *identity, *arguments], check=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A schema of two revisions, one commit each."""
    folder = tmp_path / "desk"
    (folder / "migrations" / "versions").mkdir(parents=True)
    git(tmp_path, "init", "--quiet", str(folder))
    for name in ("0001_first.py", "0002_second.py"):
        (folder / "migrations" / "versions" / name).touch()
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "--message", name)
    return folder


def test_the_previous_release_is_the_one_before_the_newest_migration(
    repository: Path, tmp_path: Path
) -> None:
    before = source.previous(repository)
    source.cloned(tmp_path / "old", before, of=repository)
    assert [one.name for one in (tmp_path / "old").glob("migrations/versions/*")] == [
        "0001_first.py"
    ]


def test_a_clone_without_history_is_told_in_a_sentence(repository: Path, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{repository}", str(shallow))
    with pytest.raises(CannotRehearse, match="git fetch --unshallow"):
        source.previous(shallow)


def test_an_app_that_heroku_would_refuse_is_refused(tmp_path: Path) -> None:
    for name in ("requirements.txt", "uv.lock"):
        (tmp_path / name).touch()
    with pytest.raises(CannotRehearse, match=r"uv\.lock"):
        source.checked(tmp_path)


def test_a_python_that_is_not_here_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").touch()
    (tmp_path / ".python-version").write_text("2.9\n")
    with pytest.raises(CannotRehearse, match=r"Python 2\.9, and none was found"):
        source.installed(tmp_path, tmp_path / "shelf")
