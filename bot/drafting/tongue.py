"""Is it written in the language asked for? Told by its small words, without a dictionary.

What it is about is not judged here: no list of words knows all that a good letter may say, and
what a letter may not say is for the rules.
"""

import re
import unicodedata

from bot.drafting.folding import fold
from bot.drafting.rulebook import Language, vocabularies

_WORD = re.compile(r"[^\W\d_]+")
_ORDINAL = frozenset("ªº")
# No words: what code fills in, and links, which are for another rule.
_NO_WORDS = re.compile(r"\{\w*\}|\w+(?:\.\w+)+")
# By how many small words another language must win: names and borrowed words cost one.
_MARGIN = 2
# Of a text long enough to tell, how much must be known small words. Every language has them.
_LONG_ENOUGH = 8
_LEAST_SHARE = 0.2
# From so many words on a sentence has a small word that is its own language's alone.
_TELLING = 6


def foreign_words(sentence: str, expected: Language) -> str | None:
    """The sentence, when it is in another language; a letter of it, when that is no such letter."""
    if stray := _stray_letter(sentence):
        return stray
    words = _WORD.findall(fold(_NO_WORDS.sub(" ", sentence)).text)
    own = _known(words, expected.words)
    best = max(_known(words, rival) for rival in vocabularies().values())
    too_few = len(words) >= _LONG_ENOUGH and own < _LEAST_SHARE * len(words)
    wordless = own == 0 and best > 0 and best * _MARGIN >= len(words)
    foreign = too_few or wordless or best - own >= _MARGIN
    return sentence if foreign or _is_none_of_its_own(words, expected) else None


def _is_none_of_its_own(words: list[str], expected: Language) -> bool:
    """All its small words, if any, are another language's too, which knows still more of them."""
    if sum(len(word) > 1 for word in words) < _TELLING:  # an elision is no word
        return False
    own = expected.words.intersection(words)
    return not own or any(own < rival.intersection(words) for rival in vocabularies().values())


def _known(words: list[str], vocabulary: frozenset[str]) -> int:
    return sum(word in vocabulary for word in words)


def _stray_letter(text: str) -> str | None:
    """A letter of another script or of a fancy alphabet: a look-alike, meant to deceive."""
    for letter in text:
        named = letter.isalpha() and not letter.isascii() and letter not in _ORDINAL
        if named and not unicodedata.name(letter, "").startswith("LATIN"):
            return letter
    return None
