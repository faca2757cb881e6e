"""The doctor for a running bot: one visit at a time, however many ask."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from bot.doctor import report
from bot.doctor.finding import Finding
from bot.review.commands.asking import Checked

Visit = Callable[[], Awaitable[Sequence[Finding]]]


class Visits:
    """Who asks while a visit is under way gets what that one finds: each costs a model's letter."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._under_way: asyncio.Future[Sequence[Finding]] | None = None

    async def told(self, locale: str) -> list[Checked]:
        """Every finding, in this language. Raises nothing that a visit does not."""
        if self._under_way is None or self._under_way.done():
            self._under_way = asyncio.ensure_future(self._visit())
        # Whoever gave up waiting was not the only one.
        found = await asyncio.shield(self._under_way)
        return [
            Checked(
                state=one.verdict.state,
                sentence=report.sentence(one, locale),
                remedy=report.remedy(one, locale),
            )
            for one in found
        ]

    async def close(self) -> None:
        """Give up the visit that is under way; who waits for it is given up too."""
        if self._under_way is not None:
            self._under_way.cancel()
            await asyncio.gather(self._under_way, return_exceptions=True)
