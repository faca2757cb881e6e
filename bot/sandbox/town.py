"""A whole town on loopback: Stripe, Slack, a model, a mailbox, and the bot among them.

The same town serves `make sandbox` and the tests. Everything between its houses is real HTTP or
SMTP; only the clock can be moved.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from aiohttp import web

from bot import config as settings
from bot.app import RUNNING, web_app
from bot.case.ids import CaseId, CustomerKey
from bot.case.model import Case
from bot.case.news import FOLDS
from bot.config import Config
from bot.memory import Memory
from bot.parts import Parts
from bot.running import Running
from bot.sandbox.clock import MovableClock
from bot.sandbox.mailbox import Mail, Mailbox
from bot.sandbox.model import KEY, MODEL, Model
from bot.sandbox.slack import Answer, Channel, Message, Slack, User, View
from bot.sandbox.slack_payloads import Given
from bot.sandbox.stripe import TEST_KEY, Stripe
from bot.sandbox.stripe_webhooks import Endpoint

WEBHOOK_SECRET = "whsec_sandbox_0123456789abcdef"  # noqa: S105 - opens nothing but this town
TEST_MAIL_TO = "test-mail@northwind.example"
GLANCE = 0.02  # real seconds between two looks at whether somebody only waits for the clock

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class People:
    """Who works at the company."""

    maya: User  # reviewer
    tom: User  # reviewer
    priya: User  # account manager
    guest: User


@dataclass(kw_only=True)
class Houses:
    """Everybody but the bot: they survive its restart."""

    clock: MovableClock
    stripe: Stripe
    slack: Slack
    model: Model
    mailbox: Mailbox
    people: People
    review: Channel
    vip: Channel


@dataclass(kw_only=True)
class Town(Houses):
    """The houses and the bot among them, and what one does between them."""

    config: Config
    running: Running
    url: str

    @property
    def parts(self) -> Parts:
        """The bot's insides, for waiting and reading: what acts goes through the front door."""
        if self.running.parts is None:
            raise RuntimeError("the bot has not started")
        return self.running.parts

    @property
    def memory(self) -> Memory:
        """What the bot has written down."""
        return self.parts.memory

    async def settle(self) -> None:
        """Stripe tells what happened, and the bot does all that is due now."""
        await self.stripe.tell()
        await self.idle()
        await self.later(2 * FOLDS)

    async def later(self, by: timedelta) -> None:
        """Move the clock, and let the bot do what is due then."""
        self.clock.move(by)
        await self.idle()

    async def idle(self) -> None:
        """Let the bot do all that is due; what waits a few seconds of the clock gets them."""
        await self.passing(self.parts.worker.idle())

    async def passing(self, doing: Awaitable[T]) -> T:
        """Let the clock pass while something is done that sleeps by it."""
        done = asyncio.ensure_future(doing)
        while not done.done():
            await asyncio.wait({done}, timeout=GLANCE)
            if not done.done():
                self.clock.skip()
        return await done

    async def press(self, who: User, message: Message, action: str) -> Answer:
        """Somebody presses a button of a message as it stands, and the bot does what follows."""
        pressing = self.slack.press(who.id, message.channel, message.ts, action)
        answer = await self.passing(pressing)
        await self.idle()
        return answer

    def modal(self, who: User) -> View | None:
        """The modal that this person looks at: the one on top."""
        views = self.slack.state.views.values()
        open_ones = [one for one in views if one.user == who.id and one.is_open]
        return next((one for one in reversed(open_ones) if one.type == "modal"), None)

    async def submit(self, who: User, fields: Mapping[str, Given]) -> Answer:
        """Somebody fills in the modal before them, sends it, and the bot does what follows."""
        view = self.modal(who)
        if view is None:
            raise LookupError(f"{who.name} has no modal open")
        answer = await self.passing(self.slack.submit_view(who.id, view.id, fields))
        await self.idle()
        return answer

    def cards(self) -> list[Message]:
        """What stands in the review channel, oldest first; replies in threads left out."""
        return _top(self.slack, self.review)

    def vip_cards(self) -> list[Message]:
        """What stands in the VIP channel."""
        return _top(self.slack, self.vip)

    def mails(self) -> list[Mail]:
        """What customers (or the test address) got."""
        return self.mailbox.mails

    async def open_case(self, customer: str) -> Case | None:
        """A customer's open case, in test mode."""
        key = CustomerKey(account="", livemode=False, customer=customer)
        return await self.memory.open_case(key)

    async def case(self, case_id: CaseId) -> Case:
        """A case that must be there."""
        found = await self.memory.case(case_id)
        if found is None:
            raise LookupError(case_id)
        return found


@asynccontextmanager
async def houses(clock: MovableClock) -> AsyncGenerator[Houses]:
    """Open every house but the bot's."""
    async with AsyncExitStack() as stack:
        stripe, slack = Stripe(clock), Slack(clock)
        model, mailbox = Model(clock), Mailbox(clock)
        for house in (stripe, slack, model, mailbox):
            await house.start()
            stack.push_async_callback(house.stop)
        people = _people(slack)
        staff = [people.maya, people.tom, people.priya]
        yield Houses(
            clock=clock,
            stripe=stripe,
            slack=slack,
            model=model,
            mailbox=mailbox,
            people=people,
            review=slack.add_channel("billing-review", members=[people.maya, people.tom]),
            vip=slack.add_channel("vip-accounts", members=staff),
        )


@asynccontextmanager
async def town(
    database_url: str,
    clock: MovableClock,
    settings_: Mapping[str, str] | None = None,
    *,
    among: Houses | None = None,
    polls: bool = False,
) -> AsyncGenerator[Town]:
    """Build the town on a migrated database; the bot's settings can be overridden by name.

    `polls`: the bot asks Stripe what no webhook told; without, a test decides what it hears of.
    `among` are houses that stand already: a bot that comes back after it was stopped.
    """
    async with AsyncExitStack() as stack:
        around = await stack.enter_async_context(houses(clock)) if among is None else among
        config = settings.load({**settings_among(database_url, around), **(settings_ or {})})
        app = web_app(config, clock, polls=polls, keeps_time=False)
        url = await _served(app, stack)
        around.slack.bot_url = url
        around.slack.sockets.on = config.slack_app_token is not None
        told = Endpoint(url=f"{url}/stripe/webhook", secrets=[WEBHOOK_SECRET])
        around.stripe.webhooks.endpoints[:] = [told]
        found = Town(**vars(around), config=config, running=app[RUNNING], url=url)
        if found.running.parts is not None:
            clock.when_moved(found.parts.worker.wake)
        yield found


async def _served(app: web.Application, stack: AsyncExitStack) -> str:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


def _people(slack: Slack) -> People:
    return People(
        maya=slack.add_user("maya", real_name="Maya Okafor", email="maya@northwind.example"),
        tom=slack.add_user("tom", real_name="Tom Berger", email="tom@northwind.example"),
        priya=slack.add_user("priya", real_name="Priya Nair", email="priya@northwind.example"),
        guest=slack.add_user("guest", real_name="Gus Guest", is_restricted=True),
    )


def settings_among(database_url: str, around: Houses) -> dict[str, str]:
    """What a bot among these houses is started with."""
    stripe, slack, model = around.stripe, around.slack, around.model
    return {
        "DATABASE_URL": database_url,
        "STRIPE_API_KEY": TEST_KEY,
        "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "STRIPE_API_BASE": stripe.api_base,
        "SLACK_BOT_TOKEN": slack.token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "REVIEW_CHANNEL": "billing-review",
        "VIP_CHANNEL": "vip-accounts",
        "ACCOUNT_MANAGER": around.people.priya.id,
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": model.base_url,
        "OPENAI_MODEL": MODEL,
        "COMPANY_NAME": "Northwind",
        "MAIL_FROM": "billing@northwind.example",
        "MAIL_REPLY_TO": "help@northwind.example",
        "MAIL_URL": around.mailbox.url,
        "TEST_MAIL_TO": TEST_MAIL_TO,
    }


def _top(slack: Slack, channel: Channel) -> list[Message]:
    return [
        one for one in slack.messages(channel.id) if not one.thread_ts or one.thread_ts == one.ts
    ]
