"""What can happen to a bill: the verbs that fail, pay, void, credit and dispute invoices.

Each verb changes the world at once and leaves the events Stripe would make in `unsent`;
`Stripe.tell()` delivers them. Verbs take an id or an object and return the living object.
"""

from datetime import timedelta
from typing import TypedDict, Unpack

from bot.sandbox import stripe_bills as bills
from bot.sandbox import stripe_objects as shapes
from bot.sandbox import stripe_payments as payments
from bot.sandbox.stripe_invoicing import Invoicing
from bot.sandbox.stripe_objects import Decline, Json
from bot.sandbox.stripe_shop import subscription_of

RETRY = timedelta(days=3)


class DeclineFields(TypedDict, total=False):
    """Why the bank said no, as keywords."""

    code: str
    decline_code: str | None
    message: str
    advice_code: str | None
    network_decline_code: str | None
    network_advice_code: str | None


class World(Invoicing):
    """The whole of it: a shop, its bills, and what becomes of them."""

    # Whole stories.

    def stripe_trigger(self) -> Json:
        """Exactly what `stripe trigger invoice.payment_failed` leaves behind.

        A customer without name and e-mail, an invoice of 20.00 USD without a subscription, one
        declined attempt, and no retry planned.
        """
        customer = self.add_customer(card=None, description="(created by Stripe CLI)")
        self.attach_card(customer, shapes.Card(last4="0341"))
        return self.fail_payment(self.one_off_invoice(customer))

    def past_paid(self, target: str | Json, *, count: int = 12, amount: int | None = None) -> None:
        """History: the subscription's last months, billed and paid, without events."""
        now = self.clock.now()
        for months in range(count, 0, -1):
            at = now - timedelta(days=30 * months)
            invoice = self.renew(target, amount=amount, at=at)
            with self.in_the_past(at):
                self.pay(invoice)

    # Attempts at a card.

    def fail_payment(
        self,
        target: str | Json,
        *,
        retry_in: timedelta | None = RETRY,
        told_later: bool = False,
        manual: bool = False,
        **why: Unpack[DeclineFields],
    ) -> Json:
        """The next attempt at an invoice fails; a subscription is billed anew first.

        `told_later`: as with billing automations, the next attempt is null in payment_failed and
        follows in invoice.updated. `manual`: someone pressed retry, which counts no attempt.
        """
        invoice = self._invoice(target)
        decline = Decline(**why)
        intent = self._intent(invoice)
        customer = self.find(invoice["customer"])
        method = self.card_of(customer)
        home = self.home(invoice)
        charge = self.keep(payments.charge(self.stamp("ch", home), intent, method, decline), home)
        intent |= {
            "status": "requires_payment_method",
            "latest_charge": charge["id"],
            "last_payment_error": payments.payment_error(decline, charge["id"], method),
            "next_action": None,
            "payment_method": None,
        }
        self.emit("charge.failed", charge)
        self.emit("payment_intent.payment_failed", intent)
        self._attempted(invoice, retry_in, told_later=told_later, manual=manual)
        return invoice

    def require_action(self, target: str | Json, *, retry_in: timedelta | None = RETRY) -> Json:
        """The bank wants the customer to confirm; nothing was refused.

        retry_in None: no further attempt is planned.
        """
        invoice = self._invoice(target)
        intent = self._intent(invoice)
        intent |= {
            "status": "requires_action",
            "last_payment_error": None,
            "next_action": {"type": "use_stripe_sdk", "use_stripe_sdk": {}},
            "payment_method": self.card_of(self.find(invoice["customer"]))["id"],
        }
        self.emit("payment_intent.requires_action", intent)
        self._attempted(invoice, retry_in, told_later=False, manual=False)
        self.emit("invoice.payment_action_required", invoice)
        return invoice

    # Bills end.

    def pay(self, target: str | Json, *, out_of_band: bool = False) -> Json:
        """All that remains is paid: by card, or noted by hand as paid elsewhere."""
        invoice = self.find(target)
        if not out_of_band and invoice["amount_remaining"] > 0:
            self._collect(invoice, self._default_payment(invoice))
        self._paid(invoice)
        self.emit("invoice.paid", invoice)
        if not out_of_band:
            self.emit("invoice.payment_succeeded", invoice)
        number = subscription_of(invoice)
        if number and self.find(number)["status"] in {"past_due", "incomplete", "unpaid"}:
            self.set_status(number, "active")
        return invoice

    def pay_partly(self, target: str | Json, amount: int) -> Json:
        """A part is paid (minor units, less than what remains); the invoice stays open."""
        invoice = self.find(target)
        self._collect(invoice, self._add_payment(invoice, amount, default=False))
        previous = self.change(
            invoice,
            {
                "amount_paid": invoice["amount_paid"] + amount,
                "amount_remaining": invoice["amount_remaining"] - amount,
            },
        )
        self.emit("invoice.updated", invoice, previous)
        return invoice

    def credit_note(self, target: str | Json, amount: int) -> Json:
        """A credit note lowers an open invoice; one over all that remains closes it as paid."""
        invoice = self.find(target)
        home = self.home(invoice)
        note = bills.credit_note(self.stamp("cn", home), invoice, amount)
        self.emit("credit_note.created", self.keep(note, home))
        credited = invoice["pre_payment_credit_notes_amount"] + amount
        changes = {
            "pre_payment_credit_notes_amount": credited,
            "amount_due": invoice["amount_due"] - amount,
            "amount_remaining": invoice["amount_remaining"] - amount,
        }
        self.emit("invoice.updated", invoice, self.change(invoice, changes))
        return self.pay(invoice) if invoice["amount_remaining"] == 0 else invoice

    def void(self, target: str | Json) -> Json:
        """The invoice was a mistake; nobody owes it."""
        return self._end(self.find(target), "void", "voided_at", "invoice.voided")

    def mark_uncollectible(self, target: str | Json) -> Json:
        """Written off in the books, though still payable."""
        event = "invoice.marked_uncollectible"
        return self._end(self.find(target), "uncollectible", "marked_uncollectible_at", event)

    # Trouble with the bank.

    def dispute(self, target: str | Json, reason: str = "fraudulent") -> Json:
        """The cardholder disputes the invoice's charge; the event names the charge only."""
        charge = self.charge_of(target)
        charge["disputed"] = True
        home = self.home(charge)
        made = self.keep(shapes.dispute(self.stamp("du", home), charge, reason), home)
        self.emit("charge.dispute.created", made)
        return made

    def early_fraud_warning(self, target: str | Json) -> Json:
        """The card network warns of fraud about the invoice's charge."""
        charge = self.charge_of(target)
        home = self.home(charge)
        made = self.keep(shapes.early_fraud_warning(self.stamp("issfr", home), charge), home)
        self.emit("radar.early_fraud_warning.created", made)
        return made

    def charge_of(self, target: str | Json) -> Json:
        """The latest charge of an invoice; KeyError when no card was tried."""
        payment = self.payments_of(self.find(target)["id"])[0]
        return self.find(self.find(payment["payment"]["payment_intent"])["latest_charge"])

    def _invoice(self, target: str | Json) -> Json:
        thing = self.find(target)
        return thing if thing["object"] == "invoice" else self.renew(thing)

    def _default_payment(self, invoice: Json) -> Json:
        known = self.payments_of(invoice["id"])
        default = next((payment for payment in known if payment["is_default"]), None)
        remaining = invoice["amount_remaining"]
        if default is None:
            return self._add_payment(invoice, remaining, default=True)
        self.find(default["payment"]["payment_intent"])["amount"] = remaining
        default["amount_requested"] = remaining
        return default

    def _intent(self, invoice: Json) -> Json:
        return self.find(self._default_payment(invoice)["payment"]["payment_intent"])

    def _add_payment(self, invoice: Json, amount: int, *, default: bool) -> Json:
        home = self.home(invoice)
        intent = self.keep(payments.payment_intent(self.stamp("pi", home), invoice, amount), home)
        stamp = self.stamp("inpay", home)
        payment = payments.invoice_payment(stamp, invoice["id"], intent, default=default)
        known = self.payments.setdefault(invoice["id"], [])
        self.billed_by[intent["id"]] = invoice["id"]
        known.insert(0 if default else len(known), payment["id"])
        return self.keep(payment, home)

    def _attempted(
        self, invoice: Json, retry_in: timedelta | None, *, told_later: bool, manual: bool
    ) -> None:
        automatic = invoice["auto_advance"] and retry_in is not None
        retry = self.now() + int((retry_in or RETRY).total_seconds()) if automatic else None
        count = invoice["attempt_count"] + (0 if manual else 1)
        previous = self.change(
            invoice,
            {
                "attempted": True,
                "attempt_count": count,
                "next_payment_attempt": None if told_later else retry,
            },
        )
        self.emit("invoice.payment_failed", invoice)
        if told_later:
            previous |= self.change(invoice, {"next_payment_attempt": retry})
        self.emit("invoice.updated", invoice, previous)
        number = subscription_of(invoice)
        if number and self.find(number)["status"] == "active":
            self.set_status(number, "past_due")

    def _collect(self, invoice: Json, payment: Json) -> None:
        intent = self.find(payment["payment"]["payment_intent"])
        method = self.card_of(self.find(invoice["customer"]))
        home = self.home(invoice)
        charge = self.keep(payments.charge(self.stamp("ch", home), intent, method, None), home)
        intent |= {
            "status": "succeeded",
            "amount_received": intent["amount"],
            "latest_charge": charge["id"],
            "last_payment_error": None,
            "next_action": None,
            "payment_method": method["id"],
        }
        payment |= {"status": "paid", "amount_paid": intent["amount"]}
        payment["status_transitions"]["paid_at"] = self.now()
        self.emit("charge.succeeded", charge)
        self.emit("payment_intent.succeeded", intent)
        self.emit("invoice_payment.paid", payment)

    def _paid(self, invoice: Json) -> None:
        previous = self.change(
            invoice,
            {
                "status": "paid",
                "attempted": True,
                "amount_paid": invoice["amount_paid"] + invoice["amount_remaining"],
                "amount_remaining": 0,
                "next_payment_attempt": None,
                "auto_advance": False,
                "status_transitions": invoice["status_transitions"] | {"paid_at": self.now()},
            },
        )
        self.emit("invoice.updated", invoice, previous)

    def _end(self, invoice: Json, status: str, moment: str, event: str) -> Json:
        changes = {
            "status": status,
            "auto_advance": False,
            "next_payment_attempt": None,
            "status_transitions": invoice["status_transitions"] | {moment: self.now()},
        }
        previous = self.change(invoice, changes)
        if status == "void":
            for payment in self.payments_of(invoice["id"]):
                payment["status"] = "canceled"
                self.find(payment["payment"]["payment_intent"])["status"] = "canceled"
        self.emit("invoice.updated", invoice, previous)
        self.emit(event, invoice)
        return invoice
