"""What a visitor does on the page and sees there, and what is true behind it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from re import Pattern
from typing import Self, TypeVar

from playwright.async_api import ConsoleMessage, FrameLocator, Locator, Page, Request, expect

from bot.case.ids import CustomerKey
from bot.case.model import Case
from bot.memory import Memory
from bot.sandbox.mailbox import Mail
from bot.sandbox.page.serve import Site
from bot.sandbox.stripe_objects import Json
from bot.store.db import Database

PATIENCE = 60_000  # milliseconds; how long something may take on a machine that is busy
GLANCE = 0.05  # seconds between two looks at what no browser shows
Words = str | Pattern[str]
T = TypeVar("T")


async def comes_to(look: Callable[[], Awaitable[T | None]]) -> T:
    """What there is to see, once there is; looked for as often as a browser would."""
    async with asyncio.timeout(PATIENCE / 1000):
        while True:
            with suppress(LookupError):
                seen = await look()
                if seen is not None:
                    return seen
            await asyncio.sleep(GLANCE)


class Desk:
    """The sandbox behind the page: its world, its mailbox, and the bot's own database."""

    def __init__(self, site: Site, database: Database) -> None:
        self.url = site.url
        self.houses = site.desk.houses
        self._behind = site.desk
        self.memory = Memory(database)

    @classmethod
    @asynccontextmanager
    async def of(cls, site: Site, database_url: str) -> AsyncIterator[Self]:
        """Read beside the bot, which has the file to itself for writing."""
        database = Database(database_url, read_only=True)
        try:
            yield cls(site, database)
        finally:
            await database.close()

    async def has_passed(self, since: timedelta) -> bool | None:
        """True once the clock is further ahead than it was, and no time is passing."""
        moved = self.houses.clock.ahead > since
        return True if moved and self._behind.passing is None else None

    def customer(self, name: str) -> Json:
        """The one customer of Stripe's with this name."""
        everybody = self.houses.stripe.world.tables["customer"].values()
        (one,) = (customer for customer in everybody if customer.get("name") == name)
        return one

    async def case(self, name: str) -> Case:
        """The newest case of a customer, open or closed."""
        key = CustomerKey(account="", livemode=False, customer=self.customer(name)["id"])
        ids = reversed(await self.memory.case_ids())
        cases = [await self.memory.case(one) for one in ids]
        for case in cases:
            if case is not None and case.key == key:
                return case
        raise LookupError(f"there is no case of {name}")

    async def history(self, name: str) -> list[str]:
        """What happened to a customer's newest case: what its journal took, oldest first."""
        case = await self.case(name)
        return [one.event for one in await self.memory.journal(case.id) if one.refused is None]

    async def mail(self, name: str, number: int = 1) -> Mail:
        """The customer's letter of this number, once it and what the bot wrote of it are there."""

        async def sent() -> Mail | None:
            came, case = self.mails(name), await self.case(name)
            return came[number - 1] if case.sent == number == len(came) else None

        return await comes_to(sent)

    def mails(self, name: str) -> list[Mail]:
        """What a customer got, oldest first: their letters link to their invoices."""
        invoices = self.houses.stripe.world.tables["invoice"].values()
        theirs = {one["id"] for one in invoices if one["customer"] == self.customer(name)["id"]}
        mails = self.houses.mailbox.mails
        return [mail for mail in mails if mail.link().rpartition("/")[2] in theirs]


class Visitor:
    """Somebody at a browser."""

    def __init__(self, page: Page, desk: Desk) -> None:
        self.page = page
        self.desk = desk
        self._complaints: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self._complaints.append(str(error)))
        page.on("console", self._heard)
        page.on("request", self._asked)

    async def opens_the_page(self) -> None:
        await self.page.goto(self.desk.url)

    # Places of the page.

    @property
    def slack(self) -> Locator:
        return self.page.get_by_role("region", name="Slack")

    @property
    def stripe(self) -> Locator:
        return self.page.get_by_role("region", name="Stripe")

    @property
    def mailbox(self) -> Locator:
        return self.page.get_by_role("region", name="Mailbox")

    @property
    def modal(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def letter(self) -> FrameLocator:
        """What the phone shows: the mail, or the page behind its link."""
        return self.mailbox.frame_locator("iframe")

    def card(self, *words: Words) -> Locator:
        """The newest message in Slack that says all of this."""
        found = self.slack.get_by_role("article")
        for one in words:
            found = found.filter(has_text=one)
        return found.last

    # What a person does and sees.

    async def presses(self, name: Words, within: Locator | FrameLocator | None = None) -> None:
        await (within or self.page).get_by_role("button", name=name, exact=True).click()

    async def becomes(self, name: str) -> None:
        """Look through another person's eyes, by their first name."""
        people = self.slack.get_by_label("You are")
        option = people.get_by_role("option").filter(has_text=name)
        await people.select_option(await option.get_attribute("value"))

    async def enters(self, channel: str) -> None:
        await self.slack.get_by_role("navigation").get_by_role("button", name=channel).click()

    async def fails(self, name: str) -> None:
        """A payment of this customer fails, by Stripe's panel."""
        await self._turns_to(name)
        await self.presses("Let a payment fail", within=self.stripe)

    async def pays(self, name: str) -> None:
        """A customer pays by another way than our link, by Stripe's panel."""
        await self._turns_to(name)
        await self.stripe.get_by_role("button", name="Pay €").click()

    async def switches(self, fault: str, *, on: bool) -> None:
        panel = self.page.get_by_role("region", name="Faults")
        switch = panel.get_by_role("switch", name=fault)
        if not await switch.is_visible():
            await panel.get_by_role("heading", name="Faults").click()
        await switch.click()
        await expect(switch).to_be_checked(checked=on, timeout=PATIENCE)

    async def lets_pass(self, button: str) -> None:
        """Let time pass, and wait for that: meanwhile the bot is hours behind who presses."""
        before = self.desk.houses.clock.ahead
        await self.presses(button)
        await comes_to(lambda: self.desk.has_passed(before))

    async def sees(self, words: Words, within: Locator | FrameLocator | None = None) -> None:
        await expect((within or self.page).get_by_text(words).last).to_be_visible(timeout=PATIENCE)

    async def sees_no(self, words: Words, within: Locator | None = None) -> None:
        await expect((within or self.page).get_by_text(words)).to_have_count(0, timeout=PATIENCE)

    async def _turns_to(self, name: str) -> None:
        row = self.stripe.get_by_role("button", name=name)
        if await row.get_attribute("aria-expanded") != "true":
            await row.click()

    def met_no_error(self) -> None:
        """Neither a broken script nor a refused request, nor one to anywhere but here."""
        assert not self._complaints, self._complaints

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "data:")):
            self._complaints.append(f"asked for {request.url}")
