"""A Slack on loopback: a real HTTP server with a workspace that the SDK, tests and people use.

It refuses what Slack refuses, by Slack's own names. Its state is `Slack.state`: plain values.
"""

import asyncio
import json
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web

from bot.clock import Clock
from bot.sandbox import slack_answers, slack_directory, slack_messages, slack_views
from bot.sandbox.slack_calls import Method, Refused, need
from bot.sandbox.slack_faults import Fault, Faults, RateLimits
from bot.sandbox.slack_payloads import NotLetError, NotThereError
from bot.sandbox.slack_people import Answer, People, sign
from bot.sandbox.slack_sockets import OPEN, PATH
from bot.sandbox.slack_state import (
    Call,
    Channel,
    Ephemeral,
    Json,
    Message,
    User,
    UserGroup,
    View,
    Workspace,
)
from bot.sandbox.slack_text import render_blocks, render_text

__all__ = [
    "Answer",
    "Call",
    "Channel",
    "Ephemeral",
    "Fault",
    "Message",
    "NotLetError",
    "NotThereError",
    "Slack",
    "User",
    "UserGroup",
    "View",
    "Workspace",
    "render_blocks",
    "render_text",
    "sign",
]

METHODS: Final[dict[str, Method]] = {
    **slack_directory.METHODS,
    **slack_messages.METHODS,
    **slack_views.METHODS,
}
BODY_BYTES: Final = 4 * 1024**2


class Slack(People):
    """One workspace with one app installed, served on 127.0.0.1.

    token_error: what is wrong with the bot's token from now on (token_revoked, account_inactive,
    invalid_auth); None: nothing. limits.enforced switches the rate limits on.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        token: str = "xoxb-sandbox",  # noqa: S107 - opens nothing but this double
        signing_secret: str = "sandbox-signing-secret",  # noqa: S107 - likewise
        bot_url: str = "",
    ) -> None:
        super().__init__(Workspace(clock=clock), signing_secret=signing_secret, bot_url=bot_url)
        self.token = token
        self.token_error: str | None = None
        self.limits = RateLimits(clock=clock)
        self.faults = Faults()
        self.api_url = ""
        self._clock = clock
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None
        state = self.state
        self._enter(User(id=state.bot_user, name="dunning", real_name="Dunning Desk", is_bot=True))

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1, on a free port unless told; api_url is known afterwards."""
        self._closing.clear()
        app = web.Application(client_max_size=BODY_BYTES)
        app.router.add_route("*", "/api/{method}", self._serve)
        app.router.add_post("/response/{token}", self._serve_response_url)
        app.router.add_get(PATH, self.sockets.serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        host, port = self._runner.addresses[0][:2]
        self.api_url = f"http://{host}:{port}/api/"
        self.state.response_base = f"http://{host}:{port}/response/"
        self.sockets.base = f"ws://{host}:{port}"

    async def stop(self) -> None:
        """Close every connection; calls that hang end."""
        self._closing.set()
        await self.hang_up()
        await self.sockets.hang_up()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def fault(self, method: str, fault: Fault, times: int | None = 1) -> None:
        """Let the next so many calls of a method ("*": of any) go wrong; None: until cleared."""
        self.faults.add(method, fault, times)

    def add_user(self, name: str, *, team_id: str | None = None, **more: Any) -> User:  # noqa: ANN401 - the fields of User
        """A new person of this workspace, unless team_id names another."""
        more.setdefault("real_name", name.capitalize())
        user = User(
            id=self.state.next_id("U"), name=name, team_id=team_id or self.state.team_id, **more
        )
        return self._enter(user)

    def add_channel(  # noqa: PLR0913 - the fields of Channel
        self,
        name: str,
        *,
        members: list[User] | None = None,
        with_bot: bool = True,
        is_private: bool = True,
        is_archived: bool = False,
        is_ext_shared: bool = False,
    ) -> Channel:
        """A new channel with these people in it and, unless told otherwise, the bot."""
        inside = [user.id for user in members or []]
        channel = Channel(
            id=self.state.next_id("C"),
            name=name,
            members=[self.state.bot_user, *inside] if with_bot else inside,
            is_private=is_private,
            is_archived=is_archived,
            is_ext_shared=is_ext_shared,
        )
        self.state.channels[channel.id] = channel
        return channel

    def add_group(self, handle: str, users: list[User]) -> UserGroup:
        """A new user group."""
        members = [user.id for user in users]
        group = UserGroup(id=self.state.next_id("S"), handle=handle, name=handle, users=members)
        self.state.usergroups[group.id] = group
        return group

    def say(self, user: str, channel: str, text: str, *, thread_ts: str | None = None) -> Message:
        """A person writes in a channel; the bot is not told (send an event for that)."""
        ts = self.state.stamp(channel)
        message = Message(channel=channel, ts=ts, user=user, text=text, thread_ts=thread_ts)
        self.state.keep(message)
        return message

    def messages(self, channel: str) -> list[Message]:
        """What stands in a channel, replies included, the oldest first."""
        return self.state.in_channel(channel)

    def calls(self, method: str) -> list[Call]:
        """The calls of one method, whatever came of them, the oldest first."""
        return [call for call in self.state.calls if call.method == method]

    def _enter(self, user: User) -> User:
        user.team_id = user.team_id or self.state.team_id
        self.state.users[user.id] = user
        return user

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            args, token = await _read(request)
        except Refused as refused:
            return web.json_response(refused.body())
        channel = str(args.get("channel", ""))
        early = self.limits.is_early(method, channel)
        call = Call(method=method, args=args, at=self._clock.now(), early=early)
        self.state.calls.append(call)
        fault = self.faults.take(method)
        if fault.delay:
            await self._clock.sleep(fault.delay)
        if fault.hang:
            await self._closing.wait()
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
        answer = self._faulty(call, fault) or self._perform(call, token)
        # What the token may do, as every answer of Slack's tells; a check of the set-up reads it.
        answer.headers["Date"] = format_datetime(self._clock.now(), usegmt=True)
        answer.headers["X-OAuth-Scopes"] = ",".join(sorted(self.state.scopes))
        if fault.drop and request.transport is not None:
            call.status = None
            request.transport.abort()
        return answer

    def _faulty(self, call: Call, fault: Fault) -> web.Response | None:
        if fault.retry_after is not None:
            return self._slow_down(call, fault.retry_after)
        if fault.status is not None:
            call.status = fault.status
            return web.Response(status=fault.status, text="upstream trouble")
        if fault.error is not None:
            return _answered(call, {"ok": False, "error": fault.error})
        return None

    def _perform(self, call: Call, token: str) -> web.Response:
        try:
            if call.method == OPEN:  # the one method that the app calls, not its bot
                return _answered(call, self.sockets.address(token))
            method = self._admitted(call.method, token)
            wait = self.limits.take(call.method, str(call.args.get("channel", "")))
            if wait is not None:
                return self._slow_down(call, wait)
            return _answered(call, method.run(self.state, call.args))
        except Refused as refused:
            return _answered(call, refused.body())

    def _admitted(self, name: str, token: str) -> Method:
        if not token:
            raise Refused("not_authed")
        if token != self.token:
            raise Refused("invalid_auth")
        if self.token_error:
            raise Refused(self.token_error)
        method = METHODS.get(name)
        if method is None:
            raise Refused("unknown_method", req_method=name)
        if method.scope:
            need(self.state, method.scope)
        return method

    def _slow_down(self, call: Call, seconds: int) -> web.Response:
        self.limits.tell(call.method, str(call.args.get("channel", "")), seconds)
        call.status, call.error = HTTPStatus.TOO_MANY_REQUESTS, "ratelimited"
        return web.json_response(
            {"ok": False, "error": "ratelimited"},
            status=HTTPStatus.TOO_MANY_REQUESTS,
            headers={"Retry-After": str(seconds)},
        )

    async def _serve_response_url(self, request: web.Request) -> web.Response:
        token, body = request.match_info["token"], await request.read()
        status, text = slack_answers.at_response_url(self.state, token, body)
        return web.Response(status=status, text=text)


def _answered(call: Call, body: Json) -> web.Response:
    call.status, call.error = HTTPStatus.OK, body.get("error")
    return web.json_response(body)


async def _read(request: web.Request) -> tuple[Json, str]:
    """The arguments, from query and body alike, and the token, from the header or the body."""
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        args |= _object(await request.read() or b"{}")
    else:
        args |= dict((await request.post()).items())
    given = str(args.pop("token", ""))
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    return args, bearer if scheme == "Bearer" else given


def _object(raw: bytes) -> Json:
    try:
        body = json.loads(raw)
    except ValueError:
        raise Refused("invalid_json") from None
    if not isinstance(body, dict):
        raise Refused("json_not_object")
    return body
