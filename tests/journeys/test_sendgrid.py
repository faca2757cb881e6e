"""SendGrid instead of a mail server: it takes letters, and settles what a dead worker left."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.case.model import State
from bot.review import actions
from bot.sandbox.clock import MovableClock
from bot.sandbox.sendgrid import SendGrid
from bot.sandbox.town import TEST_MAIL_TO, Houses
from bot.trail import trails
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
from tests.journeys.stories import MINUTE, UNDO, Story, until
from tests.journeys.test_restart import LEASES, killed

pytestmark = ONE_DATABASE


@pytest.fixture
async def sendgrid(clock: MovableClock) -> AsyncIterator[SendGrid]:
    made = SendGrid(clock)
    await made.start()
    yield made
    await made.stop()


async def test_an_approved_letter_leaves_through_sendgrid(build: Towns, sendgrid: SendGrid) -> None:
    async with build(MAIL_URL=sendgrid.url) as story:
        invoice = await story.failed()
        await story.approve()
        [taken] = sendgrid.mails
        assert taken.to == TEST_MAIL_TO
        assert taken.body["reply_to"] == {"email": "help@northwind.example"}
        assert f"/invoice/{invoice['id']}" in taken.part("text/plain")
        assert taken.part("text/plain").startswith("Bonjour Chloé,")
        assert f"Sent to {TEST_MAIL_TO}" in story.card()
        case = await story.case(invoice)
        [trail] = trails(await story.town.memory.journal(case.id))
        assert [one.detail for one in trail.answers] == [taken.id]
        assert story.mailed() == []


async def test_a_key_that_is_refused_is_tried_again_until_it_is_mended(
    build: Towns, sendgrid: SendGrid
) -> None:
    async with build(MAIL_URL=sendgrid.url) as story:
        sendgrid.refuse(401, times=2)
        invoice = await story.failed()
        await story.approve()
        assert (await story.case(invoice)).state is State.APPROVED
        assert "It could not be handed to the mail server yet" in story.card()
        await story.town.later(MINUTE * 2)
        await story.town.later(MINUTE * 5)
        assert len(sendgrid.mails) == 1
        assert "Sent to " in story.card()


async def test_an_error_of_theirs_is_a_question(build: Towns, sendgrid: SendGrid) -> None:
    async with build(MAIL_URL=sendgrid.url) as story:
        sendgrid.lose(502)
        await story.failed()
        await story.approve()
        assert "Nobody knows whether this letter reached" in story.card()
        await story.town.later(timedelta(hours=2))
        assert len(sendgrid.mails) == 1


async def died_in_sending(build: Towns, standing: Houses, sendgrid: SendGrid) -> dict[str, object]:
    """The bot dies between SendGrid's taking the letter and its answer."""
    async with killed(build, standing, MAIL_URL=sendgrid.url) as story:
        invoice = await story.failed()
        await story.press(actions.APPROVE)
        sendgrid.hang()
        standing.clock.move(UNDO)
        await until(lambda: bool(sendgrid.mails))
    return invoice


async def test_a_letter_that_sendgrid_has_is_no_question(
    build: Towns, standing: Houses, sendgrid: SendGrid
) -> None:
    invoice = await died_in_sending(build, standing, sendgrid)
    async with build(among=standing, MAIL_URL=sendgrid.url) as story:
        await story.town.later(LEASES)
        case = await story.case(invoice)
        assert (case.state, case.sent) == (State.WAITING, 1)
        assert f"Sent to {TEST_MAIL_TO}" in story.card()
        assert len(story.town.cards()) == 1
        assert await states(story, invoice) == ["sending", "waiting"]
        [trail] = trails(await story.town.memory.journal(case.id))
        assert trail.answers[0].detail.startswith(sendgrid.mails[0].id)
        assert len(sendgrid.mails) == 1


@pytest.mark.parametrize("why", ["lag", "no_add_on"])
async def test_a_letter_that_sendgrid_does_not_show_is_a_question_and_never_sent_again_by_itself(
    build: Towns, standing: Houses, sendgrid: SendGrid, why: str
) -> None:
    invoice = await died_in_sending(build, standing, sendgrid)
    sendgrid.lag = timedelta(hours=1 if why == "lag" else 0)
    sendgrid.activity = why == "lag"
    async with build(among=standing, MAIL_URL=sendgrid.url) as story:
        await story.town.later(LEASES)
        assert (await story.case(invoice)).state is State.UNCLEAR
        assert story.buttons()[:2] == [actions.ARRIVED, actions.NOT_ARRIVED]
        await story.town.later(timedelta(hours=3))
        assert len(sendgrid.mails) == 1
        await story.press(actions.ARRIVED)
        assert (await story.case(invoice)).sent == 1


async def states(story: Story, invoice: dict[str, object]) -> list[str]:
    """What became of the case since it was handed over."""
    entries = await story.town.memory.journal((await story.case(invoice)).id)
    after = [one.state_after for one in entries]
    return list(dict.fromkeys(after[after.index("sending") :]))
