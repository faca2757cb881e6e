"""One customer's failed payment from the webhook to the money, among people who are patient.

Stripe tells again until it hears 2xx. A person presses again when a press was not answered and the
card still offers the button, and answers a doubt with the truth: they look into the mailbox.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from bot.case.ids import CaseId
from bot.case.model import Case, State
from bot.review import actions
from bot.sandbox.mailbox import Mail
from bot.sandbox.slack import Answer, Message, NotThereError
from bot.sandbox.stripe_ledger import Event
from chaos.world import BREATH, Lost, World, until, until_written

LATER = 1.0  # Stripe's moments are whole seconds, and a payment must be later than the failure


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a life shows to have gone wrong, in sentences; and how long each doubt went unasked."""

    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    doubts: int = 0
    asked_after: tuple[float, ...] = ()  # seconds from the restart to the question


@dataclass(kw_only=True)
class Life:
    """One customer in a world. `play` goes through it once; `verdict` judges it afterwards."""

    world: World
    name: str
    _invoice: dict[str, Any] = field(default_factory=dict)
    _case: CaseId | None = None

    async def play(self) -> None:
        """Fail, approve, receive, pay. Raises Lost when it does not go on."""
        await self.fails()
        await self.approves()
        await self.receives()
        await self.pays()

    async def fails(self) -> None:
        """A payment fails; Stripe tells until it is heard, and a card comes."""
        shop = self.world.here.stripe.world
        address = f"{self.name.strip('.').replace(' ', '-').lower()}@kurz.example"  # has a budget
        customer = shop.add_customer(name=self.name, email=address)
        self._invoice = shop.fail_payment(shop.subscribe(customer, "Team"))
        await self._told("invoice.payment_failed")
        await until(f"the card of {self.name}", lambda: self._offering(actions.APPROVE) is not None)

    async def approves(self) -> None:
        """Somebody presses Approve until it is taken, or the card does not offer it any more."""
        await asyncio.sleep(BREATH)  # they read
        await self._pressed(actions.APPROVE)

    async def receives(self) -> None:
        """Until it is known that the mail arrived; whoever is asked says what is true."""

        async def known() -> bool:
            if self._offering(actions.ARRIVED) is not None:
                await self._pressed(actions.ARRIVED if self.mails() else actions.NOT_ARRIVED)
            case = await self._case_now()
            return case is not None and case.sent > 0

        await until_written(f"the mail to {self.name}", known)
        await self.rests()

    async def pays(self) -> None:
        """The money comes, and the case closes."""
        await asyncio.sleep(LATER)
        self.world.here.stripe.world.pay(self._invoice)
        await self._told("invoice.paid")

        async def closed() -> bool:
            case = await self._case_now()
            return case is not None and case.state is State.CLOSED

        await until_written(f"the end of {self.name}'s case", closed)
        await self.rests()

    async def rests(self) -> None:
        """Until nothing about this customer waits or is in hand."""

        async def at_rest() -> bool:
            return await self.world.at_rest(self._case, self._invoice["id"])

        await until_written(f"rest for {self.name}", at_rest)

    # What there is to see.

    def mails(self) -> list[Mail]:
        """The mails about this invoice."""
        return [one for one in self.world.here.mailbox.mails if one.link().endswith(self._number)]

    def cards(self) -> list[Message]:
        """Every message that carries this case's mark, replies too, oldest first."""
        known = self.world.here.slack.state.messages
        first = next((one for one in known if self.name in one.text and one.metadata), None)
        if first is None:
            return []
        self._case = CaseId(_marks(first)["case"])
        return [one for one in known if _marks(one).get("case") == self._case]

    async def verdict(self, broke: Lost | None = None) -> Verdict:
        """Judged by what stands in the world, and by what the bot wrote down of it."""
        mails = len(self.mails())
        case = await self._case_now()
        left = await self.world.left(self._case) if broke else ""
        lost = [f"{broke} did not come, and what is left is: {left}"] if broke else []
        if mails == 0 and not broke:
            lost.append(f"the letter to {self.name} was approved and did not leave")
        doubled = [f"{self.name} has {mails} mails"] if mails > 1 else []
        doubled += self._said_twice()
        hidden = []
        if mails and (case is None or case.sent == 0) and not self._asked():
            hidden.append(f"{self.name} has a mail that nobody knows of")
        doubts = await self._doubts()
        if doubts > len(self._asked()):
            hidden.append(f"{doubts} doubts about {self.name}, {len(self._asked())} questions")
        return Verdict(
            lost=tuple(lost),
            doubled=tuple(doubled),
            hidden=tuple(hidden),
            doubts=doubts,
            asked_after=tuple(self._waited(one) for one in self._asked()),
        )

    @property
    def _number(self) -> str:
        return f"/{self._invoice['id']}"

    def _offering(self, action: str) -> Message | None:
        """The newest message that has such a button now."""
        found = (one for one in reversed(self.cards()) if action in _buttons(one.blocks))
        return next((one for one in found if not one.deleted), None)

    def _said_twice(self) -> list[str]:
        """Messages with one mark, and how many seconds after a start each was posted."""
        posted = defaultdict[str, list[float]](list)
        for one in self.cards():
            posted[str(_marks(one))].append(self._waited(one))
        return [f"{mark}: posted {at} s after a start" for mark, at in posted.items() if at[1:]]

    def _asked(self) -> list[Message]:
        """The messages that ask, or once asked, whether the mail arrived."""
        return [
            one
            for one in self.cards()
            if any(
                actions.ARRIVED in _buttons(blocks)
                for blocks in (one.blocks, *(old.blocks for old in one.versions))
            )
        ]

    def _waited(self, message: Message) -> float:
        asked = float(message.ts)
        restarts = [at for at in self.world.bot.started if at < asked]
        return asked - restarts[-1]

    async def _doubts(self) -> int:
        if self._case is None:
            return 0
        entries = await self.world.memory.journal(self._case)
        steps = ((one.state_before, one.state_after) for one in entries)
        return sum(step == (State.SENDING, State.UNCLEAR) for step in steps)

    async def _case_now(self) -> Case | None:
        return await self.world.memory.case(self._case) if self._case else None

    # What Stripe and people do.

    async def _told(self, kind: str) -> None:
        event = next(one for one in self.world.here.stripe.take() if one.type == kind)
        await until_written(f"a 2xx to {kind}", lambda: self._heard(event))

    async def _heard(self, event: Event) -> bool:
        deliveries = await self.world.here.stripe.deliver(event)
        return all(one.accepted for one in deliveries)

    async def _pressed(self, action: str) -> None:
        """Press until it is answered without a refusal, or the card offers it no more."""
        for _ in range(200):
            card = self._offering(action)
            if card is None or await self._takes(card, action):
                return
            await asyncio.sleep(BREATH)
        raise Lost(f"an answer to {action}")

    async def _takes(self, card: Message, action: str) -> bool:
        slack, who = self.world.here.slack, self.world.here.reviewer.id
        whispers = len(slack.state.ephemerals)
        try:
            answer: Answer = await slack.press(who, card.channel, card.ts, action)
        except NotThereError:
            return False  # it was redrawn under the finger
        return answer.problem is None and len(slack.state.ephemerals) == whispers


def _marks(message: Message) -> dict[str, Any]:
    payload: dict[str, Any] = (message.metadata or {}).get("event_payload") or {}
    return payload


def _buttons(blocks: list[dict[str, Any]]) -> set[str]:
    rows = [one["elements"] for one in blocks if one["type"] == "actions"]
    return {str(one["action_id"]) for row in rows for one in row}
