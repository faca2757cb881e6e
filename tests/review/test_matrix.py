"""Who may do what: every kind of actor, with everything that can be pressed or sent, in one table.

All of it comes in by signed HTTP; whoever is refused is told why, and nothing has changed.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest

from bot.case.effects import Show
from bot.case.standing import CustomerRecord
from bot.review import actions
from bot.review.listeners import EVENTS
from bot.review.modals.opening import OPENS
from bot.sandbox.slack import Fault, User
from bot.words import words
from tests.review.conftest import Stage
from tests.review.stories import REVIEW, VIP

Json = dict[str, Any]

OTHER_TEAM: Final = "T999999999"
# The modals that can be sent.
SENT: Final = frozenset({actions.EDIT, actions.REJECT, actions.HAND_OVER})
OF_AN_OWNER: Final = frozenset({actions.TAKE, actions.CONTACTED, actions.HAND_OVER})
ABOUT_A_VIP: Final = OF_AN_OWNER | {actions.WRITE_INSTEAD}
ALLOWED: Final = "allowed"
SILENCE: Final = "silence"
PRESSES: Final = sorted({*EVENTS, *OPENS})

Someone = Callable[[Stage], User]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Somebody: who they are, what is so when they press, and the answers they get.

    `decides` and `owns` are words' keys beneath `refusal`, or ALLOWED. `is_told`: Slack can show
    them a private sentence. `says` bends what Slack tells of them.
    """

    is_: Someone
    decides: str
    owns: str
    is_told: bool = True
    says: Callable[[Json], None] = lambda _payload: None


def may(is_: Someone) -> Kind:
    return Kind(is_=is_, decides=ALLOWED, owns=ALLOWED)


def may_not(why: str, is_: Someone, **more: Any) -> Kind:
    return Kind(is_=is_, decides=why, owns=why, **more)


def member(stage: Stage, **fields: Any) -> User:
    user = stage.slack.add_user("somebody", **fields)
    stage.review.members.append(user.id)
    return user


def listed(stage: Stage, *approvers: str) -> None:
    stage.people._approvers = frozenset(approvers)


def on_the_list(stage: Stage) -> User:
    user = colleague(stage)
    listed(stage, user.id)
    return user


def colleague(stage: Stage) -> User:
    """Somebody of this workspace who may read the card, as it happens, and is nothing more."""
    return stage.slack.add_user("colleague")


def in_a_group(stage: Stage, *, inside: bool = True, paid: bool = True, gone: bool = False) -> User:
    user = member(stage)
    group = stage.slack.add_group("finance", [user] if inside else [])
    stage.slack.state.paid_plan = paid
    if gone:
        del stage.slack.state.usergroups[group.id]
    listed(stage, group.id)
    return user


def in_the_second_group(stage: Stage) -> User:
    user = colleague(stage)
    group = stage.slack.add_group("finance", [user])
    listed(stage, "S000000000", group.id)
    return user


def beside_a_group_on_a_free_plan(stage: Stage) -> User:
    user = in_a_group(stage, inside=False, paid=False)
    stage.people._approvers |= {user.id}
    return user


def removed(stage: Stage) -> User:
    user = member(stage)
    stage.review.members.remove(user.id)
    return user


def manager(stage: Stage) -> User:
    user = colleague(stage)
    stage.vip.members.append(user.id)
    return user


def while_(method: str, fault: Fault) -> Someone:
    def arranged(stage: Stage) -> User:
        stage.people._within = 0.5 if fault.hang else 20
        stage.slack.fault(method, fault, times=None)
        return member(stage)

    return arranged


def told_to_wait_a_second(stage: Stage) -> User:
    stage.slack.fault("users.info", Fault(retry_after=1))
    return member(stage)


def in_a_channel_that_is(**fields: bool) -> Someone:
    def arranged(stage: Stage) -> User:
        for room in (stage.review, stage.vip):
            for name, value in fields.items():
                setattr(room, name, value)
        return member(stage)

    return arranged


def on_the_list_of_a_public_channel(stage: Stage) -> User:
    stage.review.is_private = stage.vip.is_private = False
    return on_the_list(stage)


def where_the_bot_was_removed(stage: Stage) -> User:
    user = member(stage)
    for room in (stage.review, stage.vip):
        room.members.remove(stage.slack.state.bot_user)
    return user


def the_app_itself(stage: Stage) -> User:
    return stage.slack.state.users[stage.slack.state.bot_user]


def of_team(team: str | None) -> Callable[[Json], None]:
    def said(payload: Json) -> None:
        payload["user"]["team_id"] = team
        payload["team"] = {"id": team} if team else None

    return said


def unheard_of(payload: Json) -> None:
    payload["user"]["id"] = "U0NOBODY"


KINDS: Final[dict[str, Kind]] = {
    "a member of the channel": may(member),
    "invited after the card was posted": may(member),
    "on the list, and not in the channel": may(on_the_list),
    "in the user group": may(in_a_group),
    "in the second group, while the first is gone": may(in_the_second_group),
    "listed beside a group on a free plan": may(beside_a_group_on_a_free_plan),
    "asked about a second too soon": may(told_to_wait_a_second),
    "on the list, and the channel is public": may(on_the_list_of_a_public_channel),
    "an account manager": Kind(is_=manager, decides="not_member", owns=ALLOWED, is_told=False),
    "not in the channel": may_not("not_member", colleague, is_told=False),
    "removed between card and press": may_not("not_member", removed, is_told=False),
    "not in the group": may_not("not_approver", lambda s: in_a_group(s, inside=False)),
    "in a group on a free plan": may_not(
        "plan_upgrade_required", lambda s: in_a_group(s, paid=False)
    ),
    "in a group that is gone": may_not("lookup_failed", lambda s: in_a_group(s, gone=True)),
    "deactivated": may_not("deactivated", lambda s: member(s, deleted=True)),
    "a guest of several channels": may_not("guest", lambda s: member(s, is_restricted=True)),
    "a guest of one channel": may_not("guest", lambda s: member(s, is_ultra_restricted=True)),
    "a stranger of Slack Connect": may_not(
        "other_team", lambda s: member(s, is_stranger=True, team_id=OTHER_TEAM)
    ),
    "a stranger who is said to be ours": may_not(
        "other_team", lambda s: member(s, is_stranger=True)
    ),
    "of another workspace of the organisation": may_not(
        "other_team", lambda s: member(s, team_id=OTHER_TEAM)
    ),
    "ours by the press, another's by the directory": may_not(
        "other_team",
        lambda s: member(s, team_id=OTHER_TEAM),
        says=of_team("T000000001"),
    ),
    "another's by the press, ours by the directory": may_not(
        "other_team", member, says=of_team(OTHER_TEAM)
    ),
    "of no workspace": may_not("other_team", member, says=of_team(None)),
    "unknown to Slack": may_not("other_team", member, says=unheard_of, is_told=False),
    "a bot": may_not("bot", lambda s: member(s, is_bot=True)),
    "the app itself": may_not("bot", the_app_itself),
    "looked up in vain: 500": may_not("lookup_failed", while_("users.info", Fault(status=500))),
    "looked up in vain: no answer": may_not(
        "lookup_failed", while_("users.info", Fault(hang=True))
    ),
    "looked up in vain: asked to wait for long": may_not(
        "lookup_failed", while_("users.info", Fault(retry_after=40))
    ),
    "looked up in vain: the members": may_not(
        "lookup_failed", while_("conversations.members", Fault(error="fatal_error"))
    ),
    "in a channel that became public": may_not(
        "channel_not_private", in_a_channel_that_is(is_private=False)
    ),
    "in a channel that became shared": may_not(
        "channel_not_private", in_a_channel_that_is(is_ext_shared=True)
    ),
    "in a channel that was archived": may_not(
        "lookup_failed", in_a_channel_that_is(is_archived=True), is_told=False
    ),
    "in a channel the bot was removed from": may_not(
        "lookup_failed", where_the_bot_was_removed, is_told=False
    ),
}


@pytest.mark.parametrize("name", KINDS)
async def test_who_may_press_and_send_what(stage: Stage, name: str) -> None:
    kind = KINDS[name]
    channel, ts = await shown(stage)
    stage.people._vip_channel = "vips"
    await stage.rooms.id_of("vips")
    who = kind.is_(stage)

    found: dict[str, str] = {}
    for action in PRESSES:
        press = stage.slack.pressing(who.id, channel, ts, actions.APPROVE)
        press["actions"] = [press["actions"][0] | {"action_id": action}]
        stage.book.case = VIP if action in ABOUT_A_VIP else REVIEW
        found[f"press {action}"] = await answered(stage, press, kind)
    for sent in sorted(SENT):
        stage.book.case = VIP if sent in ABOUT_A_VIP else REVIEW
        found[f"send {sent}"] = await answered(
            stage, submission(stage, who, channel, ts, sent), kind
        )

    expected = {
        f"press {one}": answer(kind.owns if one in OF_AN_OWNER else kind.decides, kind)
        for one in PRESSES
    }
    shown_in_modal = replace(kind, is_told=True)  # Slack shows it where they typed
    expected |= {
        f"send {one}": answer(kind.owns if one in OF_AN_OWNER else kind.decides, shown_in_modal)
        for one in SENT
    }
    assert found == expected


def test_there_are_twenty_kinds_and_more_and_every_action() -> None:
    assert len(KINDS) >= 20
    listened = {*EVENTS, *OPENS}
    offered = {value for name, value in vars(actions).items() if name.isupper()}
    links = {actions.OPEN_STRIPE, actions.MORE, actions.VERSION}
    assert {one for one in offered if isinstance(one, str)} - links == listened


def answer(why: str, kind: Kind) -> str:
    if why == ALLOWED:
        return ALLOWED
    return why if kind.is_told else SILENCE


async def shown(stage: Stage) -> tuple[str, str]:
    """Where the card stands; Slack was well then."""
    stage.book.case = REVIEW
    posted = await stage.channel.show(
        REVIEW, CustomerRecord(key=REVIEW.key), Show(case_id=REVIEW.id)
    )
    return posted.shown[-1].channel, posted.shown[-1].ts


def submission(stage: Stage, who: User, channel: str, ts: str, kind: str) -> Json:
    """A modal that is sent with nothing typed, as if it had been opened."""
    press = stage.slack.pressing(who.id, channel, ts, actions.APPROVE)
    view = {
        "id": "V1",
        "type": "modal",
        "callback_id": kind,
        "private_metadata": press["actions"][0]["value"],
        "state": {"values": {}},
        "blocks": [],
    }
    return {
        "type": "view_submission",
        "user": press["user"],
        "team": press["team"],
        "trigger_id": press["trigger_id"],
        "view": view,
    }


async def answered(stage: Stage, payload: Json, kind: Kind) -> str:
    """ALLOWED, the key of the sentence that they were told, or SILENCE; refused means unchanged."""
    kind.says(payload)
    events, views = len(stage.book.events), len(stage.slack.state.views)
    stage.slack.state.ephemerals.clear()
    answer = await stage.slack.send_payload(payload)
    assert answer.status == 200
    told = [one.text for one in stage.slack.state.ephemerals]
    if payload["type"] == "view_submission":
        told.append(json.dumps(json.loads(answer.body or "{}"), ensure_ascii=False))
    why = refusal_in(" ".join(told))
    changed = len(stage.book.events) > events or len(stage.slack.state.views) > views
    if why is not None:
        assert not changed, why
        return why
    on_a_field = "response_action" in answer.body  # of an empty form: they were let that far
    return ALLOWED if changed or on_a_field else SILENCE


def refusal_in(text: str) -> str | None:
    """Which of the sentences for people who may not do this stands in a text."""
    about_people = {kind.decides for kind in KINDS.values()} - {ALLOWED}
    said = {key: words("en")[f"refusal.{key}"] for key in about_people}
    return next((key for key, sentence in said.items() if sentence in text), None)
