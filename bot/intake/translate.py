"""Stripe's words into ours; None when it is not our business. No I/O.

The types are those of https://docs.stripe.com/api/events/types that can open, change or end a case.
"""

from collections.abc import Mapping

from bot.case.arrival import Arrival
from bot.case.events import News
from bot.case.ids import InvoiceId
from bot.errors import RequestRefused
from bot.intake.envelope import Envelope

# What each type is news of, and the kind of object it carries.
TAKEN: Mapping[str, tuple[News, str]] = {
    "invoice.payment_failed": (News.FAILURE, "invoice"),
    "invoice.payment_action_required": (News.FAILURE, "invoice"),
    "invoice.overdue": (News.FAILURE, "invoice"),
    # With billing automations on, only this one says when Stripe tries next.
    "invoice.updated": (News.CHANGE, "invoice"),
    "invoice.paid": (News.END, "invoice"),
    "invoice.payment_succeeded": (News.END, "invoice"),
    "invoice.voided": (News.END, "invoice"),
    "invoice.marked_uncollectible": (News.END, "invoice"),
    "invoice_payment.paid": (News.END, "invoice_payment"),
    "customer.subscription.deleted": (News.END, "subscription"),
    "customer.subscription.paused": (News.CHANGE, "subscription"),
    "customer.subscription.updated": (News.CHANGE, "subscription"),
    "customer.updated": (News.CHANGE, "customer"),
    "customer.deleted": (News.END, "customer"),
    "payment_method.attached": (News.CHANGE, "payment_method"),
    "payment_method.automatically_updated": (News.CHANGE, "payment_method"),
    "charge.dispute.created": (News.DISPUTE, "dispute"),
    "radar.early_fraud_warning.created": (News.FRAUD_WARNING, "radar.early_fraud_warning"),
}


def translate(envelope: Envelope) -> Arrival | None:
    """What the event is news of; raises RequestRefused(400) when it carries the wrong object."""
    if envelope.type not in TAKEN:
        return None
    news, kind = TAKEN[envelope.type]
    about = (envelope.invoice, envelope.customer, envelope.charge, envelope.subscription)
    if envelope.kind != kind or (kind != "payment_method" and not any(about)):
        raise RequestRefused(400, "The event does not carry the object that its type names.")
    if not any(about):  # a payment method that belongs to nobody
        return None
    return Arrival(
        id=envelope.id,
        type=envelope.type,
        created=envelope.created,
        livemode=envelope.livemode,
        account=envelope.account,
        news=news,
        invoice=None if envelope.invoice is None else InvoiceId(envelope.invoice),
        customer=envelope.customer,
        charge=envelope.charge,
        subscription=envelope.subscription,
    )
