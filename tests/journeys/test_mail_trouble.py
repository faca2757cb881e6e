"""The mail server on a bad day: at most one mail an approval, and a person where nobody knows."""

from datetime import timedelta

import pytest

from bot.case.model import State, Why
from bot.review import actions
from bot.sandbox.town import TEST_MAIL_TO
from tests.databases import ONE_DATABASE
from tests.journeys.stories import DOUBT, UNDO, Story

pytestmark = ONE_DATABASE

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "END"])
async def test_a_server_that_says_not_now_is_asked_again(story: Story, stage: str) -> None:
    story.town.mailbox.refuse(stage, "451 4.3.0 Try again later")
    invoice = await story.failed()
    await story.approve()
    assert story.mailed() == []
    assert (await story.case(invoice)).state is State.APPROVED
    await story.town.later(3 * MINUTE)
    assert len(story.mailed()) == 1
    assert "Sent to " in story.card()


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
async def test_a_connection_lost_before_the_letter_was_given_is_tried_again(
    story: Story, stage: str
) -> None:
    story.town.mailbox.drop(stage)
    await story.failed()
    await story.approve()
    await story.town.later(3 * MINUTE)
    assert len(story.mailed()) == 1


async def test_an_address_that_does_not_exist_is_never_written_to_again(story: Story) -> None:
    story.town.mailbox.refuse("RCPT", "550 5.1.1 No such user")
    invoice = await story.failed()
    await story.approve()
    case = await story.case(invoice)
    assert (case.state, case.why) == (State.BY_HAND, Why.NO_ADDRESS)
    assert "No letter can be sent to this customer" in story.card()
    assert "[Never write about this]" in story.card()
    assert f"Letters to {TEST_MAIL_TO} came back before" in story.card()
    await story.town.later(timedelta(days=10))
    assert story.mailed() == []


async def test_a_dead_address_is_nobody_elses_way_either(story: Story) -> None:
    other = await story.failed(name="Jean Petit")
    waiting = story.newest()
    invoice = await story.failed()
    story.town.mailbox.refuse("RCPT", "550 5.1.1 No such user")
    await story.approve()
    assert (await story.case(invoice)).why is Why.NO_ADDRESS
    await story.press(actions.APPROVE, on=waiting)
    await story.town.later(UNDO)
    assert (await story.case(other)).why is Why.NO_ADDRESS
    assert f"Letters to {TEST_MAIL_TO} came back before" in story.card()
    third = await story.failed(name="Ada Lovelace")
    assert (await story.case(third)).why is Why.NO_ADDRESS
    assert actions.APPROVE not in story.buttons()
    assert story.mailed() == []


@pytest.mark.parametrize(
    ("stage", "answer"),
    [
        ("RCPT", "550 5.7.1 Relaying denied"),
        ("RCPT", "554 5.7.1 Your server is on a block list"),
        ("RCPT", "530 5.7.0 Authentication required"),
        ("RCPT", "552 5.2.2 Mailbox full"),
        ("MAIL", "552 5.3.4 Message too big"),
        ("DATA", "554 5.5.1 No valid recipients"),
        ("END", "552 5.3.4 Message too big"),
        ("END", "554 5.7.1 This looks like spam"),
    ],
)
async def test_a_server_that_refuses_us_costs_no_address(
    story: Story, stage: str, answer: str
) -> None:
    story.town.mailbox.refuse(stage, answer)
    invoice = await story.failed()
    await story.approve()
    assert (await story.case(invoice)).state is State.APPROVED
    await story.town.later(3 * MINUTE)
    assert len(story.mailed()) == 1


async def unclear(story: Story, *, accepts: bool) -> None:
    """The connection breaks after the last dot: nobody knows."""
    story.town.mailbox.drop("END", accepts=accepts)
    await story.failed()
    await story.approve()
    assert "Nobody knows whether this letter reached test-mail@northwind.example" in story.card()
    assert story.buttons() == DOUBT
    await story.town.later(20 * MINUTE)
    assert len(story.mailed()) == int(accepts)


async def test_a_letter_that_may_have_left_is_a_question_and_it_arrived(story: Story) -> None:
    await unclear(story, accepts=True)
    await story.press(actions.ARRIVED)
    await story.town.later(10 * MINUTE)
    assert len(story.mailed()) == 1
    assert "Sent to test-mail@northwind.example" in story.card()
    assert "Next notice: " in story.card()


async def test_a_letter_that_may_have_left_is_a_question_and_it_did_not(story: Story) -> None:
    await unclear(story, accepts=False)
    first = story.newest()
    await story.press(actions.NOT_ARRIVED)
    await story.town.later(UNDO)
    (mail,) = story.town.mails()
    assert "Sent to test-mail@northwind.example" in story.card()
    assert story.buttons(first) == []
    assert mail.message["Message-ID"]


async def test_of_two_answers_to_the_question_the_first_counts(story: Story) -> None:
    await unclear(story, accepts=True)
    late = story.town.slack.pressing(
        story.people.tom.id, story.newest().channel, story.newest().ts, actions.NOT_ARRIVED
    )
    await story.press(actions.ARRIVED)
    await story.town.slack.send_payload(late)
    await story.town.later(MINUTE)
    assert len(story.mailed()) == 1
    assert "decided already" in story.whispers(story.people.tom)[0]


async def test_a_payment_answers_the_question_by_itself(story: Story) -> None:
    story.town.mailbox.drop("END", accepts=True)
    invoice = await story.failed()
    await story.approve()
    story.world.pay(invoice)
    await story.town.settle()
    assert "Paid, " in story.card()
    assert story.buttons() == []
    assert (await story.case(invoice)).why is Why.RECOVERED


async def test_a_question_nobody_answers_is_asked_again_every_day(story: Story) -> None:
    await unclear(story, accepts=True)
    before = len(story.town.cards())
    await story.town.later(timedelta(days=1))
    assert len(story.town.cards()) == before + 1
    assert story.buttons() == DOUBT
    assert len(story.mailed()) == 1
