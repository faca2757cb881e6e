"""The counterparts, and what people and Stripe do there: by the sandbox's own page."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from bench.bot_process import ROOT, clean_environment
from bot.review import actions
from bot.sandbox.page.elsewhere import opened_beside
from tests.sandbox.page.visitor import Visitor, visiting

PATIENCE = 90.0  # seconds; what has not happened by then is lost
GLANCE = 0.1
CHANNEL = "billing-review"
NAMED = re.compile(r"^([A-Z_]+)=(.*)$", re.MULTILINE)
T = TypeVar("T")
LETTERS_LEAVE_AT_ONCE = {"UNDO_SECONDS": "0"}


class Lost(AssertionError):
    """Something that was promised did not come; the message says what."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A page that is open, and the settings that lead a bot to what is behind it."""

    visitor: Visitor
    settings: dict[str, str]

    async def fails(self, name: str) -> None:
        """A customer's payment fails, and Stripe tells."""
        await self.visitor.fails(name)

    async def pays(self, name: str) -> None:
        """The money comes, and Stripe tells."""
        shown = (await self.visitor.screen("stripe"))["customers"]
        customer = next(one["id"] for one in shown if one["name"] == name)
        await self.visitor.do("stripe.pay", customer=customer)

    async def cards(self, name: str) -> list[dict[str, Any]]:
        """What stands in the review channel about a customer, replies left out."""
        said = (await self.visitor.screen("slack"))["messages"][await self._room()]
        return [one for one in said if name in str(one["text"]) and not one.get("thread_ts")]

    async def approves(self, name: str) -> None:
        """Somebody presses Approve once it is offered, and again while nothing comes of it."""
        await self.until(f"a card about {name}", partial(self._offering, name))

        async def taken() -> bool:
            card = await self._offering(name)
            if card is None:
                return True
            pressed = {"channel": await self._room(), "ts": card["ts"]}
            answer = await self.visitor.tries("slack.press", **pressed, action_id=actions.APPROVE)
            return "problem" not in answer

        await self.until(f"an answer to the press about {name}", taken)

    async def mails(self, name: str) -> int:
        """How many came about this customer's bills."""
        shown = (await self.visitor.screen("mail"))["mails"]
        return sum(name in str(one["person"]) for one in shown)

    async def mailed(self, name: str) -> None:
        """Return once a mail is there, and its card says so."""
        await self.until(f"a mail about {name}", partial(self.mails, name))

    async def closed(self, name: str) -> None:
        """Return once the newest card says that it is paid."""

        async def paid() -> bool:
            found = await self.cards(name)
            return bool(found) and "Paid, " in str(found[-1]["text"])

        await self.until(f"the end of {name}'s case", paid)

    async def works(self, name: str) -> None:
        """One case from its first failure to the money."""
        await self.fails(name)
        await self.approves(name)
        await self.mailed(name)
        await self.pays(name)
        await self.closed(name)

    async def until(self, what: str, found: Callable[[], Awaitable[T]]) -> T:
        """What is found, once it is; raises Lost when it never is."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not (seen := await found()):  # noqa: ASYNC110 - asked over HTTP
                    await asyncio.sleep(GLANCE)
        except TimeoutError:
            raise Lost(f"{what} did not come within {PATIENCE:.0f} s") from None
        return seen

    async def _room(self) -> str:
        channels = (await self.visitor.screen("slack"))["channels"]
        return next(str(one["id"]) for one in channels if one["name"] == CHANNEL)

    async def _offering(self, name: str) -> dict[str, Any] | None:
        found = await self.cards(name)
        return next((one for one in reversed(found) if f"'{actions.APPROVE}'" in str(one)), None)


@asynccontextmanager
async def desk(bot_port: int, *, apart: bool) -> AsyncIterator[Desk]:
    """Everybody but the bot, for one at that port; `apart`: in a process of their own."""
    async with AsyncExitStack() as stack:
        if apart:
            url, settings = await stack.enter_async_context(_apart(bot_port))
        else:
            site, settings = await stack.enter_async_context(opened_beside(bot_port))
            url = site.url
        visitor = await stack.enter_async_context(visiting(url))
        yield Desk(visitor=visitor, settings={**settings, **LETTERS_LEAVE_AT_ONCE})


@asynccontextmanager
async def _apart(bot_port: int) -> AsyncIterator[tuple[str, dict[str, str]]]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "sandbox", "--counterparts", str(bot_port)),
        cwd=ROOT,
        env=clean_environment({}),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        said = ""
        while process.stdout is not None and "SENDING_HOURS=" not in said:
            line = await process.stdout.readline()
            if not line:
                raise Lost("the counterparts did not start")
            said += line.decode()
        [url] = re.findall(r"http://127\.0\.0\.1:\d+", said.partition("PORT=")[0])
        settings = dict(NAMED.findall(said))
        del settings["PORT"]  # the platform gives one
        yield url, settings
    finally:
        process.terminate()
        await process.wait()
