"""Who may press, what a press that comes twice or too late does, and how soon it is answered."""

import asyncio
import json
from collections import Counter
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from bot.case.model import State
from bot.review import actions
from bot.sandbox.slack import Fault, Message, User
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
from tests.journeys.stories import UNDO, Json, Story


def pressing(story: Story, who: User, action: str, *, on: Message | None = None) -> Json:
    card = on or story.newest()
    return story.town.slack.pressing(who.id, card.channel, card.ts, action)


async def test_a_press_is_answered_within_the_request_and_changes_the_card(story: Story) -> None:
    await story.failed()
    answer = await story.press(actions.APPROVE)
    assert answer.status == 200
    assert answer.seconds < 1
    assert "Approved by @Maya Okafor" in story.card()
    assert story.whispers() == []


async def test_a_doubled_press_changes_nothing_and_is_told_once_privately(story: Story) -> None:
    invoice = await story.failed()
    press = pressing(story, story.people.maya, actions.APPROVE)
    for _ in range(3):
        assert (await story.town.slack.send_payload(press)).status == 200
    await story.town.idle()
    assert len(story.whispers()) == 2
    assert set(story.whispers()) == {
        "This is decided already, perhaps by somebody who was faster. Your press changed nothing."
    }
    await story.town.later(UNDO)
    assert len(story.mailed()) == 1
    assert (await story.case(invoice)).sent == 1


async def test_of_twenty_people_who_press_at_once_one_wins(story: Story) -> None:
    crowd = [story.town.slack.add_user(f"u{number}") for number in range(20)]
    story.town.review.members += [one.id for one in crowd]
    invoice = await story.failed()
    wanted = [actions.APPROVE, actions.WAIT] * 10
    presses = [pressing(story, one, what) for one, what in zip(crowd, wanted, strict=True)]
    answers = await asyncio.gather(*map(story.town.slack.send_payload, presses))
    assert {one.status for one in answers} == {200}
    await story.town.idle()
    told = Counter(one.user for one in story.town.slack.state.ephemerals)
    assert len(told) == 19
    assert set(told.values()) == {1}
    await story.town.later(UNDO)
    assert len(story.mailed()) == (1 if "Sent to" in story.card() else 0)
    assert len(story.town.cards()) == 1
    case = await story.case(invoice)
    assert await story.town.memory.journal_breaks(case.id) == []


@ONE_DATABASE
@pytest.mark.parametrize(
    ("person", "sentence"),
    [
        ({"is_restricted": True}, "Guests can’t decide here."),
        ({"is_ultra_restricted": True}, "Guests can’t decide here."),
        ({"is_stranger": True}, "Only people of this workspace decide here."),
        ({"team_id": "T0THER"}, "Only people of this workspace decide here."),
        ({"deleted": True}, "This account is deactivated."),
        ({"is_bot": True}, "Only people decide here."),
    ],
)
async def test_who_may_not_decide_is_told_so_privately(
    story: Story, person: Json, sentence: str
) -> None:
    invoice = await story.failed()
    somebody = story.town.slack.add_user("somebody", **person)
    story.town.review.members.append(somebody.id)
    await story.press(actions.APPROVE, who=somebody)
    assert story.whispers(somebody)[0].startswith(sentence)
    assert (await story.case(invoice)).state is State.IN_REVIEW


async def test_who_may_decide_is_asked_at_every_press(story: Story) -> None:
    await story.failed()
    await story.rejects()
    await story.town.later(timedelta(days=3))
    story.town.review.members.remove(story.people.maya.id)
    await story.press(actions.APPROVE)
    assert story.asks()
    await story.press(actions.APPROVE, who=story.people.tom)
    assert "Approved by @Tom Berger" in story.card()


async def test_named_approvers_and_groups_decide_and_nobody_else(build: Towns) -> None:
    async with build(APPROVERS="S000000099,U000000098") as story:
        group = story.town.slack.add_group("billing", [story.people.priya])
        story.town.slack.state.usergroups["S000000099"] = group
        await story.failed()
        await story.press(actions.APPROVE)  # a member of the channel, and not on the list
        assert "You aren’t on the list" in story.whispers()[-1]
        await story.press(actions.APPROVE, who=story.people.priya)
        assert "Approved by @Priya Nair" in story.card()


@ONE_DATABASE
async def test_people_are_answered_in_their_own_language(story: Story) -> None:
    ines = story.town.slack.add_user("ines", locale="es-ES", is_restricted=True)
    story.town.review.members.append(ines.id)
    await story.failed()
    await story.press(actions.APPROVE, who=ines)
    (told,) = story.whispers(ines)
    assert told.endswith("Tu clic no cambió nada.")


@ONE_DATABASE
@pytest.mark.parametrize("value", ["", "v0|x|1|1|-", "v9|case_1|1|1|-", "v1|case_nobody|1|1|-"])
async def test_an_unknown_button_changes_nothing(story: Story, value: str) -> None:
    invoice = await story.failed()
    card, maya = story.newest(), story.people.maya
    answer = await story.town.slack.press(
        maya.id, card.channel, card.ts, actions.APPROVE, value=value
    )
    assert answer.status == 200
    assert "This button is too old, or not one of ours." in story.whispers()[-1]
    assert (await story.case(invoice)).state is State.IN_REVIEW


async def test_a_press_on_the_card_of_a_closed_case_is_told_so(story: Story) -> None:
    invoice = await story.failed()
    press = pressing(story, story.people.maya, actions.APPROVE)
    story.world.pay(invoice)
    await story.town.settle()
    await story.town.slack.send_payload(press)
    await story.town.idle()
    assert "This is closed" in story.whispers()[-1]
    assert story.mailed() == []


async def test_an_old_cards_button_does_not_decide_about_the_new_letter(story: Story) -> None:
    await story.failed()
    old = pressing(story, story.people.maya, actions.APPROVE)
    await story.rejects()
    await story.town.later(timedelta(days=3))
    await story.town.slack.send_payload(old)
    await story.town.idle()
    assert "This card has changed since you saw it" in story.whispers()[-1]
    assert story.asks()


async def test_a_look_up_that_fails_denies_and_says_so(story: Story) -> None:
    invoice = await story.failed()
    story.town.slack.fault("users.info", Fault(error="internal_error"), times=None)
    await story.press(actions.APPROVE)
    assert "Slack could not tell us whether you may decide" in story.whispers()[-1]
    assert (await story.case(invoice)).state is State.IN_REVIEW


@ONE_DATABASE
async def test_a_forged_or_old_request_is_refused_and_changes_nothing(story: Story) -> None:
    invoice = await story.failed()
    payload = json.dumps(pressing(story, story.people.maya, actions.APPROVE))
    body = urlencode({"payload": payload})
    forged = await story.town.slack.post_signed(body, secret="not the secret")
    old = await story.town.slack.post_signed(
        body, timestamp=story.town.clock.now() - timedelta(minutes=6)
    )
    assert {forged.status, old.status} == {401}
    assert (await story.case(invoice)).state is State.IN_REVIEW


async def test_who_cannot_be_looked_up_is_answered_in_the_companys_language(build: Towns) -> None:
    async with build(LOCALE="fr") as story:
        await story.failed()
        story.town.slack.fault("users.info", Fault(error="internal_error"), times=None)
        await story.press(actions.APPROVE)
        assert "Slack could not" not in story.whispers()[-1]
        assert "Slack n’a pas pu" in story.whispers()[-1]
