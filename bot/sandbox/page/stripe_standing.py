"""How a customer stands at Stripe, and what can't be done about it now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.sandbox.stripe_objects import Json
from bot.sandbox.stripe_world import World

PAYABLE = frozenset({"open", "uncollectible"})


@dataclass(frozen=True, kw_only=True)
class Account:
    """A customer with their subscription and its latest bill, as living objects."""

    customer: Json
    subscription: Json
    invoice: Json | None
    disputed: bool
    charged: bool  # whether money came by a charge, which can be disputed

    @property
    def is_cancelled(self) -> bool:
        """Whether nothing is charged any more."""
        return bool(self.subscription["status"] == "canceled")

    @property
    def status(self) -> str:
        """The latest bill's, in Stripe's words; `none` before the first."""
        return str(self.invoice["status"]) if self.invoice else "none"

    @property
    def owed(self) -> int:
        """What can still be paid, in minor units."""
        if self.invoice is None or self.status not in PAYABLE:
            return 0
        return int(self.invoice["amount_remaining"])


def accounts(world: World) -> list[Account]:
    """Every customer who subscribes, in the order they came."""
    latest = {one["customer"]: one for one in world.tables.get("subscription", {}).values()}
    people = world.tables.get("customer", {})
    return [account(world, people[who], latest[who]) for who in people if who in latest]


def account(world: World, customer: Json, subscription: Json) -> Account:
    """One customer."""
    number = subscription["latest_invoice"]
    invoice = world.find(number) if number else None
    charge = _charge(world, invoice) if invoice else None
    return Account(
        customer=customer,
        subscription=subscription,
        invoice=invoice,
        disputed=bool(charge and charge["disputed"]),
        charged=bool(charge and charge["paid"]),
    )


def pill(account: Account) -> str:
    """The word for how they stand."""
    if account.disputed:
        return "disputed"
    if account.is_cancelled:
        return "cancelled"
    if account.invoice and account.status == "open":
        return "in_part" if account.invoice["amount_paid"] else "failed"
    return {"void": "void", "uncollectible": "uncollectible"}.get(account.status, "paid")


def _charge(world: World, invoice: Json) -> Json | None:
    for payment in world.payments_of(invoice["id"])[:1]:
        number = world.find(payment["payment"]["payment_intent"])["latest_charge"]
        return world.find(number) if number else None
    return None


def _owes(account: Account) -> str | None:
    return None if account.owed else "stripe.nothing_owed"


def _owes_two(account: Account) -> str | None:
    return _owes(account) or ("stripe.too_little" if half(account) == 0 else None)


def _is_open(account: Account) -> str | None:
    return None if account.status == "open" else "stripe.not_open"


def _is_charged(account: Account) -> str | None:
    if account.disputed:
        return "stripe.disputed_already"
    return None if account.charged else "stripe.nothing_charged"


def _runs(account: Account) -> str | None:
    return "stripe.cancelled_already" if account.is_cancelled else None


def _can_fail(account: Account) -> str | None:
    return "stripe.never_charged" if account.is_cancelled else None


HINDRANCES: Mapping[str, Callable[[Account], str | None]] = {
    "fail": _can_fail,
    "pay": _owes,
    "pay_half": _owes_two,
    "void": _owes,
    "uncollectible": _is_open,
    "dispute": _is_charged,
    "cancel": _runs,
}


def half(account: Account) -> int:
    """Half of what is owed, in minor units, rounded down to what every currency can show."""
    return account.owed // 20 * 10 if account.owed >= 20 else account.owed // 2  # noqa: PLR2004
