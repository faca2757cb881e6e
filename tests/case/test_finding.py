"""What a case can be found by."""

from dataclasses import replace

import pytest

from bot.case.facts import Customer
from bot.case.finding import LONGEST, Kind, folded, terms
from tests.case.life import MAYA
from tests.case.test_credit import WAITING


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        ("  Chloé   MARTIN ", "chloe martin"),
        ("Straße", "strasse"),
        ("A\u202eb\x00c", "a b c"),
        ("山田 太郎", "山田 太郎"),
        ("x" * 999, "x" * LONGEST),
        ("\u0301", ""),
    ],
)
def test_case_accents_and_spaces_make_no_difference(typed: str, compared: str) -> None:
    assert folded(typed) == compared


def test_a_case_is_found_by_address_number_name_and_each_later_word_of_it() -> None:
    assert WAITING.facts is not None
    ada = Customer(id="cus_1", name="Ada B. Łovelace", email="Ada@Example.com", recipient=MAYA)
    case = replace(WAITING, facts=replace(WAITING.facts, customer=ada))
    assert terms(case) == {
        (Kind.EMAIL, "ada@example.com"),
        (Kind.EMAIL, MAYA),
        (Kind.NAME, "ada b. łovelace"),
        (Kind.REST, "b. łovelace"),
        (Kind.REST, "łovelace"),
        (Kind.NUMBER, "in_1"),
    }


def test_an_erased_case_is_found_by_nothing() -> None:
    assert terms(replace(WAITING, facts=None)) == frozenset()
