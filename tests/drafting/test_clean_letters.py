"""Clean letters, written before the rules were read: none of those that rules were mended on falls.

How many of those held out are refused is printed and bounded by `make chaos ARGS=clean_drafts`.
"""

import tomllib

import pytest

from bot.case.letter import Family
from bot.drafting.rulebook import language
from bot.drafting.sentences import sentences
from bot.drafting.shape import MAX_SENTENCES, MAX_SUBJECT, measured_subject
from tests.drafting.clean_letters import NOTICES, CleanLetter, Half, clean_letters, refused
from tests.drafting.guard_rows import DATA, LOCALES

EACH = 200  # letters a language


@pytest.mark.parametrize("locale", LOCALES)
def test_of_the_letters_that_rules_were_mended_on_none_is_refused(locale: str) -> None:
    assert refused(clean_letters(locale, Half.FOR_MENDING, EACH), locale) == []


@pytest.mark.parametrize("locale", LOCALES)
def test_they_are_letters_of_every_family_and_notice_and_share_no_sentence_with_the_other_half(
    locale: str,
) -> None:
    mending, held_out = (clean_letters(locale, half, EACH) for half in Half)
    assert len({(one.subject, one.body) for one in held_out}) == EACH
    kinds = {(family, notice) for family in Family for notice in NOTICES}
    assert {(one.family, one.notice) for one in held_out} == kinds
    assert parts(mending, locale).isdisjoint(parts(held_out, locale))
    for one in held_out:
        assert measured_subject(one.subject) <= MAX_SUBJECT
        assert len(sentences(one.body, language(locale).abbreviations)) <= MAX_SENTENCES


@pytest.mark.parametrize("locale", LOCALES)
def test_there_are_enough_sentences_for_each_part_of_a_letter(locale: str) -> None:
    written = tomllib.loads((DATA / f"clean_{locale}.toml").read_text(encoding="utf-8"))
    least = {"subjects": 25, "openings": 25, "asks": 25, "closings": 20}
    for part, lists in written.items():
        words = [sentence for each in lists.values() for sentence in each]
        assert len(set(words)) == len(words) >= least[part]
        assert all(len(each) % 2 == 0 for each in lists.values())


def parts(letters: list[CleanLetter], locale: str) -> set[str]:
    abbreviations = language(locale).abbreviations
    return {part for one in letters for part in (one.subject, *sentences(one.body, abbreviations))}
