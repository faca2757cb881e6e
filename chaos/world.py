"""One world: counterparts that survive, a database, and a bot that may die at any point."""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, or_, select, update

from bench.bot_process import STRIPE_WEBHOOK, quiet_port
from bench.counterparts import SECRET, Counterparts, counterparts
from bot.memory import Memory
from bot.sandbox.stripe_webhooks import Endpoint
from bot.store.db import Database
from bot.store.tables import inbox, outbox
from chaos.nursery import Nursery
from chaos.supervised import Supervised, supervised

# What a life needs to be told; Stripe's other news only asks for one more reading.
TOLD = frozenset({"invoice.payment_failed", "invoice.paid"})
UNDER_WAY = ("ready", "claimed", "sending")
PATIENCE = 120.0  # seconds; what has not happened by then is lost
BREATH = 0.3  # seconds until somebody goes on, or tries again
GLANCE = 0.03  # seconds between two looks at what stands in memory
SELDOM = 0.2  # and at the database
# Letters leave at once, and at any hour: a figure must not depend on when it is taken.
SPEEDY = {"UNDO_SECONDS": "0", "SENDING_HOURS": "always", "LOG_LEVEL": "warning"}


class Lost(Exception):
    """Something that was promised did not come; the message says what."""


@dataclass(frozen=True, kw_only=True)
class World:
    """Everybody there is. The database is only read, but for `forget_leases`."""

    here: Counterparts
    bot: Supervised
    database: Database

    @property
    def memory(self) -> Memory:
        """What the bot has written down."""
        return Memory(self.database)

    async def ready(self) -> None:
        """Return once the bot takes webhooks, and has had its own first look at Slack."""
        await self.bot.ready()

        def looked() -> bool:
            calls = self.here.slack.calls("conversations.info")
            return bool(calls) and calls[-1].at.timestamp() > self.bot.started[-1]

        await until("the first look at Slack", looked)
        await asyncio.sleep(BREATH)

    async def at_rest(self, case_id: str | None, invoice: str) -> bool:
        """Whether nothing about a case waits or is in hand, and no news of its invoice."""
        news = select(func.count()).where(inbox.c.state.in_(UNDER_WAY), inbox.c.invoice == invoice)
        todo = select(func.count()).where(
            outbox.c.state.in_(UNDER_WAY), outbox.c.case_id == case_id
        )
        async with self.database.read() as link:
            waiting = [(await link.execute(one)).scalar_one() for one in (news, todo)]
        return not any(waiting)

    async def left(self, case_id: str | None) -> str:
        """What is not done about a case, for whoever wonders why it does not go on."""
        query = select(outbox).where(outbox.c.state.in_(UNDER_WAY), outbox.c.case_id == case_id)
        async with self.database.read() as link:
            rows = (await link.execute(query)).all()
        return ", ".join(f"{row.kind} {row.state} {row.trouble or ''}".strip() for row in rows)

    async def in_hand(self) -> Counter[str]:
        """How many effects of each kind, and arrivals, somebody holds now."""
        held = ("claimed", "sending")
        effects = select(outbox.c.kind).where(outbox.c.state.in_(held))
        arrivals = select(inbox.c.event_id).where(inbox.c.state == "claimed")
        async with self.database.read() as link:
            found = Counter[str]((await link.execute(effects)).scalars())
            found["arrival"] = len((await link.execute(arrivals)).all())
        return found

    async def forget_leases(self) -> None:
        """The dead process's half minute is over at once: for those who can't wait for it."""
        past = datetime(2000, 1, 1, tzinfo=UTC)
        async with self.database.begin() as link:
            for table in (inbox, outbox):
                held = or_(table.c.state == "claimed", table.c.state == "sending")
                await link.execute(update(table).where(held).values(lease_until=past))


@asynccontextmanager
async def world(nursery: Nursery, url: str, *, wrong: bool = False) -> AsyncIterator[World]:
    """Everybody stands ready, around a migrated database."""
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        async with counterparts(url) as here:
            bot = Supervised(
                nursery=nursery,
                settings={**here.settings, **SPEEDY},
                folder=Path(folder),
                port=quiet_port(),
                wrong=wrong,
            )
            here.slack.bot_url = bot.url
            told = Endpoint(url=f"{bot.url}{STRIPE_WEBHOOK}", secrets=[SECRET], events=TOLD)
            here.stripe.webhooks.endpoints[:] = [told]
            database = Database(url)
            try:
                async with supervised(bot):
                    found = World(here=here, bot=bot, database=database)
                    await found.ready()
                    yield found
            finally:
                await database.close()


async def until(what: str, it_is_so: Callable[[], bool]) -> None:
    """Return once it is so; raises Lost when it never is."""
    ends = time.monotonic() + PATIENCE
    while not it_is_so():
        if time.monotonic() > ends:
            raise Lost(what)
        await asyncio.sleep(GLANCE)


async def until_written(what: str, it_is_so: Callable[[], Awaitable[bool]]) -> None:
    """Likewise for what only the database knows."""
    ends = time.monotonic() + PATIENCE
    while not await it_is_so():
        if time.monotonic() > ends:
            raise Lost(what)
        await asyncio.sleep(SELDOM)
