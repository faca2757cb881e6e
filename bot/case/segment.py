"""VIP or Standard, and why. Facts and rules in, verdict and reasons out."""

from collections.abc import Iterator
from datetime import datetime

from bot.case.facts import Facts, Invoice
from bot.case.money import Money
from bot.case.policy import SegmentRules
from bot.case.standing import Because, Reason, Standing, Verdict

Invoices = tuple[Invoice, ...]
Reasons = tuple[Reason, ...]


def judge(
    facts: Facts, invoices: Invoices, standing: Standing, rules: SegmentRules
) -> tuple[Verdict, Reasons]:
    """How to treat this customer about these invoices, with what was compared.

    A person's override stands alone. A VIP's reasons are the rules that spoke; a Standard
    customer's are the figures that stayed below their limit, or NO_RULE. NO_THRESHOLD is added
    for every currency that has no amount rule. Amounts are compared within a currency only.
    """
    if standing.override is not None:
        who = Reason(because=Because.OVERRIDE, name=standing.override_by)
        return standing.override, (who,)
    figures = (*_amounts(invoices, rules), *_lifetimes(facts, rules))
    spoke = (
        *(one for one in figures if _reached(one)),
        *_plans(invoices, rules),
        *_tenures(facts, invoices, rules),
        *_metadata(facts, rules),
    )
    missing = tuple(_without_threshold(invoices, rules))
    if spoke:
        return Verdict.VIP, spoke + missing
    return Verdict.STANDARD, (figures + missing) or (Reason(because=Because.NO_RULE),)


def whole_years(since: datetime, until: datetime) -> int:
    """Calendar years completed between two moments, by their dates in UTC."""
    birthday_ahead = (until.month, until.day) < (since.month, since.day)
    return until.year - since.year - birthday_ahead


def _reached(figure: Reason) -> bool:
    return bool(figure.amount and figure.limit and figure.amount.minor >= figure.limit.minor)


def _amounts(invoices: Invoices, rules: SegmentRules) -> Iterator[Reason]:
    limits = {limit.currency: limit for limit in rules.amounts}
    for largest in _largest(invoices):
        if largest.currency in limits:
            limit = limits[largest.currency]
            yield Reason(because=Because.AMOUNT, amount=largest, limit=limit)


def _without_threshold(invoices: Invoices, rules: SegmentRules) -> Iterator[Reason]:
    known = {limit.currency for limit in rules.amounts}
    for largest in _largest(invoices):
        # An operator who set no amount at all wants no amount rule: nothing is missing then.
        if known and largest.currency not in known:
            yield Reason(because=Because.NO_THRESHOLD, amount=largest)


def _lifetimes(facts: Facts, rules: SegmentRules) -> Iterator[Reason]:
    limits = {limit.currency: limit for limit in rules.lifetimes}
    for paid in facts.customer.lifetime:
        if paid.currency in limits:
            yield Reason(because=Because.LIFETIME, amount=paid, limit=limits[paid.currency])


def _plans(invoices: Invoices, rules: SegmentRules) -> Iterator[Reason]:
    subscriptions = [one.subscription for one in invoices if one.subscription]
    names = [name for one in subscriptions for name in (*one.prices, one.plan) if name is not None]
    for name in dict.fromkeys(names):
        if name in rules.plans:
            yield Reason(because=Because.PLAN, name=name)


def _tenures(facts: Facts, invoices: Invoices, rules: SegmentRules) -> Iterator[Reason]:
    since = facts.customer.since
    if since is None:
        return
    years = whole_years(since, facts.read_at)
    largest = {one.currency: one for one in _largest(invoices)}
    for rule in rules.tenures:
        amount = largest.get(rule.amount.currency)
        if amount and years >= rule.years and amount.minor >= rule.amount.minor:
            yield Reason(because=Because.TENURE, amount=amount, limit=rule.amount, years=years)


def _metadata(facts: Facts, rules: SegmentRules) -> Iterator[Reason]:
    for pair in facts.customer.metadata:
        if pair in rules.metadata:
            yield Reason(because=Because.METADATA, name="=".join(pair))


def _largest(invoices: Invoices) -> tuple[Money, ...]:
    """The greatest total of any one invoice, for each currency."""
    found: dict[str, Money] = {}
    for one in sorted(invoices, key=lambda one: one.total):
        found[one.currency] = Money(minor=one.total, currency=one.currency)
    return tuple(found.values())
