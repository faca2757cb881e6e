import os
import select
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.databases import Databases, PostgresServer, SqliteFiles

ROOT = Path(__file__).parent.parent

ONE_OF_EACH = "def test_plain(): pass\ndef test_with_rows(database_url): pass\n"
FAILS_ON_POSTGRESQL = "def test_with_rows(database_url): assert 'sqlite' in database_url\n"

START_A_SERVER = """
from tests.databases import PostgresServer, migrate
server = PostgresServer(migrate).__enter__()
print(server.keeper.pid, server.folder, server.data, flush=True)
input()
"""


@pytest.mark.parametrize("turn", [1, 2])
async def test_every_test_begins_with_a_database_that_has_no_table(
    database_url: str, turn: int
) -> None:
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        assert await connection.run_sync(lambda sync: inspect(sync).get_table_names()) == []
        await connection.execute(text("CREATE TABLE left_behind (turn INTEGER)"))
        await connection.execute(text("INSERT INTO left_behind VALUES (:turn)"), {"turn": turn})
    await engine.dispose()


def test_a_schema_is_migrated_once_and_copied_for_every_test(tmp_path: Path) -> None:
    migrated: list[str] = []

    def migrate(url: str) -> None:
        migrated.append(url)
        _execute(url, "CREATE TABLE cases (id INTEGER)")

    with ExitStack() as stack:
        server = stack.enter_context(PostgresServer(migrate))
        kinds: list[Databases] = [SqliteFiles(tmp_path, migrate), server]
        for number, kind in enumerate(kinds, 1):
            for name in ("one", "another"):
                folder = tmp_path / f"{number} {name}"
                folder.mkdir()
                with kind.migrated(folder) as url:
                    _execute(url, "INSERT INTO cases VALUES (1)")
                    assert _execute(url, "SELECT count(*) FROM cases") == 1
            assert len(migrated) == number


def test_the_last_line_counts_the_tests_of_each_database(tmp_path: Path) -> None:
    run = _pytest(tmp_path, ONE_OF_EACH, "--both-databases")
    assert run.returncode == 0
    assert _last_line(run) == "tests: 3 passed · sqlite 1 · postgresql 1 · neither 1"


def test_a_failure_is_not_counted_as_passed(tmp_path: Path) -> None:
    run = _pytest(tmp_path, FAILS_ON_POSTGRESQL)
    assert run.returncode == 1
    assert _last_line(run) == "tests: 1 passed, 1 failed · sqlite 1 · postgresql 0 · neither 0"


def test_a_run_fails_when_one_database_was_left_out(tmp_path: Path) -> None:
    run = _pytest(tmp_path, ONE_OF_EACH, "--both-databases", "-k", "sqlite or plain")
    assert run.returncode == 1
    assert _last_line(run).endswith("· FAILED: nothing ran on postgresql")


def test_tests_can_be_chosen_by_their_database(tmp_path: Path) -> None:
    run = _pytest(tmp_path, ONE_OF_EACH, "-m", "sqlite")
    assert run.returncode == 0
    assert _last_line(run) == "tests: 1 passed · sqlite 1 · postgresql 0 · neither 0"


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for a process that is no child")
def test_a_run_that_is_killed_leaves_no_server_and_no_data() -> None:
    command = [sys.executable, "-c", START_A_SERVER]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as run:
        assert run.stdout
        keeper, *folders = run.stdout.readline().split()
        waiting = os.pidfd_open(int(keeper))
        run.kill()
    ended, _, _ = select.select([waiting], [], [], 30)
    os.close(waiting)
    assert ended
    assert [folder for folder in folders if Path(folder).exists()] == []


def _execute(url: str, statement: str) -> int:
    """Run a statement without asyncio; the number of rows it changed, or its first number."""
    engine = create_engine(url.replace("+aiosqlite", ""))
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        answer = result.scalar_one() if result.returns_rows else result.rowcount
    engine.dispose()
    return int(answer)


def _pytest(folder: Path, tests: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(tests)
    (folder / "pytest.ini").touch()
    options = ["-p", "tests.conftest", "-p", "no:cacheprovider", "-p", "no:anyio"]
    options += ["--rootdir", str(folder)]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-c", folder / "pytest.ini", folder, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def _last_line(run: subprocess.CompletedProcess[str]) -> str:
    return run.stdout.splitlines()[-1]
