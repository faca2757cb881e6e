"""What must not have happened in a month, judged without any of the bot's own arithmetic.

Zones come from zoneinfo, letters from the mailbox, payments from Stripe's ledger, approvals from
those who gave them. Of the bot's database only the rows are read that a worker would look for.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot.sandbox.mailbox import Mail
from bot.sandbox.stripe_ledger import Event
from chaos.month_people import Approval
from chaos.month_shop import Customer

OPENS, CLOSES, WEEKEND = 9, 18, 5
BUDGET = timedelta(hours=48)
ON_THE_WAY = timedelta(seconds=1)  # the budget runs from a letter's leaving, and we see it come
UNDO = timedelta(seconds=30)
AT_ONCE = timedelta(minutes=10)  # the undo window, and the steps in which the clock is moved
HEARD_WITHIN = timedelta(minutes=15)
ENDS = {"invoice.paid", "invoice.voided"}


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A mail, and whose invoice it leads to."""

    customer: str
    invoice: str
    at: datetime
    id: str


@dataclass(frozen=True, kw_only=True)
class Lived:
    """A month as it was, for whoever judges it. `opened` has each customer's first case."""

    customers: Mapping[str, Customer]
    letters: Sequence[Letter]
    events: Sequence[Event]
    approvals: Sequence[Approval]
    pauses: Sequence[tuple[datetime, datetime]]
    opened: Mapping[str, datetime]
    forgotten: Sequence[str]
    still_asking: Sequence[str]
    seen: Mapping[str, int]
    ends: Mapping[str, int]
    steps: int


def letter(mail: Mail, customer_of: Mapping[str, str]) -> Letter:
    """Read off the mail's own link; `customer_of` is Stripe's, by invoice."""
    invoice = urlsplit(mail.link()).path.rpartition("/")[2]
    number = str(mail.message["Message-ID"])
    return Letter(customer=customer_of[invoice], invoice=invoice, at=mail.at, id=number)


def violations(lived: Lived) -> dict[str, list[str]]:
    """Each rule, and where it was broken: all empty, or the month is lost."""
    return {
        "letters outside the hours of the customer's zone": list(_outside_hours(lived)),
        "letters after the money came, or the invoice was void": list(_after_the_end(lived)),
        "letters within 48 hours of the one before": list(_over_budget(lived)),
        "letters that came twice": list(_doubled(lived)),
        "letters that nobody approved": list(_unapproved(lived)),
        "letters to a VIP": [one.id for one in lived.letters if _of(lived, one).vip],
        "letters while sending was paused": list(_paused(lived)),
        "failures without a case after 15 minutes": list(_unheard(lived)),
        "cases forgotten": list(lived.forgotten),
        "cards that still ask for what is paid": list(lived.still_asking),
    }


def is_open(at: datetime, zone: str) -> bool:
    """Whether it is nine to six there, Monday to Friday."""
    there = at.astimezone(ZoneInfo(zone))
    return there.weekday() < WEEKEND and OPENS <= there.hour < CLOSES


def ended_at(lived: Lived) -> dict[str, datetime]:
    """When each invoice was paid or void, by Stripe's own ledger."""
    return {
        one.object["id"]: datetime.fromtimestamp(one.created, UTC)
        for one in reversed(lived.events)
        if one.type in ENDS
    }


def held_back(lived: Lived) -> Counter[str]:
    """What became of each approval: it left at once, waited, or its letter never left."""
    ends, found = ended_at(lived), Counter[str]()
    for one in lived.approvals:
        theirs = [it for it in lived.letters if it.customer == one.customer]
        after = next((it for it in theirs if it.at >= one.at), None)
        before = [it for it in theirs if it.at < one.at]
        customer = lived.customers[one.customer]
        next_approval = min(
            (it.at for it in lived.approvals if it.customer == one.customer and it.at > one.at),
            default=None,
        )
        if after is None or (next_approval and after.at > next_approval):
            paid = any(ends.get(it["id"], one.at) > one.at for it in customer.invoices)
            found["the end of what was owed" if paid else "a change of facts, or its 24 hours"] += 1
        elif after.at - one.at <= AT_ONCE:
            found["nothing: it left at once"] += 1
        elif any(begins <= one.at + UNDO <= ends_at for begins, ends_at in lived.pauses):
            found["the pause"] += 1
        elif not is_open(one.at + UNDO, customer.zone):
            found["the sending hours"] += 1
        elif before and one.at - before[-1].at < BUDGET:
            found["the contact budget"] += 1
        else:
            found["something else"] += 1
    return found


def _of(lived: Lived, one: Letter) -> Customer:
    return lived.customers[one.customer]


def _outside_hours(lived: Lived) -> Iterator[str]:
    for one in lived.letters:
        zone = _of(lived, one).zone
        if not is_open(one.at, zone):
            yield f"{one.id} at {one.at.astimezone(ZoneInfo(zone)):%a %d %b %H:%M} in {zone}"


def _after_the_end(lived: Lived) -> Iterator[str]:
    ends = ended_at(lived)
    for one in lived.letters:
        if one.invoice in ends and ends[one.invoice] <= one.at:
            yield f"{one.id} at {one.at}, ended {ends[one.invoice]}"


def _over_budget(lived: Lived) -> Iterator[str]:
    last: dict[str, datetime] = {}
    for one in sorted(lived.letters, key=lambda it: it.at):
        if one.customer in last and one.at - last[one.customer] < BUDGET - ON_THE_WAY:
            yield f"{one.id} to {one.customer}, {one.at - last[one.customer]} after another"
        last[one.customer] = one.at


def _doubled(lived: Lived) -> Iterator[str]:
    yield from (one for one, times in Counter(it.id for it in lived.letters).items() if times > 1)


def _unapproved(lived: Lived) -> Iterator[str]:
    """Of each customer's approvals and letters, in order, no letter is ahead of its approval."""
    given: dict[str, list[datetime]] = defaultdict(list)
    for approval in lived.approvals:
        given[approval.customer].append(approval.at)
    for one in sorted(lived.letters, key=lambda it: it.at):
        earlier = [at for at in given[one.customer] if at <= one.at]
        if not earlier:
            yield one.id
            continue
        # All before it belong to letters before it, or died.
        given[one.customer] = [at for at in given[one.customer] if at > earlier[-1]]


def _paused(lived: Lived) -> Iterator[str]:
    for one in lived.letters:
        yield from (one.id for begins, ends in lived.pauses if begins < one.at < ends)


def _unheard(lived: Lived) -> Iterator[str]:
    ends = ended_at(lived)
    for customer in lived.customers.values():
        if not customer.failed_at:
            continue
        first, latest = customer.failed_at[0], customer.failed_at[0] + HEARD_WITHIN
        opened, over = lived.opened.get(customer.id), ends.get(customer.invoices[0]["id"])
        if (opened is None or opened > latest) and (over is None or over > latest):
            yield f"{customer.id} failed {first}, case {opened}"
