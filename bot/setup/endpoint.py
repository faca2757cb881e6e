"""Stripe's webhook endpoint, made by its API: the one thing that is ever written there."""

from dataclasses import dataclass, field

from bot import addresses
from bot.billing import ONCE, Billing
from bot.clock import Clock
from bot.config import Config
from bot.intake.route import PATH
from bot.intake.translate import TAKEN

_CALL_SECONDS = 8.0


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """An endpoint at `url`. `secret` is told when it was made; None: it was there already."""

    url: str
    secret: str | None = field(repr=False)


def address(base: str) -> str:
    """Where Stripe is to send, at our own address `base`."""
    return f"{base}{PATH}"


def is_reachable(url: str) -> bool:
    """Whether Stripe could reach it at all: a machine on one's desk it can't."""
    return not addresses.private(addresses.host_of(url))


def has_address(config: Config) -> bool:
    """Whether it is known where a button may have it made.

    What a live one hears is of real customers, and a host is anybody's to ask for: then only the
    environment says.
    """
    return config.public_url is not None or not config.livemode


def listening(port: int) -> str:
    """The command of Stripe's own that brings events to such a machine."""
    return f"stripe listen --forward-to localhost:{port}{PATH}"


async def made(config: Config, clock: Clock, url: str, once: str) -> Endpoint:
    """Make one for exactly our events, unless there is one. Raises BillingTrouble.

    `once` is the press: the same one again gets the same answer, and its secret, for a day.
    """
    billing = Billing(
        config.stripe_api_key or "",
        clock=clock,
        base=config.stripe_api_base,
        timeout=_CALL_SECONDS,
        retries=1,
    )
    try:
        there = [one for one in await billing.endpoints() if one.get("url") == url]
        if there and not any((one.get("metadata") or {}).get(ONCE) == once for one in there):
            return Endpoint(url=url, secret=None)
        answer = await billing.make_endpoint(url, tuple(TAKEN), once=once)
    finally:
        await billing.close()
    return Endpoint(url=url, secret=str(answer["secret"]))
