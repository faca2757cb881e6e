"""A letter as it is read before it leaves: on a card, and by the fingerprint of what is approved.

What stands in a letter besides its own words and facts is the operator's or ours: the company's
name, and the phrases around facts. A change of those is a change of the letter.
"""

from dataclasses import dataclass

from bot.case.letter import Basis, Letter, fingerprint
from bot.words.filling import Filled, fill, plain


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Reads letters for the `company`; `link` are the words that stand for a link on a card."""

    company: str
    link: str

    def read(self, letter: Letter, basis: Basis) -> tuple[str, str]:
        """The subject and the whole text, with the kind of link in the link's place."""
        filled = self._filled(letter, basis, self.link)
        return filled.subject, plain(filled)

    def fingerprint(self, letter: Letter, basis: Basis) -> str:
        """Of what would leave: the same in every language of the team's."""
        filled = self._filled(letter, basis, basis.link)
        return fingerprint(basis, filled.subject, plain(filled))

    def _filled(self, letter: Letter, basis: Basis, link: str) -> Filled:
        return fill(letter, basis, company=self.company, sender=basis.sender, link=link)
