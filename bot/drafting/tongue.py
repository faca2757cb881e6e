"""Is it written in the language asked for? Told by its small words, without a dictionary."""

import re
import unicodedata

from bot.drafting.folding import fold
from bot.drafting.rulebook import Language, vocabularies

_WORD = re.compile(r"[^\W\d_]+")
_PLACEHOLDER = re.compile(r"\{\w*\}")
# By how many small words another language must win: names and borrowed words cost one.
_MARGIN = 2
# Of a text long enough to tell, how much must be known small words. Every language has them.
_LONG_ENOUGH = 8
_LEAST_SHARE = 0.2


def foreign_words(sentence: str, expected: Language) -> str | None:
    """The sentence, when it is in another language or in letters that this one does not use."""
    if stray := _stray_letter(sentence):
        return stray
    words = _WORD.findall(fold(_PLACEHOLDER.sub(" ", sentence)).text)
    own = _known(words, expected.words)
    rivals = vocabularies().values()
    best = max(_known(words, rival) for rival in rivals)
    too_few = len(words) >= _LONG_ENOUGH and own < _LEAST_SHARE * len(words)
    wordless = own == 0 and best > 0 and best * _MARGIN >= len(words)
    return sentence if too_few or wordless or best - own >= _MARGIN else None


def _known(words: list[str], vocabulary: frozenset[str]) -> int:
    return sum(word in vocabulary for word in words)


def _stray_letter(text: str) -> str | None:
    """A letter of another script, which may also be a look-alike meant to deceive the rules."""
    for letter in text:
        if letter.isalpha() and not letter.isascii():
            name = unicodedata.name(unicodedata.normalize("NFKC", letter)[0], "")
            if not name.startswith("LATIN"):
                return letter
    return None
