"""Socket Mode: we open the connection over which Slack tells us of presses, and keep one open.

Slack needs no address of ours then. https://docs.slack.dev/apis/events-api/using-socket-mode.
The SDK's own client never returns on a bad token, tries an expired address for ever, and can't say
what it has in hand when the process ends (docs/decisions/0011-own-socket.md): so the connection is
ours, and behind it stands the same Bolt app as behind the door.
"""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot import addresses
from bot.clock import Clock
from bot.errors import ChannelTrouble
from bot.log import tell
from bot.no_redirects import no_redirects
from bot.review.client import TIMEOUT, slack_trouble
from bot.review.connection import Answers, Connection, Json, Take
from bot.review.setup import SOON, Trouble, tell_changes

TOKEN: Final = "SLACK_APP_TOKEN"  # noqa: S105 - a setting's name
# Who pressed looks at their screen for three seconds; at the end of a process nobody waits longer.
FINISH_SECONDS: Final = 2.0
_CLOSING: Final = 0.5  # seconds for Slack to say goodbye, too
_HEARTBEAT: Final = 20.0  # seconds between our pings: a dead connection is noticed within thirty
_STEADY: Final = timedelta(seconds=30)
# Seconds before the next try, after so many connections that failed or ended at once.
_WAITS: Final = (0, 1, 2, 4, 8, 16, 32, 60)
_OTHER_APP: Final = "other_app"  # our word: Slack takes both tokens, and brings no press of ours
_SWITCHED_OFF: Final = "link_disabled"  # Slack's word for Socket Mode itself


def over_socket(bolt: AsyncApp) -> Take:
    """What an envelope's payload is handed to: the listeners that HTTP requests reach, too."""

    async def take(payload: Json) -> Json | None:
        asked = AsyncBoltRequest(mode="socket_mode", body=payload)
        answer = await bolt.async_dispatch(asked)
        if answer.status != HTTPStatus.OK:
            return None
        if not answer.body:
            return {}
        kind = answer.headers.get("content-type", [""])[0]
        is_json = kind.startswith("application/json")
        said: Json = json.loads(answer.body) if is_json else {"text": answer.body}
        return said

    return take


@asynccontextmanager
async def socket(
    client: AsyncWebClient, token: str, take: Take, clock: Clock
) -> AsyncGenerator["Socket"]:
    """A socket that is not open yet, whose connections are given back at the end."""
    async with aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(), trace_configs=[no_redirects()]
    ) as session:
        yield Socket(client, session, token, take, clock)


class Socket:
    """Owns the connections: one, and for a moment two while Slack replaces it.

    `troubles` is what Slack says against the token, until it takes it.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        session: aiohttp.ClientSession,
        token: str,
        take: Take,
        clock: Clock,
    ) -> None:
        self._client = client
        self._session = session
        self._token = token
        self._answers = Answers(take)
        self._clock = clock
        self._connections: list[Connection] = []
        self._failures = 0
        self._running: asyncio.Task[None] | None = None
        self.patience = FINISH_SECONDS
        self.troubles: tuple[Trouble, ...] = ()

    def start(self) -> None:
        """Open a connection, and another whenever it ends, until stopped."""
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Take nothing more, finish what is in hand while patience lasts, and hang up."""
        for connection in self._connections:
            connection.take_nothing_more()
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        await self._answers.finish(self.patience)
        await asyncio.gather(
            *(self._drop(connection, _CLOSING) for connection in self._connections)
        )

    async def _run(self) -> None:
        while True:
            try:
                connection = await self._opened()
                await self._replaced(connection)
                await self._lasted(connection, self._clock.now())
            except Exception as error:  # noqa: BLE001 - the loop is the last to give up
                tell("slack_socket_failed", level=logging.ERROR, error=error)
                await self._clock.sleep(SOON)

    async def _opened(self) -> Connection:
        """A connection that Slack greeted; asks for one until there is."""
        while True:
            try:
                return await self._open()
            except ChannelTrouble as trouble:
                tell("slack_socket_not_open", level=logging.WARNING, code=trouble.code)
                await self._put_off(trouble)

    async def _open(self) -> Connection:
        with slack_trouble():
            answer = await self._client.apps_connections_open(app_token=self._token)
        url = str(answer.get("url"))
        if not trusted(url):
            raise ChannelTrouble("not_slack")
        with slack_trouble():
            async with asyncio.timeout(TIMEOUT):
                websocket = await self._session.ws_connect(
                    url,
                    heartbeat=_HEARTBEAT,
                    timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSING),
                    proxy=self._client.proxy,
                    ssl=self._client.ssl or True,
                )
        connection = Connection(websocket, self._answers)
        self._connections.append(connection)
        try:
            async with asyncio.timeout(TIMEOUT):
                greeted = await connection.greeted()
        except TimeoutError:
            greeted = False
        if not greeted:
            await self._drop(connection)
            raise _ended(connection)
        if not await self._ours(connection):
            await self._drop(connection)
            raise ChannelTrouble(_OTHER_APP, permanent=True)
        return connection

    async def _ours(self, connection: Connection) -> bool:
        """Whether it is for the app that posts our cards. Where Slack can't say: it seems so."""
        try:
            with slack_trouble():
                us = await self._client.auth_test()
                bot = await self._client.bots_info(bot=us.get("bot_id"))
        except ChannelTrouble:
            return True
        found: Json = bot.get("bot") or {}
        app = found.get("app_id")
        return not app or not connection.app or app == connection.app

    async def _replaced(self, connection: Connection) -> None:
        """It is open: what was wrong is mended, and the one before it is not needed any more."""
        self._conclude(())
        tell("slack_socket_open")
        await asyncio.gather(
            *(self._drop(one) for one in self._connections if one is not connection)
        )

    async def _lasted(self, connection: Connection, since: datetime) -> None:
        """Wait until it ends. It is not closed here: until another is open, it still answers."""
        await connection.leaving.wait()
        tell("slack_socket_ends", why=connection.why)
        if self._clock.now() - since >= _STEADY:
            self._failures = 0
        await self._put_off(_ended(connection))

    async def _drop(self, connection: Connection, within: float = FINISH_SECONDS) -> None:
        await connection.close(within)
        self._connections.remove(connection)

    async def _put_off(self, trouble: ChannelTrouble) -> None:
        """Wait as long as it is worth: seldom for a token that Slack does not take."""
        wait: float = _WAITS[min(self._failures, len(_WAITS) - 1)]
        self._failures += 1
        if trouble.permanent:
            self._conclude(((TOKEN, trouble.code),))
            wait = SOON
        wait = max(wait, trouble.retry_after or 0)
        if wait:
            await self._clock.sleep(wait)

    def _conclude(self, troubles: tuple[Trouble, ...]) -> None:
        before, self.troubles = self.troubles, troubles
        tell_changes(before, troubles)


def trusted(url: str) -> bool:
    """Whether we would go there: encrypted, or to this very machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "wss" or (parts.scheme == "ws" and addresses.loopback(host))
    )


def _ended(connection: Connection) -> ChannelTrouble:
    return ChannelTrouble(connection.why, permanent=connection.why == _SWITCHED_OFF)
