"""A bot that somebody else started: only looked for, at its port of this machine."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp

from bot.sandbox.clock import MovableClock
from bot.sandbox.page.opening import desk_of
from bot.sandbox.page.resident import Resident, State
from bot.sandbox.page.serve import Site
from bot.sandbox.town import houses, settings_among

GLANCE = 0.25  # real seconds between two looks for it
PATIENCE = aiohttp.ClientTimeout(total=2.0)
# One reaches Slack by Socket Mode, and has a database and hours of its own.
NOT_LENT = ("DATABASE_URL", "SLACK_SIGNING_SECRET")


@dataclass(kw_only=True)
class Elsewhere(Resident):
    """Neither started nor ended by us; up while it takes webhooks."""

    ours: bool = False

    async def speak(self, locale: str) -> None:
        """It speaks the language that it was started with."""

    async def watch(self) -> None:
        """Look for it until cancelled; each time that it came, what it missed is told again."""
        async with aiohttp.ClientSession(timeout=PATIENCE) as session:
            while True:
                was_up, found = self.is_up, await self._found(session)
                self.state = State.UP if found else State.DOWN
                if found and not was_up:
                    for glad in self.on_up:
                        await glad()
                await asyncio.sleep(GLANCE)

    async def _found(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.url}/readyz") as answer:
                return "started" not in (await answer.json())["waiting_for"]
        except (aiohttp.ClientError, TimeoutError, ValueError, LookupError, TypeError):
            return False  # nobody listens there, or somebody else


@asynccontextmanager
async def opened_beside(
    bot_port: int, *, port: int = 0
) -> AsyncGenerator[tuple[Site, dict[str, str]]]:
    """Every house and the page, in real time, for a bot at that port; and the settings to give it.

    Slack is reached by Socket Mode. Everything ends with the block.
    """
    clock = MovableClock(datetime.now(UTC), running=True)
    async with houses(clock) as around:
        around.slack.sockets.on = True
        settings = settings_among("", around) | {
            "SLACK_APP_TOKEN": around.slack.sockets.app_token,
            "SENDING_HOURS": "always",
        }
        bot = Elsewhere(clock=clock, settings={**settings, "LOCALE": "en"}, port=bot_port)
        site = Site(desk_of(around, bot))
        site.desk.ready.set()
        await site.start(port)
        watching = asyncio.create_task(bot.watch())
        try:
            yield site, {name: at for name, at in settings.items() if name not in NOT_LENT}
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
            await site.stop()
