"""Slack on a bad day: nothing is posted twice, nothing is lost, and people are answered."""

from datetime import timedelta

import pytest

from bot.case.model import State
from bot.review import actions
from bot.sandbox.slack import Fault
from tests.databases import ONE_DATABASE
from tests.journeys.stories import Story

MINUTE = timedelta(minutes=1)
ANY = 10_000

BAD = {
    "429": Fault(retry_after=1),
    "429 for long": Fault(retry_after=40),
    "500": Fault(status=500),
    "ratelimited": Fault(error="ratelimited"),
    "dropped after it was done": Fault(drop=True),
}


@ONE_DATABASE
@pytest.mark.parametrize("trouble", BAD)
async def test_a_card_is_posted_once_whatever_the_first_answer_was(
    story: Story, trouble: str
) -> None:
    story.town.slack.fault("chat.postMessage", BAD[trouble])
    invoice = await story.failed()
    for _ in range(3):
        await story.town.later(MINUTE)
    assert len(story.town.cards()) == 1
    assert actions.APPROVE in story.buttons()
    case = await story.case(invoice)
    assert [one.ts for one in case.shown] == [story.newest().ts]
    assert not [call for call in story.town.slack.state.calls if call.early]


@ONE_DATABASE
@pytest.mark.parametrize("trouble", BAD)
async def test_a_decided_card_is_redrawn_once_slack_answers_again(
    story: Story, trouble: str
) -> None:
    await story.failed()
    story.town.slack.fault("chat.update", BAD[trouble])
    answer = await story.press(actions.APPROVE)
    assert answer.status == 200
    await story.town.later(5 * MINUTE)
    assert len(story.mailed()) == 1
    assert "Sent to " in story.card()
    assert len(story.town.cards()) == 1


@ONE_DATABASE
@pytest.mark.parametrize("trouble", ["500", "dropped after it was done"])
async def test_a_vips_thread_is_told_each_thing_once(story: Story, trouble: str) -> None:
    story.town.slack.fault("chat.postMessage", BAD[trouble])
    story.town.slack.fault("chat.postMessage", Fault())
    story.town.slack.fault("chat.postMessage", BAD[trouble])
    invoice = await story.failed(amount=90000)
    for _ in range(3):
        await story.town.later(MINUTE)
    story.world.pay(invoice)
    await story.town.settle()
    assert len(story.town.vip_cards()) == 1
    assert len(story.thread()) == 2


async def test_letters_still_stop_while_slack_is_down(story: Story) -> None:
    invoice = await story.failed()
    await story.press(actions.APPROVE)
    story.town.slack.fault("*", Fault(status=500), times=None)
    story.world.pay(invoice)
    await story.town.settle()
    await story.town.later(5 * MINUTE)
    assert story.mailed() == []
    story.town.slack.faults.clear()
    await story.town.later(timedelta(hours=2))
    assert "Paid, " in story.card()


@ONE_DATABASE
async def test_an_archived_channel_costs_no_case_and_its_cards_come_when_it_is_back(
    story: Story,
) -> None:
    story.town.review.is_archived = True
    invoice = await story.failed()
    await story.town.later(5 * MINUTE)
    assert (await story.case(invoice)).state is State.IN_REVIEW
    assert story.town.cards() == []
    story.town.review.is_archived = False
    await story.town.later(timedelta(hours=2))
    assert actions.APPROVE in story.buttons(story.town.cards()[-1])


@ONE_DATABASE
async def test_a_channel_made_public_gets_no_card(story: Story) -> None:
    story.town.review.is_private = False
    await story.failed()
    await story.town.later(5 * MINUTE)
    assert story.town.cards() == []


@ONE_DATABASE
@pytest.mark.parametrize("kind", ["chat.postMessage", "chat.update"])
async def test_nobody_goes_before_the_time_that_slack_named(story: Story, kind: str) -> None:
    invoices = [
        await story.failed(name=f"Ana Sol{one}", email=f"{one}@example.com") for one in "abc"
    ]
    story.town.slack.fault(kind, Fault(retry_after=4))
    for number, invoice in enumerate(invoices):
        story.world.pay(invoice)
        who = {"name": f"Bo Lund{number}", "email": f"bo{number}@example.com"}
        story.world.fail_payment(story.subscribed(**who))
    await story.town.settle()
    await story.town.later(MINUTE)
    assert not [call for call in story.town.slack.state.calls if call.early]
    assert len(story.town.cards()) == 6
    assert sum("Paid, " in story.card(one) for one in story.town.cards()) == 3


@ONE_DATABASE
@pytest.mark.parametrize("trouble", BAD)
async def test_an_hour_of_slacks_trouble_loses_no_card_and_redraws_what_ended_meanwhile(
    story: Story, trouble: str
) -> None:
    first = await story.failed()
    for method in ("chat.postMessage", "chat.update"):
        story.town.slack.fault(method, BAD[trouble], times=None)
    story.world.pay(first)
    story.world.fail_payment(story.subscribed(name="Bo Lund", email="bo@example.com"))
    await story.town.settle()
    for _ in range(12):
        await story.town.later(5 * MINUTE)
    story.town.slack.faults.clear()
    await story.town.later(6 * MINUTE)
    await story.town.later(MINUTE)
    ended, asked = story.town.cards()
    assert "Paid, " in story.card(ended)
    assert story.buttons(ended) == []
    assert "Bo Lund" in story.card(asked)
    assert actions.APPROVE in story.buttons(asked)


@ONE_DATABASE
async def test_a_card_that_ended_while_its_channel_was_archived_says_so_when_it_is_back(
    story: Story,
) -> None:
    invoice = await story.failed()
    story.town.review.is_archived = True
    story.world.pay(invoice)
    await story.town.settle()
    await story.town.later(5 * MINUTE)
    story.town.review.is_archived = False
    await story.town.later(timedelta(hours=2))
    (card,) = [one for one in story.town.cards() if "Chloé" in story.card(one)]
    assert "Paid, " in story.card(card)


@ONE_DATABASE
async def test_forty_cards_in_a_burst_stand_once_each_and_slack_is_hardly_refusing(
    story: Story,
) -> None:
    story.town.slack.limits.enforced = True
    for number in range(40):
        who = {"name": f"Ana Sol{number}", "email": f"c{number}@example.com"}
        story.world.fail_payment(story.subscribed(**who))
    await story.town.settle()
    for _ in range(6):
        await story.town.later(MINUTE)
    heads = [story.card(one).split("\n")[0] for one in story.town.cards()]
    assert len(heads) == len(set(heads)) == 40
    calls = story.town.slack.calls("chat.postMessage")
    assert not [one for one in calls if one.early]
    assert len([one for one in calls if one.status == 429]) <= 4  # those in hand at the first
