"""What visitors do at Stripe. Every act changes its world by a verb, and then tells the bot."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from bot.sandbox.page.desk import Desk, Json, Nonsense, NotNow
from bot.sandbox.page.stripe_reasons import REASONS, Reason, reason_of
from bot.sandbox.page.stripe_standing import HINDRANCES, Account, account, half
from bot.sandbox.slack import User
from bot.sandbox.stripe_world import RETRY, World

TRIES = 4  # then Stripe's own schedule ends

Given = Mapping[str, Any]


async def fail(desk: Desk, customer_id: str, reason: str) -> None:
    """Let the customer's bank refuse: the open bill again, else a new one. Then tell.

    Nonsense for a customer or a reason that there is not; NotNow when nothing is charged any more.
    """
    why = REASONS.get(reason)
    if why is None:
        raise Nonsense("no such reason")
    found = able(desk, customer_id, "fail")
    refuse(desk.houses.stripe.world, found, why)
    await tell(desk)


def refuse(world: World, found: Account, why: Reason) -> None:
    """One more try at what is owed, refused; the last that Stripe plans has no next."""
    owed = found.invoice if found.invoice and found.status == "open" else None
    target = owed or world.renew(found.subscription)
    _has_what_fails(world, found.customer, why)
    retry_in = RETRY if target["attempt_count"] + 1 < TRIES else None
    if why.confirms:
        world.require_action(target, retry_in=retry_in)
        return
    world.fail_payment(
        target,
        retry_in=retry_in,
        code=why.code,
        decline_code=why.decline_code,
        message=why.message,
        advice_code=why.advice_code,
    )


def _has_what_fails(world: World, customer: Json, why: Reason) -> None:
    if why.by_debit:
        world.pays_by_debit(customer)
        return
    method = world.pays_by_card(customer)
    if why.code == "expired_card":
        ended = world.clock.now().replace(day=1) - timedelta(days=1)
        method["card"] |= {"exp_month": ended.month, "exp_year": ended.year}


async def due(desk: Desk) -> None:
    """After the clock moved: Stripe tries again what it planned to, and what was late comes."""
    world = desk.houses.stripe.world
    for subscription in list(world.tables.get("subscription", {}).values()):
        found = account(world, world.find(subscription["customer"]), subscription)
        if found.invoice is None or found.status != "open":
            continue
        planned = found.invoice["next_payment_attempt"]
        if planned is not None and planned <= world.now():
            why = reason_of(world, found.invoice)
            refuse(world, found, REASONS[why or "do_not_honor"])
    await desk.post.due(desk.houses.stripe)
    await tell(desk)


async def tell(desk: Desk) -> None:
    """Let the bot hear of what happened, by the road that was chosen."""
    await desk.post.tell(desk.houses.stripe)


def able(desk: Desk, customer_id: str, act: str) -> Account:
    """The customer, if that can be done now; else NotNow with the sentence that says why."""
    world = desk.houses.stripe.world
    for subscription in reversed(list(world.tables.get("subscription", {}).values())):
        if subscription["customer"] == customer_id:
            found = account(world, world.find(customer_id), subscription)
            hindrance = HINDRANCES[act](found)
            if hindrance is not None:
                raise NotNow(hindrance)
            return found
    raise Nonsense("no such customer")


async def act_fail(desk: Desk, _: User, given: Given) -> Json | None:
    """{customer, reason}."""
    await fail(desk, str(given.get("customer")), str(given.get("reason")))
    return None


def _verb(name: str, does: Callable[[World, Account], object]) -> Any:  # noqa: ANN401
    async def act(desk: Desk, _: User, given: Given) -> Json | None:
        found = able(desk, str(given.get("customer")), name)
        does(desk.houses.stripe.world, found)
        await tell(desk)
        return None

    return act


def _bill(found: Account) -> Json:
    if found.invoice is None:
        raise LookupError(found.customer["id"])
    return found.invoice


async def webhooks(desk: Desk, _: User, given: Given) -> Json | None:
    """{way?, version?}: for events from now on."""
    way, version = given.get("way"), given.get("version")
    try:
        desk.post.choose(
            way=None if way is None else str(way),
            version=None if version is None else str(version),
        )
    except ValueError as why:
        raise Nonsense("no such choice") from why
    return None


ACTS = {
    "fail": act_fail,
    "pay": _verb("pay", lambda world, found: world.pay(_bill(found))),
    "pay_half": _verb("pay_half", lambda world, found: world.pay_partly(_bill(found), half(found))),
    "void": _verb("void", lambda world, found: world.void(_bill(found))),
    "uncollectible": _verb(
        "uncollectible", lambda world, found: world.mark_uncollectible(_bill(found))
    ),
    "dispute": _verb("dispute", lambda world, found: world.dispute(_bill(found))),
    "cancel": _verb("cancel", lambda world, found: world.cancel_subscription(found.subscription)),
    "webhooks": webhooks,
}
