"""A site over real houses, without a bot, whose parts a test makes up."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import ClientResponse, ClientSession
from yarl import URL

from bot.sandbox.clock import MovableClock
from bot.sandbox.page.desk import Act, Desk, Json, Part
from bot.sandbox.page.resident import Resident
from bot.sandbox.page.serve import Site
from bot.sandbox.slack import User
from bot.sandbox.town import houses

NOW = datetime(2026, 5, 12, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A browser at a site."""

    site: Site
    session: ClientSession

    @property
    def maya(self) -> str:
        return self.site.desk.houses.people.maya.id

    async def get(self, path: str, **headers: str) -> ClientResponse:
        """The path goes out as it is written here, dots and all."""
        return await self.session.get(URL(self.site.url + path, encoded=True), headers=headers)

    async def do(self, act: str, body: bytes | Json, **headers: str) -> ClientResponse:
        """As the page does it, unless other headers are given; an empty one is left out."""
        told = {"Origin": self.site.url, **headers}
        sent = {"data": body} if isinstance(body, bytes) else {"json": body}
        return await self.session.post(
            f"{self.site.url}/do/{act}",
            headers={name: value for name, value in told.items() if value},
            **sent,
        )


@asynccontextmanager
async def visit(**parts: Part) -> AsyncIterator[Visit]:
    clock = MovableClock(NOW)
    async with houses(clock) as around, ClientSession() as session:
        stranger = around.slack.add_user("sam", real_name="Sam", is_stranger=True)
        bot = Resident(clock=clock, settings={}, port=0)
        site = Site(Desk(houses=around, bot=bot, stranger=stranger), parts or {"still": part()})
        await site.start()
        try:
            yield Visit(site=site, session=session)
        finally:
            await site.stop()


def part(**acts: Act) -> Part:
    """A part that shows who looks."""

    def screen(_: Desk, viewer: User) -> Json:
        return {"viewer": viewer.id}

    return Part(screen=screen, acts=acts)
