"""Who owes how much, why it failed and what is known of them, in words for a card."""

from collections.abc import Iterator

from bot.case.decline import meaning
from bot.case.facts import Customer, Invoice
from bot.case.ids import Actor
from bot.case.model import Case, State, Why, owed_invoices, owing
from bot.case.money import Money, totals
from bot.case.standing import Because, Reason
from bot.case.think import LAST_NOTICE
from bot.review.foreign import inert, plain
from bot.review.parts import View, who
from bot.words import words
from bot.words.numbers import amount, amounts, hour, language, month

_NAMED_INVOICES = 5  # more would push the letter off a phone's screen


def asked_for(case: Case, view: View) -> tuple[Invoice, ...]:
    """The invoices this card is about: those of its letter, else all that are owed."""
    owed = owed_invoices(case, view.standing)
    if case.basis is None:
        return owed
    named = {one.id for one in case.basis.invoices}
    return tuple(one for one in owed if one.id in named)


def headline(case: Case, view: View) -> str:
    """Who, how much, which attempt; plain text."""
    sums = amounts(view.locale, money(case, view))
    if case.facts is None:
        return view.say("card.headline_unread", customer=plain(case.key.customer))
    if case.why is Why.ERASED:
        return view.say("card.headline_erased", amount=sums)
    owed = asked_for(case, view) or case.facts.invoices
    if len(owed) > 1:
        key, figure = "card.headline_several", len(owed)
    else:
        figure = max((one.attempt for one in owed), default=0)
        key = "card.headline" if figure else "card.headline_untried"
    return view.say(key, name=name(case, view), amount=sums, figure=figure)


def name(case: Case, view: View) -> str:
    """What to call the customer: a name, else an address, else Stripe's id; plain text."""
    if case.facts is None or case.why is Why.ERASED:
        return view.say("card.nobody")
    customer = case.facts.customer
    candidates = (customer.name, customer.email, customer.id)
    return next((found for one in candidates if (found := plain(one or "", 60))), customer.id)


def money(case: Case, view: View) -> tuple[Money, ...]:
    """What is owed; when nothing is any more, what was, else what the invoices say."""
    owed = owing(asked_for(case, view))
    if owed or case.opening:
        return owed or case.opening
    invoices = case.facts.invoices if case.facts else ()
    return totals(Money(minor=one.total, currency=one.currency) for one in invoices)


def failures(case: Case, view: View) -> Iterator[str]:
    """Why each invoice failed and when Stripe tries again; mrkdwn lines."""
    if case.bare:
        return
    owed = asked_for(case, view)
    for invoice in owed[:_NAMED_INVOICES]:
        why = why_failed(view, invoice)
        if len(owed) == 1:
            yield f"*{why}* {view.say(f'class.{meaning(invoice.payment, invoice).kind}')}"
        else:
            number = inert(invoice.number or invoice.id)
            yield f"{number}, {amount(view.locale, invoice.owing)}: {why}"
    if len(owed) > _NAMED_INVOICES:
        yield view.say("card.more_invoices", count=len(owed) - _NAMED_INVOICES)
    comes = f"{next_retry(owed, view)} {_advice(case, owed, view)}".strip()
    if owed and case.open and comes:
        yield comes


def why_failed(view: View, invoice: Invoice) -> str:
    """Stripe's reason in plain words; mrkdwn. For the team only: a customer reads less."""
    payment = invoice.payment
    if not invoice.automatic:
        return view.say("decline.not_tried")
    if payment is not None and payment.needs_action:
        return view.say("decline.authentication_required")
    decline = payment.decline if payment is not None else None
    if decline is None:
        return view.say("decline.none")
    known = words(view.locale)
    for code in (decline.decline_code, decline.code):
        if code and f"decline.{code}" in known:
            return view.say(f"decline.{code}")
    return view.say("decline.other", code=inert(decline.decline_code or decline.code or "–"))


def details(case: Case, view: View) -> str:
    """The one small line about this customer and this letter; plain text."""
    if case.facts is None or case.bare:
        return _small(_revision(case, view))
    return _small(
        [
            *_plans(case),
            *_contact(case),
            *_customer(case.facts.customer, view),
            *_letter(case, view),
            *_revision(case, view),
        ]
    )


def no_rule_for(case: Case, view: View) -> Iterator[str]:
    """Currencies for which the operator set no VIP amount; plain text."""
    for reason in case.reasons:
        if reason.because is Because.NO_THRESHOLD:
            yield view.say("reason.no_threshold", currency=_currency(reason))


def why_vip(case: Case, view: View) -> Iterator[str]:
    """Each reason for the verdict, with the figures compared; mrkdwn."""
    for reason in case.reasons:
        if reason.because not in {Because.NO_THRESHOLD, Because.NO_RULE}:
            yield say_reason(reason, view)


def route(case: Case, view: View) -> Iterator[str]:
    """VIP or Standard, every rule that spoke or stayed below, and the rules' version; mrkdwn."""
    yield view.say("details.vip" if case.vip else "details.standard")
    for reason in case.reasons:
        yield say_reason(reason, view)
    if not any(one.because is not Because.NO_THRESHOLD for one in case.reasons):
        yield view.say("reason.no_rule")
    yield view.say("details.rules", rules=view.rules)


def say_reason(reason: Reason, view: View) -> str:
    """One reason in words; mrkdwn."""
    if reason.because is Because.OVERRIDE:
        return view.say("reason.override", who=who(view, Actor(reason.name or "")))
    below = reason.amount and reason.limit and reason.amount.minor < reason.limit.minor
    return view.say(
        f"reason.{reason.because}_below" if below else f"reason.{reason.because}",
        amount=amount(view.locale, reason.amount) if reason.amount else "",
        limit=amount(view.locale, reason.limit) if reason.limit else "",
        name=inert(reason.name or ""),
        years=reason.years or 0,
        currency=_currency(reason),
    )


def _currency(reason: Reason) -> str:
    return plain(reason.amount.currency if reason.amount else reason.name or "").upper()


def next_retry(owed: tuple[Invoice, ...], view: View) -> str:
    """When Stripe tries again, as far as it plans to; mrkdwn."""
    planned = [one.next_attempt for one in owed if one.next_attempt]
    if not planned:
        return view.say("card.no_retry")
    # What is past is being tried, or was: the next reading tells.
    ahead = [one for one in planned if one > view.now]
    return view.say("card.retry", when=view.when(min(ahead))) if ahead else ""


def _advice(case: Case, owed: tuple[Invoice, ...], view: View) -> str:
    if case.state is not State.IN_REVIEW:
        return ""
    if len(owed) > 1:
        return view.say("card.advice_several")
    only = owed[0]
    ahead = only.next_attempt is not None and only.next_attempt > view.now
    may_pass = meaning(only.payment, only).retry_helps and ahead
    return view.say("card.advice_wait" if may_pass else "card.advice_write")


def _plans(case: Case) -> Iterator[str]:
    facts = case.facts
    subscriptions = [one.subscription for one in facts.invoices] if facts else []
    plans = [plain(one.plan, 40) for one in subscriptions if one and one.plan]
    yield from dict.fromkeys(plans)


def _contact(case: Case) -> Iterator[str]:
    """Where to reach a customer whom no letter on this card names."""
    if case.facts and case.letter is None and case.facts.customer.email:
        yield plain(case.facts.customer.email, 254)


def _customer(customer: Customer, view: View) -> Iterator[str]:
    if customer.since:
        yield view.say("card.since", month=month(view.locale, customer.since, view.zone))
    paid = tuple(one for one in customer.lifetime if one.minor)
    yield (
        view.say("card.lifetime", amount=amounts(view.locale, paid))
        if paid
        else view.say("card.lifetime_none")
    )
    if customer.failures:
        yield view.say("card.past", failures=customer.failures, recovered=customer.recovered)
    if customer.zone:
        yield view.say("card.there", hour=hour(view.locale, view.now, customer.zone))


def _letter(case: Case, view: View) -> Iterator[str]:
    if case.letter:
        yield view.say("card.language", language=language(view.locale, case.letter.locale))
    if case.letter and case.brief and case.brief.notice > 1:
        yield view.say("card.notice", notice=case.brief.notice, last=LAST_NOTICE)
    yield view.say("card.sent", count=case.sent)


def _revision(case: Case, view: View) -> list[str]:
    return [view.say("card.revision", revision=case.revision, rules=view.rules)]


def _small(pieces: list[str]) -> str:
    return " · ".join(piece for piece in pieces if piece)
