"""A town for every journey, on both databases, at noon of a weekday, whatever the day is."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime

import pytest

from bot.sandbox.clock import MovableClock
from bot.sandbox.town import Houses, houses, town
from tests.journeys.stories import Story

# Makes a town with other settings than the usual ones, by name.
Towns = Callable[..., AbstractAsyncContextManager[Story]]

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday, 13:00 in Paris and 07:00 in New York


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOON)


@pytest.fixture
def build(migrated_url: str, clock: MovableClock) -> Towns:
    """`async with build(VIP_PLANS="Gold") as story`."""

    @asynccontextmanager
    async def built(
        *, among: Houses | None = None, polls: bool = False, **settings: str
    ) -> AsyncIterator[Story]:
        async with town(migrated_url, clock, settings, among=among, polls=polls) as found:
            yield Story(found)

    return built


@pytest.fixture
async def story(build: Towns) -> AsyncIterator[Story]:
    """The usual town: test mode, everything set up."""
    async with build() as found:
        yield found


@pytest.fixture
async def standing(clock: MovableClock) -> AsyncIterator[Houses]:
    """Houses that survive the bot."""
    async with houses(clock) as found:
        yield found
