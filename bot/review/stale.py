"""Whether what stood on a card is still what would leave; if not, what changed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.case.ids import CaseId
from bot.case.letter import Asked, Basis
from bot.case.model import Case
from bot.case.policy import Policy
from bot.case.question import as_set_now, for_new_words
from bot.review.actions import Press
from bot.review.difference import Reading, differences
from bot.words.reading import Reader


@dataclass(frozen=True, kw_only=True)
class Letters:
    """The letter that would leave now, and the one that was asked about at an earlier revision.

    `asked` remembers the latter; None where it can't be told any more, as in an erased case.
    """

    asked: Callable[[CaseId, int], Awaitable[Asked | None]]
    reader: Reader
    policy: Policy

    def would_leave(self, case: Case) -> Asked | None:
        """The letter in question as it would leave now; None where there is none."""
        return as_set_now(case, self.policy)

    def for_new_words(self, case: Case) -> Basis | None:
        """The facts that other words for this letter would be filled with now."""
        return for_new_words(case, self.policy)

    def fingerprint(self, case: Case) -> str | None:
        """Of the letter in question as it would leave now; None where there is none."""
        now = self.would_leave(case)
        return self.reader.fingerprint(now.letter, now.basis) if now else None

    def outdated(self, press: Press, case: Case) -> bool:
        """Whether the case asks something else by now, or another letter would leave."""
        return not (press.asks(case) and self.same(press, case))

    def same(self, press: Press, case: Case) -> bool:
        """Whether it is the letter on that card which would leave, however it was asked about."""
        return press.shows(self.fingerprint(case))

    async def changes(self, press: Press, case: Case, locale: str) -> tuple[str, ...]:
        """Old → new, in mrkdwn lines; none where that can't be told."""
        before = await self.asked(case.id, press.revision)
        now = as_set_now(case, self.policy)
        if before is None or now is None:
            return ()
        return differences(self._reading(before), self._reading(now), locale)

    async def has_other_words(self, press: Press, case: Case) -> bool:
        """Whether its words are not those of the press; True where that can't be told."""
        before = await self.asked(case.id, press.revision)
        return before is None or before.letter != case.letter

    def _reading(self, asked: Asked) -> Reading:
        subject, text = self.reader.read(asked.letter, asked.basis)
        return Reading(basis=asked.basis, subject=subject, text=text)
