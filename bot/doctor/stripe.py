"""Whether Stripe takes the key, lets it read what we need, and tells us of what happens."""

import asyncio
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta
from functools import partial
from typing import Any, Final

from bot.billing import KEY, KEY_REFUSED, Billing
from bot.clock import Clock
from bot.config import Config
from bot.doctor.finding import (
    SECONDS,
    Finding,
    Verdict,
    in_turn,
    ok,
    refused,
    skipped,
    unknown,
    wrong,
)
from bot.errors import BillingTrouble
from bot.intake.route import PATH
from bot.intake.translate import TAKEN

# What letters, cards and VIPs are made of: the names of Stripe's lists.
READ: Final = (
    *("invoices", "customers", "subscriptions", "payment_intents", "charges", "products"),
    "events",
)
# Endpoints of an older version can't be told of these: https://docs.stripe.com/changelog/basil.
_BASIL: Final = "2025-03-31"
_NEW_IN_BASIL: Final = frozenset({"invoice_payment.paid"})
_RECENT: Final = timedelta(days=1)
_UNDER_WAY: Final = timedelta(minutes=5)  # Stripe needs seconds; what is younger may still come
_CALL_SECONDS: Final = 8.0

Json = Mapping[str, Any]


async def examined(
    config: Config,
    clock: Clock,
    *,
    within: float = SECONDS,
    left_out: frozenset[str] = frozenset(),
) -> list[Finding]:
    """The findings about Stripe, and one that only a person can look at.

    `within` so many seconds for a check, and again for all others; `left_out` are not asked.
    """
    billing = Billing(
        config.stripe_api_key or "",
        clock=clock,
        base=config.stripe_api_base,
        timeout=_CALL_SECONDS,
        retries=0,
    )
    try:
        rest = {
            "stripe.rights": partial(_rights, billing),
            "stripe.endpoint": partial(_endpoint, billing, config),
            "stripe.undelivered": partial(_undelivered, billing, clock),
        }
        asked = {name: check for name, check in rest.items() if name not in left_out}
        found = await in_turn("stripe.key", partial(_key, billing, config), asked, within=within)
    finally:
        await billing.close()
    # Stripe's API does not tell whether it mails customers itself.
    return [*found, Finding(name="stripe.own_mails", verdict=unknown("look"))]


async def _key(billing: Billing, config: Config) -> Verdict:
    if not config.stripe_api_key:
        return skipped("missing", setting=KEY)
    try:
        await billing.may_read(READ[0])
    except BillingTrouble as trouble:
        if trouble.code == KEY_REFUSED:
            return refused(KEY, trouble.code)
        return wrong("no_answer", code=trouble.code)
    return ok("live" if config.livemode else "test")


async def _rights(billing: Billing) -> Verdict:
    may = await asyncio.gather(*(billing.may_read(kind) for kind in READ))
    lacking = [kind for kind, is_allowed in zip(READ, may, strict=True) if not is_allowed]
    return wrong("lacking", rights=", ".join(lacking)) if lacking else ok()


async def _endpoint(billing: Billing, config: Config) -> Verdict:
    try:
        endpoints = await billing.endpoints()
    except BillingTrouble as trouble:
        if trouble.code == "permission":
            return unknown("not_allowed")
        raise
    return endpoint_verdict(endpoints, config.public_url, livemode=config.livemode)


def endpoint_verdict(
    endpoints: Iterable[Json], public_url: str | None, *, livemode: bool
) -> Verdict:
    """Whether one of Stripe's webhook endpoints tells us of all that we take. Pure.

    While a key is tested `stripe listen` may stand in for one, which no list shows. The version is
    any: events are hints, and what they are about is read again.
    """
    ours = [one for one in endpoints if _leads_here(str(one.get("url")), public_url)]
    if not ours:
        return wrong("none") if public_url or livemode else unknown("none_in_test")
    on = [one for one in ours if one.get("status") == "enabled"]
    if not on:
        return wrong("disabled")
    best = min(on, key=lambda one: len(_untold(one)))
    if untold := _untold(best):
        return wrong("untold", events=", ".join(sorted(untold)))
    version = best.get("api_version")
    return ok(version=version) if version else ok("account_version")


def _leads_here(url: str, public_url: str | None) -> bool:
    return url == f"{public_url}{PATH}" if public_url else url.endswith(PATH)


def _untold(endpoint: Json) -> AbstractSet[str]:
    told = frozenset(endpoint.get("enabled_events") or ())
    if "*" in told:
        return frozenset()
    is_old = str(endpoint.get("api_version") or "") < _BASIL
    return TAKEN.keys() - told - (_NEW_IN_BASIL if is_old else frozenset())


async def _undelivered(billing: Billing, clock: Clock) -> Verdict:
    now = clock.now()
    try:
        page = await billing.undelivered(tuple(TAKEN), now - _RECENT, now - _UNDER_WAY)
    except BillingTrouble as trouble:
        if trouble.code == "permission":  # stripe.rights names it
            return skipped("not_allowed")
        raise
    if not page.entries:
        return ok()
    return wrong("some", count=f"{len(page.entries)}{'+' if page.after else ''}")
