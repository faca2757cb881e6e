"""A bot that is wrong on purpose: it sends, and only then commits that it is sending.

This is how a harness that finds nothing is told from a bot that does nothing wrong.
"""

from typing import Any

from bot import parts
from bot.billing import Billing
from bot.case.effects import HandOver, Look
from bot.case.events import AnyEvent, Delivered, Looked
from bot.case.model import Case
from bot.case.standing import CustomerRecord
from bot.clock import Clock
from bot.config import Config
from bot.worker import Performer


def send_before_commit() -> None:
    """From now on the letter leaves with the last look, before anything says that it will."""
    reading, sending = parts._reading, parts._sending  # noqa: SLF001 - wrong on purpose
    early = _Early()

    def wrongly_reading(config: Config, clock: Clock, billing: Billing) -> parts.PERFORMS:
        right = reading(config, clock, billing)
        hand_over = sending(config, clock)[HandOver]
        return {**right, Look: early.looks_and_sends(right[Look], hand_over)}

    def wrongly_sending(config: Config, clock: Clock) -> parts.PERFORMS:
        return {**sending(config, clock), HandOver: early.says_what_came_of_it}

    parts._reading, parts._sending = wrongly_reading, wrongly_sending  # noqa: SLF001 - likewise


class _Early:
    """Remembers, in this process only, what was sent too early."""

    def __init__(self) -> None:
        self._said: dict[str, AnyEvent | None] = {}

    def looks_and_sends(self, look: Performer, hand_over: Performer) -> Performer:
        """The last look, with a letter that nobody has written down yet."""

        async def both(case: Case, known: CustomerRecord, effect: Any) -> AnyEvent | None:  # noqa: ANN401 - a Look
            looked = await look(case, known, effect)
            if isinstance(looked, Looked):
                letter = HandOver(case_id=case.id, revision=effect.revision, links=looked.links)
                self._said[letter.key] = await hand_over(case, known, letter)
            return looked

        return both

    async def says_what_came_of_it(
        self,
        _case: Case,
        _known: CustomerRecord,
        effect: Any,  # noqa: ANN401 - a HandOver
    ) -> AnyEvent | None:
        """The hand-over's turn has come; the letter is long gone."""
        said = self._said.pop(effect.key)
        if not isinstance(said, Delivered):
            raise TypeError("the wrong variant is only wrong about letters that arrive")
        return said
