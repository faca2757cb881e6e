"""The same words written differently become the same text, and each match finds its way back.

Folded away: case, accents, kinds of apostrophe, dash and space, full-width and look-alike forms
(Unicode NFKC), and characters that nobody sees.
"""

import unicodedata
from dataclasses import dataclass

_PLAIN = str.maketrans(
    dict.fromkeys("‘’ʼ`´′＇ʹ‛", "'")
    | dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("“”„«»", '"')
    | {"…": "..."}
)
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"})


@dataclass(frozen=True, kw_only=True)
class Folded:
    """A text to search in; `origins[i]` is where its character i stands in the source."""

    text: str
    source: str
    origins: tuple[int, ...]

    def quoted(self, start: int, end: int) -> str:
        """The words of the source that became `text[start:end]`."""
        if start >= end:
            return ""
        return self.source[self.origins[start] : self.origins[end - 1] + 1].strip()


def fold(source: str) -> Folded:
    """Fold every character by itself, so that a position can always be traced back."""
    letters: list[str] = []
    origins: list[int] = []
    for position, character in enumerate(source):
        for letter in _folded_character(character):
            if letter == " " and letters and letters[-1] == " ":
                continue
            letters.append(letter)
            origins.append(position)
    return Folded(text="".join(letters), source=source, origins=tuple(origins))


def _folded_character(character: str) -> str:
    if character.isspace():
        return " "
    plain = unicodedata.normalize("NFKC", character.translate(_PLAIN)).casefold()
    parts = unicodedata.normalize("NFD", plain)
    return "".join(part for part in parts if unicodedata.category(part) not in _UNSEEN)
