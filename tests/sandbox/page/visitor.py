"""Somebody with a browser tab on the sandbox's page: what they see, and what they do there."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from bot.review import actions
from bot.sandbox.page.cast import AOIFE
from bot.sandbox.page.desk import Desk
from bot.sandbox.page.serve import Site
from bot.sandbox.slack import Message, User, render_text

Json = dict[str, Any]
PATIENCE = 60  # real seconds; on a quiet machine nothing here takes two
GLANCE = 0.02


class Visitor:
    """A tab at this address. What fails in it is told: every answer is 200."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self._session = session

    async def screen(self, part: str) -> Json:
        """What a part shows at this moment."""
        async with self._session.get(f"{self.url}/live") as stream:
            async for line in stream.content:
                if line.startswith(b"data:"):
                    shown: Json = json.loads(line.removeprefix(b"data:"))[part]
                    return shown
        raise AssertionError("the page shows nothing")

    async def do(self, act: str, **given: Any) -> Json:
        """Do something, as Maya unless a viewer is given; the answer must hold no problem."""
        answer = await self.tries(act, **given)
        assert "problem" not in answer, answer
        return answer

    async def fails(self, name: str = AOIFE.name) -> None:
        """Let the next payment of one of the cast fail: the card has expired."""
        customers = (await self.screen("stripe"))["customers"]
        customer = next(one["id"] for one in customers if one["name"] == name)
        await self.do("stripe.fail", customer=customer, reason="expired_card")

    async def tries(self, act: str, **given: Any) -> Json:
        """As do; the answer as it comes."""
        given.setdefault("viewer", (await self.screen("slack"))["viewer"])
        asked = self._session.post(
            f"{self.url}/do/{act.replace('.', '/')}", json=given, headers={"Origin": self.url}
        )
        async with asked as answer:
            assert answer.status == 200, await answer.text()
            found: Json = await answer.json()
            return found


@asynccontextmanager
async def visiting(url: str) -> AsyncIterator[Visitor]:
    """A tab that is closed at the end."""
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        yield Visitor(url, session)


async def until(found: Callable[[], Any]) -> Any:
    """Wait until there is what is looked for, and return that."""
    async with asyncio.timeout(PATIENCE):
        while not (seen := found()):  # noqa: ASYNC110 - another process is what is waited for
            await asyncio.sleep(GLANCE)
    return seen


class Room:
    """The review channel behind a page, and who works there."""

    def __init__(self, site: Site) -> None:
        self.desk: Desk = site.desk
        self.houses = site.desk.houses

    def cards(self) -> list[Message]:
        """What stands in the review channel, oldest first; replies in threads left out."""
        said = self.houses.slack.messages(self.houses.review.id)
        return [one for one in said if not one.thread_ts or one.thread_ts == one.ts]

    def offers(self, action: str) -> Message | None:
        """The newest card with such a button, if there is one."""
        return next((one for one in reversed(self.cards()) if _has(one, action)), None)

    async def card(self, action: str = actions.APPROVE) -> Message:
        """The newest card with such a button, once it is there."""
        found: Message = await until(lambda: self.offers(action))
        return found

    async def press(self, action: str, *, who: User | None = None) -> Message:
        """Maya presses a button of the newest card that has it, once there is one."""
        card = await self.card(action)
        maya = who or self.houses.people.maya
        answer = await self.houses.slack.press(maya.id, card.channel, card.ts, action)
        assert answer.problem is None, answer
        return card

    def told(self) -> str:
        """All that stands in the review channel."""
        said = self.houses.slack.messages(self.houses.review.id)
        return "\n".join(render_text(one) for one in said)


def _has(message: Message, action: str) -> bool:
    return f'"{action}"' in json.dumps(message.blocks)
