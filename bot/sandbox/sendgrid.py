"""The sandbox's SendGrid: the three calls we make of its API, refusing what the real one refuses.

https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors
https://www.twilio.com/docs/sendgrid/api-reference/email-activity/filter-all-messages
"""

import asyncio
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.clock import Clock

KEY = "SG.sandbox-key_0123456789.abcdef"
LARGEST = 30 * 1024 * 1024
RESERVED = frozenset(
    {"x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "to", "from", "cc", "bcc"}
    | {"content-transfer-encoding", "subject", "reply-to"}
)
QUERY = re.compile(r"\(unique_args\['(?P<name>[\w-]+)'\]=\"(?P<value>[^\"]+)\"\)")
ADDRESS = re.compile(r"[!-?A-~]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+")
INVALID_KEY = "The provided authorization grant is invalid, expired, or revoked"

Json = dict[str, Any]


class RefusedError(Exception):
    """A request that is answered with an error, in SendGrid's shape."""

    def __init__(self, status: int, message: str, field: str | None = None) -> None:
        """`field` as SendGrid names what was wrong."""
        super().__init__(message)
        self.status = status
        self.body = {"errors": [{"message": message, "field": field, "help": None}]}


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A mail that was accepted: its JSON, the name that the answer gave it, and when."""

    id: str
    body: Json
    at: datetime

    @property
    def to(self) -> str:
        """Its one recipient."""
        return str(self.body["personalizations"][0]["to"][0]["email"])

    def part(self, kind: str) -> str:
        """The text of a content type; LookupError when it has none."""
        for one in self.body["content"]:
            if one["type"] == kind:
                return str(one["value"])
        raise LookupError(kind)


@dataclass(kw_only=True)
class Trouble:
    """How the next mails are met: `status` None drops the connection; `accepts`: takes it first."""

    status: int | None
    field: str | None
    times: int
    accepts: bool
    hangs: bool


class SendGrid:
    """Owns the server: `start()`, `stop()`; `url` is what MAIL_URL is set to.

    `activity`: whether the account has bought the Email Activity; `lag`: until it shows a mail.
    """

    def __init__(self, clock: Clock, *, key: str = KEY) -> None:
        """It knows one key."""
        self.clock = clock
        self.key = key
        self.mails: list[Taken] = []
        self.searches: list[str] = []
        self.activity = True
        self.lag = timedelta()
        self.scopes = ["mail.send"]  # what the key may do
        self.verified: frozenset[str] | None = None  # senders; None: any
        self.url = ""
        self._troubles: list[Trouble] = []
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0 takes a free one."""
        app = web.Application(client_max_size=LARGEST, middlewares=[_told])
        app.router.add_post("/v3/mail/send", self._send)
        app.router.add_get("/v3/messages", self._messages)
        app.router.add_get("/v3/scopes", self._scopes)
        self._stopping.clear()
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"sendgrid://{self.key}@127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Close the port; requests that were left hanging end now. Idempotent."""
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def refuse(self, status: int, *, field: str | None = None, times: int = 1) -> None:
        """Answer the next mails so, and take none of them."""
        self._trouble(status=status, field=field, times=times)

    def drop(self, *, accepts: bool, times: int = 1) -> None:
        """Close the connection without an answer; `accepts`: after the mail was taken."""
        self._trouble(accepts=accepts, times=times)

    def lose(self, status: int) -> None:
        """Take the next mail, and answer with this error all the same."""
        self._trouble(status=status, accepts=True)

    def hang(self) -> None:
        """Take the next mail, and never answer."""
        self._trouble(accepts=True, hangs=True)

    def _trouble(
        self,
        *,
        status: int | None = None,
        field: str | None = None,
        times: int = 1,
        accepts: bool = False,
        hangs: bool = False,
    ) -> None:
        made = Trouble(status=status, field=field, times=times, accepts=accepts, hangs=hangs)
        self._troubles.append(made)

    async def _send(self, request: web.Request) -> web.StreamResponse:
        trouble = self._next()
        self._authorised(request)
        body = await _checked(request, self.verified)
        taken = self._take(body) if trouble is None or trouble.accepts else None
        if trouble is not None:
            return await self._suffer(trouble, request)
        headers = {"X-Message-Id": taken.id} if taken else {}
        return web.Response(status=202, headers=headers)

    async def _messages(self, request: web.Request) -> web.Response:
        self._authorised(request)
        if not self.activity:
            raise RefusedError(403, "access forbidden")
        asked = QUERY.fullmatch(request.query.get("query", ""))
        if asked is None:
            raise RefusedError(400, "invalid query")
        self.searches.append(asked["value"])
        shown = [one for one in self.mails if one.at + self.lag <= self.clock.now()]
        found = [one for one in shown if _arguments(one.body).get(asked["name"]) == asked["value"]]
        return web.json_response({"messages": [_listed(one) for one in found]})

    async def _scopes(self, request: web.Request) -> web.Response:
        self._authorised(request)
        return web.json_response({"scopes": self.scopes})

    def _authorised(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            raise RefusedError(401, INVALID_KEY)

    def _take(self, body: Json) -> Taken:
        name = f"sandbox{len(self.mails) + 1:04}"
        taken = Taken(id=name, body=body, at=self.clock.now())
        self.mails.append(taken)
        return taken

    def _next(self) -> Trouble | None:
        trouble = self._troubles[0] if self._troubles else None
        if trouble is not None:
            trouble.times -= 1
            if not trouble.times:
                self._troubles.pop(0)
        return trouble

    async def _suffer(self, trouble: Trouble, request: web.Request) -> web.StreamResponse:
        if trouble.hangs:
            await self._stopping.wait()
        if trouble.status is not None:
            raise RefusedError(trouble.status, "sandbox", trouble.field)
        if request.transport is not None:
            request.transport.abort()
        return web.Response()


@web.middleware
async def _told(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except RefusedError as refused:
        return web.json_response(refused.body, status=refused.status)


async def _checked(request: web.Request, verified: frozenset[str] | None) -> Json:
    try:
        body: Json = json.loads(await request.read())
        [personalization] = body["personalizations"]
        [to] = personalization["to"]
        parts = [one["type"] for one in body["content"]]
        sender, subject = body["from"]["email"], body["subject"]
    except (ValueError, KeyError, TypeError):
        raise RefusedError(400, "Bad Request") from None
    if not ADDRESS.fullmatch(to["email"]):
        raise RefusedError(
            400, "Does not contain a valid address.", "personalizations.0.to.0.email"
        )
    if not subject or parts != ["text/plain", "text/html"]:
        raise RefusedError(400, "The content is not as it must be.", "content")
    if any(name.lower() in RESERVED for name in body.get("headers", {})):
        raise RefusedError(400, "This header is reserved.", "headers")
    if not all(isinstance(one, str) for one in _arguments(body).values()):
        raise RefusedError(400, "Custom arguments are strings.", "custom_args")
    if verified is not None and sender not in verified:
        raise RefusedError(
            403, "The from address does not match a verified Sender Identity.", "from"
        )
    return body


def _arguments(body: Json) -> Json:
    found: Json = body["personalizations"][0].get("custom_args", {})
    return found


def _listed(mail: Taken) -> Json:
    return {
        "from_email": mail.body["from"]["email"],
        "msg_id": f"{mail.id}.recvd-sandbox-1.0",
        "subject": mail.body["subject"],
        "to_email": mail.to,
        "status": "processed",
        "opens_count": 0,
        "clicks_count": 0,
        "last_event_time": mail.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
