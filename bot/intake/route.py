"""POST /stripe/webhook: verify, remember once, answer. Nothing else.

Stripe tries again for three days after any answer but 2xx, so a 200 is given only for what is
durably kept, or for what will never be our business.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from aiohttp import web

from bot.case.arrival import Arrival
from bot.clock import Clock
from bot.errors import OutsideTrouble, RequestRefused
from bot.intake.translate import translate
from bot.intake.verify import verify
from bot.log import tell
from bot.request_body import whole_body

PATH = "/stripe/webhook"
LARGEST = 4 * 1024 * 1024  # bytes: an invoice with many lines passes aiohttp's usual 1 MiB


@dataclass(frozen=True, kw_only=True)
class Door:
    """What the route needs. `accounts` are those we work for, "" our own; deadlines in seconds.

    `remember` returns when an arrival is durably kept, and raises OutsideTrouble when it may not
    be. While `ready` says no, everything is answered 503.
    """

    secrets: Sequence[str]
    livemode: bool
    remember: Callable[[Arrival], Awaitable[None]]
    ready: Callable[[], bool]
    clock: Clock
    accounts: frozenset[str] = frozenset({""})
    body_within: float = 10
    kept_within: float = 10


def routes(door: Door) -> list[web.RouteDef]:
    """The one route of Stripe's events."""

    async def webhook(request: web.Request) -> web.Response:
        if not (door.secrets and door.ready()):
            return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "Not ready yet.")
        try:
            return _answer(HTTPStatus.OK, await _take(request, door))
        except RequestRefused as refusal:
            tell("webhook_refused", status=refusal.status)
            return _answer(refusal.status, str(refusal))
        except (OutsideTrouble, TimeoutError) as error:
            tell("webhook_not_kept", error=error)
            return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "Not kept. Please send it again.")

    return [web.post(PATH, webhook)]


async def _take(request: web.Request, door: Door) -> str:
    """What to answer with 200; the numbered order is the promise.

    1. The whole body, within time and size. 2. Its signature, then its shape. 3. Our mode.
    4. Kept, and only then the answer.
    """
    body = await whole_body(request, most=LARGEST, within=door.body_within)
    envelope = verify(body, _header(request), door.secrets, door.clock.now())
    if envelope.livemode is not door.livemode:
        ours, theirs = ("live", "test") if door.livemode else ("test", "live")
        raise RequestRefused(400, f"This is a {theirs} mode event; here is {ours} mode only.")
    arrival = translate(envelope)
    if arrival is None:
        return "Not our business."
    async with asyncio.timeout(door.kept_within):
        await door.remember(replace(arrival, parked=arrival.account not in door.accounts))
    return "Kept."


def _header(request: web.Request) -> str:
    signatures = request.headers.getall("Stripe-Signature", [])
    return signatures[0] if len(signatures) == 1 else ""


def _answer(status: int, line: str) -> web.Response:
    return web.Response(status=status, text=line + "\n")
