"""The lifetime of a process: from its first look at the database to its last."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from logging import ERROR, WARNING
from typing import TypeVar

from aiohttp import web

from bot import config as settings
from bot.case.arrival import Arrival
from bot.clock import Clock
from bot.config import Config
from bot.doctor.finding import Finding
from bot.doctor.visits import Visits
from bot.errors import DatabaseTrouble, OutsideTrouble
from bot.intake.group_commit import GroupCommit
from bot.log import tell
from bot.parts import Parts, tied
from bot.recovery.restore import Restore
from bot.review.setup import Trouble
from bot.store import inbox, schema, skew
from bot.store.db import Database, is_out_of_reach
from bot.store.gauges import Gauges
from bot.store.schema import Schema

SCHEMA_POLL_SECONDS = 2.0
LONGEST_WAIT = timedelta(minutes=5)

_T = TypeVar("_T")


class Running:
    """The lifetime of a process: waits for the schema, builds the parts, stops them in order.

    Only one that `listens` opens Slack's socket, as it does the port. A worker by itself does not:
    whoever presses would then wait for a process that is busy with letters and may be scaled to
    none, and nobody could read on its page that the token is wrong.
    """

    def __init__(  # noqa: PLR0913 - each by name
        self,
        config: Config,
        clock: Clock,
        *,
        with_worker: bool = True,
        listens: bool = False,
        polls: bool = True,
        keeps_time: bool = True,
    ) -> None:
        self._config = config
        self._clock = clock
        self._with_worker = with_worker
        self._listens = listens
        self._polls = polls
        self._keeps_time = keeps_time
        self._complete = not settings.missing(config)
        self._database: Database | None = None
        self._inbox: GroupCommit | None = None
        self.parts: Parts | None = None

    def ready(self) -> bool:
        """Whether cases can be worked: settings complete, schema usable."""
        return self.parts is not None

    async def check(self) -> Mapping[str, bool]:
        """Each part, and whether it works now."""
        reachable = await self._schema() is Schema.USABLE
        asked = await _reached(self._asked_database()) if reachable else None
        return {
            "settings": self._complete,
            "database": asked is not None,
            "started": self.ready(),
            "queue": asked is not None and asked["queue"],
            "clock": asked is None or asked["clock"],
            "slack": self.parts is None or not self.parts.slack_troubles,
            "stripe": self.parts is None or not self.parts.stripe.troubles,
        }

    def wrong(self) -> tuple[Trouble, ...]:
        """The settings that Slack or Stripe refused when it was last asked."""
        return self.parts.troubles if self.parts else ()

    async def _asked_database(self) -> Mapping[str, bool]:
        """What only the database knows."""
        return {"queue": await self._keeps_up(), "clock": await self._is_in_time()}

    async def _keeps_up(self) -> bool:
        """Whether no effect has waited for long: a worker is alive somewhere."""
        if self.parts is None:
            return True
        now = self._clock.now()
        oldest = await self.parts.memory.oldest_due(now)
        return oldest is None or now - oldest < LONGEST_WAIT

    async def _is_in_time(self) -> bool:
        """Whether our clock and the database's agree."""
        if self._database is None or not self._keeps_time:
            return True
        found = await skew.apart(self._database, self._clock.now)
        return found is None or found <= skew.MOST_APART

    async def gauges(self) -> Gauges | None:
        """What /metrics tells; None until we started, and while the database is out of reach."""
        if self.parts is None:
            return None
        return await _reached(self.parts.ledger.gauges())

    async def remember(self, arrival: Arrival) -> None:
        """Keep that an event came; returns when it is durable."""
        if self._inbox is None:
            raise OutsideTrouble("not_started")
        await self._inbox.remember(arrival)

    async def take(self, request: web.Request, body: str) -> web.Response:
        """A verified request of Slack's."""
        if self.parts is None:
            raise OutsideTrouble("not_started")
        return await self.parts.door(request, body)

    async def lifetime(self, _app: web.Application | None = None) -> AsyncGenerator[None]:
        """For aiohttp's cleanup_ctx: background tasks are ours to stop, and in time."""
        async with AsyncExitStack() as stack:
            self._database = Database(self._config.database_url)
            stack.push_async_callback(self._database.close)
            starting = asyncio.create_task(self._start(stack))
            starting.add_done_callback(partial(_told, "start_failed"))
            try:
                if await self._schema() is Schema.USABLE:
                    await starting
                yield
            finally:
                starting.cancel()
                await asyncio.gather(starting, return_exceptions=True)
                await self._stop()

    async def _start(self, stack: AsyncExitStack) -> None:
        if not self._complete or self._database is None:
            tell("settings_missing", names=",".join(settings.missing(self._config)))
            return
        while (found := await self._schema()) is not Schema.USABLE:
            tell("waiting_for_schema", schema=found)
            await self._clock.sleep(SCHEMA_POLL_SECONDS)
        for name in self._config.unused:
            tell("setting_not_used_yet", level=WARNING, name=name)
        visits = Visits(self._visit)
        stack.push_async_callback(visits.close)
        parts = await stack.enter_async_context(
            tied(
                self._config,
                self._clock,
                self._database,
                examine=visits.told,
                polls=self._polls,
            )
        )
        self._inbox = GroupCommit(partial(_keep, parts, self._clock))
        await self._looked(parts.restore)
        if self._with_worker:
            working = asyncio.create_task(parts.worker.run())
            stack.push_async_callback(_ended, working)
        self.parts = parts
        # Only now, and by itself: webhooks are kept also while Slack can't be used.
        asking = asyncio.create_task(parts.slack.watch())
        asking.add_done_callback(partial(_told, "slack_watch_failed"))
        stack.push_async_callback(_ended, asking)
        stack.push_async_callback(_ended, asyncio.create_task(parts.watch.run()))
        if self._listens and parts.socket is not None:
            parts.socket.start()
        tell("started", livemode=self._config.livemode, worker=self._with_worker)

    async def _looked(self, restore: Restore) -> None:
        """Whether the database was restored, before anything can be claimed from it."""
        while True:
            try:
                return await restore.look()
            except Exception as error:
                if not is_out_of_reach(error):
                    raise
                tell("database_unreachable", error=error)
            await self._clock.sleep(SCHEMA_POLL_SECONDS)

    async def _visit(self) -> Sequence[Finding]:
        from bot.doctor import visit  # noqa: PLC0415 - most processes are never asked

        return await visit.examined(self._config, self._clock)

    async def _stop(self) -> None:
        if self._inbox is not None:
            await self._inbox.close()
        if self.parts is not None:
            await self._hang_up(self.parts)
            await asyncio.gather(self.parts.worker.stop(), self.parts.deciding.finish())
            await self.parts.restore.leave()
        self.parts = None

    async def _hang_up(self, parts: Parts) -> None:
        """First what people still press; the worker has what is left of the time for both."""
        if parts.socket is None:
            return
        now = asyncio.get_running_loop().time
        began = now()
        await parts.socket.stop()
        parts.worker.patience = max(0.0, parts.worker.patience - (now() - began))

    async def _schema(self) -> Schema | None:
        if self._database is None:
            return None
        try:
            return await schema.state(self._database)
        except DatabaseTrouble as error:
            tell("database_unreachable", error=error)
            return None


def _told(event: str, task: asyncio.Task[None]) -> None:
    """A start that waited for its schema, and a watch, have nobody left to raise to."""
    if not task.cancelled() and (error := task.exception()) is not None:
        tell(event, level=ERROR, error=error)


async def _reached(asking: Awaitable[_T]) -> _T | None:
    """What the database answers; None while it is out of reach."""
    try:
        return await asking
    except Exception as error:
        if not is_out_of_reach(error):
            raise
        tell("database_unreachable", error=error)
        return None


async def _ended(task: asyncio.Task[None]) -> None:
    """Ended before its database is closed."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _keep(parts: Parts, clock: Clock, arrivals: Sequence[Arrival]) -> None:
    """One insert and one commit for all; what this process has room for it takes in hand."""
    worker = parts.worker
    async with parts.database.begin() as link:
        claims = await inbox.remember(
            link,
            arrivals,
            clock.now(),
            owner=parts.casework.owner,
            most=worker.arrivals_wanted,
        )
    worker.receive(claims)
    if len(claims) < len(arrivals):
        worker.wake()
