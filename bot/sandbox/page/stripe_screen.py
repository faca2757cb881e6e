"""What a visitor sees of Stripe: amounts in minor units, statuses and hindrances by their words."""

from bot.sandbox.page.desk import Desk, Json
from bot.sandbox.page.stripe_newcomer import CURRENCIES, LANGUAGES
from bot.sandbox.page.stripe_reasons import REASONS, reason_of
from bot.sandbox.page.stripe_standing import HINDRANCES, Account, accounts, half, pill
from bot.sandbox.page.webhook_choices import Post, Way
from bot.sandbox.slack import User
from bot.sandbox.stripe_versions import VERSIONS
from bot.sandbox.stripe_world import World


def screen(desk: Desk, _: User) -> Json:
    """Everybody sees the same."""
    world = desk.houses.stripe.world
    return {
        "customers": [_customer(world, one) for one in accounts(world)],
        "reasons": list(REASONS),
        "currencies": CURRENCIES,
        "languages": LANGUAGES,
        "webhooks": _webhooks(desk.post),
    }


def _customer(world: World, one: Account) -> Json:
    price = one.subscription["items"]["data"][0]["price"]
    bill = one.invoice
    return {
        "id": one.customer["id"],
        "name": one.customer["name"],
        "email": one.customer["email"],
        "plan": world.find(price["product"])["name"],
        "amount": price["unit_amount"],
        "currency": price["currency"],
        "city": (one.customer["address"] or {}).get("city"),
        "since": one.subscription["created"],
        "status": pill(one),
        "attempt": bill["attempt_count"] if bill else 0,
        "next_attempt": bill["next_payment_attempt"] if bill else None,
        "reason": reason_of(world, bill) if bill else None,
        "owed": one.owed,
        "half": half(one),
        "not_now": {name: why for name, hinders in HINDRANCES.items() if (why := hinders(one))},
    }


def _webhooks(post: Post) -> Json:
    return {
        "way": post.way,
        "ways": list(Way),
        "version": post.version,
        "versions": list(reversed(VERSIONS)),
        "waiting": len(post.held),
        "log": [{"type": one.type, "outcome": one.outcome} for one in reversed(post.log)],
    }
