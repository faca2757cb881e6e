"""When a letter may leave, to whom, and how often."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.case.model import State
from bot.review import actions
from bot.sandbox.clock import MovableClock
from bot.sandbox.town import TEST_MAIL_TO
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
from tests.journeys.stories import DAY, UNDO, Story

pytestmark = ONE_DATABASE

FRIDAY_NIGHT = datetime(2026, 11, 27, 22, 30, tzinfo=UTC)
JAPAN = {"name": "Ada Lovelace", "country": "JP", "locales": ["en"]}


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(FRIDAY_NIGHT)


async def test_a_letter_approved_at_night_there_says_so_and_leaves_on_monday_at_nine(
    story: Story,
) -> None:
    invoice = await story.failed()
    await story.press(actions.APPROVE)
    assert "It is 11:30 PM there: sends Monday 9:00 AM their time" in story.card()
    assert story.buttons() == [actions.SEND_NOW, actions.UNDO]
    await story.town.later(2 * DAY)
    assert story.mailed() == []
    await story.town.later(timedelta(hours=9, minutes=31))  # Monday 08:01 UTC, 09:01 in Paris
    (mail,) = story.town.mails()
    sent = (await story.case(invoice)).last_sent_at
    assert sent is not None
    assert datetime(2026, 11, 30, 8, 0, tzinfo=UTC) <= sent
    assert mail.recipients == (TEST_MAIL_TO,)


async def test_send_now_does_not_wait_for_the_morning(story: Story) -> None:
    await story.failed()
    await story.press(actions.APPROVE)
    await story.town.later(timedelta(hours=1))
    await story.press(actions.SEND_NOW)
    assert len(story.mailed()) == 1
    assert "Sent to " in story.card()
    assert story.buttons() == []


async def test_send_now_still_lets_the_undo_window_pass(story: Story) -> None:
    await story.failed()
    await story.press(actions.APPROVE)
    await story.press(actions.SEND_NOW)
    assert story.mailed() == []
    await story.town.later(UNDO)
    assert len(story.mailed()) == 1


async def test_a_guest_cannot_hurry_a_letter(story: Story) -> None:
    story.town.review.members.append(story.people.guest.id)
    await story.failed()
    await story.press(actions.APPROVE)
    await story.press(actions.SEND_NOW, who=story.people.guest)
    await story.town.later(UNDO)
    assert story.mailed() == []
    assert "Guests can’t decide here" in story.whispers(story.people.guest)[0]


async def test_a_saturday_in_tokyo_is_no_time_for_letters_either(story: Story) -> None:
    await story.failed(**JAPAN)  # Saturday 07:30 there
    await story.press(actions.APPROVE)
    assert "It is 7:30 AM there: sends Monday 9:00 AM their time" in story.card()


async def test_with_sending_hours_always_the_night_does_not_matter(build: Towns) -> None:
    async with build(SENDING_HOURS="always") as story:
        await story.failed()
        await story.approve()
        assert len(story.mailed()) == 1


async def test_an_approval_that_ran_out_is_asked_anew(story: Story) -> None:
    await story.failed()
    first = story.newest()
    await story.press(actions.APPROVE)
    story.town.stripe.fault("429", times=10_000)  # nobody can look on Monday
    await story.town.later(timedelta(hours=58))
    await story.town.later(timedelta(hours=25))
    story.town.stripe.heal()
    await story.town.later(timedelta(minutes=20))
    assert story.mailed() == []
    assert story.newest().ts != first.ts
    assert story.asks()


async def test_an_unanswered_card_asks_again_after_a_day_in_a_new_message_on_a_working_day(
    story: Story,
) -> None:
    await story.failed()
    first = story.newest()
    await story.town.later(2 * DAY)  # Sunday night
    assert story.newest().ts == first.ts
    await story.town.later(timedelta(hours=11))
    assert story.newest().ts != first.ts
    assert story.buttons(first) == []
    assert story.asks()
    await story.town.later(timedelta(minutes=1))
    assert len(story.town.cards()) == 2
    assert "a newer message about this customer" in story.card(first)


async def test_two_days_must_lie_between_two_letters_to_one_customer(build: Towns) -> None:
    async with build(SENDING_HOURS="always") as story:
        subscription = story.subscribed()
        first = story.world.fail_payment(subscription)
        await story.town.settle()
        await story.approve()
        story.world.pay(first)
        await story.town.settle()
        story.world.fail_payment(subscription)  # a new case, an hour later
        await story.town.settle()
        await story.approve()
        assert len(story.mailed()) == 1
        await story.town.later(timedelta(hours=40))
        assert len(story.mailed()) == 1
        await story.town.later(timedelta(hours=9))
        assert len(story.mailed()) == 2


async def test_two_customers_at_one_address_share_the_budget(build: Towns) -> None:
    async with build(SENDING_HOURS="always") as story:
        first = await story.failed(email="both@example.com")
        await story.approve()
        second = await story.failed(email="both@example.com", name="Jean Petit")
        await story.approve()
        assert len(story.mailed()) == 1
        assert (await story.case(first)).state is State.WAITING
        assert (await story.case(second)).state is State.APPROVED
        assert "They were written to less than 48 hours ago: sends " in story.card()
        assert "It is " not in story.card()
        assert story.buttons() == [actions.UNDO]
        await story.town.later(timedelta(hours=49))
        assert len(story.mailed()) == 2


async def test_test_mode_mails_only_the_test_address_and_the_card_says_so(build: Towns) -> None:
    async with build(SENDING_HOURS="always", TEST_MAIL_TO="try@example.org") as story:
        await story.failed()
        assert "Test mode. Mail goes only to try@example.org." in story.card()
        assert "To try@example.org · from billing@northwind.example" in story.card()
        await story.approve()
        (mail,) = story.town.mails()
        assert mail.recipients == ("try@example.org",)
        assert b"chloe@example.fr" not in mail.raw


async def test_without_a_test_address_nothing_is_mailed_and_the_card_says_so(
    build: Towns,
) -> None:
    async with build(SENDING_HOURS="always", TEST_MAIL_TO="") as story:
        invoice = await story.failed()
        assert "No mail leaves, because TEST_MAIL_TO is not set." in story.card()
        assert "To nobody (test mode)" in story.card()
        await story.approve()
        assert story.mailed() == []
        assert "Test mode kept the letter here" in story.card()
        assert (await story.case(invoice)).sent == 1
