"""A decision can be taken back until the letter leaves, and can wait for Stripe's next try."""

import asyncio
from datetime import timedelta

from bot.case.cadence import RETRY_TAKES
from bot.case.model import State, Why
from bot.review import actions
from bot.sandbox.stripe_world import RETRY
from bot.sandbox.town import Houses
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
from tests.journeys.stories import DAY, MINUTE, UNDO, Story

pytestmark = ONE_DATABASE

HOUR = timedelta(hours=1)
JAPAN = {"name": "Ada Lovelace", "country": "JP", "locales": ["en"]}  # 21:00 there


# Undo.


async def test_an_approval_taken_back_in_time_sends_nothing_and_can_be_given_again(
    story: Story,
) -> None:
    invoice = await story.failed()
    before = story.card()
    await story.press(actions.APPROVE)
    assert story.buttons() == [actions.UNDO]
    await story.town.later(timedelta(seconds=20))
    await story.press(actions.UNDO, who=story.people.tom)
    assert "Tom Berger took the approval back" in story.card()
    assert story.asks()
    assert (await story.case(invoice)).revision == 2
    assert letter(story.card()) == letter(before)
    await story.town.later(MINUTE)
    assert story.mailed() == []
    await story.approve()
    await story.town.later(MINUTE)
    assert len(story.mailed()) == 1
    assert len(story.town.cards()) == 1


async def test_an_approval_is_taken_back_after_a_restart(build: Towns, standing: Houses) -> None:
    async with build(among=standing) as story:
        await story.failed()
        await story.press(actions.APPROVE)
    async with build(among=standing) as story:
        await story.press(actions.UNDO)
        await story.town.later(MINUTE)
        assert story.mailed() == []
        assert story.asks()


async def test_what_is_with_the_mail_server_can_not_be_called_back(story: Story) -> None:
    invoice = await story.failed()
    await story.press(actions.APPROVE)
    undo = story.finger_on(actions.UNDO)
    story.town.mailbox.slow("DATA", 5)
    story.town.clock.move(UNDO)
    handing = asyncio.ensure_future(story.town.parts.worker.idle())
    while (await story.case(invoice)).state is not State.SENDING:  # noqa: ASYNC110 - as `until`
        await asyncio.sleep(0)
    assert (await story.town.slack.send_payload(undo)).status == 200
    assert story.whispers() == [TOO_LATE]
    await story.town.passing(handing)
    assert len(story.mailed()) == 1
    await story.send(undo)
    assert story.whispers() == [TOO_LATE, TOO_LATE]
    assert (await story.case(invoice)).sent == 1


async def test_a_letter_that_waits_for_the_morning_can_be_taken_back_all_night(
    story: Story,
) -> None:
    await story.failed(**JAPAN)
    await story.press(actions.APPROVE)
    assert story.buttons() == [actions.SEND_NOW, actions.UNDO]
    await story.town.later(9 * HOUR)
    await story.press(actions.UNDO)
    assert story.asks()
    await story.town.later(6 * HOUR)
    assert story.mailed() == []


async def test_a_letter_that_waits_for_the_contact_budget_can_be_taken_back(build: Towns) -> None:
    async with build(SENDING_HOURS="always") as story:
        subscription = story.subscribed()
        first = story.world.fail_payment(subscription)
        await story.town.settle()
        await story.approve()
        story.world.pay(first)
        await story.town.settle()
        story.world.fail_payment(subscription)
        await story.town.settle()
        await story.approve()
        assert "less than 48 hours ago" in story.card()
        assert story.buttons() == [actions.UNDO]
        await story.press(actions.UNDO)
        await story.town.later(49 * HOUR)
        assert len(story.mailed()) == 1


async def test_of_two_who_take_back_at_once_one_is_told_that_it_is_done(story: Story) -> None:
    await story.failed()
    await story.press(actions.APPROVE)
    undo = [story.finger_on(actions.UNDO, who=one) for one in (story.people.maya, story.people.tom)]
    await story.send_at_once(*undo)
    told = story.whispers(story.people.maya) + story.whispers(story.people.tom)
    assert len(told) == 1
    assert story.asks()
    await story.town.later(MINUTE)
    assert story.mailed() == []


async def test_an_old_approval_does_not_come_back_with_an_old_press(story: Story) -> None:
    await story.failed()
    approve = story.finger_on(actions.APPROVE)
    await story.press(actions.APPROVE)
    await story.press(actions.UNDO)
    await story.send(approve)
    assert story.asks()
    await story.town.later(MINUTE)
    assert story.mailed() == []


# Wait for retry.


async def test_a_wait_for_stripe_ends_when_its_try_fails_too(story: Story) -> None:
    invoice = await story.failed()
    await story.press(actions.WAIT)
    assert "Waiting for Stripe’s next try" in story.card()
    assert "because @Maya Okafor asked for it" in story.card()
    assert story.buttons() == [actions.WRITE_NOW]
    await story.town.later(RETRY - MINUTE)
    assert not story.asks()
    story.world.fail_payment(invoice, decline_code="insufficient_funds")
    await story.town.settle()
    assert story.asks()
    assert "attempt 2" in story.card()
    assert len(story.town.cards()) == 2
    await story.approve()
    assert len(story.mailed()) == 1


async def test_a_wait_for_stripe_that_is_paid_ends_without_a_mail(story: Story) -> None:
    invoice = await story.failed()
    await story.press(actions.WAIT)
    await story.town.later(RETRY)
    story.world.pay(invoice)
    await story.town.settle()
    assert "Paid, " in story.card()
    assert story.buttons() == []
    await story.town.later(30 * DAY)
    assert story.mailed() == []


async def test_a_wait_for_a_try_of_which_nothing_is_heard_ends_an_hour_after_it(
    story: Story,
) -> None:
    invoice = await story.failed()
    await story.press(actions.WAIT)
    await story.town.later(RETRY + RETRY_TAKES - MINUTE)
    assert not story.asks()
    await story.town.later(2 * MINUTE)
    assert story.asks()
    assert (await story.case(invoice)).sent == 0


async def test_a_try_that_stripe_puts_off_is_no_longer_waited_for(story: Story) -> None:
    invoice = await story.failed()
    await story.press(actions.WAIT)
    later = invoice["next_payment_attempt"] + 86_400
    previous = story.world.change(story.world.find(invoice), {"next_payment_attempt": later})
    story.world.emit("invoice.updated", story.world.find(invoice), previous)
    await story.town.settle()
    assert story.asks()


async def test_who_does_not_want_to_wait_any_more_has_the_letter_written_now(story: Story) -> None:
    invoice = await story.failed()
    await story.press(actions.WAIT)
    await story.town.later(HOUR)
    await story.press(actions.WRITE_NOW, who=story.people.tom)
    assert story.asks()
    await story.approve()
    assert len(story.mailed()) == 1
    await story.town.later(RETRY - HOUR)
    assert (await story.case(invoice)).why is Why.NEXT_NOTICE


async def test_there_is_no_waiting_for_a_try_that_is_not_planned(story: Story) -> None:
    subscription = story.subscribed()
    story.world.fail_payment(subscription, retry_in=HOUR, decline_code="insufficient_funds")
    await story.town.settle()
    wait = story.finger_on(actions.WAIT)
    await story.town.later(HOUR + MINUTE)  # Stripe tries just now: nobody has heard of it yet
    await story.send(wait)
    (told,) = story.whispers()
    assert told.startswith("Stripe plans no further try")
    assert story.asks()


async def test_one_waits_and_one_approves_at_once_and_one_of_them_wins(story: Story) -> None:
    invoice = await story.failed()
    approve = story.finger_on(actions.APPROVE)
    wait = story.finger_on(actions.WAIT, who=story.people.tom)
    await story.send_at_once(approve, wait)
    told = story.whispers(story.people.maya) + story.whispers(story.people.tom)
    assert len(told) == 1
    await story.town.later(UNDO)
    waits = (await story.case(invoice)).why is Why.SNOOZED
    assert len(story.mailed()) == (0 if waits else 1)


# The menu.


async def test_never_write_about_this_is_chosen_from_the_menu(story: Story) -> None:
    invoice = await story.failed()
    await story.choose(actions.STOP)
    assert "Stopped by @Maya Okafor" in story.card()
    case = await story.case(invoice)
    assert (case.state, case.why) == (State.CLOSED, Why.STOPPED)
    story.world.fail_payment(invoice, decline_code="insufficient_funds")
    await story.town.settle()
    assert len(story.town.cards()) == 1


async def test_the_link_to_stripe_in_the_menu_decides_nothing(story: Story) -> None:
    invoice = await story.failed()
    assert (await story.choose(actions.OPEN_STRIPE)).status == 200
    assert story.whispers() == []
    assert (await story.case(invoice)).state is State.IN_REVIEW


TOO_LATE = (
    "It is with the mail server already and can’t be called back. Your press changed nothing."
)


def letter(card: str) -> list[str]:
    """The lines of a card that are the letter's."""
    lines = card.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("Subject: "))
    rest = lines[start:]
    return rest[: rest.index("---")]
