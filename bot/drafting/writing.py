"""Whoever writes letters, what comes of it, and a writer that is not there yet.

Knows no library: importing a model's takes half as long as all the rest of a start.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from bot.case.letter import FixedBecause
from bot.drafting.prompt import Ask
from bot.errors import ModelTrouble

TIMEOUT = "timeout"
UNREACHABLE = "unreachable"
LEFT_ALONE = "left_alone"  # it was in trouble lately, and was not asked


@dataclass(frozen=True, kw_only=True)
class Words:
    """A letter's words with placeholders; `subject` is "" when only a body was written."""

    subject: str
    body: str


class Writer(Protocol):
    """Whoever writes letters."""

    async def write(self, ask: Ask) -> Words:
        """Words for what is asked; raises ModelTrouble when there are none to be had."""


class Closing(Writer, Protocol):
    """A writer that owns connections."""

    async def close(self) -> None:
        """Close the connections. Idempotent."""


class Late:
    """A writer that is being made; letters wait for it, and nothing else does."""

    def __init__(self, making: Coroutine[Any, Any, Closing]) -> None:
        self._made = asyncio.create_task(making)

    async def write(self, ask: Ask) -> Words:
        """As the writer does, once it is there."""
        return await (await asyncio.shield(self._made)).write(ask)

    async def close(self) -> None:
        """Close the writer, once it is there."""
        await (await self._made).close()


def fixed_because(trouble: ModelTrouble) -> FixedBecause:
    """What a reviewer is told about the trouble."""
    if trouble.code == TIMEOUT:
        return FixedBecause.SLOW
    down = trouble.code in {UNREACHABLE, LEFT_ALONE} or trouble.code.startswith("http_")
    return FixedBecause.DOWN if down else FixedBecause.UNUSABLE
