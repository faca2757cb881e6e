"""A bot in a process of its own, started again whenever it dies, as a platform would."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bench.bot_process import OK, answered
from chaos.nursery import Born, Bot, Nursery
from chaos.points import Order

PATIENCE = 120.0  # seconds to start or to end, on a machine that is busy with others
GLANCE = 0.05
LOG = 2000  # characters of its log that say why it ended


async def nothing() -> None:
    """What most do between an end and the next start."""


@dataclass(kw_only=True)
class Supervised:
    """Owns the process. Moments are seconds of the system's clock, as Slack's calls are stamped.

    `between` is done after every end, before the next start.
    """

    nursery: Nursery
    settings: Mapping[str, str]
    folder: Path
    port: int
    wrong: bool = False
    between: Callable[[], Awaitable[None]] = nothing
    started: list[float] = field(default_factory=list)
    _orders: list[Order] = field(default_factory=list)
    _process: Born | None = None
    _stopping: bool = False
    _told_to_end: bool = False
    _carried_out: bool = False

    @property
    def url(self) -> str:
        """Where it listens, whichever process it is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def orders(self) -> Path:
        """The file in which it looks for an order to die."""
        return self.folder / "orders"

    def order(self, *orders: Order) -> None:
        """Count points from now on, and die at one of them; the next order comes with a start."""
        self._orders, self._carried_out = list(orders), False
        self._give()

    def _give(self) -> None:
        self.orders.with_suffix(".passed").unlink(missing_ok=True)
        draft = self.folder / "draft"
        draft.write_text(self._orders.pop(0).text(), encoding="utf-8")
        draft.rename(self.orders)  # whole, or not there

    def recall(self) -> bool:
        """Take the orders back; whether the last one was carried out."""
        self.orders.unlink(missing_ok=True)
        all_given, self._orders = not self._orders, []
        self._carried_out |= self._done()
        return self._carried_out and all_given

    def _done(self) -> bool:
        """Whether the process's last word was that it dies as it was ordered to; asked once."""
        word = self.orders.with_suffix(".done")
        said = word.exists()
        word.unlink(missing_ok=True)
        return said

    def passed(self) -> list[str]:
        """The points that were passed since the order came, in order."""
        notes = self.orders.with_suffix(".passed")
        return notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []

    async def ready(self) -> None:
        """Return once it takes webhooks; TimeoutError when it never does."""
        async with asyncio.timeout(PATIENCE):
            while await asyncio.to_thread(answered, self.port, "GET", "/readyz") != OK:  # noqa: ASYNC110 - another process
                await asyncio.sleep(GLANCE)

    async def terminate(self) -> float:
        """Ask it to end, as a deploy does; the seconds until it had. It is started again."""
        process, begun = self._process, time.monotonic()
        if process is None:
            raise RuntimeError("it is not running")
        self._told_to_end = True
        _signal(process, signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            while self._process is process:  # noqa: ASYNC110 - `keep` waits for it
                await asyncio.sleep(GLANCE)
        return time.monotonic() - begun

    async def keep(self) -> None:
        """Start it, and again whenever it ends, until it is stopped for good.

        Never to be cancelled: a process that was just being born would be nobody's. Raises
        RuntimeError, with the end of its log, when it ended by itself.
        """
        settings = {**self.settings, "PORT": str(self.port)}
        bot = Bot(settings=settings, folder=str(self.folder), wrong=self.wrong)
        while not self._stopping:
            self.started.append(time.time())
            self._process = await self.nursery.bear(bot)
            await self._process.ended()
            self._process = None
            self._expect_its_end()
            await self.between()
            if self._orders and self._carried_out:
                self._carried_out = False
                self._give()

    def _expect_its_end(self) -> None:
        self._carried_out |= self._done()
        expected = self._told_to_end or self._carried_out
        self._told_to_end = self._stopping
        if not expected:
            raise RuntimeError(f"it ended by itself:\n{(self.folder / 'log').read_text()[-LOG:]}")

    async def stop(self, keeping: asyncio.Future[None]) -> None:
        """End it for good, by its own id, whatever it was about to do."""
        self._stopping = self._told_to_end = True
        while not keeping.done():
            if self._process is not None:
                _signal(self._process, signal.SIGKILL)
            await asyncio.wait({keeping}, timeout=GLANCE)


@asynccontextmanager
async def supervised(bot: Supervised) -> AsyncIterator[Supervised]:
    """Keep it running until the block ends."""
    async with asyncio.TaskGroup() as group:
        # Shielded: when the group is cancelled because we are, it must still end in order.
        keeping = asyncio.ensure_future(bot.keep())
        group.create_task(_awaited(keeping))
        try:
            yield bot
        finally:
            await bot.stop(keeping)


async def _awaited(keeping: asyncio.Future[None]) -> None:
    await asyncio.shield(keeping)


def _signal(process: Born, signal_: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # it has just ended
        os.kill(process.pid, signal_)
