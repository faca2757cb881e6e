"""How a journey is told: who fails to pay, who presses what, and what everybody then sees."""

import asyncio
import html
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.case.model import Case
from bot.review import actions
from bot.sandbox.slack import Answer, Message, User, render_text
from bot.sandbox.slack_payloads import Given, initial
from bot.sandbox.town import Town
from bot.store.tables import cases as table
from bot.words import LOCALES, say

Json = dict[str, Any]

MINUTE = timedelta(minutes=1)
UNDO = timedelta(seconds=31)
DAY = timedelta(days=1)
# What a card offers when nobody knows whether its letter arrived.
DOUBT = [actions.ARRIVED, actions.NOT_ARRIVED, actions.SHOW_MAIL]


class Story:
    """A town, and the sentences that journeys are made of."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.world = town.stripe.world
        self.people = town.people

    # Before the trouble.

    def customer(self, **fields: Any) -> Json:
        """Chloé Martin, a French customer, unless told otherwise."""
        chloe = {
            "name": "Chloé Martin",
            "email": "chloe@example.fr",
            "country": "FR",
            "locales": ["fr"],
        }
        return self.world.add_customer(**(chloe | fields))

    def subscribed(
        self,
        *,
        paid: int = 0,
        plan: str = "Team",
        **fields: Any,
    ) -> Json:
        """The subscription of a customer who has paid it so many times."""
        terms = {key: fields.pop(key) for key in ("amount", "currency") if key in fields}
        metadata = fields.pop("subscription_metadata", None)
        customer = self.customer(**fields)
        since = self.town.clock.now() - timedelta(days=30 * paid + 20)
        made = self.world.subscribe(customer, plan, since=since, metadata=metadata, **terms)
        self.world.past_paid(made, count=paid)
        return made

    # The trouble.

    async def failed(
        self,
        *,
        why: Mapping[str, str] | None = None,
        **fields: Any,
    ) -> Json:
        """A subscriber's payment fails, and the bot has done all that follows at once."""
        declined = why or {"decline_code": "insufficient_funds"}
        invoice = self.world.fail_payment(self.subscribed(**fields), **declined)
        await self.town.settle()
        return invoice

    async def failed_with_a_plan(self, retry_in: timedelta, **fields: Any) -> Json:
        """As `failed`, softly, and Stripe tries again in so long."""
        made = self.subscribed(**fields)
        soft = "insufficient_funds"
        invoice = self.world.fail_payment(made, retry_in=retry_in, decline_code=soft)
        await self.town.settle()
        return invoice

    async def failed_without_a_plan(self, **fields: Any) -> Json:
        """As `failed`, softly, and Stripe plans no further try, or tells of none yet."""
        made = self.subscribed(**fields)
        invoice = self.world.fail_payment(made, retry_in=None, decline_code="insufficient_funds")
        await self.town.settle()
        return invoice

    def plans(self, invoice: Json, retry: datetime | None) -> datetime | None:
        """Stripe plans its next try, or none any more; the moment, to the second as Stripe has."""
        moment = retry and retry.replace(microsecond=0)
        planned = moment and int(moment.timestamp())
        before = self.world.change(invoice, {"next_payment_attempt": planned})
        self.world.emit("invoice.updated", invoice, before)
        return moment

    # What people do.

    async def press(
        self, action: str, *, who: User | None = None, on: Message | None = None
    ) -> Answer:
        """Somebody (Maya, unless said) presses a button of the newest card."""
        answer = await self.town.press(who or self.people.maya, on or self.newest(), action)
        assert answer.problem is None, answer
        return answer

    async def choose(self, action: str, *, who: User | None = None) -> Answer:
        """Somebody (Maya, unless said) chooses from the menu of the newest card."""
        card = self.newest()
        menu = next(
            element
            for block in card.blocks
            if block["type"] == "actions"
            for element in block["elements"]
            if element["type"] == "overflow"
        )
        value = next(
            one["value"] for one in menu["options"] if one["value"].startswith(f"{action} ")
        )
        person = who or self.people.maya
        pressing = self.town.slack.press(
            person.id, card.channel, card.ts, actions.MORE, value=value
        )
        answer = await self.town.passing(pressing)
        await self.town.idle()
        return answer

    def finger_on(self, action: str, *, who: User | None = None) -> Json:
        """A press of the newest card that is not made yet: the card may change meanwhile."""
        card = self.newest()
        person = who or self.people.maya
        return self.town.slack.pressing(person.id, card.channel, card.ts, action)

    async def send(self, press: Json) -> None:
        """The press reaches the bot."""
        await self.send_at_once(press)

    async def send_at_once(self, *presses: Json) -> None:
        """Several presses reach the bot at the same time."""
        sending = asyncio.gather(*map(self.town.slack.send_payload, presses))
        for answer in await self.town.passing(sending):
            assert answer.problem is None, answer
        await self.town.idle()

    async def approve(self) -> None:
        """Maya approves, and the undo window passes."""
        await self.press(actions.APPROVE)
        await self.town.later(UNDO)

    async def opens(self, action: str, *, who: User | None = None) -> str:
        """Somebody presses what opens a modal, a button or in the menu; what they then read."""
        in_row = action in self.buttons()
        await (self.press(action, who=who) if in_row else self.choose(action, who=who))
        return self.modal(who)

    async def submits(self, *, who: User | None = None, **fields: Given) -> Answer:
        """Somebody fills in the modal before them and sends it; the rest stays as it was."""
        answer = await self.town.submit(who or self.people.maya, fields)
        assert answer.problem is None, answer
        return answer

    async def edits(self, *, who: User | None = None, **fields: Given) -> None:
        """Somebody opens the letter, changes these fields and saves."""
        await self.opens(actions.EDIT, who=who)
        await self.submits(who=who, **fields)

    async def rejects(
        self, choice: str = "calls", *, note: str = "", who: User | None = None
    ) -> None:
        """Somebody says that this letter is not sent, and what happens instead."""
        await self.opens(actions.REJECT, who=who)
        await self.submits(who=who, choice=choice, note=note)

    async def commands(self, text: str = "", *, who: User | None = None) -> str:
        """Somebody (Maya, unless said) types /dunning and this; what they then read."""
        person, told = who or self.people.maya, self.town.slack.state.ephemerals
        before = len(told)
        typing = self.town.slack.command(person.id, self.town.review.id, "/dunning", text)
        answer = await self.town.passing(typing)
        assert answer.problem is None, answer
        await self.town.idle()
        # On a busy machine it may be told first that the answer follows.
        follows = any(say(locale, "command.one_moment") in answer.body for locale in LOCALES)
        await until(lambda: len(told) > before + follows)
        assert told[-1].user == person.id
        return readable(render_text(told[-1], self.names))

    # What everybody sees.

    def newest(self) -> Message:
        """The card that was posted last, in whichever channel."""
        return max(self.town.cards() + self.town.vip_cards(), key=lambda one: float(one.ts))

    def posted_at(self) -> datetime:
        """When the card that was posted last was asked for."""
        return self.town.slack.calls("chat.postMessage")[-1].at

    @property
    def names(self) -> dict[str, str]:
        """People's names by their ids."""
        return {one.id: one.real_name for one in self.town.slack.state.users.values()}

    def card(self, message: Message | None = None) -> str:
        """What stands on a card (the newest, unless said), as people read it."""
        return readable(render_text(message or self.newest(), self.names))

    def thread(self, message: Message | None = None) -> list[str]:
        """What was said in a card's thread."""
        top = message or self.newest()
        replies = self.town.slack.state.replies(top.channel, top.ts)
        return [readable(render_text(one, self.names)) for one in replies]

    def modal(self, who: User | None = None) -> str:
        """What stands in the modal before somebody; "" when there is none."""
        view = self.town.modal(who or self.people.maya)
        return readable(render_text(view, self.names)) if view else ""

    def errors(self, who: User | None = None) -> dict[str, str]:
        """What the modal complains of, by field."""
        view = self.town.modal(who or self.people.maya)
        return view.errors if view else {}

    def typed(self, field: str, who: User | None = None) -> Given:
        """What stands in a field of the modal when it is drawn."""
        view = self.town.modal(who or self.people.maya)
        assert view is not None
        if field in view.typed:
            return view.typed[field]  # type: ignore[no-any-return]
        blocks = {one["block_id"]: one for one in view.content["blocks"]}
        return initial(blocks[field]["element"])

    def buttons(self, message: Message | None = None) -> list[str]:
        """The action ids of a card's buttons, its menu left out."""
        blocks = (message or self.newest()).blocks
        rows = [one["elements"] for one in blocks if one["type"] == "actions"]
        return [one["action_id"] for row in rows for one in row if one["type"] == "button"]

    def asks(self, message: Message | None = None) -> bool:
        """Whether a card asks for a decision about its letter."""
        return actions.APPROVE in self.buttons(message)

    def whispers(self, who: User | None = None) -> list[str]:
        """What only one person (Maya, unless said) was told."""
        them = (who or self.people.maya).id
        return [one.text for one in self.town.slack.state.ephemerals if one.user == them]

    def mailed(self) -> list[str]:
        """The text of every mail."""
        return [readable(one.text_part()) for one in self.town.mails()]

    async def case(self, invoice: Json) -> Case:
        """The last case of an invoice's customer."""
        return (await self.cases(invoice))[-1]

    async def cases(self, invoice: Json) -> list[Case]:
        """All cases of an invoice's customer, oldest first."""
        return await cases_of(self.town, invoice["customer"])


async def cases_of(town: Town, customer: str) -> list[Case]:
    """A customer's cases as the database has them, oldest first."""
    async with town.parts.database.read() as link:
        query = select(table.c.id).where(table.c.customer == customer)
        found = [row.id for row in await link.execute(query.order_by(table.c.opened_at))]
    return [await town.case(one) for one in found]


async def until(it_is_so: Callable[[], bool]) -> None:
    """Let everybody else go on, and look again."""
    while not it_is_so():  # noqa: ASYNC110 - the houses are plain values that tell nobody
        await asyncio.sleep(0)


def readable(text: str) -> str:
    """With plain spaces for the unbreakable ones of figures, and one kind of line end."""
    text = text.replace("\r\n", "\n")
    return re.sub(r"[\u00a0\u202f\u2009]", " ", html.unescape(text))
