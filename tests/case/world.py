"""A small world around one case: Stripe's truth, an outbox, a mail server, people; all by chance.

Whatever can go wrong does: news is lost, late and doubled, workers die with an effect in hand,
people press what they saw minutes ago, the operator pauses and changes rules.
"""

import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.case.effects import Draft, Effect, Gather, HandOver, Look, Show
from bot.case.events import (
    AnyEvent,
    Delivered,
    Differed,
    Drafted,
    FactsRead,
    Hinted,
    Looked,
    News,
    NotSent,
    Posted,
    Settled,
    TimeCame,
    Unclear,
)
from bot.case.facts import (
    Customer,
    Decline,
    Facts,
    Invoice,
    InvoiceStatus,
    Payment,
    Subscription,
)
from bot.case.handing import LOOK_LASTS
from bot.case.ids import InvoiceId
from bot.case.letter import Basis, Letter
from bot.case.machine import wanted
from bot.case.model import Case, Shown, State
from bot.case.money import Money
from bot.case.policy import Policy, SegmentRules
from tests.case.life import SEEN, WORDS, Life, invoice
from tests.case.presses import NUMBERS, presses

RULES = SegmentRules(amounts=(Money(minor=90_000, currency="eur"),))
CURRENCIES = ("eur", "jpy", "kwd")
REASONS = ("expired_card", "insufficient_funds", "do_not_honor")
_OF_THE_MAIL = Delivered | NotSent | Differed | Unclear


@dataclass(frozen=True)
class Mailed:
    """A letter that the mail server really took."""

    key: str
    letter: Letter | None
    basis: Basis | None


class World:
    """One history. `turn` does one thing by chance; `settle` lets everything run out."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - chance that can be repeated, no secret
        auto_send, after_retry = self.chance.random() < 0.5, self.chance.random() < 0.5
        policy = Policy(sender="Acme <billing@acme.example>", rules=RULES)
        self.life = Life(replace(policy, auto_send=auto_send, after_retry=after_retry))
        self.truth: dict[InvoiceId, Invoice] = {}
        self.ended: dict[InvoiceId, datetime] = {}  # since when nothing is owed
        self.recipient: str | None = "maya@example.com"
        self.ready: dict[str, Effect] = {}
        # Answers and news on their way, with the effect that is ready again if it is lost.
        self.late: list[tuple[AnyEvent, Effect | None]] = []
        self.mailed: list[Mailed] = []
        self.resent: Counter[str] = Counter()  # how often a person let the same letter go again
        self.texts: dict[int, tuple[Letter, Basis]] = {}
        self.story: list[str] = []
        self._fails(NUMBERS[0])
        self._tell(Hinted(at=self._now(), news=News.FAILURE, invoice=NUMBERS[0]))

    @property
    def case(self) -> Case:
        return self.life.case

    def turn(self) -> None:
        """One thing happens."""
        turns = (self._works, self._time, self._stripe, self._person, self._arrives, self._operator)
        self.chance.choices(turns, weights=(50, 20, 4, 14, 10, 2))[0]()

    def settle(self) -> None:
        """Everything is paid, everybody hears of it, and what is under way ends."""
        self.life.policy = replace(self.life.policy, paused=False)
        for number, one in self.truth.items():
            self.truth[number] = replace(
                one, status=InvoiceStatus.PAID, remaining=0, paid=one.total
            )
        self.late.clear()
        self._tell(Hinted(at=self._now(), news=News.CHANGE))
        for _ in range(50):
            if not self.ready:
                return
            event = self._perform(self.ready.pop(min(self.ready)))
            if event is not None:
                self._tell(event)

    def _tell(self, event: AnyEvent) -> None:
        self.story.append(f"{self.case.state}: {event}")
        before = self.case
        self.life.happens(event)
        self._remember_text()
        for effect in self.life.effects:
            self._ask_for(effect)
        self.ready = {key: one for key, one in self.ready.items() if wanted(self.case, one)}
        if isinstance(event, Settled) and not event.arrived and before.state is State.UNCLEAR:
            self.resent[f"send/{before.id}/{before.revision}"] += 1
        assert self._alive(), "nothing will ever happen to this case again"

    def _remember_text(self) -> None:
        case = self.case
        if case.letter is None or case.basis is None or case.state is State.DRAFTING:
            return
        known = self.texts.setdefault(case.revision, (case.letter, case.basis))
        assert known == (case.letter, case.basis), "one revision, two texts"

    def _alive(self) -> bool:
        """Every open case has an alarm, an effect, a hold, or a question that somebody sees."""
        case = self.case
        asks = case.state in {State.IN_REVIEW, State.UNCLEAR, State.BY_HAND}
        under_way = self.ready or self.late or case.state is State.SENDING
        return not case.open or bool(case.wake or under_way or case.held or asks)

    def _ask_for(self, effect: Effect) -> None:
        if isinstance(effect, HandOver):
            self._hand_over(effect)
        else:
            self.ready.setdefault(effect.key, effect)

    def _works(self) -> None:
        """A worker takes what is ready; its answer comes, comes late, twice, or never."""
        open_to = [
            one
            for one in self.ready.values()
            if not (isinstance(one, Look) and self.life.policy.paused)
        ]
        if not open_to:
            return
        in_order = sorted(open_to, key=lambda one: (isinstance(one, Show), one.key))
        effect = in_order[0] if self.chance.random() < 0.6 else self.chance.choice(in_order)
        if self.chance.random() < 0.1:
            return  # it died: the row is ready again
        del self.ready[effect.key]
        event = self._perform(effect)
        if event is None:
            return
        # Cards are fenced: one is shown at a time, and a late answer is refused.
        if self.chance.random() < 0.15 and not isinstance(event, Posted):
            self.late.append((event, effect))
        else:
            self._tell(event)

    def _perform(self, effect: Effect) -> AnyEvent | None:
        read_at = self._now()
        facts = Facts(
            read_at=read_at,
            customer=Customer(id="cus_1", recipient=self.recipient),
            invoices=tuple(self.truth[one] for one in self.case.joined if one in self.truth),
        )
        at = self._now()
        match effect:
            case Gather():
                return FactsRead(at=at, facts=facts)
            case Draft():
                return Drafted(at=at, revision=effect.revision, letter=WORDS)
            case Look():
                return Looked(at=at, revision=effect.revision, facts=facts)
            case Show():
                known = tuple(one for one in self.case.shown if one.ask != self.case.ask)
                card = Shown(ask=self.case.ask, channel="C1", ts=str(self.case.ask))
                seen = SEEN if self.case.letter else None
                shown = (*known, card)
                return Posted(at=at, shown=shown, revision=self.case.revision, seen=seen)
            case _:
                return None

    def _hand_over(self, effect: HandOver) -> None:
        """The mail server takes it, refuses it, or nobody knows; its answer is on its way."""
        taken = self.chance.random() < 0.6
        at, revision = self._now(), effect.revision
        if taken:
            self._mailed(effect)
        answers: list[AnyEvent] = [Unclear(at=at, revision=revision)]
        if taken:
            answers += [
                Delivered(at=at, revision=revision, receipt="250", recipient=self.recipient)
            ] * 2
        else:
            permanent = self.chance.random() < 0.3
            answers += [NotSent(at=at, revision=revision, permanent=permanent, code="451")] * 2
            answers.append(Differed(at=at, revision=revision))
        self.late.append((self.chance.choice(answers), None))

    def _mailed(self, effect: HandOver) -> None:
        self.mailed.append(Mailed(key=effect.key, letter=self.case.letter, basis=self.case.basis))
        times = sum(one.key == effect.key for one in self.mailed)
        assert times <= 1 + self.resent[effect.key], "mailed twice"
        just = self.life.at - LOOK_LASTS  # no look can be newer than itself
        owed = [
            one.owed or self.ended.get(one.id, just) > just
            for one in self.truth.values()
            if one.id in self.case.joined
        ]
        assert any(owed), "mailed after it was paid"
        assert self.case.facts is not None
        assert not self.case.vip, "mailed to a VIP"

    def _arrives(self) -> None:
        """Something late comes at last, once or twice, or is lost."""
        if not self.late:
            return
        event, effect = self.late.pop(self.chance.randrange(len(self.late)))
        event = replace(event, at=self._now())
        if self.chance.random() < 0.2 and not isinstance(event, _OF_THE_MAIL):
            if effect is not None and wanted(self.case, effect):
                self.ready.setdefault(effect.key, effect)
            return
        for _ in range(self.chance.choice((1, 1, 2))):
            self._tell(event)

    def _time(self) -> None:
        """The alarm rings, or a while goes by."""
        if self.case.wake is not None and self.chance.random() < 0.8:
            self.life.at = max(self.life.at, self.case.wake)
            self._tell(TimeCame(at=self._now(), wake=self.case.wake))
        else:
            self.life.at += self.chance.choice(
                (*[timedelta(seconds=5)] * 6, *[timedelta(hours=3)] * 3, timedelta(days=2))
            )

    def _stripe(self) -> None:
        """Something changes at Stripe, which may tell us, or may not, and may tell us late."""
        number = self.chance.choice(NUMBERS)
        change = self.chance.choice(
            (self._fails, self._fails, self._pays_some, self._pays, self._voids, self._moves)
        )
        change(number)
        if number in self.truth and not self.truth[number].owed:
            self.ended.setdefault(number, self.life.at)
        news = News.FAILURE if change == self._fails else News.CHANGE
        if self.chance.random() < 0.02:
            news = self.chance.choice((News.DISPUTE, News.FRAUD_WARNING))
        event = Hinted(at=self._now(), news=news, invoice=number)
        luck = self.chance.random()
        if luck < 0.6:
            self._tell(event)
        elif luck < 0.9:
            self.late.append((event, None))

    def _fails(self, number: InvoiceId) -> None:
        known = self.truth.get(number)
        if known is None:
            index = NUMBERS.index(number)
            total = self.chance.choice((4900, 12_000, 90_000 if index == 2 else 700))
            self.truth[number] = invoice(
                number,
                total,
                total=total,
                paid=0,
                currency=self.chance.choice(CURRENCIES),
                payment=Payment(decline=Decline(code=self.chance.choice(REASONS))),
                subscription=Subscription(id="sub_1", status="past_due", plan="Team"),
            )
        elif known.owed:
            planned = self.life.at + timedelta(days=self.chance.choice((1, 3)))
            next_attempt = self.chance.choice((None, planned))
            self.truth[number] = replace(
                known, attempt=known.attempt + 1, next_attempt=next_attempt
            )

    def _pays_some(self, number: InvoiceId) -> None:
        known = self.truth.get(number)
        if known and known.owed:
            left = max(1, known.remaining // 2)
            self.truth[number] = replace(known, remaining=left, paid=known.total - left)

    def _pays(self, number: InvoiceId) -> None:
        known = self.truth.get(number)
        if known and known.owed:
            self.truth[number] = replace(
                known, status=InvoiceStatus.PAID, remaining=0, paid=known.total
            )

    def _voids(self, number: InvoiceId) -> None:
        known = self.truth.get(number)
        if known and known.owed and self.chance.random() < 0.3:
            self.truth[number] = replace(known, status=InvoiceStatus.VOID, remaining=0)

    def _moves(self, _number: InvoiceId) -> None:
        self.recipient = self.chance.choice(("maya@example.com", "new@example.com") * 3 + (None,))

    def _person(self) -> None:
        """Somebody presses what they see, or what they saw."""
        press = self.chance.choice(presses(self.chance, self.case))
        self._tell(press(self._now()))

    def _operator(self) -> None:
        """A switch is turned."""
        policy = self.life.policy
        if policy.paused or self.chance.random() < 0.3:
            self.life.policy = replace(policy, paused=not policy.paused)
        else:
            self.life.policy = replace(policy, auto_send=not policy.auto_send)

    def _now(self) -> datetime:
        self.life.at += timedelta(milliseconds=self.chance.randrange(1, 2000))
        return self.life.at
