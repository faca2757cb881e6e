"""Is it written in the language asked for, and of what letters are about? Told by its words.

The language is told by small words, without a dictionary. Letters are about so little that a few
hundred words are enough for them: a sentence with many others was put there by somebody else.
"""

import re
import unicodedata

from bot.drafting.folding import fold
from bot.drafting.rulebook import STEM, Language, vocabularies

_WORD = re.compile(r"[^\W\d_]+")
_ORDINAL = frozenset("ªº")
# No words: what code fills in, and links, which are for another rule.
_NO_WORDS = re.compile(r"\{\w*\}|\w+(?:\.\w+)+")
# By how many small words another language must win: names and borrowed words cost one.
_MARGIN = 2
# Of a text long enough to tell, how much must be known small words. Every language has them.
_LONG_ENOUGH = 8
_LEAST_SHARE = 0.2
# How many words that no letter has may stand in a sentence, and among how many others.
_MOST_STRANGE = 2
_STRANGE_SHARE = 0.125


def foreign_words(sentence: str, expected: Language) -> str | None:
    """The sentence, when it is in another language, in other letters, or about other things."""
    if stray := _stray_letter(sentence):
        return stray
    words = _WORD.findall(fold(_NO_WORDS.sub(" ", sentence)).text)
    own = _known(words, expected.words)
    rivals = vocabularies().values()
    best = max(_known(words, rival) for rival in rivals)
    too_few = len(words) >= _LONG_ENOUGH and own < _LEAST_SHARE * len(words)
    wordless = own == 0 and best > 0 and best * _MARGIN >= len(words)
    foreign = too_few or wordless or best - own >= _MARGIN
    return sentence if foreign or _is_about_something_else(words, expected) else None


def _is_about_something_else(words: list[str], expected: Language) -> bool:
    strange = {word for word in words if len(word) > 1 and word[:STEM] not in expected.vocabulary}
    many = len(strange) > _MOST_STRANGE
    return many or (len(strange) == _MOST_STRANGE and len(strange) >= _STRANGE_SHARE * len(words))


def _known(words: list[str], vocabulary: frozenset[str]) -> int:
    return sum(word in vocabulary for word in words)


def _stray_letter(text: str) -> str | None:
    """A letter of another script or of a fancy alphabet: a look-alike, meant to deceive."""
    for letter in text:
        named = letter.isalpha() and not letter.isascii() and letter not in _ORDINAL
        if named and not unicodedata.name(letter, "").startswith("LATIN"):
            return letter
    return None
