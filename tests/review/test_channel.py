"""Cards in a real Slack counterpart: one message a question, whatever goes wrong on the way."""

from dataclasses import replace

import pytest

from bot.case.effects import Show
from bot.case.model import Case, Shown, State, Why
from bot.case.standing import CustomerRecord
from bot.errors import ChannelTrouble
from bot.sandbox.slack import Fault
from tests.review.conftest import Stage
from tests.review.stories import APPROVED, REVIEW, STORIES, VIP

EFFECT = Show(case_id=REVIEW.id)
KNOWN = CustomerRecord(key=REVIEW.key)


async def show(stage: Stage, case: Case, *, again: bool = False) -> Case:
    """The case as it is kept once it was shown."""
    posted = await stage.channel.show(case, KNOWN, EFFECT, again=again)
    return replace(case, shown=posted.shown)


def kinds(stage: Stage, at: Shown) -> list[str]:
    message = stage.slack.state.message(at.channel, at.ts)
    assert message is not None
    return [str(block["type"]) for block in message.blocks]


async def test_a_card_is_posted_once_to_the_review_channel_with_its_marks(stage: Stage) -> None:
    case = await show(stage, REVIEW)
    (message,) = stage.slack.messages(stage.review.id)
    assert case.shown == (Shown(ask=1, channel=stage.review.id, ts=message.ts),)
    assert message.metadata == {
        "event_type": "dunning_case",
        "event_payload": {"case": "case-1", "ask": 1},
    }
    assert message.text.startswith("Ana Torres")


async def test_a_change_changes_the_message_and_costs_one_call(stage: Stage) -> None:
    case = await show(stage, REVIEW)
    before = len(stage.slack.state.calls)
    await show(stage, replace(APPROVED, shown=case.shown))
    assert [call.method for call in stage.slack.state.calls[before:]] == ["chat.update"]
    (message,) = stage.slack.messages(stage.review.id)
    assert "Approved by <@U1ANNE>" in message.text
    assert message.blocks, "the blocks were sent along"


async def test_a_second_card_in_the_same_channel_costs_one_call(stage: Stage) -> None:
    await show(stage, REVIEW)
    before = len(stage.slack.state.calls)
    await show(stage, REVIEW)
    assert [call.method for call in stage.slack.state.calls[before:]] == ["chat.postMessage"]


async def test_showing_twice_changes_nothing(stage: Stage) -> None:
    case = await show(stage, REVIEW)
    assert await show(stage, case) == case
    assert stage.posts() == 1


async def test_a_new_question_is_a_new_message_and_the_old_one_points_on(stage: Stage) -> None:
    case = await show(stage, REVIEW)
    asked_again = await show(stage, replace(case, ask=2, revision=4))
    old, new = asked_again.shown
    assert (old.retired, new.retired) == (True, False)
    assert "actions" not in kinds(stage, old)
    kept = stage.slack.state.message(old.channel, old.ts)
    assert kept is not None
    assert "The payment of €49.00" in str(kept.blocks)
    assert new.ts.replace(".", "") in kept.text
    before = len(stage.slack.calls("chat.update"))
    await show(stage, asked_again)
    assert len(stage.slack.calls("chat.update")) == before + 1, "an old card is retired once"


async def test_an_older_card_out_of_reach_does_not_hold_up_the_new_one(stage: Stage) -> None:
    case = await show(stage, VIP)
    stage.vip.is_archived = True
    moved = replace(REVIEW, shown=case.shown, ask=2)
    after = await show(stage, moved)
    assert [one.channel for one in after.shown] == [stage.vip.id, stage.review.id]
    assert after.shown[0].retired


async def test_an_answer_lost_on_the_way_leaves_one_card(stage: Stage) -> None:
    stage.slack.fault("chat.postMessage", Fault(drop=True))
    with pytest.raises(ChannelTrouble) as trouble:
        await show(stage, REVIEW)
    assert not trouble.value.permanent
    assert stage.posts() == 1, "a post is never repeated by the client"
    case = await show(stage, REVIEW, again=True)
    (message,) = stage.slack.messages(stage.review.id)
    assert case.shown[0].ts == message.ts


async def test_a_post_that_never_came_is_made_by_the_next_attempt(stage: Stage) -> None:
    stage.slack.fault("chat.postMessage", Fault(status=503))
    with pytest.raises(ChannelTrouble):
        await show(stage, REVIEW)
    await show(stage, REVIEW, again=True)
    assert len(stage.slack.messages(stage.review.id)) == 1


async def test_a_card_that_an_admin_deleted_is_posted_anew_at_the_next_change(stage: Stage) -> None:
    case = await show(stage, REVIEW)
    stage.slack.messages(stage.review.id)[0].deleted = True
    after = await show(stage, replace(APPROVED, shown=case.shown))
    assert len(after.shown) == 1
    assert after.shown[0].ts != case.shown[0].ts
    assert len(stage.slack.messages(stage.review.id)) == 1


async def test_a_vip_gets_a_thread_in_its_own_channel_that_tags_the_manager(stage: Stage) -> None:
    case = await show(stage, VIP)
    opening, tagged = stage.slack.messages(stage.vip.id)
    assert opening.text.startswith("URGENT: VIP customer Ana Torres failed to pay €1,900.00.")
    assert tagged.thread_ts == opening.ts
    assert f"<@{stage.ana.id}>" in tagged.text
    assert case.shown[0].replies == ("opening",)
    assert await show(stage, case) == case
    assert len(stage.slack.messages(stage.vip.id)) == 2


async def test_a_paid_vip_is_told_in_the_thread_once(stage: Stage) -> None:
    case = await show(stage, VIP)
    paid = await show(stage, replace(STORIES["vip_paid"], shown=case.shown))
    await show(stage, paid)
    assert paid.shown[0].replies == ("opening", "outcome")
    last = stage.slack.messages(stage.vip.id)[-1]
    assert last.thread_ts == case.shown[0].ts
    assert last.text.startswith("Paid, ")
    assert len(stage.slack.messages(stage.vip.id)) == 3


async def test_a_thread_reply_lost_on_the_way_is_not_said_twice(stage: Stage) -> None:
    stage.slack.fault("chat.postMessage", Fault(), times=1)
    stage.slack.fault("chat.postMessage", Fault(drop=True))
    with pytest.raises(ChannelTrouble):
        await show(stage, VIP)
    case = await show(stage, VIP, again=True)
    assert len(stage.slack.messages(stage.vip.id)) == 2
    assert case.shown[0].replies == ("opening",)


async def test_erasing_empties_every_message_of_the_case(stage: Stage) -> None:
    case = await show(stage, REVIEW)
    two = await show(stage, replace(case, ask=2))
    erased = replace(two, state=State.CLOSED, why=Why.ERASED, closed_at=stage.clock.now())
    await show(stage, erased)
    standing = stage.slack.messages(stage.review.id)
    assert len(standing) == 2
    assert "Ana" not in str([(one.text, one.blocks) for one in standing])


@pytest.mark.parametrize("fields", [{"is_private": False}, {"is_ext_shared": True}])
async def test_a_public_or_shared_channel_is_never_spoken_in(
    stage: Stage, fields: dict[str, bool]
) -> None:
    for name, value in fields.items():
        setattr(stage.review, name, value)
    stage.channel = stage.with_rooms_of(stage.review.id)
    with pytest.raises(ChannelTrouble) as trouble:
        await show(stage, REVIEW)
    assert (trouble.value.code, trouble.value.permanent) == ("channel_not_private", True)
    assert stage.slack.messages(stage.review.id) == []


async def test_a_public_channel_that_we_may_look_at_is_refused_as_well(stage: Stage) -> None:
    stage.slack.state.scopes.add("channels:read")
    stage.review.is_private = False
    stage.channel = stage.with_rooms_of(stage.review.id)
    with pytest.raises(ChannelTrouble) as trouble:
        await show(stage, REVIEW)
    assert trouble.value.code == "channel_not_private"


async def test_a_channel_that_became_shared_is_noticed(stage: Stage) -> None:
    await show(stage, REVIEW)
    stage.review.is_ext_shared = True
    await stage.clock.sleep(301)
    with pytest.raises(ChannelTrouble) as trouble:
        await show(stage, REVIEW)
    assert trouble.value.code == "channel_not_private"


async def test_an_unknown_channel_is_a_permanent_trouble(stage: Stage) -> None:
    stage.review.name = "renamed"
    with pytest.raises(ChannelTrouble) as trouble:
        await show(stage, REVIEW)
    assert (trouble.value.code, trouble.value.permanent) == ("channel_not_found", True)


async def test_a_short_wish_to_wait_is_kept_and_the_card_stands(stage: Stage) -> None:
    stage.slack.fault("chat.postMessage", Fault(retry_after=2))
    await show(stage, REVIEW)
    assert len(stage.slack.messages(stage.review.id)) == 1
    assert not any(call.early for call in stage.slack.state.calls)


async def test_a_long_wish_to_wait_is_handed_back_with_its_seconds(stage: Stage) -> None:
    stage.slack.fault("chat.postMessage", Fault(retry_after=30))
    with pytest.raises(ChannelTrouble) as trouble:
        await show(stage, REVIEW)
    assert (trouble.value.permanent, trouble.value.retry_after) == (False, 30)
    assert stage.posts() == 1


@pytest.mark.parametrize("fault", [Fault(status=500), Fault(drop=True)])
async def test_an_update_is_tried_again_by_itself(stage: Stage, fault: Fault) -> None:
    case = await show(stage, REVIEW)
    stage.slack.fault("chat.update", fault)
    await show(stage, replace(APPROVED, shown=case.shown))
    assert "Approved by" in stage.slack.messages(stage.review.id)[0].text


@pytest.mark.parametrize(
    ("error", "permanent"),
    [("is_archived", True), ("account_inactive", True), ("internal_error", False)],
)
async def test_slacks_refusals_say_whether_trying_again_helps(
    stage: Stage, error: str, *, permanent: bool
) -> None:
    stage.slack.fault("chat.postMessage", Fault(error=error))
    with pytest.raises(ChannelTrouble) as trouble:
        await show(stage, REVIEW)
    assert (trouble.value.code, trouble.value.permanent) == (error, permanent)


async def test_work_that_failed_for_good_is_told_without_markup(stage: Stage) -> None:
    await stage.channel.tell("Work for <!channel> failed & stays.")
    (message,) = stage.slack.messages(stage.review.id)
    assert message.text == "Work for &lt;!channel&gt; failed &amp; stays."
