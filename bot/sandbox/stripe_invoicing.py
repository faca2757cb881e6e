"""How bills come about: renewals, first invoices, one-off invoices, invoices that are mailed."""

from datetime import datetime

from bot.sandbox import stripe_bills as bills
from bot.sandbox.stripe_bills import Bill
from bot.sandbox.stripe_objects import Json
from bot.sandbox.stripe_shop import Shop


class Invoicing(Shop):
    """Verbs that write invoices; each makes the events Stripe would make."""

    def renew(
        self,
        target: str | Json,
        *,
        amount: int | None = None,
        at: datetime | None = None,
        reason: str = "subscription_cycle",
    ) -> Json:
        """The subscription's next invoice, open and not yet attempted."""
        subscription = self.find(target)
        price = subscription["items"]["data"][0]["price"]
        bill = Bill(
            amount=price["unit_amount"] if amount is None else amount,
            currency=price["currency"],
            billing_reason=reason,
            description=self.find(price["product"])["name"],
        )
        with self.in_the_past(at):
            invoice = self._write(subscription["customer"], bill, subscription)
            subscription["latest_invoice"] = invoice["id"]
        return invoice

    def first_invoice(self, target: str | Json, plan: str = "Team") -> Json:
        """A new subscription's first invoice: the customer still stands at the checkout."""
        subscription = self.subscribe(target, plan)
        subscription["status"] = "incomplete"
        return self.renew(subscription, reason="subscription_create")

    def one_off_invoice(
        self, target: str | Json, amount: int = 2000, currency: str = "usd"
    ) -> Json:
        """An invoice without a subscription."""
        description = "(created by Stripe CLI)"
        bill = Bill(
            amount=amount, currency=currency, billing_reason="manual", description=description
        )
        return self._write(self.find(target)["id"], bill, None)

    def send_invoice(
        self, target: str | Json, amount: int, *, currency: str = "usd", days: int = 30
    ) -> Json:
        """An invoice that Stripe mails and never charges; due in so many days."""
        bill = Bill(
            amount=amount,
            currency=currency,
            billing_reason="manual",
            collection_method="send_invoice",
            due_date=self.now() + days * 86_400,
        )
        invoice = self._write(self.find(target)["id"], bill, None)
        self.emit("invoice.sent", invoice)
        return invoice

    def overdue(self, target: str | Json) -> Json:
        """The due date of an invoice has passed."""
        invoice = self.find(target)
        self.emit("invoice.overdue", invoice)
        return invoice

    def _write(self, customer_id: str, bill: Bill, subscription: Json | None) -> Json:
        customer = self.find(customer_id)
        home = self.home(customer)
        invoice = bills.invoice(self.stamp("in", home), customer, bill, subscription)
        customer["next_invoice_sequence"] += 1
        self.keep(invoice, home)
        self.emit("invoice.created", invoice)
        self.emit("invoice.finalized", invoice)
        return invoice
