"""The Chromium of this machine: the tests drive the one that is there, and download none."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # most tests need no browser, and its library takes a while to load
    from playwright.async_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ABSENT = "there is no Chromium on the PATH"

PATIENCE = 60_000  # milliseconds; Playwright's own five seconds are little on a busy machine

# Chromium's own sandbox needs rights that root in a container has not; /dev/shm is small there.
OPTIONS = ("--no-sandbox", "--disable-dev-shm-usage")


def found(path: str | None = None) -> Path | None:
    """The first Chromium on the PATH, or on another one."""
    programs = (shutil.which(name, path=path) for name in NAMES)
    return next((Path(program) for program in programs if program), None)


needs_chromium = pytest.mark.skipif(found() is None, reason=ABSENT)


@asynccontextmanager
async def chromium() -> AsyncIterator["Browser"]:
    """A headless browser with a fresh profile."""
    from playwright.async_api import async_playwright, expect  # noqa: PLC0415 - see above

    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found(), args=[*OPTIONS])
        try:
            yield browser
        finally:
            await browser.close()
