"""Slack's side of Socket Mode: an address for a token, connections, envelopes, answers.

https://docs.slack.dev/apis/events-api/using-socket-mode. An envelope goes over one of the open
connections; unanswered it is sent again, over another where there is one.
"""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Final

from aiohttp import WSMsgType, web

from bot.sandbox.slack_calls import Refused
from bot.sandbox.slack_state import Json, Workspace

OPEN: Final = "apps.connections.open"
PATH: Final = "/link"
SCOPE: Final = "connections:write"
AGAIN_SECONDS: Final = 3.0
TRIES: Final = 4  # the first, and three more
NOBODY: Final = "nobody answered by Socket Mode"


@dataclass(kw_only=True)
class Envelope:
    """What was sent, how often, and what came back: None until it was acknowledged."""

    id: str
    type: str
    payload: Json
    takes_answer: bool
    sent: int = 0
    answers: list[Json] = field(default_factory=list)
    answered: asyncio.Event = field(default_factory=asyncio.Event)


class Sockets:
    """The connections of one app.

    on: Socket Mode is switched on, so that everything goes by it and nothing to an address.
    app_id: the app that the token is of. greets: whether a new connection is said hello to.
    again_after: real seconds until what is not answered is sent again.
    """

    def __init__(self, state: Workspace) -> None:
        self.app_token = "xapp-1-A000000001-sandbox"  # noqa: S105 - opens nothing but this double
        self.app_id = state.app_id
        self.scopes = {SCOPE}
        self.on = False
        self.greets = True
        self.again_after = AGAIN_SECONDS
        self.base = ""
        self.url: str | None = None  # answered in place of a true address
        self.envelopes: list[Envelope] = []
        self.opened = 0
        self._state = state
        self._tickets: set[str] = set()
        self._lines: dict[web.WebSocketResponse, asyncio.Transport] = {}
        self._change = asyncio.Condition()

    @property
    def open(self) -> int:
        """How many connections there are now."""
        return len(self._lines)

    def address(self, token: str) -> Json:
        """apps.connections.open: https://docs.slack.dev/reference/methods/apps.connections.open."""
        if token.startswith("xoxb-"):
            raise Refused("not_allowed_token_type")
        if token != self.app_token:
            raise Refused("invalid_auth" if token else "not_authed")
        if SCOPE not in self.scopes:
            raise Refused("missing_scope", needed=SCOPE, provided=",".join(self.scopes))
        ticket = self._state.next_id("L")
        self._tickets.add(ticket)
        return {"ok": True, "url": self.url or f"{self.base}{PATH}?ticket={ticket}"}

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """A connection, from its hello to its end; an address is good once."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=403)
        self._tickets.remove(ticket)
        line = web.WebSocketResponse()
        await line.prepare(request)
        if self.greets:
            await line.send_json(self._hello())
        await self._came(line, request)
        try:
            async for message in line:
                if message.type is WSMsgType.TEXT:
                    await self._heard(json.loads(message.data))
        finally:
            await self._went(line)
        return line

    async def deliver(self, kind: str, payload: Json, *, takes_answer: bool) -> Envelope:
        """Send it until somebody acknowledges it, or nobody did too often."""
        envelope = Envelope(
            id=self._state.next_id("Env"), type=kind, payload=payload, takes_answer=takes_answer
        )
        self.envelopes.append(envelope)
        while envelope.sent < TRIES and not envelope.answered.is_set():
            line = await self._next_line(envelope)
            await self._send(envelope, line)
            await self._answered_over(envelope, line)
        return envelope

    async def send_again(self, envelope: Envelope) -> None:
        """Slack did not get the answer: the same envelope comes once more, and is answered."""
        envelope.answered.clear()
        line = await self._next_line(envelope)
        await self._send(envelope, line)
        await envelope.answered.wait()

    async def say_goodbye(self, reason: str, *, then_close: bool = False) -> None:
        """Tell the newest connection that it is about to end, and why: a warning, for instance."""
        line = list(self._lines)[-1]
        await line.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})
        if then_close:
            await line.close()

    def drop(self) -> None:
        """Every connection breaks, without a word."""
        for transport in self._lines.values():
            transport.abort()

    async def hang_up(self) -> None:
        """Close every connection in order."""
        for line in [*self._lines]:
            await line.close()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": self.open + 1,
            "connection_info": {"app_id": self.app_id},
            "debug_info": {"host": "applink-1", "approximate_connection_time": 18060},
        }

    async def _came(self, line: web.WebSocketResponse, request: web.Request) -> None:
        if request.transport is None:
            return
        async with self._change:
            self._lines[line] = request.transport
            self.opened += 1
            self._change.notify_all()

    async def _went(self, line: web.WebSocketResponse) -> None:
        async with self._change:
            self._lines.pop(line, None)
            self._change.notify_all()

    async def _next_line(self, envelope: Envelope) -> web.WebSocketResponse:
        """Not the same one twice, where there are several."""
        async with self._change:
            await self._change.wait_for(lambda: bool(self._lines))
            return list(self._lines)[(len(self.envelopes) + envelope.sent) % len(self._lines)]

    async def _send(self, envelope: Envelope, line: web.WebSocketResponse) -> None:
        envelope.sent += 1
        said: Json = {
            "envelope_id": envelope.id,
            "type": envelope.type,
            "payload": envelope.payload,
            "accepts_response_payload": envelope.takes_answer,
        }
        if envelope.type == "events_api":
            said |= {"retry_attempt": envelope.sent - 1, "retry_reason": ""}
        try:
            await line.send_json(said)
        except ConnectionError:
            await self._went_without_a_word(line)

    async def _went_without_a_word(self, line: web.WebSocketResponse) -> None:
        async with self._change:
            await self._change.wait_for(lambda: line not in self._lines)

    async def _answered_over(self, envelope: Envelope, line: web.WebSocketResponse) -> None:
        """Return when it was answered, its connection is gone, or Slack's patience is over."""
        ends = asyncio.ensure_future(self._went_without_a_word(line))
        answered = asyncio.ensure_future(envelope.answered.wait())
        try:
            await asyncio.wait(
                {ends, answered},
                timeout=self.again_after,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            for waiting in (ends, answered):
                waiting.cancel()
            await asyncio.gather(ends, answered, return_exceptions=True)

    async def _heard(self, said: Json) -> None:
        for envelope in self.envelopes:
            if envelope.id == said.get("envelope_id"):
                envelope.answers.append(said)
                envelope.answered.set()


def problem_with(envelope: Envelope) -> str | None:
    """What the person would see as an error of Slack's, in a sentence; None: all is well."""
    if not envelope.answers:
        return NOBODY
    if "payload" in envelope.answers[-1] and not envelope.takes_answer:
        return "the bot answered where Slack takes no answer"
    return None
