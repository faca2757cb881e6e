"""Whoever reads the page reads it whole in their language: no word missing, none left over."""

import re
from collections.abc import Iterable, Iterator

import pytest

from bot.sandbox.page.serve import STATIC
from bot.sandbox.page.words import LANGUAGES, words

PYTHON = STATIC.parent

# Words whose last part is a value: `say(`stripe.reason_${reason}`)` uses every stripe.reason_*.
BUILT = re.compile(r"`(\w+\.\w*)\$\{")
# Any string that looks like the name of a word, in a script or in a NotNow of the parts.
LITERAL = re.compile(r"[\"'`](\w+\.\w+)[\"'`]")
SAID = re.compile(r"\bsay\(\s*[\"']([^\"']+)[\"']")


def flat(language: str) -> dict[str, str]:
    return {
        f"{part}.{key}": text
        for part, table in words(language).items()
        for key, text in table.items()
    }


def scripts() -> Iterator[str]:
    for path in STATIC.glob("*.js"):
        yield path.read_text("utf-8")


def sources() -> Iterator[str]:
    yield from scripts()
    for path in PYTHON.glob("*.py"):
        yield path.read_text("utf-8")


def begun(texts: Iterable[str]) -> set[str]:
    """The beginnings of words whose ends are values."""
    found = {start for text in texts for start in BUILT.findall(text)}
    return {start for start in found if start.partition(".")[0] in words("en")}


def placeholders(text: str) -> list[str]:
    return sorted(set(re.findall(r"\{(\w+)\}", text)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_words_with_the_same_values(language: str) -> None:
    own, english = flat(language), flat("en")
    assert own.keys() == english.keys()
    assert [key for key in own if placeholders(own[key]) != placeholders(english[key])] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_set_as_print_is(language: str) -> None:
    wrong = [key for key, text in flat(language).items() if re.search(r"'|\.\.\.| $|^ |^$", text)]
    assert wrong == []


def test_every_word_that_the_page_says_is_there() -> None:
    known = flat("en")
    said = {key for text in scripts() for key in SAID.findall(text)}
    assert len(said) > 50
    assert sorted(said - known.keys()) == []
    starts = begun(scripts())
    assert [start for start in starts if not any(key.startswith(start) for key in known)] == []


def test_no_word_is_left_over() -> None:
    texts = list(sources())
    used = {key for text in texts for key in LITERAL.findall(text)}
    starts = tuple(begun(texts))
    assert [key for key in flat("en") if key not in used and not key.startswith(starts)] == []


def test_a_language_that_there_is_not_is_english() -> None:
    assert words("de") is words("en")


def test_whoever_has_no_javascript_is_told_in_each_language() -> None:
    page = (STATIC / "index.html").read_text("utf-8")
    told = re.search(r"<noscript>(.*?)</noscript>", page, re.DOTALL)
    assert told is not None
    assert re.findall(r"<p(?: lang=\"(\w+)\")?>", told[1]) == ["", "fr", "es"]
