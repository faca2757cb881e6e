"""Customers and what they subscribe to: the verbs of the sandbox's Stripe that are not bills."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from bot.sandbox import stripe_objects as shapes
from bot.sandbox import stripe_payments as payments
from bot.sandbox.stripe_ledger import Home, Ledger
from bot.sandbox.stripe_objects import Card, Json, Person, Terms

PERIODS = {"day": 86_400, "week": 7 * 86_400, "month": 30 * 86_400, "year": 365 * 86_400}


class PersonFields(TypedDict, total=False):
    """Who a customer is, as keywords."""

    name: str | None
    email: str | None
    locales: Sequence[str]
    country: str | None
    phone: str | None
    description: str | None
    metadata: Mapping[str, str]


class TermsFields(TypedDict, total=False):
    """What a plan costs, as keywords; the amount in minor units."""

    amount: int
    currency: str
    interval: str
    lookup_key: str | None


class Shop(Ledger):
    """Verbs about customers, cards and subscriptions; each makes the events Stripe would make."""

    def connect(self, name: str) -> str:
        """A connected account's id; its customers are made with `home=Home(account=…)`."""
        number = self.new_id("acct")
        self.keep(shapes.account(number, name), Home())
        return number

    def add_customer(
        self,
        *,
        home: Home | None = None,
        created: datetime | None = None,
        card: Card | None = Card(),  # noqa: B008 - an immutable value
        **who: Unpack[PersonFields],
    ) -> Json:
        """A customer with a card saved at sign-up (without an event), or none with `card=None`."""
        where = home or Home()
        with self.in_the_past(created):
            stamp = self.stamp("cus", where)
            prefix = f"DD{stamp.id[-6:]}"
            customer = self.keep(shapes.customer(stamp, Person(**who), prefix), where)
            self.emit("customer.created", customer)
            if card is not None:
                self._save_card(customer, card)
        return customer

    def attach_card(self, target: str | Json, card: Card, *, by_network: bool = False) -> Json:
        """A new default card; `by_network`: the bank replaced it without the customer's doing."""
        method = self._save_card(self.find(target), card)
        kind = "automatically_updated" if by_network else "attached"
        self.emit(f"payment_method.{kind}", method)
        return method

    def pays_by_debit(self, target: str | Json) -> Json:
        """The default is an account that was debited all along (no event); made once."""
        customer = self.find(target)
        known = self._saved(customer, "sepa_debit")
        home = self.home(customer)
        method = known or self.keep(
            payments.bank_account(self.stamp("pm", home), customer["id"]), home
        )
        customer["invoice_settings"]["default_payment_method"] = method["id"]
        return method

    def pays_by_card(self, target: str | Json) -> Json:
        """The default is a card again (no event): the newest of the customer's."""
        customer = self.find(target)
        known = self._saved(customer, "card")
        if known is None:
            return self._save_card(customer, Card())
        customer["invoice_settings"]["default_payment_method"] = known["id"]
        return known

    def card_of(self, customer: Json) -> Json:
        """The payment method that would be charged; a customer without one gets Stripe's 4242."""
        known = customer.get("invoice_settings", {}).get("default_payment_method")
        if known is not None:
            return self.find(known)
        return self._save_card(customer, Card())

    def update_customer(self, target: str | Json, **changes: Any) -> Json:  # noqa: ANN401
        """Change any of a customer's fields; invoices keep what they froze."""
        customer = self.find(target)
        previous = self.change(customer, changes)
        self.emit("customer.updated", customer, previous)
        return customer

    def change_email(self, target: str | Json, email: str | None) -> Json:
        """The customer can be reached elsewhere now."""
        return self.update_customer(target, email=email)

    def delete_customer(self, target: str | Json) -> Json:
        """Delete a customer, which cancels their subscriptions; reads answer `deleted: true`."""
        customer = self.find(target)
        for subscription in list(self.tables.get("subscription", {}).values()):
            if subscription["customer"] == customer["id"] and subscription["status"] != "canceled":
                self.cancel_subscription(subscription)
        self.emit("customer.deleted", customer)
        gone = {"id": customer["id"], "object": "customer", "deleted": True}
        return self.keep(gone, self.home(customer))

    def add_price(self, name: str, home: Home, terms: Terms) -> Json:
        """The product's price under these terms, made once."""
        for price in self.tables.get("price", {}).values():
            known = Terms(
                amount=price["unit_amount"],
                currency=price["currency"],
                interval=price["recurring"]["interval"],
                lookup_key=price["lookup_key"],
            )
            product = self.find(price["product"])
            if (product["name"], self.home(price), known) == (name, home, terms):
                return price
        product = self.keep(shapes.product(self.stamp("prod", home), name), home)
        return self.keep(shapes.price(self.stamp("price", home), product["id"], terms), home)

    def subscribe(
        self,
        target: str | Json,
        plan: str = "Team",
        *,
        since: datetime | None = None,
        metadata: Mapping[str, str] | None = None,
        **terms: Unpack[TermsFields],
    ) -> Json:
        """An active subscription to a plan (49.00 USD a month unless said), without an invoice."""
        customer = self.find(target)
        home = self.home(customer)
        terms.setdefault("amount", 4900)
        asked = Terms(**terms)
        with self.in_the_past(since):
            price = self.add_price(plan, home, asked)
            stamp = self.stamp("sub", home)
            ends = stamp.at + PERIODS[asked.interval]
            item = shapes.subscription_item(self.stamp("si", home), stamp.id, price, ends)
            subscription = shapes.subscription(stamp, customer["id"], item, metadata or {})
            self.keep(subscription, home)
            self.emit("customer.subscription.created", subscription)
        customer["currency"] = customer["currency"] or asked.currency
        return subscription

    def set_status(self, target: str | Json, status: str) -> Json:
        """Move a subscription to `past_due`, `unpaid`, `active`, …; nothing when it is there."""
        subscription = self.find(target)
        previous = self.change(subscription, {"status": status})
        if previous:
            self.emit("customer.subscription.updated", subscription, previous)
        return subscription

    def cancel_at_period_end(self, target: str | Json) -> Json:
        """The customer has given notice; the subscription still runs."""
        subscription = self.find(target)
        ends = subscription["items"]["data"][0]["current_period_end"]
        changes = {"cancel_at_period_end": True, "cancel_at": ends, "canceled_at": self.now()}
        previous = self.change(subscription, changes)
        self.emit("customer.subscription.updated", subscription, previous)
        return subscription

    def cancel_subscription(self, target: str | Json) -> Json:
        """End it now; Stripe stops charging its open invoices but leaves them open."""
        subscription = self.find(target)
        now = self.now()
        self.change(subscription, {"status": "canceled", "canceled_at": now, "ended_at": now})
        self.emit("customer.subscription.deleted", subscription)
        for invoice in self.tables.get("invoice", {}).values():
            if subscription_of(invoice) == subscription["id"] and invoice["status"] == "open":
                previous = self.change(
                    invoice, {"auto_advance": False, "next_payment_attempt": None}
                )
                self.emit("invoice.updated", invoice, previous)
        return subscription

    def _saved(self, customer: Json, kind: str) -> Json | None:
        methods = self.tables.get("payment_method", {}).values()
        own = (one for one in methods if one["customer"] == customer["id"] and one["type"] == kind)
        return max(own, key=lambda one: one["id"], default=None)

    def _save_card(self, customer: Json, card: Card) -> Json:
        home = self.home(customer)
        method = shapes.payment_method(self.stamp("pm", home), customer["id"], card)
        if not customer.get("deleted"):
            customer["invoice_settings"]["default_payment_method"] = method["id"]
        return self.keep(method, home)


def subscription_of(invoice: Json) -> str | None:
    """The id of the subscription an invoice is for, where it stands since 2025-03-31."""
    if invoice["parent"] is None:
        return None
    number: str = invoice["parent"]["subscription_details"]["subscription"]
    return number
