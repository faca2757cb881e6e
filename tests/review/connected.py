"""A Slack with Socket Mode switched on, and processes that connect to it."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.review.connection import Take
from bot.review.socket import Socket
from bot.review.socket import socket as slack_socket
from bot.sandbox.clock import MovableClock
from bot.sandbox.slack import Answer, Slack, User

Json = dict[str, Any]
PATIENCE = 20  # real seconds, for a machine that is busy


@dataclass(kw_only=True)
class Post:
    """A process behind the socket: what it took, and what it says to each."""

    answer: Json | None = field(default_factory=dict)
    taken: list[Json] = field(default_factory=list)
    may_go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, payload: Json) -> Json | None:
        self.taken.append(payload)
        await self.may_go_on.wait()
        return self.answer


@dataclass(kw_only=True)
class Office:
    """A Slack with Socket Mode switched on, and the processes that we connect to it."""

    slack: Slack
    ana: User
    channel: str
    client: AsyncWebClient
    clock: MovableClock
    stack: AsyncExitStack

    async def connect(self, take: Take, *, token: str | None = None) -> Socket:
        """One more process; it is not waited for."""
        asked = token or self.slack.sockets.app_token
        made = slack_socket(self.client, asked, take, self.clock)
        found = await self.stack.enter_async_context(made)
        self.stack.push_async_callback(found.stop)
        found.start()
        return found

    async def connected(self, take: Take) -> Socket:
        before = self.slack.sockets.open
        found = await self.connect(take)
        await so(lambda: self.slack.sockets.open > before)
        return found

    async def asks(self) -> Answer:
        return await self.slack.command(self.ana.id, self.channel, "/dunning", "help")


async def so(it_is: Callable[[], bool]) -> None:
    """Let everybody else go on until it is so."""
    async with asyncio.timeout(PATIENCE):
        while not it_is():  # noqa: ASYNC110 - the counterpart is plain values that tell nobody
            await asyncio.sleep(0)


def free(**fields: Any) -> Post:
    """A process that needs nobody's leave to go on."""
    post = Post(**fields)
    post.may_go_on.set()
    return post
