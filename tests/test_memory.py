"""What was asked can be read again exactly, revision by revision, for as long as it is kept."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.case.events import Edited, Erased, Hurried, Undone
from bot.case.letter import Asked
from bot.case.model import Case, State
from bot.words.reading import Reader
from tests.case.life import ANA, BEN, OWN_WORDS, WORDS, invoice
from tests.office import Office, offices

READER = Reader(company="Acme", link="[link]")


@pytest.fixture
async def office(migrated_url: str) -> AsyncIterator[Office]:
    async with offices(migrated_url, "ada") as [one]:
        yield one


def as_it_stands(case: Case) -> Asked:
    assert case.letter is not None
    assert case.basis is not None
    return Asked(letter=case.letter, basis=case.basis)


async def test_every_question_is_read_back_as_it_was_asked(office: Office) -> None:
    first = await office.in_review()
    edit = Edited(
        at=office.clock.now(), who=ANA, revision=first.revision, letter=OWN_WORDS, approve=False
    )
    second = (await office.casework.happened(first.id, edit)).case
    office.outside.invoices = (invoice(remaining=1200),)
    await office.comes(2)
    third = await office.later(timedelta(seconds=5))
    await office.approve(BEN)
    undone = Undone(at=office.clock.now(), who=BEN, revision=third.revision)
    fourth = (await office.casework.happened(first.id, undone)).case
    asked = (first, second, third, fourth)
    assert [one.revision for one in asked] == [1, 2, 3, 4]
    for case in asked:
        assert await office.memory.asked(case.id, case.revision) == as_it_stands(case)


async def test_words_that_are_approved_as_they_are_written_were_asked_too(office: Office) -> None:
    case = await office.in_review()
    edit = Edited(at=office.clock.now(), who=ANA, revision=1, letter=OWN_WORDS, approve=True)
    approved = (await office.casework.happened(case.id, edit)).case
    assert approved.state is State.APPROVED
    assert await office.memory.asked(case.id, 2) == as_it_stands(approved)


async def test_the_record_itself_proves_what_was_approved(office: Office) -> None:
    case = await office.in_review()
    assert case.letter == WORDS
    seen = READER.fingerprint(*vars(as_it_stands(case)).values())
    await office.approve()
    await office.later(timedelta(minutes=5))  # sent, and the next notice is waited for
    asked = await office.memory.asked(case.id, 1)
    assert asked is not None
    assert READER.fingerprint(asked.letter, asked.basis) == seen


async def test_a_letter_that_left_names_who_approved_it_and_nobody_who_pressed_later(
    office: Office,
) -> None:
    case = await office.in_review()
    await office.approve(ANA)
    assert (await office.approve(BEN)).refused == "already_decided"
    hurry = Hurried(at=office.clock.now(), who=BEN, revision=case.revision)
    assert (await office.casework.happened(case.id, hurry)).refused is None
    await office.later(timedelta(minutes=5))
    [letter] = await office.memory.handed_over(case.id)
    assert (letter.revision, letter.approved_by) == (case.revision, ANA)
    assert letter.asked == await office.memory.asked(case.id, case.revision)


async def test_nothing_was_asked_before_the_words_were_there_nor_of_nobody(office: Office) -> None:
    case = await office.in_review()
    assert await office.memory.asked(case.id, 0) is None
    assert await office.memory.asked(case.id, 2) is None


async def test_an_altered_question_breaks_the_chain(office: Office) -> None:
    case = await office.in_review()
    async with office.database.begin() as link:
        await link.execute(
            text("UPDATE journal_texts SET body = replace(body, 'Hello.', 'Goodbye.')")
        )
    [broken] = await office.memory.journal_breaks(case.id)
    assert (await office.memory.journal(case.id))[broken - 1].event == "Drafted"


async def test_erasing_forgets_what_was_asked_and_keeps_the_chain_whole(office: Office) -> None:
    case = await office.in_review()
    await office.casework.happened(case.id, Erased(at=office.clock.now(), who=ANA))
    assert await office.memory.asked(case.id, case.revision) is None
    assert await office.memory.journal_breaks(case.id) == []
