"""Reviewers at their browsers: they edit, reject, are refused, race, and are overtaken."""

import asyncio

import pytest
from playwright.async_api import Route, expect

from bot.case.model import State, Why
from bot.sandbox.page import cast
from tests.browser.chrome import needs_chromium
from tests.browser.conftest import Visitors
from tests.browser.desk import PATIENCE, Visitor

pytestmark = [needs_chromium, pytest.mark.asyncio(loop_scope="session")]

AOIFE, SPANISH, FRENCH = cast.AOIFE.name, cast.SPANISH.name, cast.FRENCH.name
NEW, LONG_STANDING = cast.NEW.name, cast.LONG_STANDING.name
DECIDED = {"Approved", "DraftAsked", "Edited", "Rejected", "WaitAsked"}  # events of the journal


async def test_a_rule_is_shown_on_the_field_and_better_words_leave(visitor: Visitor) -> None:
    card = visitor.card(AOIFE)
    await visitor.presses("Edit", within=card)
    letter = visitor.modal.get_by_label("Text")
    await letter.fill("Please reply with your card number. [pay link]")
    await visitor.presses("Save", within=visitor.modal)
    await visitor.sees("asks for card data", within=visitor.modal)
    await expect(letter).to_have_attribute("aria-invalid", "true", timeout=PATIENCE)
    assert "Edited" not in await visitor.desk.history(AOIFE)

    await letter.fill("Please pay [amount] here, whenever it suits you: [pay link]")
    await visitor.modal.get_by_label("Approve and send").check()
    await visitor.presses("Save", within=visitor.modal)
    await expect(visitor.modal).to_have_count(0, timeout=PATIENCE)
    await visitor.sees("Maya Okafor edited these words.", within=card)

    mail = await visitor.desk.mail(AOIFE)
    assert "Please pay €49.00 here, whenever it suits you:" in mail.text_part()
    assert "card number" not in mail.text_part()
    history = await visitor.desk.history(AOIFE)
    assert history.count("Edited") == 1


async def test_a_rejected_letter_is_written_anew_and_the_first_one_never_leaves(
    visitor: Visitor,
) -> None:
    await visitor.fails(SPANISH)
    card = visitor.card(SPANISH)
    await expect(card.get_by_role("button", name="Approve")).to_be_visible(timeout=PATIENCE)
    before = await visitor.desk.case(SPANISH)
    await visitor.presses("Reject", within=card)
    await visitor.modal.get_by_label("Write it anew").check()
    await visitor.modal.get_by_label("A note for the team").fill("Say that a reply is enough")
    await visitor.presses("Confirm", within=visitor.modal)
    await expect(visitor.modal).to_have_count(0, timeout=PATIENCE)
    await visitor.sees(f"revision {before.revision + 1}", within=card)

    await visitor.presses("Approve", within=card)
    await visitor.sees("approved by @Maya Okafor", within=card)
    await visitor.desk.mail(SPANISH)
    after = await visitor.desk.case(SPANISH)
    assert (after.revision, after.sent) == (before.revision + 1, 1)
    assert [event for event in await visitor.desk.history(SPANISH) if event in DECIDED] == [
        "DraftAsked",
        "Approved",
    ]


async def test_a_guest_may_look_and_not_decide(visitor: Visitor) -> None:
    await visitor.fails(LONG_STANDING)
    await visitor.becomes("Gus")
    card = visitor.card(LONG_STANDING)
    await visitor.presses("Approve", within=card)
    await visitor.sees("Guests can’t decide here. Your press changed nothing.")
    await visitor.sees("Only visible to you")
    case = await visitor.desk.case(LONG_STANDING)
    assert case.state is State.IN_REVIEW
    assert not DECIDED & set(await visitor.desk.history(LONG_STANDING))
    assert visitor.desk.mails(LONG_STANDING) == []


async def test_of_two_who_press_at_once_one_decides_and_the_other_is_told(
    visitors: Visitors,
) -> None:
    maya, tom = await visitors(), await visitors()
    await maya.fails(NEW)
    await tom.becomes("Tom")
    both_pressed = asyncio.Barrier(2)

    async def waits_for_the_other(press: Route) -> None:
        await both_pressed.wait()
        await press.continue_()

    for one in (maya, tom):
        await one.page.route("**/do/slack/press", waits_for_the_other)
    await asyncio.gather(*(one.presses("Approve", within=one.card(NEW)) for one in (maya, tom)))
    for one in (maya, tom):
        await one.sees("approved by", within=one.card(NEW))

    desk = maya.desk
    await desk.mail(NEW)
    history = await desk.history(NEW)
    assert history.count("Approved") == 1
    assert (await desk.case(NEW)).sent == 1
    assert len(desk.mails(NEW)) == 1
    pressed = {desk.houses.people.maya.id, desk.houses.people.tom.id}
    whispers = desk.houses.slack.state.ephemerals
    assert sum(one.user in pressed and "changed nothing" in one.text for one in whispers) == 1


async def test_what_is_paid_while_a_letter_waits_is_never_written_about(visitor: Visitor) -> None:
    await visitor.fails(FRENCH)
    card = visitor.card(FRENCH)
    await expect(card.get_by_role("button", name="Approve")).to_be_visible(timeout=PATIENCE)
    await visitor.pays(FRENCH)
    await visitor.sees("nothing more will be sent", within=card)
    await expect(card.get_by_role("button", name="Approve")).to_have_count(0, timeout=PATIENCE)
    case = await visitor.desk.case(FRENCH)
    assert (case.state, case.why) == (State.CLOSED, Why.RECOVERED)
    assert visitor.desk.mails(FRENCH) == []
