"""Where a rehearsal plays: the add-on, the router, the counterparts; and the figures it tells."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field

from bench.figure import Bound, Figure, lines
from rehearsal.addon import Addon, addon
from rehearsal.desk import Desk, desk
from rehearsal.procfile import Formation
from rehearsal.wires import Router

EACH = 2  # connections
BUSY = 3  # processes for each core: seconds then say nothing about the program


@dataclass(kw_only=True)
class Stage:
    """What a rehearsal works with; `short` holds no times, on a machine that is busy with others.

    most: the most connections that were seen at once since it was last set to 0. short_of: the
    figures that did not hold.
    """

    desk: Desk
    addon: Addon
    router: Router
    short: bool = False
    most: int = 0
    short_of: list[str] = field(default_factory=list)
    dynos: list[Formation] = field(default_factory=list)

    def tell(self, figure: Figure) -> None:
        """Print it, and remember it when it is not within its bound."""
        print(*lines([figure]), sep="\n", flush=True)
        if not figure.holds:
            self.short_of.append(figure.name.strip())

    def seconds(self, name: str, took: float, at_most: float = 0.0, remark: str = "") -> None:
        """A time, held where it has a limit, unless the machine works for many others."""
        load = os.getloadavg()[0]
        busy = load > BUSY * (os.cpu_count() or 1)
        held = at_most and not (self.short or busy)
        if at_most and busy:
            remark = f"≤ {at_most:.0f} is not held: a load of {load:.0f} {remark}".rstrip()
        bound = Bound.AT_MOST if held else Bound.NONE
        self.tell(
            Figure(name=name, value=took, unit="s", bound=bound, limit=at_most, remark=remark)
        )

    def exactly(self, name: str, value: int, wanted: int, remark: str = "") -> None:
        """A count that has to be just this."""
        self.tell(Figure(name=name, value=value, bound=Bound.EXACTLY, limit=wanted, remark=remark))

    def connected(self, name: str, processes: int) -> None:
        """Hold the most connections since the last time against what so many may have."""
        self.tell(Figure(name=name, value=self.most, bound=Bound.AT_MOST, limit=EACH * processes))
        self.most = 0

    @contextmanager
    def timed(self, name: str, at_most: float = 0.0, remark: str = "") -> Iterator[None]:
        """Tell how long the block took."""
        began = time.monotonic()
        yield
        self.seconds(name, time.monotonic() - began, at_most, remark)


@asynccontextmanager
async def stage(*, apart: bool) -> AsyncIterator[Stage]:
    """An add-on, a router, and counterparts that know it; `apart`: in a process of their own."""
    router = Router()
    await router.start()
    try:
        async with addon() as database, desk(router.port, apart=apart) as around:
            standing = Stage(desk=around, addon=database, router=router, short=not apart)
            try:
                yield standing
            finally:
                for dynos in standing.dynos:
                    await dynos.end()
    finally:
        await router.stop()


@asynccontextmanager
async def counting(stage: Stage) -> AsyncIterator[None]:
    """Look at the database's connections all the time."""

    async def look() -> None:
        while True:
            stage.most = max(stage.most, await asyncio.to_thread(stage.addon.connections))
            await asyncio.sleep(0.1)

    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
