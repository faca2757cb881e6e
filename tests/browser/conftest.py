"""The page on a database of its own for every test, and visitors with a real browser."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest_asyncio
from playwright.async_api import Browser

from bot.sandbox.page.opening import opened
from tests.browser.chrome import chromium
from tests.browser.desk import Desk, Visitor

# What waits for undo is tested elsewhere: here it costs time. A bot that speaks another language
# than the first page asks for is started twice.
SETTINGS = {"UNDO_SECONDS": "0", "LOCALE": "en"}

# Opens another window of a browser that shares nothing with the others.
Visitors = Callable[[], Awaitable[Visitor]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One for all tests of a process: a start takes half a second."""
    async with chromium() as open_browser:
        yield open_browser


@pytest_asyncio.fixture(loop_scope="session")
async def desk(browser: Browser, migrated_url: str) -> AsyncIterator[Desk]:  # noqa: ARG001 - first
    """The whole sandbox, as `make sandbox` opens it."""
    async with (
        opened(migrated_url, settings=SETTINGS) as site,
        Desk.of(site, migrated_url) as open_desk,
    ):
        yield open_desk


@pytest_asyncio.fixture(loop_scope="session")
async def visitors(browser: Browser, desk: Desk) -> AsyncIterator[Visitors]:
    async with AsyncExitStack() as stack:

        @asynccontextmanager
        async def comes() -> AsyncIterator[Visitor]:
            context = await browser.new_context(viewport={"width": 1440, "height": 900})
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
