"""Opens the sandbox: every house, the page, and the bot beside them; until it is told to end."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bot.sandbox import surroundings
from bot.sandbox.clock import MovableClock, weekday_noon
from bot.sandbox.page.cast import people_town
from bot.sandbox.page.desk import Desk
from bot.sandbox.page.resident import Resident, place
from bot.sandbox.page.serve import Site
from bot.sandbox.page.upcoming import watch
from bot.sandbox.stripe_webhooks import Endpoint
from bot.sandbox.town import WEBHOOK_SECRET, Houses, houses, settings_among

# Long enough to press Undo, short enough to wait for; the language of most first pages.
OWN = {"UNDO_SECONDS": "5", "LOCALE": "en", "LOG_LEVEL": "warning"}


@asynccontextmanager
async def opened(  # noqa: PLR0913 - each by name
    database_url: str,
    *,
    port: int = 0,
    settings: Mapping[str, str] | None = None,
    started_in: Mapping[str, str] | None = None,
    hear: Callable[[str], None] = lambda _: None,
    waits: bool = True,
) -> AsyncGenerator[Site]:
    """The page on a database that is brought to the newest schema; everything ends with the block.

    `settings` override the bot's; `started_in` is our own environment; `hear` is told each line of
    its log. The page is there before the bot is, and unless it `waits` the block begins then;
    who waits for a bot that does not start gets a RuntimeError with its last words.
    """
    clock = MovableClock(weekday_noon(datetime.now(UTC)), running=True)
    async with AsyncExitStack() as stack:
        around = await stack.enter_async_context(houses(clock))
        held = stack.enter_context(place())
        asked = {**settings_among(database_url, around), **OWN}
        bot = Resident(
            clock=clock,
            settings={**asked, **(settings or {})},
            around=surroundings.for_a_child(started_in or {}),
            port=held.getsockname()[1],
            hear=hear,
        )
        stack.push_async_callback(bot.stop)
        site = Site(desk_of(around, bot))
        stack.push_async_callback(site.stop)
        await site.start(port)
        starting = asyncio.create_task(_start(site.desk, database_url))
        stack.push_async_callback(_broken_off, starting)
        watching = asyncio.create_task(watch(site.desk, database_url))
        stack.push_async_callback(_broken_off, watching)
        if waits:
            await starting
            if not bot.is_up:
                raise RuntimeError("\n".join(["the bot did not start", *bot.log]))
        yield site


def desk_of(around: Houses, bot: Resident) -> Desk:
    """A desk among these houses, who are told where the bot is."""
    stranger = around.slack.add_user(
        "sam", real_name="Sam Elsewhere", team_id="T0ELSEWHERE", is_stranger=True
    )
    around.review.members += [around.people.priya.id, around.people.guest.id]
    around.slack.bot_url = bot.url
    told = Endpoint(url=f"{bot.url}/stripe/webhook", secrets=[WEBHOOK_SECRET])
    around.stripe.webhooks.endpoints[:] = [told]
    desk = Desk(houses=around, bot=bot, stranger=stranger, language=bot.settings["LOCALE"])
    people_town(desk)
    return desk


async def _start(desk: Desk, database_url: str) -> None:
    try:
        await desk.bot.start(after=partial(asyncio.to_thread, _migrate, database_url))
    finally:
        desk.ready.set()


def _migrate(database_url: str) -> None:
    from migrations.run import upgrade  # noqa: PLC0415 - the page need not wait for Alembic

    upgrade(database_url)


async def _broken_off(task: asyncio.Task[None]) -> None:
    """What failed while nobody waited for it is told now."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def main() -> None:
    """Until Ctrl-C, for whoever works on the page: on a free port, with nothing said but where."""
    with tempfile.TemporaryDirectory(prefix="dunning-desk-") as folder:
        async with opened(f"sqlite+aiosqlite:///{Path(folder) / 'desk.sqlite3'}") as site:
            print(site.url, flush=True)
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
