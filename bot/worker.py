"""Claim what is due, perform it, report what happened; forever.

An effect that its own report asks for next is taken along in the same transaction while there is
room, so that a case does not wait for the next poll.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from logging import ERROR, WARNING
from typing import Any

from bot.case.effects import Effect, HandOver
from bot.case.events import AnyEvent, Unclear
from bot.case.model import Case
from bot.case.standing import CustomerRecord
from bot.casework import Casework
from bot.clock import Clock
from bot.errors import DunningError, FenceMoved
from bot.log import about, tell
from bot.queue import TOLD_AGAIN_AFTER, Queue
from bot.retry import is_told, next_try, shared
from bot.store.arrival_rows import ArrivalClaim
from bot.store.due import ALARM
from bot.store.effect_rows import kind_of
from bot.work import Outcome, Room, Work

Performer = Callable[[Case, CustomerRecord, Effect], Awaitable[AnyEvent | None]]
ArrivalPerformer = Callable[[ArrivalClaim], Awaitable[Outcome | None]]
Alarm = Callable[[ArrivalClaim, str], Awaitable[None]]
Round = Callable[[], Awaitable[Iterable[Work]]]
# What is to be done now and then, takes long, and is nobody's effect; None while it is not time.
Errand = Callable[[], Coroutine[Any, Any, None] | None]

POLL_SECONDS = 0.5
UNREAD_AGAIN_AFTER = timedelta(hours=1)
STOP_SECONDS = 6.0  # Heroku kills after 30; with twice one for open requests we promise 10
# A database that restarts is back by then; after that the claim runs out and is swept up.
REPORT_AGAIN_AFTER = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)


class Worker:
    """Owns the tasks that perform effects.

    `rounds` and `errands` are asked at every poll, and `ring` where an alarm has gone off.
    """

    def __init__(  # noqa: PLR0913 - what it is made of, each by name
        self,
        *,
        queue: Queue,
        casework: Casework,
        performers: Mapping[type[Effect], Performer],
        arrived: ArrivalPerformer,
        ring: Round,
        rounds: Sequence[Round] = (),
        errands: Sequence[Errand] = (),
        room: Room | None = None,
        alarm: Alarm,
        clock: Clock,
    ) -> None:
        self._queue = queue
        self._casework = casework
        self._performers = performers
        self._arrived = arrived
        self._ring = ring
        self._rounds = rounds
        self._errands = errands
        self._alarm = alarm
        self._room = room or Room()
        self._clock = clock
        self._in_hand: Counter[str] = Counter()
        self._tasks: dict[asyncio.Task[None], Work | ArrivalClaim | None] = {}
        self._ended = 0
        self._told: dict[str, datetime] = {}
        self._news = asyncio.Event()
        self._claiming = asyncio.Lock()
        self._more = False  # work may wait for room, or for its like to be done
        self._running = False
        self._stopping = False
        self.patience = STOP_SECONDS

    def wake(self) -> None:
        """Work may wait, or the clock was moved: look now instead of at the next poll."""
        self._news.set()

    def take(self, effect: Effect) -> bool:
        """Whether this process has room to perform the effect at once."""
        has_room = not self._stopping and self._free(kind_of(effect)) > 0
        self._more |= not has_room
        return has_room

    def start(self, works: Iterable[Work]) -> None:
        """Perform claimed effects in tasks of their own."""
        for work in works:
            self._spawn(kind_of(work.claim.effect), work, self._carry_out(work))

    def receive(self, claims: Iterable[ArrivalClaim]) -> None:
        """Find out whose these events are, in tasks of their own."""
        for claim in claims:
            self._spawn("arrival", claim, self._receive(claim))

    @property
    def arrivals_wanted(self) -> int:
        """How many events this process would take in hand at once; none unless it works."""
        return self._free("arrival") if self._running and not self._stopping else 0

    async def run(self) -> None:
        """Until stopped: claim, perform, wait for news or the next poll."""
        self._running = True
        while not self._stopping:
            self._news.clear()
            try:
                busy = await self._round()
            except Exception as error:  # noqa: BLE001 - the loop is the last to give up
                tell("worker_round_failed", level=ERROR, error=error)
                busy = False
            if not busy:
                # Not wait_for: in Python 3.11 it may swallow a cancellation.
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._news.wait()

    async def stop(self) -> None:
        """Claim nothing more, finish what is under way while patience lasts, give the rest back."""
        self._stopping = True
        self._news.set()
        now = asyncio.get_running_loop().time
        ends = now() + self.patience
        # What a round under way still claims is ours to give back; one that asks a provider which
        # does not answer is not waited for beside the tasks, but with them.
        with suppress(TimeoutError):
            async with asyncio.timeout_at(ends), self._claiming:
                pass
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=max(0.0, ends - now()))
        left = dict(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        for unfinished in left.values():
            if unfinished is not None:
                await self._queue.give_back(unfinished, due=self._clock.now())

    async def idle(self) -> None:
        """Return when nothing is due and nothing is in hand: for stories and tests."""
        seen = None
        while self._tasks or seen != self._ended:
            # What ends while a round looks may leave more to do behind the round's back.
            seen = self._ended
            if await self._round():
                seen = None
            if self._tasks:
                await asyncio.wait(list(self._tasks), return_when=asyncio.FIRST_COMPLETED)

    async def _round(self) -> bool:
        async with self._claiming:
            for round_ in self._rounds:
                self.start(await round_())
            for errand in self._errands:
                if (doing := errand()) is not None:
                    self._spawn("errand", None, doing)
            due = await self._queue.due()
            if ALARM in due:
                self.start(await self._ring())
                due = await self._queue.due()  # what they asked for
            room = {kind: self._free(kind) for kind in self._room.__dataclass_fields__}
            self._more = 0 in room.values()
            arrivals, works = await self._queue.claimed(
                {kind: most for kind, most in room.items() if kind in due}
            )
            self.receive(arrivals)
            self.start(works)
            return bool(arrivals or works)

    def _free(self, kind: str) -> int:
        if kind == "look" and self._casework.paused:
            return 0
        most: int = getattr(self._room, kind)
        return max(0, most - self._in_hand[kind])

    def _spawn(self, kind: str, what: Work | ArrivalClaim | None, doing: Awaitable[None]) -> None:
        self._in_hand[kind] += 1
        if what is not None:
            self._queue.hold(what)
        task: asyncio.Task[None] = asyncio.ensure_future(doing)
        self._tasks[task] = what

        def ended(done: asyncio.Task[None]) -> None:
            del self._tasks[done]
            self._ended += 1
            if what is not None:
                self._queue.let_go(what)
            self._in_hand[kind] -= 1
            if not done.cancelled() and done.exception() is not None:
                tell("worker_task_failed", level=ERROR, error=done.exception())
            if self._more:
                self._news.set()

        task.add_done_callback(ended)

    async def _receive(self, claim: ArrivalClaim) -> None:
        try:
            outcome = await self._arrived(claim)
        except FenceMoved:
            return
        except Exception as error:  # noqa: BLE001 - put off or told, never dropped
            await self._went_wrong(claim, error, claim.failures)
            return
        self._follow(outcome)

    def _follow(self, outcome: Outcome | None) -> None:
        if outcome is not None:
            self._more |= outcome.left
            self.start(outcome.work)

    async def _carry_out(self, work: Work) -> None:
        with about(work.case.id):
            event = await self._performed(work)
            if event is None:
                return
            self._follow(await self._reported(work, event))

    async def _reported(self, work: Work, event: AnyEvent) -> Outcome | None:
        """What was found out is kept while the database is away: a letter may have left."""
        for wait in (*REPORT_AGAIN_AFTER, None):
            try:
                return await self._casework.reported(work.claim, event, take=self.take)
            except FenceMoved:
                tell("fence_moved", level=WARNING, effect=work.claim.effect.key)
                return None
            except Exception as error:
                if wait is None:
                    raise
                tell("report_failed", level=WARNING, error=error)
                await self._clock.sleep(wait)
        return None

    async def _performed(self, work: Work) -> AnyEvent | None:
        effect = work.claim.effect
        try:
            event = await self._performers[type(effect)](work.case, work.known, effect)
        except Exception as error:  # noqa: BLE001 - put off or told, never dropped
            if isinstance(effect, HandOver):
                # Whatever broke, it broke after "sending" was said: nobody knows.
                tell("hand_over_broke", level=ERROR, error=error)
                return Unclear(at=self._clock.now(), revision=effect.revision)
            await self._went_wrong(work, error, work.claim.failures)
            return None
        if event is None:
            await self._queue.done(work)
        return event

    async def _went_wrong(self, what: Work | ArrivalClaim, error: Exception, failures: int) -> None:
        trouble = str(getattr(error, "code", type(error).__name__))[:200]
        unexpected = None if isinstance(error, DunningError) else error
        tell(
            "tried_in_vain",
            level=WARNING,
            error=unexpected,
            trouble=trouble,
            times=failures + 1,
        )
        wait = next_try(error, failures, random.random())  # noqa: S311 - jitter, not a secret
        told = is_told(error, failures)
        if isinstance(what, Work):
            lost = (shared(error) or what.claim.effect.key) if told else None
            due = None if wait is None else self._clock.now() + wait
            await self._queue.put_off(what, due=due, trouble=trouble, lost=lost)
            return
        due = self._clock.now() + (wait or UNREAD_AGAIN_AFTER)
        await self._queue.give_back(what, due=due, trouble=trouble)
        if told and not self._was_told(trouble):
            await self._alarmed(what, trouble)

    def _was_told(self, trouble: str) -> bool:
        """Whether this process said the same within a day; if not, it is going to."""
        now = self._clock.now()
        known = self._told.get(trouble)
        if known is not None and now - known < TOLD_AGAIN_AFTER:
            return True
        self._told[trouble] = now
        return False

    async def _alarmed(self, claim: ArrivalClaim, trouble: str) -> None:
        """Stripe's news is never given up, but the team hears, once, that it can't be read."""
        try:
            await self._alarm(claim, trouble)
        except Exception as error:  # noqa: BLE001 - the next one tells it
            self._told.pop(trouble, None)
            tell("alarm_failed", level=ERROR, error=error)
