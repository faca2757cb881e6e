"""What people may press, mostly what the case asks for, sometimes what they saw minutes ago."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.case.events import (
    AnyEvent,
    Approved,
    Bounced,
    DraftAsked,
    Edited,
    Erased,
    Forgotten,
    Held,
    Hurried,
    Owned,
    Rejected,
    Released,
    Replied,
    Rerouted,
    Restored,
    Settled,
    Snoozed,
    Stopped,
    Ticked,
    Undone,
    WaitAsked,
)
from bot.case.ids import InvoiceId
from bot.case.model import Case, State
from bot.case.standing import Verdict
from tests.case.life import ANA, BEN, OWN_WORDS

Press = Callable[[datetime], AnyEvent]
NUMBERS = tuple(InvoiceId(f"in_{number}") for number in range(1, 4))


def presses(chance: random.Random, case: Case) -> list[Press]:
    """Some of what may be pressed now; one of them is."""
    revision = max(0, case.revision - chance.choice((0, 0, 0, 0, 1)))
    expected = _by_hand(case.revision) if case.state is State.BY_HAND else _asked(chance, revision)
    others = (expected, _rarer(chance, case, revision), _last())
    # A life is long; afterwards it is forgotten or erased, while late news still comes.
    weights = (78, 21.5, 0.5) if case.open else (40, 30, 30)
    return chance.choices(others, weights=weights)[0]


def _asked(chance: random.Random, revision: int) -> list[Press]:
    who, coin = chance.choice((ANA, BEN)), chance.random() < 0.5
    return [
        lambda at: Approved(at=at, who=who, revision=revision),
        lambda at: Approved(at=at, who=who, revision=revision),
        lambda at: Settled(at=at, who=who, revision=revision, arrived=coin),
        lambda at: Released(at=at),
    ]


def _by_hand(revision: int) -> list[Press]:
    return [
        lambda at: DraftAsked(at=at, who=ANA, revision=revision),
        lambda at: Rerouted(at=at, who=ANA, verdict=Verdict.STANDARD),
        lambda at: Snoozed(at=at, who=ANA, until=at + timedelta(minutes=1)),
    ]


def _rarer(chance: random.Random, case: Case, revision: int) -> list[Press]:
    who, coin = chance.choice((ANA, BEN)), chance.random() < 0.5
    until = timedelta(days=chance.choice((1, 3)))
    verdict = chance.choice(list(Verdict))
    left_out = frozenset(chance.sample(NUMBERS, chance.choice((0, 0, 1))))
    return [
        lambda at: Undone(at=at, who=who, revision=revision),
        lambda at: Hurried(at=at, who=who, revision=revision),
        lambda at: Edited(at=at, who=who, revision=revision, letter=OWN_WORDS, approve=coin),
        lambda at: DraftAsked(at=at, who=who, revision=revision, note="kinder"),
        lambda at: WaitAsked(at=at, who=who, revision=revision),
        lambda at: Rejected(at=at, who=who, revision=revision),
        lambda at: Snoozed(at=at, who=who, until=at + until),
        lambda at: Rerouted(at=at, who=who, verdict=verdict),
        lambda at: Ticked(at=at, who=who, unticked=left_out),
        lambda at: Owned(at=at, who=who, contacted=coin),
        lambda at: Replied(at=at),
        lambda at: Held(at=at),
        lambda at: Restored(at=at, known=at - timedelta(hours=1)),
        lambda at: Bounced(at=at, address="old@example.com", revision=case.handed),
    ]


def _last() -> list[Press]:
    return [
        lambda at: Stopped(at=at, who=ANA),
        lambda at: Erased(at=at, who=ANA),
        lambda at: Forgotten(at=at),
    ]
