"""Arrivals that wait together share one insert and one commit, and are answered after it.

One commit for each request would make the database's round trip the limit; waiting on purpose
would make a lone request slow. So a write begins at once when none is under way, and takes with it
whatever came while the last one ran.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from bot.case.arrival import Arrival
from bot.errors import OutsideTrouble

MOST = 500  # arrivals in one insert: both databases limit a statement's parameters

Store = Callable[[Sequence[Arrival]], Awaitable[None]]
_Waiting = tuple[Arrival, asyncio.Future[None]]


class GroupCommit:
    """Owns the one task that writes. `store` commits all it is given, each id once, or raises."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None
        self._closed = False

    async def remember(self, arrival: Arrival) -> None:
        """Return once `arrival` is durably kept; raises OutsideTrouble when it is not known to be.

        A caller that is cancelled gives up its answer only: its arrival may still be kept.
        """
        if self._closed:
            raise OutsideTrouble("inbox_closed")
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrival, answer))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await answer

    async def close(self) -> None:
        """Take nothing more, and return when all that was taken is answered."""
        self._closed = True
        if self._writer is not None:
            await asyncio.wait({self._writer})

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                await self._keep(batch)
        finally:
            _fail(self._waiting, "inbox_closed")
            self._waiting = []

    async def _keep(self, batch: list[_Waiting]) -> None:
        try:
            await self._store([arrival for arrival, _ in batch])
        except Exception as error:  # noqa: BLE001 - handed on to every request that waits for it
            _fail(batch, "inbox_store", error)
        except asyncio.CancelledError:
            _fail(batch, "inbox_closed")
            raise
        for _, answer in batch:
            if not answer.done():
                answer.set_result(None)


def _fail(batch: list[_Waiting], code: str, cause: Exception | None = None) -> None:
    for _, answer in batch:
        if not answer.done():
            trouble = OutsideTrouble(code)
            trouble.__cause__ = cause
            answer.set_exception(trouble)
