"""The counterparts that a real bot process is measured among: they answer at once.

They live in the process that measures, not in the bot's, so that a moment here and a moment there
are read from one clock, and no work of theirs is done in the bot's loop.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import aiohttp

from bot.clock import SystemClock
from bot.sandbox.mailbox import Mailbox
from bot.sandbox.model import KEY, MODEL, Model
from bot.sandbox.slack import Slack, User
from bot.sandbox.stripe import TEST_KEY, Stripe
from bot.sandbox.stripe_webhooks import Endpoint, signature

SECRET = "whsec_figures_0123456789abcdef"  # noqa: S105 - opens nothing but this
CHANNEL = "billing-review"


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A payment that failed: the customer's name, by which its card is known, and the event."""

    name: str
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Counterparts:
    """Stripe, Slack, a model and a mailbox on loopback, and the settings that lead to them."""

    stripe: Stripe
    slack: Slack
    model: Model
    mailbox: Mailbox
    reviewer: User
    settings: dict[str, str]

    def failures(self, count: int) -> list[Failure]:
        """So many customers of one plan, each with one payment that failed, and not told of."""
        made = [self._failure(f"Customer {len(self.stripe.calls)}-{n}.") for n in range(count)]
        self.stripe.take()
        return made

    def cards_at(self) -> dict[str, float]:
        """When each customer's card was asked for, in seconds of the system's clock, by name."""
        posts = self.slack.calls("chat.postMessage")
        return {_named(str(call.args["text"])): call.at.timestamp() for call in posts}

    def _failure(self, name: str) -> Failure:
        world = self.stripe.world
        customer = world.add_customer(name=name, email="anna@kurz.example")
        world.fail_payment(world.subscribe(customer, "Team"))
        failed = [one for one in self.stripe.take() if one.type == "invoice.payment_failed"]
        endpoint = Endpoint(url="", secrets=[SECRET])
        return Failure(name=name, body=self.stripe.webhooks.body(failed[-1], endpoint))


@asynccontextmanager
async def counterparts(database_url: str) -> AsyncIterator[Counterparts]:
    """Start them all, and stop them at the end."""
    clock = SystemClock()
    stripe, slack, model, mailbox = Stripe(clock), Slack(clock), Model(clock), Mailbox(clock)
    async with AsyncExitStack() as stack:
        for house in (stripe, slack, model, mailbox):
            await house.start()
            stack.push_async_callback(house.stop)
        maya = slack.add_user("maya")
        slack.add_channel(CHANNEL, members=[maya])
        yield Counterparts(
            stripe=stripe,
            slack=slack,
            model=model,
            mailbox=mailbox,
            reviewer=maya,
            settings={
                "DATABASE_URL": database_url,
                "STRIPE_API_KEY": TEST_KEY,
                "STRIPE_WEBHOOK_SECRET": SECRET,
                "STRIPE_API_BASE": stripe.api_base,
                "SLACK_BOT_TOKEN": slack.token,
                "SLACK_SIGNING_SECRET": slack.signing_secret,
                "SLACK_API_URL": slack.api_url,
                "REVIEW_CHANNEL": CHANNEL,
                "OPENAI_API_KEY": KEY,
                "OPENAI_BASE_URL": model.base_url,
                "OPENAI_MODEL": MODEL,
                "COMPANY_NAME": "Northwind",
                "MAIL_FROM": "billing@northwind.example",
                "MAIL_URL": mailbox.url,
                "TEST_MAIL_TO": "test-mail@northwind.example",
            },
        )


async def tell(session: aiohttp.ClientSession, url: str, body: bytes) -> int:
    """Send one event, signed now; the status it was answered with."""
    headers = {"Stripe-Signature": signature(body, [SECRET], int(time.time()))}
    async with session.post(url, data=body, headers=headers) as answer:
        await answer.read()
        return answer.status


async def until_shown(here: Counterparts, count: int, within: float) -> None:
    """Return once so many cards stand; TimeoutError when they don't."""
    async with asyncio.timeout(within):
        while len(here.slack.calls("chat.postMessage")) < count:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.005)


def _named(text: str) -> str:
    start = text.find("Customer ")
    return text[start : text.find(".", start) + 1] if start >= 0 else text
