"""A desk for the tests of a module, and visitors with a real browser, which all tests share."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ViewportSize

from bot.sandbox.page.opening import opened
from tests.browser.desk import Desk, Visitor
from tests.databases import SqliteFiles

# What waits for undo is tested elsewhere: here it costs time. A bot that speaks another language
# than the first page asks for is started twice.
SETTINGS = {"UNDO_SECONDS": "0", "LOCALE": "en"}

SCREEN: ViewportSize = {"width": 1440, "height": 900}

# Opens another window of a browser that shares nothing with the others.
Visitors = Callable[[], Awaitable[Visitor]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(
    browser: Browser,  # noqa: ARG001 - there before the desk is
    sqlite_files: SqliteFiles,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Desk]:
    """One for the tests of a module, each of which has customers of its own: a bot's start is dear.

    Whoever opens the page first starts the story of Aoife Byrne, for all of them.
    """
    with sqlite_files.migrated(tmp_path_factory.mktemp("desk")) as url:
        async with opened_desk(url) as found:
            yield found


@asynccontextmanager
async def opened_desk(database_url: str) -> AsyncIterator[Desk]:
    """The whole sandbox, as `make sandbox` opens it."""
    async with (
        opened(database_url, settings=SETTINGS) as site,
        Desk.of(site, database_url) as found,
    ):
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def visitors(browser: Browser, desk: Desk) -> AsyncIterator[Visitors]:
    async with AsyncExitStack() as stack:

        @asynccontextmanager
        async def comes() -> AsyncIterator[Visitor]:
            context = await browser.new_context(viewport=SCREEN, reduced_motion="reduce")
            visitor = Visitor(await context.new_page(), desk)
            try:
                await visitor.opens_the_page()
                yield visitor
                visitor.met_no_error()
            finally:
                await context.close()

        async def come() -> Visitor:
            return await stack.enter_async_context(comes())

        yield come


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(visitors: Visitors) -> Visitor:
    """Somebody who opened the page and sees through Maya's eyes."""
    return await visitors()
