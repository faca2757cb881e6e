"""Where a case stands, given its facts and fields: almost every transition ends here.

The steps are tried in the order of `think`; the first that applies wins. Pure: the moment is an
argument, nothing is read or sent.
"""

from dataclasses import replace
from datetime import datetime

from bot.case import cadence, retries
from bot.case.decline import meaning
from bot.case.facts import InvoiceStatus
from bot.case.letter import Basis, told_by
from bot.case.model import Case, Decision, State, Why, owing
from bot.case.money import totals
from bot.case.now import IN_FLIGHT, Now, close, drafting, in_review, undecided, vip_alarm, wait
from bot.case.question import basis_for, brief_for, recipient_of
from bot.case.segment import judge
from bot.case.standing import Verdict

LAST_NOTICE = 4


def think(now: Now) -> Now:
    """The case after its facts or fields changed."""
    if now.case.facts is None:
        return wait(now, Why.FACTS, None)
    reason = ending(now)
    if reason is not None:
        return end(now, reason)
    now = judged(newly_owed(now))
    if now.case.state in (*IN_FLIGHT, State.BY_HAND):
        return now
    return (
        snoozed(now)
        or at_checkout(now)
        or by_hand(now)
        or exhausted(now)
        or held(now)
        or stripe_first(now)
        or not_due(now)
        or written_anew(now)
        or asked_anew(now)
        or now
    )


def ending(now: Now) -> Why | None:
    """Why there is nothing more to ask for, if so."""
    facts, owed = now.case.facts, now.owed
    if facts is None:
        return None
    if facts.customer.gone:
        return Why.CUSTOMER_GONE
    if owed:
        ended = all(one.subscription is not None and one.subscription.ended for one in owed)
        return Why.SUBSCRIPTION_ENDED if ended else None
    if not now.case.ever_owed:
        return Why.NOTHING_OWED
    statuses = {one.status for one in facts.invoices}
    if InvoiceStatus.PAID in statuses:
        credited = all(one.paid == 0 for one in facts.invoices)
        return Why.WRITTEN_OFF if credited else Why.RECOVERED
    if InvoiceStatus.VOID in statuses:
        return Why.VOIDED
    unticked = any(one.owed for one in facts.invoices)
    return Why.STOPPED if unticked else Why.NOTHING_OWED


def end(now: Now, reason: Why) -> Now:
    """Close, unless a hint that came after this reading began may say otherwise."""
    case = now.case
    if case.facts and case.hinted_at and case.hinted_at > case.facts.read_at:
        return now if case.state in IN_FLIGHT else wait(now, Why.FACTS, None)
    if case.ask == 0 and worth_telling(now, reason):
        now = replace(now, case=replace(case, ask=1))
    return close(now, reason)


def worth_telling(now: Now, reason: Why) -> bool:
    """Whether a case that ends before anybody saw it gets a card: money owed, and no way to ask."""
    if reason is Why.NOTHING_OWED:
        return now.case.facts is not None and all(not one.total for one in now.case.facts.invoices)
    return reason in {Why.CUSTOMER_GONE, Why.SUBSCRIPTION_ENDED} and bool(now.owed)


def newly_owed(now: Now) -> Now:
    """An invoice that newly fails and joins starts a new round; in flight, that waits."""
    case = now.case
    joins = tuple(one for one in now.owed if one.id not in case.counted)
    fresh = tuple(one.id for one in joins)
    if not fresh or case.state in IN_FLIGHT:
        return now
    opening = totals((*case.opening, *owing(joins)))
    case = replace(case, counted=case.counted + fresh, ever_owed=True, opening=opening)
    if case.counted != fresh:
        case = replace(case, notice=1, sent=0, anchor=None, begun=False, retry_known=())
    return replace(now, case=case)


def judged(now: Now) -> Now:
    """VIP or Standard, with reasons. VIP sticks; only a person takes it back."""
    case, override = now.case, now.standing.override
    if case.facts is None or (case.vip and override is None):
        return now
    verdict, reasons = judge(case.facts, now.owed, now.standing, now.policy.rules)
    return replace(now, case=replace(case, vip=verdict is Verdict.VIP, reasons=reasons))


def snoozed(now: Now) -> Now | None:
    """Quiet until `not_before`; a wait for Stripe's retry ends when that failed, or moved."""
    case = now.case
    if case.not_before is None or case.not_before <= now.at:
        return None
    if case.retry_waited is not None and retries.is_over(case, now.owed):
        return think(replace(now, case=replace(case, not_before=None, retry_waited=None)))
    return wait(now, Why.SNOOZED, case.not_before)


def at_checkout(now: Now) -> Now | None:
    """A first payment failed before the customer's eyes: leave them alone for a while."""
    if not first_payment(now) or now.case.checkout_over:
        return None
    over = now.case.opened_at + now.policy.checkout
    return wait(now, Why.CHECKOUT, over) if now.at < over else None


def first_payment(now: Now) -> bool:
    """Whether all that is owed is a subscription's very first invoice."""
    return all(one.first for one in now.owed) and not now.case.written_by_hand


def by_hand(now: Now) -> Now | None:
    """Only a person goes on."""
    reason = hindrance(now)
    if reason is None:
        return None
    case = replace(
        undecided(now.case),
        state=State.BY_HAND,
        why=reason,
        ask=now.case.ask + 1,
        reminders=0,
        owner=now.standing.owner or now.case.owner,
        passed_by=None,
        passed_at=None,
        passed_note="",
    )
    return replace(now, case=replace(case, wake=vip_alarm(replace(now, case=case))))


def hindrance(now: Now) -> Why | None:
    """Why code must not write to this customer, if so."""
    case = now.case
    if case.facts is None or case.disputed:
        return case.disputed
    customer = case.facts.customer
    letter_box = recipient_of(case, now.policy)
    no_address = customer.recipient is None or letter_box in now.standing.suppressed
    answers = (
        (any(meaning(one.payment, one).suspicious for one in now.owed), Why.FRAUD),
        (case.vip, Why.VIP),
        (case.replied, Why.REPLIED),
        (first_payment(now), Why.FIRST_INVOICE),
        (no_address, Why.NO_ADDRESS),
    )
    return next((why for hindered, why in answers if hindered), None)


def exhausted(now: Now) -> Now | None:
    """The round is over."""
    return close(now, Why.EXHAUSTED) if now.at >= now.round_ends else None


def held(now: Now) -> Now | None:
    """An incident holds everything back."""
    return wait(now, Why.INCIDENT, None) if now.case.held else None


def stripe_first(now: Now) -> Now | None:
    """Where the operator chose so, the round's first letter waits for Stripe's own next try."""
    case = now.case
    waits = now.policy.after_retry and case.state is State.WAITING and case.notice == 1
    if not waits or case.begun:
        return None
    if not case.retry_known:
        ask = case.ask if case.why is Why.FIRST_RETRY else case.ask + 1
        case = replace(case, ask=ask, retry_known=retries.attempts(now.owed))
    until = retries.let_first(case, now.owed, now.at)
    return wait(replace(now, case=case), Why.FIRST_RETRY, until) if until else None


def not_due(now: Now) -> Now | None:
    """From waiting: the next notice has its own time."""
    case = now.case
    if case.state is not State.WAITING:
        return None
    if case.notice > LAST_NOTICE:
        return wait(now, Why.END, now.round_ends)
    due = notice_due(now)
    if due is None or due <= now.at:
        return None
    if due >= now.round_ends:
        return wait(now, Why.END, now.round_ends)
    return wait(now, Why.NEXT_NOTICE, due)


def notice_due(now: Now) -> datetime | None:
    """When the next notice is drafted.

    A later one in the customer's daytime, and never so soon after the one before it that the
    contact budget would hold it back.
    """
    case, policy = now.case, now.policy
    due = cadence.next_notice_at(case.anchor or now.at, case.notice, policy)
    if due is None or case.notice == 1:
        return due
    skipped = case.decided_at if case.decision in {Decision.REJECTED, Decision.CALLS} else None
    last = max((one for one in (case.last_sent_at, skipped) if one), default=None)
    rested = max(due, last + policy.budget) if last else due
    zone = (case.facts.customer.zone if case.facts else None) or policy.zone
    return cadence.opening(rested, policy.hours, zone)


def written_anew(now: Now) -> Now | None:
    """The words depend on something that changed: have them written for a new revision."""
    case, brief = now.case, brief_for(now.case, now.owed, now.policy)
    if case.letter is not None and case.brief == brief:
        return None
    if case.state is State.DRAFTING and case.brief == brief:
        return None
    return drafting(now, brief)


def asked_anew(now: Now) -> Now | None:
    """The same words, but a fact in the letter changed, or a wait ended: ask again."""
    basis = basis_for(now.case, now.owed, now.policy)
    if now.case.state is State.DRAFTING:
        return None
    if now.case.state is State.WAITING or tells_otherwise(now.case, basis):
        return in_review(now)
    return None


def tells_otherwise(case: Case, basis: Basis | None) -> bool:
    """Whether the letter in question would tell something else with these facts."""
    if case.letter is None or case.basis is None or basis is None:
        return case.basis != basis
    return told_by(case.letter, case.basis) != told_by(case.letter, basis)
