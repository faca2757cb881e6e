"""An example case in every state, reached by events, and an example of every event."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.case.events import (
    AnyEvent,
    Approved,
    Bounced,
    Delivered,
    Differed,
    DraftAsked,
    Drafted,
    Edited,
    Erased,
    FactsRead,
    Forgotten,
    Held,
    Hinted,
    Hurried,
    Looked,
    News,
    NotSent,
    Owned,
    Posted,
    Rejected,
    Released,
    Replied,
    Rerouted,
    Restored,
    Settled,
    Snoozed,
    Stopped,
    Ticked,
    TimeCame,
    Unclear,
    Undone,
    WaitAsked,
)
from bot.case.facts import Invoice
from bot.case.machine import step
from bot.case.model import State
from bot.case.money import Money
from bot.case.policy import SegmentRules
from bot.case.standing import Verdict
from bot.case.steps import Step
from tests.case.life import ANA, MAYA, OWN_WORDS, POLICY, WORDS, Life, invoice, paid

_LIMIT = Money(minor=50_000, currency="eur")
VIPS = replace(POLICY, rules=SegmentRules(amounts=(_LIMIT,)))


def waiting() -> Life:
    """For the second notice."""
    return sending().delivered()


def drafting() -> Life:
    return Life().failed().read()


def in_review() -> Life:
    return drafting().drafted().posted()


def approved() -> Life:
    return in_review().approved().posted()


def sending() -> Life:
    return approved().alarm().looked()


def unclear() -> Life:
    return sending().became_unclear().posted()


def by_hand() -> Life:
    return Life().failed().read(recipient=None).posted()


def vip() -> Life:
    """By an invoice that reaches the limit; nobody took them on yet."""
    return Life(VIPS).failed().read(invoice(remaining=50_000, total=50_000)).posted()


def closed() -> Life:
    return in_review().hinted().read(paid())


REACHED: dict[State, Callable[[], Life]] = {
    State.WAITING: waiting,
    State.DRAFTING: drafting,
    State.IN_REVIEW: in_review,
    State.APPROVED: approved,
    State.SENDING: sending,
    State.UNCLEAR: unclear,
    State.BY_HAND: vip,
    State.CLOSED: closed,
}
# What may happen to any case: the event, made for the life it meets.
EXAMPLES: dict[type, Callable[[Life], AnyEvent]] = {
    Hinted: lambda life: Hinted(at=life.at, news=News.CHANGE),
    FactsRead: lambda life: FactsRead(at=life.at, facts=life.facts(*_same(life))),
    TimeCame: lambda life: TimeCame(at=life.case.wake or life.at, wake=life.case.wake or life.at),
    Forgotten: lambda life: Forgotten(at=life.at),
    Drafted: lambda life: Drafted(at=life.at, revision=life.case.revision, letter=WORDS),
    Posted: lambda life: Posted(at=life.at, shown=life.case.shown),
    Looked: lambda life: Looked(
        at=life.at, revision=life.case.revision, facts=life.facts(*_same(life))
    ),
    Delivered: lambda life: Delivered(
        at=life.at, revision=life.case.handed or 0, receipt="250", recipient=MAYA
    ),
    NotSent: lambda life: NotSent(
        at=life.at, revision=life.case.handed or 0, permanent=False, code="451"
    ),
    Differed: lambda life: Differed(at=life.at, revision=life.case.handed or life.case.revision),
    Unclear: lambda life: Unclear(at=life.at, revision=life.case.handed or 0),
    Bounced: lambda life: Bounced(at=life.at, address=MAYA),
    Replied: lambda life: Replied(at=life.at),
    Held: lambda life: Held(at=life.at),
    Released: lambda life: Released(at=life.at),
    Approved: lambda life: Approved(at=life.at, who=ANA, revision=life.case.revision),
    Hurried: lambda life: Hurried(at=life.at, who=ANA, revision=life.case.revision),
    Edited: lambda life: Edited(
        at=life.at, who=ANA, revision=life.case.revision, letter=OWN_WORDS, approve=False
    ),
    DraftAsked: lambda life: DraftAsked(at=life.at, who=ANA, revision=life.case.revision),
    Rejected: lambda life: Rejected(at=life.at, who=ANA, revision=life.case.revision),
    WaitAsked: lambda life: WaitAsked(at=life.at, who=ANA, revision=life.case.revision),
    Undone: lambda life: Undone(at=life.at, who=ANA, revision=life.case.revision),
    Settled: lambda life: Settled(at=life.at, who=ANA, revision=life.case.revision, arrived=True),
    Snoozed: lambda life: Snoozed(at=life.at, who=ANA, until=life.at + timedelta(days=2)),
    Rerouted: lambda life: Rerouted(at=life.at, who=ANA, verdict=Verdict.VIP),
    Ticked: lambda life: Ticked(at=life.at, who=ANA, unticked=frozenset()),
    Owned: lambda life: Owned(at=life.at, who=ANA),
    Stopped: lambda life: Stopped(at=life.at, who=ANA),
    Restored: lambda life: Restored(at=life.at, known=life.at),
    Erased: lambda life: Erased(at=life.at, who=ANA),
}


def example(state: State, event: type) -> Step:
    """What an ordinary event of that kind does to an ordinary case in that state."""
    life = REACHED[state]()
    life.later(timedelta(seconds=1))
    return step(life.case, EXAMPLES[event](life), life.standing, life.policy)


def _same(life: Life) -> tuple[Invoice, ...]:
    return life.case.facts.invoices if life.case.facts else ()
