"""Presses come in by signed HTTP from a Slack counterpart, and only the right ones become facts."""

from dataclasses import replace
from typing import Any

import pytest

from bot.case.effects import Show
from bot.case.events import (
    AnyEvent,
    Approved,
    DraftAsked,
    Hurried,
    Owned,
    Settled,
    Stopped,
    Undone,
    WaitAsked,
)
from bot.case.ids import Actor
from bot.case.model import Case
from bot.case.standing import CustomerRecord
from bot.errors import Misconfigured
from bot.review import actions
from bot.review.actions import option, shown_by
from bot.review.channel import Desk
from bot.review.deciding import Deciding
from bot.review.listeners import EVENTS, bolt_app
from bot.review.modals.opening import OPENS
from bot.review.stale import Letters
from bot.sandbox.slack import Answer, Fault
from bot.words import LOCALES, words
from tests.review.conftest import POLICY, READER, Stage
from tests.review.stories import APPROVED, BASIS, LETTER, REVIEW, STORIES, VIP

JSON = "application/json"
PRINT = READER.fingerprint(LETTER, BASIS)


async def shown(stage: Stage, case: Case) -> tuple[str, str]:
    """Where the case's card stands."""
    stage.book.case = case
    known = CustomerRecord(key=case.key)
    posted = await stage.channel.show(case, known, Show(case_id=case.id))
    return posted.shown[-1].channel, posted.shown[-1].ts


async def press(stage: Stage, case: Case, action: str, *, value: str | None = None) -> Answer:
    channel, ts = await shown(stage, case)
    return await stage.slack.press(stage.ana.id, channel, ts, action, value=value)


def told(stage: Stage) -> list[str]:
    return [one.text for one in stage.slack.state.ephemerals]


def happened(stage: Stage) -> list[AnyEvent]:
    return [event for _, event in stage.book.events]


async def test_approve_names_the_person_the_revision_and_what_they_saw(stage: Stage) -> None:
    answer = await press(stage, REVIEW, actions.APPROVE)
    assert (answer.status, answer.problem) == (200, None)
    assert happened(stage) == [
        Approved(
            at=stage.clock.now(),
            who=Actor(f"slack:{stage.slack.state.team_id}:{stage.ana.id}"),
            revision=3,
            seen=PRINT,
        )
    ]
    assert told(stage) == []


@pytest.mark.parametrize(
    ("case", "action", "kind", "fields"),
    [
        (STORIES["approved_at_night"], actions.SEND_NOW, Hurried, {"revision": 3}),
        (VIP, actions.TAKE, Owned, {"contacted": False}),
        (VIP, actions.CONTACTED, Owned, {"contacted": True}),
        (STORIES["odd_first_invoice"], actions.WRITE, DraftAsked, {"revision": 3}),
        (STORIES["odd_first_invoice"], actions.STOP, Stopped, {"revision": 3}),
        (REVIEW, actions.WAIT, WaitAsked, {"revision": 3}),
        (APPROVED, actions.UNDO, Undone, {"revision": 3}),
        (STORIES["snoozed"], actions.WRITE_NOW, DraftAsked, {"revision": 3}),
        (STORIES["unclear"], actions.ARRIVED, Settled, {"revision": 3, "arrived": True}),
        (STORIES["unclear"], actions.NOT_ARRIVED, Settled, {"revision": 3, "arrived": False}),
    ],
)
async def test_every_button_says_what_it_promises(
    stage: Stage, case: Case, action: str, kind: type[AnyEvent], fields: dict[str, Any]
) -> None:
    answer = await press(stage, case, action)
    assert answer.problem is None
    (event,) = happened(stage)
    assert type(event) is kind
    assert {name: getattr(event, name) for name in fields} == fields


def test_every_button_that_a_card_offers_is_listened_to() -> None:
    names = {value for name, value in vars(actions).items() if name.isupper() and name != "VERSION"}
    others = {actions.OPEN_STRIPE, actions.MORE, *OPENS}
    assert {one for one in names if isinstance(one, str)} - others == set(EVENTS)


async def test_a_link_to_stripe_is_acknowledged_and_decides_nothing(stage: Stage) -> None:
    link = option(actions.OPEN_STRIPE, shown_by(REVIEW, PRINT))
    assert (await press(stage, REVIEW, actions.MORE, value=link)).problem is None
    assert (happened(stage), told(stage)) == ([], [])


async def test_an_option_of_the_menu_is_a_press_like_any_other(stage: Stage) -> None:
    stop = option(actions.STOP, shown_by(REVIEW, PRINT))
    assert (await press(stage, REVIEW, actions.MORE, value=stop)).problem is None
    (event,) = happened(stage)
    assert (type(event), getattr(event, "revision", None)) == (Stopped, 3)


@pytest.mark.parametrize("action", [actions.APPROVE, actions.EDIT, actions.REJECT, actions.WAIT])
@pytest.mark.parametrize("change", [{"revision": 4}, {"ask": 2}])
async def test_a_press_on_an_older_question_is_refused_privately(
    stage: Stage, action: str, change: dict[str, int]
) -> None:
    channel, ts = await shown(stage, REVIEW)
    stage.book.case = replace(REVIEW, **change)  # type: ignore[arg-type]
    answer = await stage.slack.press(stage.ana.id, channel, ts, action)
    assert answer.problem is None
    assert happened(stage) == []
    assert told(stage) == [words("fr")["refusal.asked_anew"]]


async def test_a_late_press_is_the_machines_to_answer(stage: Stage) -> None:
    channel, ts = await shown(stage, REVIEW)
    stage.book.case = replace(APPROVED, ask=2)
    stage.book.refused = "already_decided"
    await stage.slack.press(stage.ana.id, channel, ts, actions.APPROVE)
    assert told(stage) == [words("fr")["refusal.already_decided"]]


@pytest.mark.parametrize("reason", ["closed", "too_late", "no_more_drafts", "not_approved"])
async def test_the_machines_refusals_are_one_private_sentence(stage: Stage, reason: str) -> None:
    stage.book.refused = reason
    await press(stage, REVIEW, actions.APPROVE)
    (whisper,) = stage.slack.state.ephemerals
    assert (whisper.user, whisper.text) == (stage.ana.id, words("fr")[f"refusal.{reason}"])


async def test_an_unheard_of_refusal_still_says_that_nothing_changed(stage: Stage) -> None:
    stage.book.refused = "something_new"
    await press(stage, REVIEW, actions.APPROVE)
    assert told(stage) == [words("fr")["refusal.not_now"]]


@pytest.mark.parametrize("value", ["v2|case-1|3|1|-", "garbage", "v1|case-9|3|1|-"])
async def test_an_old_forged_or_unknown_value_is_refused_privately(
    stage: Stage, value: str
) -> None:
    await press(stage, REVIEW, actions.APPROVE, value=value)
    assert happened(stage) == []
    assert told(stage) == [words("fr")["refusal.unknown"]]


async def test_somebody_without_the_right_changes_nothing_and_is_told(stage: Stage) -> None:
    channel, ts = await shown(stage, REVIEW)
    stage.review.members.append(stage.eve.id)
    stage.eve.is_restricted = True
    await stage.slack.press(stage.eve.id, channel, ts, actions.APPROVE)
    assert happened(stage) == []
    assert told(stage) == [words("es")["refusal.guest"]]


@pytest.mark.parametrize(("spoken", "ours"), [("en-GB", "en"), ("es-MX", "es"), ("de-DE", "en")])
async def test_a_private_sentence_follows_the_persons_language(
    stage: Stage, spoken: str, ours: str
) -> None:
    assert ours in LOCALES
    stage.ana.locale = spoken
    stage.book.refused = "closed"
    await press(stage, REVIEW, actions.APPROVE)
    assert told(stage) == [words(ours)["refusal.closed"]]


async def test_a_failed_look_up_denies_and_says_so(stage: Stage) -> None:
    channel, ts = await shown(stage, REVIEW)
    stage.slack.fault("users.info", Fault(status=500), times=None)
    answer = await stage.slack.press(stage.ana.id, channel, ts, actions.APPROVE)
    assert answer.problem is None
    assert happened(stage) == []
    assert told(stage) == [words("en")["refusal.lookup_failed"]]


async def test_our_own_failure_is_acknowledged_and_said(stage: Stage) -> None:
    stage.book.broken = True
    answer = await press(stage, REVIEW, actions.APPROVE)
    assert answer.status == 200
    assert told(stage) == [words("en")["refusal.failed"]]


async def test_a_whisper_that_fails_disturbs_nobody(stage: Stage) -> None:
    stage.book.refused = "closed"
    stage.slack.fault("chat.postEphemeral", Fault(error="user_not_in_channel"))
    assert (await press(stage, REVIEW, actions.APPROVE)).status == 200


async def test_five_presses_of_one_button_are_five_events_for_the_machine(stage: Stage) -> None:
    channel, ts = await shown(stage, REVIEW)
    payload = stage.slack.pressing(stage.ana.id, channel, ts, actions.APPROVE)
    for _ in range(5):
        await stage.slack.send_payload(payload)
    assert len(set(happened(stage))) == 1


def test_oauth_settings_in_the_environment_are_a_mistake_said_in_a_sentence(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "s")
    book = stage.book
    deciding = Deciding(
        client=stage.client,
        people=stage.people,
        find=book.find,
        happened=book.happened,
        letters=Letters(asked=book.asked, reader=READER, policy=POLICY),
        clock=stage.clock,
        desk=Desk(review="dunning", vip="vips", company="Acme"),
    )
    with pytest.raises(Misconfigured, match="SLACK_CLIENT_ID"):
        bolt_app(deciding)


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is to go by a proxy, which is not there."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")


async def test_a_press_asks_a_slack_on_this_machine_for_nothing_by_a_proxy(
    proxied: None,  # noqa: ARG001 - before the stage
    stage: Stage,
) -> None:
    assert (await press(stage, REVIEW, actions.APPROVE)).status == 200
    assert happened(stage)
