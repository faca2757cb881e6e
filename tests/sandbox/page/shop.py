"""A desk with its cast, real houses, and nobody but an ear for a bot."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.sandbox.clock import MovableClock
from bot.sandbox.page import stripe_part
from bot.sandbox.page.cast import AOIFE, Character, customer_of, people_town
from bot.sandbox.page.desk import Desk, Json
from bot.sandbox.page.resident import Resident
from bot.sandbox.stripe_webhooks import Endpoint
from bot.sandbox.town import WEBHOOK_SECRET, houses

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


@dataclass
class Ear:
    """A receiver of webhooks, which answers as it is told to."""

    heard: list[Json] = field(default_factory=list)
    status: int = 200
    answer: Callable[[], Awaitable[int]] | None = None  # gives a status, after what it does first

    async def hear(self, request: web.Request) -> web.Response:
        self.heard.append(await request.json())
        return web.Response(status=await self.answer() if self.answer else self.status)

    def types(self) -> list[str]:
        return [event["type"] for event in self.heard]


@dataclass
class Shop:
    """What stands there, read as the page does, and what is done there."""

    desk: Desk
    ear: Ear
    clock: MovableClock

    def of(self, who: Character) -> str:
        number: str = customer_of(self.desk, who)["id"]
        return number

    def row(self, who: Character) -> Json:
        rows = self.screen()["customers"]
        return next(row for row in rows if row["id"] == self.of(who))

    def screen(self) -> Json:
        shown: Json = json.loads(
            json.dumps(stripe_part.PART.screen(self.desk, self.desk.houses.people.maya))
        )
        return shown

    def bill(self, who: Character) -> Json:
        world = self.desk.houses.stripe.world
        bills = [
            bill for bill in world.tables["invoice"].values() if bill["customer"] == self.of(who)
        ]
        return bills[-1]

    def error(self, who: Character) -> Json:
        world = self.desk.houses.stripe.world
        payment = world.payments_of(self.bill(who)["id"])[0]
        intent = world.find(payment["payment"]["payment_intent"])
        told: Json = intent["last_payment_error"]
        return told

    async def fails(self, who: Character = AOIFE, reason: str = "expired_card") -> None:
        await stripe_part.fail(self.desk, self.of(who), reason)

    async def does(self, act: str, who: Character = AOIFE) -> None:
        await stripe_part.PART.acts[act](
            self.desk, self.desk.houses.people.maya, {"customer": self.of(who)}
        )

    async def chooses(self, **what: str) -> None:
        await stripe_part.PART.acts["webhooks"](self.desk, self.desk.houses.people.maya, what)

    async def hop(self, by: timedelta) -> None:
        self.clock.move(by)
        for happening in self.desk.on_hop:
            await happening()


@asynccontextmanager
async def shop() -> AsyncIterator[Shop]:
    clock, ear = MovableClock(NOON), Ear()
    app = web.Application()
    app.router.add_post("/stripe/webhook", ear.hear)
    async with houses(clock) as around, TestServer(app) as server:
        told = Endpoint(url=str(server.make_url("/stripe/webhook")), secrets=[WEBHOOK_SECRET])
        around.stripe.webhooks.endpoints[:] = [told]
        bot = Resident(clock=clock, settings={}, port=0)
        desk = Desk(houses=around, bot=bot, stranger=around.people.guest)
        people_town(desk)
        yield Shop(desk, ear, clock)
