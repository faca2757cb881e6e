"""A program that waits for settings, among a real Slack, Stripe and mail server; its visitors."""

import io
import json
import logging
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from aiohttp.test_utils import TestServer

from bot import config as settings
from bot import log
from bot.app import web_app
from bot.config import Config
from bot.sandbox.clock import MovableClock
from bot.sandbox.town import Houses, houses, settings_among

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
KEY = "0123456789abcdef0123456789abcdef"
PUBLIC = "https://dunning.example.com"
ABSENT = ("REVIEW_CHANNEL", "STRIPE_WEBHOOK_SECRET", "VIP_CHANNEL", "ACCOUNT_MANAGER")


@dataclass(kw_only=True)
class Scene:
    """`environ` is what the program was started with, `out` its log."""

    around: Houses
    clock: MovableClock
    environ: dict[str, str]
    config: Config
    url: str
    out: io.StringIO

    def said(self, event: str) -> list[dict[str, str]]:
        lines = [json.loads(line) for line in self.out.getvalue().splitlines()]
        return [one for one in lines if one["event"] == event]

    @property
    def link(self) -> str:
        [line] = self.said("setup_open")
        return line["path"]


@dataclass(kw_only=True)
class Page:
    """An answer, as a browser would have it."""

    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def fields(self) -> dict[str, str]:
        """What is hidden in its forms."""
        return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', self.text))


@dataclass(kw_only=True)
class Visitor:
    """A browser of its own."""

    scene: Scene
    session: aiohttp.ClientSession
    headers: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, *, method: str = "GET", follow: bool = True) -> Page:
        url = f"{self.scene.url}{path}"
        async with self.session.request(
            method, url, headers=self.headers, allow_redirects=follow
        ) as answer:
            return Page(status=answer.status, text=await answer.text(), headers=answer.headers)

    async def post(self, path: str, follow: bool = True, **fields: str) -> Page:
        headers = {"Origin": self.scene.url, **self.headers}
        url = f"{self.scene.url}{path}"
        async with self.session.post(
            url, data=fields, headers=headers, allow_redirects=follow
        ) as answer:
            return Page(status=answer.status, text=await answer.text(), headers=answer.headers)

    async def begin(self) -> Page:
        """Open the link of the log and press the button."""
        return await self.post("/setup/begin", **(await self.get(self.scene.link)).fields)


@asynccontextmanager
async def visitor(scene: Scene, **headers: str) -> AsyncIterator[Visitor]:
    jar = aiohttp.CookieJar(unsafe=True)  # for an address that is a number
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        yield Visitor(scene=scene, session=session, headers=headers)


@contextmanager
def logged(config: Config) -> Iterator[io.StringIO]:
    """The log as it is written, secrets blotted out."""
    root, level = logging.getLogger(), logging.getLogger().level
    kept, out = root.handlers[:], io.StringIO()
    log.start(level="debug", secrets=config.secrets, stream=out)
    try:
        yield out
    finally:
        root.handlers[:] = kept
        root.setLevel(level)
        logging.getLogger("bot").setLevel(logging.NOTSET)


def environ(tmp_path: Path, around: Houses, *absent: str, **more: str) -> dict[str, str]:
    found = settings_among(f"sqlite:///{tmp_path}/none.sqlite3", around) | more
    return {name: value for name, value in found.items() if name not in absent}


@asynccontextmanager
async def waiting(tmp_path: Path, *absent: str, **more: str) -> AsyncIterator[Scene]:
    """The program, started without the settings that are `absent`."""
    clock = MovableClock(NOON, running=True)
    async with houses(clock) as around:
        environ_ = environ(tmp_path, around, *(absent or ABSENT), **more)
        config = settings.load(environ_)
        with logged(config) as out:
            async with TestServer(web_app(config, clock), host="127.0.0.1") as server:
                url = str(server.make_url("")).rstrip("/")
                yield Scene(
                    around=around, clock=clock, environ=environ_, config=config, url=url, out=out
                )
