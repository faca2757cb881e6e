"""Who may decide and whom a VIP's thread tags, asked of a real Slack counterpart."""

from dataclasses import replace

import pytest

from bot.errors import ChannelTrouble
from bot.review.parts import Manager
from bot.review.who import Directory
from bot.sandbox.slack import Fault
from tests.review.conftest import Stage
from tests.review.stories import VIP, facts


def team(stage: Stage) -> str:
    return stage.slack.state.team_id


async def test_without_approvers_the_members_of_the_review_channel_decide(stage: Stage) -> None:
    people = stage.directory()
    assert (await people.may_decide(stage.ana.id, team(stage))).allowed
    outsider = await people.may_decide(stage.eve.id, team(stage))
    assert (outsider.allowed, outsider.why) == (False, "refusal.not_member")


async def test_a_member_on_the_second_page_is_found(stage: Stage) -> None:
    many = [stage.slack.add_user(f"user{number}") for number in range(1001)]
    stage.review.members += [one.id for one in many]
    assert (await stage.directory().may_decide(many[-1].id, team(stage))).allowed


async def test_somebody_removed_between_card_and_press_is_refused(stage: Stage) -> None:
    people = stage.directory()
    assert (await people.may_decide(stage.ana.id, team(stage))).allowed
    stage.review.members.remove(stage.ana.id)
    assert not (await people.may_decide(stage.ana.id, team(stage))).allowed


async def test_with_approvers_only_they_decide(stage: Stage) -> None:
    people = stage.directory(stage.eve.id)
    assert (await people.may_decide(stage.eve.id, team(stage))).allowed
    said = await people.may_decide(stage.ana.id, team(stage))
    assert said.why == "refusal.not_approver"


async def test_a_user_group_may_decide(stage: Stage) -> None:
    group = stage.slack.add_group("finance", [stage.eve])
    people = stage.directory(group.id)
    assert (await people.may_decide(stage.eve.id, team(stage))).allowed
    assert not (await people.may_decide(stage.ana.id, team(stage))).allowed


async def test_a_group_on_a_free_plan_denies_with_its_own_sentence(stage: Stage) -> None:
    group = stage.slack.add_group("finance", [stage.eve])
    stage.slack.state.paid_plan = False
    people = stage.directory(group.id, stage.ana.id)
    said = await people.may_decide(stage.eve.id, team(stage))
    assert (said.allowed, said.why) == (False, "refusal.plan_upgrade_required")
    assert (await people.may_decide(stage.ana.id, team(stage))).allowed, "a listed user still may"


@pytest.mark.parametrize(
    ("flag", "why"),
    [
        ("deleted", "refusal.deactivated"),
        ("is_bot", "refusal.bot"),
        ("is_restricted", "refusal.guest"),
        ("is_ultra_restricted", "refusal.guest"),
        ("is_stranger", "refusal.other_team"),
    ],
)
async def test_guests_strangers_bots_and_the_deactivated_never_decide(
    stage: Stage, flag: str, why: str
) -> None:
    setattr(stage.ana, flag, True)
    for people in (stage.directory(), stage.directory(stage.ana.id)):
        said = await people.may_decide(stage.ana.id, team(stage))
        assert (said.allowed, said.why) == (False, why)


async def test_another_workspace_never_decides(stage: Stage) -> None:
    people = stage.directory(stage.ana.id)
    assert (await people.may_decide(stage.ana.id, "T999999999")).why == "refusal.other_team"
    stage.ana.team_id = "T999999999"
    assert (await people.may_decide(stage.ana.id, team(stage))).why == "refusal.other_team"


@pytest.mark.parametrize("method", ["users.info", "conversations.members", "auth.test"])
@pytest.mark.parametrize("fault", [Fault(status=500), Fault(error="fatal_error"), Fault(hang=True)])
async def test_a_failed_look_up_denies_and_says_so(stage: Stage, method: str, fault: Fault) -> None:
    stage.slack.fault(method, fault, times=None)
    within = 0.3 if fault.hang else 20
    said = await stage.directory(within=within).may_decide(stage.ana.id, team(stage))
    assert (said.allowed, said.why) == (False, "refusal.lookup_failed")


async def test_the_answer_knows_the_persons_language(stage: Stage) -> None:
    assert (await stage.directory().may_decide(stage.eve.id, team(stage))).locale == "es"
    stage.eve.locale = "de-DE"
    assert (await stage.directory().may_decide(stage.eve.id, team(stage))).locale == "en"


async def manager(stage: Stage, named: str | None, default: str | None = None) -> Manager:
    case = replace(VIP, facts=facts(manager=named))
    return await stage.directory(manager=default).manager_of(case)


async def test_a_manager_is_named_by_id_group_or_email(stage: Stage) -> None:
    eve = Manager(mention=f"<@{stage.eve.id}>")
    assert await manager(stage, stage.eve.id) == eve
    assert await manager(stage, " eve@acme.example ") == eve
    assert await manager(stage, "S0123ABC") == Manager(mention="<!subteam^S0123ABC>")


async def test_without_a_name_the_default_owner_is_asked_without_a_word(stage: Stage) -> None:
    assert await manager(stage, None, stage.ana.id) == Manager(mention=f"<@{stage.ana.id}>")
    assert await manager(stage, None) == Manager(mention=None)


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ("gone@acme.example", "vip.manager_not_found"),
        ("U000NOBODY", "vip.manager_not_found"),
        ("<!channel>", "vip.manager_unreadable"),
        ("ask @eve or U1", "vip.manager_unreadable"),
        ("@eve", "vip.manager_unreadable"),
        ("eve@acme.example, bo@acme.example", "vip.manager_unreadable"),
    ],
)
async def test_a_manager_who_is_not_there_is_replaced_and_it_is_said(
    stage: Stage, named: str, why: str
) -> None:
    found = await manager(stage, named, stage.ana.id)
    assert found == Manager(mention=f"<@{stage.ana.id}>", fallback=why, named=named)


async def test_a_deactivated_manager_is_replaced(stage: Stage) -> None:
    stage.eve.deleted = True
    assert (await manager(stage, stage.eve.id, stage.ana.id)).fallback == "vip.manager_gone"


async def test_a_missing_scope_does_not_stop_the_thread(stage: Stage) -> None:
    stage.slack.state.scopes.discard("users:read.email")
    found = await manager(stage, "eve@acme.example", stage.ana.id)
    assert found.fallback == "vip.manager_unknown_now"


async def owner(stage: Stage, to: str, named: str | None = None) -> Manager:
    case = replace(VIP, owner=to, facts=facts(manager=named))
    return await stage.directory(manager=stage.ana.id).manager_of(case)


async def test_whom_a_person_handed_a_customer_over_to_comes_before_all_others(
    stage: Stage,
) -> None:
    bo = stage.slack.add_user("bo")
    assert await owner(stage, bo.id, stage.eve.id) == Manager(mention=f"<@{bo.id}>")
    bo.deleted = True
    lost = Manager(mention=f"<@{stage.eve.id}>", fallback="vip.owner_gone", named=bo.id)
    assert await owner(stage, bo.id, stage.eve.id) == lost
    assert await owner(stage, bo.id) == replace(lost, mention=f"<@{stage.ana.id}>")


async def test_an_owner_who_is_none_of_us_is_replaced(stage: Stage) -> None:
    assert (await owner(stage, "U000NOBODY")).fallback == "vip.owner_gone"
    stranger = stage.slack.add_user("lee", is_stranger=True)
    assert (await owner(stage, stranger.id)).fallback == "vip.owner_gone"
    stage.slack.fault("users.info", Fault(error="fatal_error"))
    with pytest.raises(ChannelTrouble):
        await owner(stage, stage.eve.id)


async def test_an_outage_is_tried_again_instead_of_asking_the_wrong_person(stage: Stage) -> None:
    stage.slack.fault("users.lookupByEmail", Fault(status=500), times=None)
    with pytest.raises(ChannelTrouble):
        await manager(stage, "eve@acme.example", stage.ana.id)


async def test_members_of_the_vip_channel_may_take_a_vip_on_and_approve_nothing(
    stage: Stage,
) -> None:
    stage.slack.add_channel("vip-owners", members=[stage.eve])
    people = Directory(stage.client, stage.rooms, channel="dunning", vip_channel="vip-owners")
    assert (await people.may_own(stage.eve.id, team(stage))).allowed
    assert not (await people.may_decide(stage.eve.id, team(stage))).allowed
    assert (await people.may_own(stage.ana.id, team(stage))).allowed, "who decides may own too"


async def test_a_vip_is_given_only_to_one_of_us_who_sees_them(stage: Stage) -> None:
    people, slack = stage.people, stage.slack
    stage.people._vip_channel = "vips"
    assert await people.not_to_be_given(stage.ana.id) is None
    assert await people.not_to_be_given(stage.eve.id) == "hand_over.not_in_channel"
    stage.vip.members.append(stage.eve.id)
    assert await people.not_to_be_given(stage.eve.id) is None
    for more in ({"is_restricted": True}, {"is_bot": True}, {"deleted": True}, {"team_id": "T9"}):
        user = slack.add_user("somebody", **more)
        stage.vip.members.append(user.id)
        assert await people.not_to_be_given(user.id) == "hand_over.not_one_of_us"
    assert await people.not_to_be_given("U0NOBODY") == "hand_over.not_one_of_us"
    slack.fault("users.info", Fault(error="fatal_error"))
    assert await people.not_to_be_given(stage.ana.id) == "hand_over.lookup_failed"
