"""Five failed payments, and what people do about them. It only acts; a witness tells the rest.

Every act goes through a front door: Stripe's webhooks, signed presses, the page behind the link in
a mail. What is missing when it is needed (a card, a mail) ends the story with StoryBroke.
"""

from datetime import timedelta
from typing import Any

import aiohttp

from bot.case.ids import CaseId
from bot.case.model import Case
from bot.review import actions
from bot.sandbox import readings
from bot.sandbox.mailbox import Mail
from bot.sandbox.slack import Answer, Message, NotThereError, User
from bot.sandbox.stripe_objects import Json
from bot.sandbox.terminal import Screen
from bot.sandbox.town import Town
from bot.sandbox.witness import Witness

MONTH = timedelta(days=30)


class StoryBroke(Exception):
    """Something that the story needs next is not there; the message says what."""


class Stage:
    """Where a scene is played: its customer, their invoice, the card about them."""

    def __init__(self, town: Town, screen: Screen, witness: Witness) -> None:
        self.town = town
        self.people = town.people
        self.witness = witness
        self._screen = screen
        self._scenes = 0
        self._customer = ""
        self._case: CaseId | None = None
        self._invoice: Json = {}

    async def fails(
        self,
        person: dict[str, Any],
        plan: dict[str, Any],
        why: str,
        *,
        paid_months: int = 6,
    ) -> None:
        """A customer of some months, whose payment is refused today."""
        world = self.town.stripe.world
        customer = world.add_customer(**person)
        since = self.town.clock.now() - MONTH * paid_months
        subscription = world.subscribe(customer, since=since, **plan)
        price = subscription["items"]["data"][0]["price"]
        self._scenes += 1
        self._screen.heading(
            f"{self._scenes} · "
            + readings.subscriber(customer, price, world.find(price["product"]))
        )
        self._screen.said(self.town.clock.now(), "Stripe", readings.reachable(customer))
        world.past_paid(subscription, count=paid_months)
        self._customer, self._case = customer["id"], None
        self._invoice = world.fail_payment(subscription, code="card_declined", decline_code=why)
        await self.goes_on()

    async def goes_on(self, by: timedelta = timedelta(0)) -> None:
        """Stripe tells, time passes, the bot does what is due; the witness looks."""
        if by:
            await self.town.later(by)
        await self.town.settle()
        self.witness.look()

    async def undo_window_ends(self) -> None:
        """Nobody presses Undo."""
        await self.goes_on(self.town.config.undo + timedelta(seconds=1))

    async def case(self) -> Case:
        """The case about this scene's customer."""
        if self._case is None:
            found = await self.town.open_case(self._customer)
            if found is None:
                raise StoryBroke("The bot has no case for this customer.")
            self._case = found.id
        return await self.town.case(self._case)

    async def card(self) -> Message:
        """The message that stands for the case in Slack."""
        for shown in reversed((await self.case()).shown):
            message = self.town.slack.state.message(shown.channel, shown.ts)
            if message is not None:
                return message
        raise StoryBroke("No card stands in Slack.")

    async def press(self, who: User, action: str) -> None:
        """Somebody presses a button of the card as it stands."""
        await self.send(await self.finger_on(who, action))

    async def finger_on(self, who: User, action: str) -> Json:
        """A press that is not made yet: the card may change meanwhile."""
        card = await self.card()
        try:
            return self.town.slack.pressing(who.id, card.channel, card.ts, action)
        except NotThereError as missing:
            raise StoryBroke(f"The card has no button to {action}.") from missing

    async def send(self, press: Json) -> None:
        """The press reaches the bot."""
        answer: Answer = await self.town.slack.send_payload(press)
        self.witness.pressed(answer)
        await self.goes_on()

    async def mail(self) -> Mail:
        """The mail about this scene's invoice."""
        for mail in reversed(self.town.mails()):
            if mail.link().endswith(f"/{self._invoice['id']}"):
                return mail
        raise StoryBroke("No mail about this invoice came.")

    async def pays_on_the_page(self) -> None:
        """The customer follows the link in the mail and presses the page's button."""
        link = (await self.mail()).link()
        async with aiohttp.ClientSession() as browser:
            async with browser.get(link) as page:
                self._screen.said(self.town.clock.now(), "Page", f"{link} answers {page.status}.")
            async with browser.post(link) as page:
                self._screen.said(
                    self.town.clock.now(), "Page", readings.page_says(await page.text())
                )
        await self.goes_on()

    async def pays(self, **how: bool) -> None:
        """The customer pays without any link of ours."""
        self.town.stripe.world.pay(self._invoice, **how)
        await self.goes_on()

    async def ends(self) -> None:
        """The scene is over: the way its case went."""
        await self.witness.journal((await self.case()).id)


async def tell(stage: Stage) -> None:
    """All five, one after the other."""
    for scene in (approved, vip, paid_in_review, spoiled, no_address):
        await scene(stage)
        await stage.ends()


async def approved(stage: Stage) -> None:
    """A guest may not decide; Maya approves; the customer pays through the mail's link."""
    person = {"name": "Chloé Martin", "email": "chloe.martin@example.fr"}
    where = {"country": "FR", "locales": ["fr"]}
    await stage.fails(person | where, {"currency": "eur"}, "expired_card")
    await stage.press(stage.people.guest, actions.APPROVE)
    await stage.press(stage.people.maya, actions.APPROVE)
    await stage.undo_window_ends()
    await stage.pays_on_the_page()


async def vip(stage: Stage) -> None:
    """A large invoice goes to the account manager, who calls."""
    manager = {"account_manager": stage.people.priya.email}
    person = {"name": "Halden Freight Ltd", "email": "accounts@halden.example", "country": "GB"}
    plan = {"plan": "Fleet", "amount": 180_000}
    await stage.fails(person | {"metadata": manager}, plan, "insufficient_funds", paid_months=26)
    await stage.press(stage.people.priya, actions.TAKE)
    await stage.press(stage.people.priya, actions.CONTACTED)
    await stage.pays()


async def paid_in_review(stage: Stage) -> None:
    """The money comes while Tom's finger is on the button."""
    person = {"name": "Lucía Prieto", "email": "lucia@example.es"}
    where = {"country": "ES", "locales": ["es"]}
    await stage.fails(person | where, {"currency": "eur"}, "do_not_honor")
    press = await stage.finger_on(stage.people.tom, actions.APPROVE)
    await stage.pays()
    await stage.send(press)


async def spoiled(stage: Stage) -> None:
    """The model threatens; the guard refuses its words."""
    person = {"name": "Sam Porter", "email": "sam@example.com"}
    where = {"country": "US", "locales": ["en-US"]}
    stage.town.model.fault("threat", times=None)
    await stage.fails(person | where, {}, "generic_decline")
    stage.town.model.heal()
    await stage.press(stage.people.tom, actions.APPROVE)
    await stage.undo_window_ends()


async def no_address(stage: Stage) -> None:
    """Nobody can be written to."""
    await stage.fails({"name": "Corner Bakery", "country": "US"}, {}, "expired_card")
