"""A fresh database of each kind for the tests that ask, and the count of them as the last line."""

import gc
from collections import Counter
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests import compiled
from tests.browser.chrome import ABSENT, chromium
from tests.databases import DATABASES, SQLITE, Databases, PostgresServer, SqliteFiles, migrate

if TYPE_CHECKING:  # most tests need no browser, and its library takes a while to load
    from playwright.async_api import Browser

NEITHER = "neither"
# New objects until the next look for rubbish: at Python's own 700 that takes a tenth of all time.
RUBBISH = 20_000
OUTCOMES = ("passed", "skipped", "failed")  # a later one outweighs an earlier one

outcomes_key = pytest.StashKey[dict[str, tuple[str, str]]]()
without_chromium_key = pytest.StashKey[set[str]]()


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    return SqliteFiles(tmp_path_factory.mktemp(SQLITE), migrate)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with PostgresServer(migrate) as server:
        yield server


@pytest.fixture(params=DATABASES)
def databases(request: pytest.FixtureRequest) -> Databases:
    name = "sqlite_files" if request.param == SQLITE else "postgres_server"
    found: Databases = request.getfixturevalue(name)
    return found


@pytest.fixture
def database_url(databases: Databases, tmp_path: Path) -> Iterator[str]:
    """An empty database: SQLite in one run of the test, PostgreSQL in the other."""
    with databases.empty(tmp_path) as url:
        yield url


@pytest.fixture
def migrated_url(databases: Databases, tmp_path: Path) -> Iterator[str]:
    """A database with the newest schema: SQLite in one run of the test, PostgreSQL in the other."""
    with databases.migrated(tmp_path) as url:
        yield url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator["Browser"]:
    """One for all tests of a process: a start takes a second of processor."""
    async with chromium() as open_browser:
        yield open_browser


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--both-databases",
        action="store_true",
        help="fail unless tests ran on SQLite and on PostgreSQL",
    )
    parser.addoption(
        "--at-length",
        action="store_true",
        help="try every string of the public corpora, not a sample of them",
    )


def pytest_configure(config: pytest.Config) -> None:
    compiled.share()
    config.stash[outcomes_key] = {}
    config.stash[without_chromium_key] = set()
    config.pluginmanager.register(Ends(config))
    for name in DATABASES:
        config.addinivalue_line("markers", f"{name}: runs on this database")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests stay to the end: nobody looks through them for rubbish, now or later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(RUBBISH)
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        name = _database_of(item)
        if name != NEITHER:
            item.add_marker(name)
        item.user_properties.append(("database", name))
    # What was given a time of its own takes long: begun last, it would run on alone at the end.
    items.sort(key=lambda item: item.get_closest_marker("timeout") is None)


class Ends:
    """Keeps how each test ended, whichever process it ran in."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or not report.passed:
            _remember(self.config, report)
        if report.skipped and ABSENT in str(report.longrepr):
            self.config.stash[without_chromium_key].add(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not _is_helper(session.config) and _missed(session.config):
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure(config: pytest.Config) -> None:
    # Here, because pytest prints its own summary after every hook made for summaries.
    outcomes = config.stash[outcomes_key]
    if outcomes and not _is_helper(config):
        skipped = len(config.stash[without_chromium_key])
        print(_last_line(list(outcomes.values()), _missed(config), skipped))  # noqa: T201


def _database_of(item: pytest.Item) -> str:
    return (
        str(item.callspec.params.get("databases", NEITHER))
        if hasattr(item, "callspec")
        else NEITHER
    )


def _is_helper(config: pytest.Config) -> bool:
    """Whether this is one of the processes that share the tests: the first one counts them all."""
    return hasattr(config, "workerinput")


def _remember(config: pytest.Config, report: pytest.TestReport) -> None:
    seen = config.stash[outcomes_key]
    _, before = seen.get(report.nodeid, (NEITHER, OUTCOMES[0]))
    database = str(dict(report.user_properties).get("database", NEITHER))
    seen[report.nodeid] = (database, max(before, report.outcome, key=OUTCOMES.index))


def _missed(config: pytest.Config) -> list[str]:
    """The databases on which no test ran to its end, if that is demanded."""
    if not config.getoption("both_databases"):
        return []
    ran = {name for name, outcome in config.stash[outcomes_key].values() if outcome != "skipped"}
    return [name for name in DATABASES if name not in ran]


def _last_line(results: list[tuple[str, str]], missed: list[str], without_chromium: int) -> str:
    ends = Counter(outcome for _, outcome in results)
    total = ", ".join(f"{ends[end]} {end}" for end in OUTCOMES if ends[end] or end == "passed")
    passed = Counter(name for name, outcome in results if outcome == "passed")
    counts = [f"{name} {passed[name]}" for name in (*DATABASES, NEITHER)]
    complaint = [f"FAILED: nothing ran on {' and '.join(missed)}"] if missed else []
    browser = [f"SKIPPED: {without_chromium} in a browser, {ABSENT}"] if without_chromium else []
    return " · ".join([f"tests: {total}", *counts, *browser, *complaint])
