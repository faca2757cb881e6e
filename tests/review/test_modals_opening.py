"""How modals open, and what is said when one can't be opened or saved."""

import asyncio
from dataclasses import replace

import pytest

from bot.case.effects import Show
from bot.case.model import Case, State
from bot.case.standing import CustomerRecord
from bot.review import actions
from bot.sandbox.slack import Fault, render_text
from bot.words import words
from tests.review.conftest import Stage
from tests.review.stories import REVIEW, STORIES


async def knock(stage: Stage, action: str, case: Case = REVIEW) -> str:
    stage.book.case = case
    posted = await stage.channel.show(case, CustomerRecord(key=case.key), Show(case_id=case.id))
    place = posted.shown[-1]
    answer = await stage.slack.press(stage.ana.id, place.channel, place.ts, action)
    assert answer.problem is None
    return modal_of(stage)


def modal_of(stage: Stage) -> str:
    views = [one for one in stage.slack.state.views.values() if one.is_open]
    return render_text(views[-1]) if views else ""


async def filled(stage: Stage) -> str:
    await asyncio.gather(*stage.deciding.unfinished)
    return modal_of(stage)


async def test_a_modal_opens_with_one_call_when_the_look_up_is_quick(stage: Stage) -> None:
    assert "Bonjour" not in await knock(stage, actions.REJECT)
    assert len(stage.slack.calls("views.open")) == 1
    assert stage.slack.calls("views.update") == []


async def test_a_slow_look_up_opens_an_empty_modal_first_and_fills_it(stage: Stage) -> None:
    stage.impatient()
    await knock(stage, actions.EDIT)
    (opened,) = stage.slack.calls("views.open")
    assert words("en")["modal.loading"] in str(opened.args["view"])
    assert "Écrit pour vous au-dessus de vos mots : Hello Ana," in await filled(stage)


async def test_no_content_is_shown_before_it_is_known_who_reads(stage: Stage) -> None:
    stage.impatient()
    stage.ana.is_restricted = True
    await knock(stage, actions.EDIT)
    shown = await filled(stage)
    assert shown == words("fr")["refusal.guest"]
    every = [call.args["view"] for call in stage.slack.state.calls if "view" in call.args]
    assert not any("Hello Ana" in str(one) for one in every)


async def test_an_empty_modal_that_was_closed_meanwhile_is_nobodys_trouble(stage: Stage) -> None:
    stage.impatient()
    stage.slack.fault("views.update", Fault(error="not_found"))
    await knock(stage, actions.EDIT)
    assert await filled(stage) == words("en")["modal.loading"]


async def test_a_modal_that_slack_does_not_open_is_said_privately(stage: Stage) -> None:
    stage.slack.fault("views.open", Fault(error="expired_trigger_id"))
    assert await knock(stage, actions.EDIT) == ""
    assert [one.text for one in stage.slack.state.ephemerals] == [words("en")["refusal.failed"]]


@pytest.mark.parametrize(
    ("case", "why"),
    [
        (STORIES["approved"], "refusal.already_decided"),
        (STORIES["closed_recovered"], "refusal.closed"),
        (replace(REVIEW, revision=4), "refusal.asked_anew"),
    ],
)
async def test_what_is_not_asked_any_more_opens_no_modal(
    stage: Stage, case: Case, why: str
) -> None:
    stage.book.case = REVIEW
    posted = await stage.channel.show(
        REVIEW, CustomerRecord(key=REVIEW.key), Show(case_id=REVIEW.id)
    )
    place = posted.shown[-1]
    stage.book.case = case
    await stage.slack.press(stage.ana.id, place.channel, place.ts, actions.EDIT)
    assert modal_of(stage) == ""
    (whisper,) = stage.slack.state.ephemerals
    assert whisper.text.startswith(words("fr")[why])


async def test_a_form_of_nobody_is_closed_and_changes_nothing(stage: Stage) -> None:
    await knock(stage, actions.EDIT)
    (view,) = stage.slack.state.views.values()
    view.content["callback_id"] = "something_else"
    answer = await stage.slack.submit_view(stage.ana.id, view.id)
    assert (answer.status, answer.body, stage.book.events) == (200, "", [])


async def test_a_database_that_is_gone_is_said_on_the_form_and_loses_no_words(
    stage: Stage,
) -> None:
    await knock(stage, actions.EDIT)
    (view,) = stage.slack.state.views.values()
    stage.book.broken = True
    answer = await stage.slack.submit_view(
        stage.ana.id, view.id, {"body": "Mine: [lien de paiement]"}
    )
    assert answer.problem is None
    assert view.errors == {"then": words("en")["refusal.failed"]}
    assert view.is_open


@pytest.mark.parametrize("why", ["no_more_drafts", "not_now"])
async def test_a_refusal_about_the_same_letter_is_said_on_the_form(stage: Stage, why: str) -> None:
    await knock(stage, actions.REJECT)
    (view,) = stage.slack.state.views.values()
    stage.book.refused = why
    await stage.slack.submit_view(stage.ana.id, view.id, {"choice": "anew"})
    assert view.errors == {"choice": words("fr")[f"refusal.{why}"]}


async def test_the_mail_of_a_forgotten_case_is_not_shown_and_one_sentence_says_so(
    stage: Stage,
) -> None:
    case = STORIES["unclear"]
    stage.book.case = case
    posted = await stage.channel.show(case, CustomerRecord(key=case.key), Show(case_id=case.id))
    now = stage.clock.now()
    stage.book.case = replace(case, state=State.CLOSED, closed_at=now, forgotten_at=now)
    card = posted.shown[-1]
    await stage.slack.press(stage.ana.id, card.channel, card.ts, actions.SHOW_MAIL)
    assert modal_of(stage) == ""
    assert stage.slack.state.ephemerals[-1].text == words("fr")["refusal.forgotten"]
