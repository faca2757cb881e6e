"""AUTO_SEND=first-notice: undoubted first letters leave by policy; all others are a person's."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.case.ids import POLICY
from bot.case.model import State
from bot.review import actions
from bot.sandbox.slack import Fault
from bot.sandbox.town import TEST_MAIL_TO, Houses
from bot.trail import trails
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
from tests.journeys.stories import DAY, UNDO, Story

AUTO = {"AUTO_SEND": "first-notice"}
SOFT = {"decline_code": "insufficient_funds"}
NIGHT = timedelta(hours=9)  # from noon


@pytest.fixture
async def story(build: Towns) -> AsyncIterator[Story]:
    """A town whose operator lets first letters go."""
    async with build(**AUTO) as found:
        yield found


async def test_a_first_letter_goes_by_itself_after_its_card_stood_and_is_on_record(
    story: Story,
) -> None:
    invoice = await story.failed()
    assert "this letter goes out by itself. Approved by the auto-send rule, " in story.card()
    assert story.buttons() == [actions.UNDO]
    assert "goes out by itself" in story.town.slack.calls("chat.postMessage")[0].args["text"]
    assert story.mailed() == []
    await story.town.later(UNDO)
    [mail] = story.mailed()
    assert len(story.town.cards()) == 1
    assert f"Sent to {TEST_MAIL_TO}" in story.card()
    assert "approved by the auto-send rule" in story.card()
    assert mail.split("\n")[0] in story.card()  # what was sent stands there still
    case = await story.case(invoice)
    [trail] = trails(await story.town.memory.journal(case.id))
    [approval] = trail.approvals
    assert (approval.what, approval.who) == ("approved", POLICY)
    assert trail.seen
    assert trail.seen == approval.detail
    await story.town.later(3 * DAY)
    assert story.asks()
    assert len(story.mailed()) == 1


async def test_a_payment_in_the_undo_window_stops_it(story: Story) -> None:
    invoice = await story.failed()
    story.world.pay(invoice)
    story.town.stripe.take()  # the news of it is lost
    await story.town.later(UNDO)
    assert story.mailed() == []
    assert "Paid, " in story.card()


@ONE_DATABASE
async def test_undo_brings_it_to_a_person_for_good(story: Story) -> None:
    invoice = await story.failed()
    await story.press(actions.UNDO)
    await story.town.later(timedelta(minutes=10))
    assert story.mailed() == []
    assert "Maya Okafor took the approval back" in story.card()
    assert story.asks()
    story.world.fail_payment(invoice, decline_code="expired_card")
    await story.town.settle()
    await story.town.later(timedelta(minutes=10))
    assert story.mailed() == []
    assert story.asks()
    assert "leaves this letter to a person: it changed or waited" in story.card()
    await story.approve()
    assert len(story.mailed()) == 1


@ONE_DATABASE
async def test_a_fixed_letter_goes_by_itself_too(story: Story) -> None:
    story.town.model.fault("500")
    await story.failed()
    await story.town.later(UNDO)
    assert len(story.mailed()) == 1


@ONE_DATABASE
async def test_what_is_doubtful_waits_and_the_card_says_why(story: Story) -> None:
    await story.failed(name="Ada visit https://evil.example", currency="nzd")
    await story.town.later(DAY - timedelta(hours=1))
    assert story.mailed() == []
    assert story.asks()
    assert (
        "The auto-send rule leaves this letter to a person: no VIP amount is set for this currency "
        "· a name looks strange." in story.card()
    )


@ONE_DATABASE
async def test_of_two_letters_to_one_address_the_second_is_a_persons(story: Story) -> None:
    both = [story.world.fail_payment(story.subscribed(), **SOFT) for _ in range(2)]
    await story.town.settle()
    await story.town.later(UNDO)
    await story.town.later(2 * DAY + UNDO)
    assert len(story.mailed()) == 1
    stand = [(await story.case(one)).approved_by for one in both]
    assert stand == [None, None]
    told = [story.card(one) for one in story.town.cards()]
    assert any("this address was written to in the 48 hours before" in one for one in told)


@ONE_DATABASE
async def test_while_slack_is_away_nothing_goes_by_itself(story: Story) -> None:
    story.town.slack.fault("*", Fault(status=500), times=None)
    invoice = await story.failed()
    await story.town.later(timedelta(minutes=30))
    assert story.mailed() == []
    story.town.slack.faults.clear()
    await story.town.later(timedelta(minutes=30))
    assert (await story.case(invoice)).approved_by == POLICY
    await story.town.later(UNDO)
    assert len(story.mailed()) == 1


@ONE_DATABASE
async def test_switched_back_what_has_not_left_asks_a_person_anew(
    build: Towns, standing: Houses
) -> None:
    standing.clock.move(NIGHT)  # 22:00 in Paris: it waits for the morning
    async with build(among=standing, **AUTO) as story:
        invoice = await story.failed()
        assert story.buttons() == [actions.SEND_NOW, actions.UNDO]
        first = story.newest()
    async with build(among=standing, AUTO_SEND="never") as story:
        await story.town.later(timedelta(hours=12))
        assert story.mailed() == []
        assert (await story.case(invoice)).state is State.IN_REVIEW
        assert story.newest().ts != first.ts
        assert story.asks()
        assert "auto-send" not in story.card()
        assert story.town.clock.now() > datetime(2026, 11, 25, 8, tzinfo=UTC)
        await story.approve()
        assert len(story.mailed()) == 1


@ONE_DATABASE
async def test_a_vip_is_nobodys_letter_also_then(build: Towns) -> None:
    async with build(VIP_PLANS="Team", **AUTO) as story:
        await story.failed()
        await story.town.later(DAY)
        assert story.mailed() == []


@ONE_DATABASE
async def test_stripe_is_let_try_first_and_then_it_goes_by_itself(build: Towns) -> None:
    async with build(FIRST_NOTICE="after-retry", **AUTO) as story:
        invoice = await story.failed_with_a_plan(timedelta(hours=20))
        assert story.mailed() == []
        await story.town.later(timedelta(hours=20))
        story.world.fail_payment(invoice, decline_code="insufficient_funds")
        await story.town.settle()
        await story.town.later(UNDO)
        assert len(story.mailed()) == 1
