"""A bot that is wrong on purpose: it sends, and only then commits that it is sending.

This is how a harness that finds nothing is told from a bot that does nothing wrong.
"""

from collections.abc import Mapping
from typing import Any

from bot import parts
from bot.case.effects import Effect, HandOver, Look
from bot.case.events import AnyEvent, Delivered, Looked
from bot.case.model import Case
from bot.case.standing import CustomerRecord
from bot.worker import Performer, Worker


def send_before_commit() -> None:
    """From now on the letter leaves with the last look, before anything says that it will."""
    parts.Worker = _TooEarly  # type: ignore[attr-defined]


class _TooEarly(Worker):
    def __init__(self, *, performers: Mapping[type[Effect], Performer], **others: Any) -> None:  # noqa: ANN401 - whatever it takes
        early = _Early()
        looks = early.looks_and_sends(performers[Look], performers[HandOver])
        wrong = {**performers, Look: looks, HandOver: early.says_what_came_of_it}
        super().__init__(performers=wrong, **others)


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
