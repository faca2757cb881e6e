"""A hand-over that nobody finished: the provider is asked, where it can be; else it is a question.

Only a yes proves something. That a provider does not know a mail (yet) is no proof that it did not
leave.
"""

import asyncio
from collections.abc import Awaitable, Callable

from bot.case.effects import HandOver
from bot.case.events import Delivered, Unclear
from bot.case.model import Case
from bot.clock import Clock
from bot.delivery.transport import Receipt, Transport
from bot.log import tell

PATIENCE = 5.0  # seconds: others' doubts wait behind it

Asks = Callable[[Case, HandOver], Awaitable[Delivered | Unclear]]


def asks(transport: Transport, clock: Clock, *, patience: float = PATIENCE) -> Asks:
    """What is known of a hand-over whose worker died: it left, or nobody knows. Sends nothing."""

    async def asked(case: Case, effect: HandOver) -> Delivered | Unclear:
        receipt = await _found(transport, effect.key, patience)
        at, revision = clock.now(), effect.revision
        if receipt is None:
            return Unclear(at=at, revision=revision)
        tell("letter_found", effect=effect.key)
        recipient = case.basis.recipient if case.basis else None
        return Delivered(at=at, revision=revision, receipt=receipt.id, recipient=recipient)

    return asked


async def _found(transport: Transport, key: str, patience: float) -> Receipt | None:
    try:
        async with asyncio.timeout(patience):
            return await transport.found(key)
    except TimeoutError:
        return None
