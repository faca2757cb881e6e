"""What a reviewer is asked about: what the words depend on, and the facts they are filled with."""

from dataclasses import replace

from bot.case.decline import family_of
from bot.case.facts import Invoice
from bot.case.ids import InvoiceId
from bot.case.letter import Asked, Basis, BasisInvoice, Brief, locale_for
from bot.case.model import Case, State
from bot.case.policy import Policy


def brief_for(case: Case, owed: tuple[Invoice, ...], policy: Policy) -> Brief:
    """What the words depend on, as things are."""
    wishes = case.facts.customer.locales if case.facts else ()
    return Brief(
        notice=case.notice,
        family=family_of(owed),
        locale=locale_for(wishes, policy.languages, policy.locale),
        note=case.note,
        redraft=case.redrafts,
    )


def basis_for(case: Case, owed: tuple[Invoice, ...], policy: Policy) -> Basis | None:
    """The facts in the letter, as things are; None before they were read."""
    if case.facts is None:
        return None
    customer = case.facts.customer
    return Basis(
        recipient=recipient_of(case, policy),
        sender=policy.sender,
        customer_name=customer.name,
        first_name=customer.first_name,
        invoices=tuple(basis_invoice(one) for one in owed),
    )


def newly_asked(before: Case, after: Case) -> Asked | None:
    """The question that a step put, if it put one: to a person, or to policy in their place."""
    if after.state not in {State.IN_REVIEW, State.APPROVED}:
        return None
    if after.letter is None or after.basis is None:
        return None
    asked = (after.revision, after.letter, after.basis)
    if asked == (before.revision, before.letter, before.basis):
        return None
    return Asked(letter=after.letter, basis=after.basis)


def as_set_now(case: Case, policy: Policy) -> Asked | None:
    """The letter in question, with what the operator's settings put into it today.

    They may have been changed since the case last thought about it.
    """
    if case.letter is None or case.basis is None or case.facts is None:
        return None
    recipient = recipient_of(case, policy)
    basis = replace(case.basis, sender=policy.sender, recipient=recipient)
    return Asked(letter=case.letter, basis=basis)


def for_new_words(case: Case, policy: Policy) -> Basis | None:
    """The facts as other words for the letter in question would be filled with today.

    One that the present words do not tell may have changed without anybody being asked anew.
    """
    now = as_set_now(case, policy)
    if now is None or case.facts is None:
        return None
    today = {one.id: basis_invoice(one) for one in case.facts.invoices}
    invoices = tuple(today.get(InvoiceId(one.id), one) for one in now.basis.invoices)
    return replace(now.basis, invoices=invoices)


def recipient_of(case: Case, policy: Policy) -> str | None:
    """Where a letter would go: in test mode to one address of the operator's, or nowhere."""
    if not case.key.livemode:
        return policy.test_recipient
    return case.facts.customer.recipient if case.facts else None


def basis_invoice(invoice: Invoice) -> BasisInvoice:
    """An invoice as far as a letter speaks of it."""
    card = invoice.payment.card if invoice.payment else None
    return BasisInvoice(
        id=invoice.id,
        number=invoice.number,
        status=invoice.status,
        remaining=invoice.owing,
        plan=invoice.subscription.plan if invoice.subscription else None,
        subscribed=invoice.subscription is not None,
        card=f"{card.brand} {card.last_four}" if card else None,
        method=invoice.payment.method if invoice.payment else None,
    )
