"""POST /slack/events: bytes are verified first, and only then does anybody parse them.

Stock Bolt answers 500 to malformed requests and logs the body of unverified ones; here both end in
one line with a 4xx status, and nothing of the body is logged.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import aiohttp
from aiohttp import web

from bot.clock import Clock
from bot.errors import RequestRefused
from bot.log import tell
from bot.request_body import whole_body
from bot.review.verify import LIMIT, verify

# A verified request and its body.
Take = Callable[[web.Request, str], Awaitable[web.Response]]

PATH: Final = "/slack/events"
_SIGNED: Final = ("X-Slack-Request-Timestamp", "X-Slack-Signature")


@dataclass(frozen=True, kw_only=True)
class Door:
    """What the route needs: `take` gets what is verified; `secrets` are all that are good now.

    While `ready` says no, everything is answered 503.
    """

    take: Take
    secrets: Sequence[str]
    clock: Clock
    ready: Callable[[], bool] = lambda: True
    body_within: float = 5.0  # seconds


def mount(app: web.Application, door: Door) -> None:
    """Let this app take what Slack sends."""

    async def take(request: web.Request) -> web.Response:
        if not (door.secrets and door.ready()):
            return _line(HTTPStatus.SERVICE_UNAVAILABLE, "Not ready yet.")
        try:
            return await _take(request, door)
        except RequestRefused as refusal:
            tell("slack_request_refused", status=refusal.status)
            return _line(refusal.status, str(refusal))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            tell("slack_request_failed", level=logging.WARNING, error=error)
            return _line(HTTPStatus.SERVICE_UNAVAILABLE, "Slack did not answer us.")

    app.router.add_post(PATH, take)


async def _take(request: web.Request, door: Door) -> web.Response:
    body = await whole_body(request, most=LIMIT, within=door.body_within)
    verify(body, _headers(request), door.secrets, door.clock.now())
    try:
        return await door.take(request, body.decode("utf-8"))
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        # Signed, and still not of Slack's shape: our listeners never raise.
        raise RequestRefused(HTTPStatus.BAD_REQUEST, "The request has an unknown shape.") from error


def _headers(request: web.Request) -> dict[str, str]:
    """The two signing headers, when each is there exactly once."""
    found = {name: request.headers.getall(name, []) for name in _SIGNED}
    return {name: values[0] for name, values in found.items() if len(values) == 1}


def _line(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=f"{text}\n")
