"""Opens the sandbox: every house, the bot, and the page; until it is told to end."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.sandbox.clock import MovableClock, weekday_noon
from bot.sandbox.page.cast import people_town
from bot.sandbox.page.desk import Desk
from bot.sandbox.page.resident import Resident, free_port
from bot.sandbox.page.serve import Site
from bot.sandbox.stripe_webhooks import Endpoint
from bot.sandbox.town import WEBHOOK_SECRET, houses, settings_among
from migrations.run import upgrade

UNDO_SECONDS = "5"  # long enough to press Undo, short enough to wait for


@asynccontextmanager
async def opened(
    database_url: str, *, port: int = 0, settings: Mapping[str, str] | None = None
) -> AsyncGenerator[Site]:
    """The page on a database that is brought to the newest schema; everything ends with the block."""
    await asyncio.to_thread(upgrade, database_url)
    clock = MovableClock(weekday_noon(datetime.now(UTC)), running=True)
    async with AsyncExitStack() as stack:
        around = await stack.enter_async_context(houses(clock))
        stranger = around.slack.add_user(
            "sam", real_name="Sam Elsewhere", team_id="T0ELSEWHERE", is_stranger=True
        )
        around.review.members += [around.people.priya.id, around.people.guest.id]
        asked = {**settings_among(database_url, around), "UNDO_SECONDS": UNDO_SECONDS}
        chosen = {**asked, "LOG_LEVEL": "warning", **(settings or {})}
        bot = Resident(clock=clock, settings=chosen, port=free_port())
        around.slack.bot_url = bot.url
        told = Endpoint(url=f"{bot.url}/stripe/webhook", secrets=[WEBHOOK_SECRET])
        around.stripe.webhooks.endpoints[:] = [told]
        desk = Desk(houses=around, bot=bot, stranger=stranger)
        people_town(desk)
        site = Site(desk)
        stack.push_async_callback(bot.stop)
        stack.push_async_callback(site.stop)
        await site.start(port)
        await bot.start()
        yield site


async def main() -> None:
    """Until Ctrl-C."""
    with tempfile.TemporaryDirectory(prefix="dunning-desk-") as folder:
        async with opened(f"sqlite+aiosqlite:///{Path(folder) / 'desk.sqlite3'}") as site:
            print(site.url, flush=True)
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
