"""What an operator is told when the program can't start: sentences, never a traceback."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot.__main__ import SHUTDOWN_SECONDS
from bot.review.socket import FINISH_SECONDS
from bot.store.alone import alone
from bot.worker import STOP_SECONDS

ROOT = Path(__file__).parents[1]
CANT_BE_USED = 78


def told(command: str, **environ: str) -> tuple[int, str]:
    ran = subprocess.run(
        (sys.executable, "-m", "bot", command),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return ran.returncode, ran.stderr


@pytest.mark.parametrize(
    ("command", "file"),
    [
        *((command, "garbage.sqlite3") for command in ("web", "worker", "migrate")),
        ("migrate", "no folder/x.sqlite3"),  # which web and worker have open it, too
    ],
)
def test_a_database_that_cannot_be_opened_is_told_in_a_sentence(
    tmp_path: Path, command: str, file: str
) -> None:
    (tmp_path / "garbage.sqlite3").write_text("This is no database, and never was one.")
    code, said = told(command, DATABASE_URL=f"sqlite:///{tmp_path}/{file}")
    assert (code, said.count("\n")) == (CANT_BE_USED, 1)
    assert "The database that DATABASE_URL names can’t be opened" in said


def test_a_server_that_does_not_answer_is_told_without_the_password() -> None:
    code, said = told("migrate", DATABASE_URL="postgres://u:hidden@127.0.0.1:1/x")
    assert code == CANT_BE_USED
    assert "can’t be opened" in said
    assert "hidden" not in said


def test_a_port_that_another_has_is_told_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))  # noqa: S104 - where the program listens, too
        other.listen()
        port = str(other.getsockname()[1])
        code, said = told("web", PORT=port, DATABASE_URL=f"sqlite:///{tmp_path}/x.sqlite3")
    assert (code, said.count("\n")) == (CANT_BE_USED, 1)
    assert f"PORT {port} can’t be listened on" in said


@pytest.mark.parametrize("command", ["web", "worker"])
def test_a_second_process_on_one_sqlite_file_does_not_start(tmp_path: Path, command: str) -> None:
    url = f"sqlite:///{tmp_path}/x.sqlite3"
    with alone(url):
        code, said = told(command, PORT="0", DATABASE_URL=url)
    assert (code, said.count("\n")) == (CANT_BE_USED, 1)
    assert "Another process works on the SQLite file" in said


def test_requests_and_worker_together_leave_time_to_close_within_the_promised_ten_seconds() -> None:
    """aiohttp gives its patience twice: to requests under way, then to those that it cancelled."""
    assert 2 * SHUTDOWN_SECONDS + STOP_SECONDS <= 8
    assert FINISH_SECONDS < STOP_SECONDS / 2  # Slack's socket takes it out of the worker's time
