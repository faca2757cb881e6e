"""A whole company in good health, which a test spoils in one place before the doctor comes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot import config as settings
from bot import page
from bot.doctor import visit
from bot.doctor.finding import Finding, State
from bot.sandbox.clock import MovableClock
from bot.sandbox.stripe_webhooks import Endpoint
from bot.sandbox.town import Houses, houses, settings_among

OWN_KEY = "0123456789abcdef0123456789abcdef"
NOWHERE = "127.0.0.1:1"


@dataclass(kw_only=True)
class Scene:
    """`environ` is what the doctor is started with, `clock` its own: the houses have theirs."""

    around: Houses
    environ: dict[str, str]
    url: str
    clock: MovableClock

    async def examined(self) -> list[Finding]:
        return await visit.examined(settings.load(self.environ), self.clock)

    async def told(self) -> dict[str, str]:
        """What the doctor has to say of each check that is not fine."""
        return told(await self.examined())


def told(findings: Sequence[Finding]) -> dict[str, str]:
    """State and code of each check that is not fine."""
    return {
        one.name: f"{one.verdict.state} {one.verdict.code}"
        for one in findings
        if one.verdict.state is not State.OK and one.verdict.code not in ALWAYS
    }


# What only a person can look at; and what a file, or a mailbox on loopback, has no need of.
ALWAYS = frozenset({"look", "same_machine", "here"})


@asynccontextmanager
async def healthy(database_url: str) -> AsyncIterator[Scene]:
    """Houses, a front door that the internet reaches, and every setting.

    It is now: neither a database nor a process of its own goes by another clock.
    """
    at = datetime.now(UTC)
    app = web.Application()

    async def check() -> dict[str, bool]:
        return {}

    app.add_routes(page.routes(missing=(), livemode=None, check=check))
    clock = MovableClock(at, running=True)
    async with houses(clock) as around, TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        webhooks = Endpoint(url=f"{url}/stripe/webhook", secrets=["whsec_1"])
        around.stripe.webhooks.endpoints[:] = [webhooks]
        around.slack.sockets.on = True
        environ = {
            **settings_among(database_url, around),
            "PUBLIC_URL": url,
            "SECRET_KEY": OWN_KEY,
            "SLACK_APP_TOKEN": around.slack.sockets.app_token,
            "APPROVERS": around.people.maya.id,
        }
        own = MovableClock(at, running=True)
        yield Scene(around=around, environ=environ, url=url, clock=own)
