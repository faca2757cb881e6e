"""A connection is opened, kept, replaced and closed, and nobody sends us astray."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from bot.review.setup import SOON
from bot.review.socket import trusted
from bot.sandbox.slack import Fault
from bot.sandbox.slack_sockets import PATH
from tests.review.connected import Office, Post, free, so

A_MINUTE = timedelta(seconds=SOON)


async def test_two_processes_share_what_is_pressed(office: Office) -> None:
    one, other = free(), free()
    await office.connected(one.take)
    await office.connected(other.take)
    for _ in range(4):
        assert (await office.asks()).problem is None
    assert (len(one.taken), len(other.taken)) == (2, 2)


async def test_a_replaced_connection_still_answers_what_it_had_in_hand(office: Office) -> None:
    post = Post()
    await office.connected(post.take)
    asking = asyncio.create_task(office.asks())
    await so(lambda: bool(post.taken))
    await office.slack.sockets.say_goodbye("warning")
    await so(lambda: office.slack.sockets.opened == 2)
    post.may_go_on.set()
    assert (await asking).problem is None
    (envelope,) = office.slack.sockets.envelopes
    assert envelope.sent == 1
    await so(lambda: office.slack.sockets.open == 1)


async def test_connections_that_end_at_once_are_opened_ever_more_seldom(office: Office) -> None:
    await office.connected(free().take)
    sockets = office.slack.sockets
    for again in (2, 3):
        sockets.drop()
        if again == 3:
            await so(lambda: not sockets.open)
            assert sockets.opened == 2
            await so(office.clock.skip)
        await so(lambda wanted=again: sockets.opened == wanted)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("xapp-1-wrong", "invalid_auth"),
        ("xoxb-sandbox", "not_allowed_token_type"),
        (None, "missing_scope"),
    ],
)
async def test_a_token_that_is_not_taken_is_a_trouble_and_asked_about_seldom(
    office: Office, token: str | None, code: str
) -> None:
    if token is None:
        office.slack.sockets.scopes.clear()
    socket = await office.connect(free().take, token=token)
    await so(lambda: bool(socket.troubles))
    assert socket.troubles == (("SLACK_APP_TOKEN", code),)
    asked = len(office.slack.calls("apps.connections.open"))
    office.slack.sockets.app_token = token or office.slack.sockets.app_token
    office.slack.sockets.scopes.add("connections:write")
    await so(lambda: office.clock.skip(at_most=A_MINUTE))
    await so(lambda: len(office.slack.calls("apps.connections.open")) > asked)
    assert SOON == 60  # as the first page says: every minute


async def test_socket_mode_switched_off_is_a_trouble_until_it_is_on_again(office: Office) -> None:
    socket = await office.connected(free().take)
    await office.slack.sockets.say_goodbye("link_disabled", then_close=True)
    await so(lambda: bool(socket.troubles))
    assert socket.troubles == (("SLACK_APP_TOKEN", "link_disabled"),)
    await so(lambda: office.clock.skip(at_most=A_MINUTE))
    await so(lambda: not socket.troubles)
    assert (await office.asks()).problem is None


async def test_a_token_of_another_app_is_a_trouble_and_its_presses_are_not_taken(
    office: Office,
) -> None:
    sockets = office.slack.sockets
    own, sockets.app_id = sockets.app_id, "A000000002"
    socket = await office.connect(free().take)
    await so(lambda: bool(socket.troubles))
    assert socket.troubles == (("SLACK_APP_TOKEN", "other_app"),)
    await so(lambda: sockets.open == 0)
    sockets.app_id = own
    await so(lambda: office.clock.skip(at_most=A_MINUTE))
    await so(lambda: not socket.troubles)
    assert (await office.asks()).problem is None


@pytest.mark.parametrize("method", ["auth.test", "bots.info"])
async def test_where_slack_cannot_say_whose_the_token_is_it_is_taken(
    office: Office, method: str
) -> None:
    office.slack.fault(method, Fault(error="internal_error"), times=None)
    office.slack.sockets.app_id = "A000000002"
    socket = await office.connected(free().take)
    assert (await office.asks()).problem is None
    assert not socket.troubles


async def test_a_connection_that_breaks_before_its_greeting_is_tried_again(office: Office) -> None:
    office.slack.sockets.greets = False
    await office.connect(free().take)
    await so(lambda: office.slack.sockets.open == 1)
    office.slack.sockets.greets = True
    office.slack.sockets.drop()
    await so(lambda: office.slack.sockets.opened == 2)
    assert (await office.asks()).problem is None


async def test_a_redirect_is_not_followed(office: Office) -> None:
    sockets = office.slack.sockets
    asked = []

    async def elsewhere(request: web.Request) -> web.Response:
        asked.append(request.path)
        raise web.HTTPFound(sockets.address(sockets.app_token)["url"])

    app = web.Application()
    app.router.add_get("/", elsewhere)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    office.stack.push_async_callback(runner.cleanup)
    sockets.url = f"ws://127.0.0.1:{runner.addresses[0][1]}/"
    await office.connect(free().take)
    await so(lambda: len(asked) == 2)
    assert sockets.opened == 0


async def test_the_proxy_of_the_slack_client_is_taken(office: Office) -> None:
    async with proxy() as (url, asked):
        office.client.proxy = url
        socket = await office.connected(free().take)
        assert (await office.asks()).problem is None
        await socket.stop()
    assert asked == ["/api/apps.connections.open", PATH]


@asynccontextmanager
async def proxy() -> AsyncIterator[tuple[str, list[str]]]:
    """A proxy's address, and the paths that were asked for through it."""
    asked: list[str] = []
    forwards: list[tuple[asyncio.Task[None], asyncio.StreamWriter]] = []

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        url = urlsplit(head.split()[1].decode())
        asked.append(url.path)
        there = await asyncio.open_connection(url.hostname, url.port)
        try:
            there[1].write(head)
            await asyncio.gather(_piped(reader, there[1]), _piped(there[0], writer))
        finally:
            there[1].close()

    def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        forwards.append((asyncio.create_task(forward(reader, writer)), writer))

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked
    finally:
        server.close()
        for task, writer in forwards:
            task.cancel()
            writer.close()
        await asyncio.gather(*(task for task, _ in forwards), return_exceptions=True)


async def _piped(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
    """Carry until either end is gone; the other is closed then, as a proxy does."""
    try:
        with suppress(ConnectionError):
            while piece := await source.read(65536):
                to.write(piece)
                await to.drain()
    finally:
        to.close()
        with suppress(ConnectionError):
            await to.wait_closed()


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("wss://wss-primary.slack.com/link/?ticket=1", True),
        ("ws://127.0.0.1:8888/link", True),
        ("ws://[::1]:8888/link", True),
        ("ws://wss-primary.slack.com/link", False),
        ("ws://10.0.0.1/link", False),
        ("https://slack.com/link", False),
        ("wss://", False),
        ("wss://[", False),
        ("None", False),
    ],
)
def test_a_connection_is_encrypted_or_stays_on_this_machine(url: str, *, good: bool) -> None:
    assert trusted(url) is good
