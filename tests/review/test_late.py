"""Every action in every state, on the card as it is and on an older one: who is told what."""

# ruff: noqa: E501 - a state is a column

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.case.effects import Show
from bot.case.ids import Actor
from bot.case.model import Case, State
from bot.case.standing import CustomerRecord
from bot.review import actions
from bot.review.actions import Press, encode, shown_by
from bot.review.listeners import EVENTS
from bot.words import words
from tests.review.conftest import READER, Stage
from tests.review.stories import APPROVED, NOW, REVIEW, SENT, SNOOZED, STORIES, VIP

MAX = Actor("slack:T1:U2")
CASES = {
    "reading": STORIES["reading"],
    "snoozed": replace(SNOOZED, sent=0, last_sent_at=None),
    "sent": replace(SENT, notice=2, anchor=NOW),
    "drafting": STORIES["drafting"],
    "in_review": REVIEW,
    "approved": replace(APPROVED, good_until=NOW + timedelta(hours=24)),
    "sending": STORIES["sending"],
    "unclear": STORIES["unclear"],
    "replied": STORIES["replied"],
    "vip": VIP,
    "taken": replace(VIP, taken_by=MAX, taken_at=NOW, contacted_by=MAX, contacted_at=NOW),
    "closed": STORIES["closed_recovered"],
}
# Those that decide, at once or in a modal; to read is not to decide.
ACTIONS = (*EVENTS, actions.EDIT, actions.REJECT, actions.HAND_OVER)
# What comes of a press on the card as it stands: ok, or the word for why nothing changed.
AS_IT_STANDS = """
            reading   snoozed   sent      drafting  in_review approved  sending   unclear   replied   vip       taken     closed
approve     stale     stale     stale     stale     ok        decided   decided   decided   stale     stale     stale     closed
reject      stale     stale     stale     stale     ok        decided   decided   decided   stale     stale     stale     closed
edit        stale     stale     stale     stale     ok        decided   decided   decided   stale     stale     stale     closed
wait        stale     stale     stale     stale     ok        decided   decided   decided   stale     stale     stale     closed
undo        stale     stale     too_late  stale     stale     ok        too_late  too_late  stale     stale     stale     closed
send_now    stale     stale     stale     stale     unready   ok        too_late  too_late  stale     stale     stale     closed
take        not_now   not_now   not_now   not_now   not_now   not_now   not_now   not_now   ok        ok        contacted closed
contacted   not_now   not_now   not_now   not_now   not_now   not_now   not_now   not_now   ok        ok        contacted closed
hand_over   decided   decided   decided   decided   decided   decided   decided   decided   decided   ok        contacted closed
write_instead decided   decided   decided   decided   decided   decided   decided   decided   decided   ok        contacted closed
write       not_now   ok        ok        not_now   ok        not_now   not_now   not_now   ok        not_now   not_now   closed
write_now   not_now   ok        ok        not_now   ok        not_now   not_now   not_now   ok        not_now   not_now   closed
stop        ok        ok        ok        ok        ok        ok        ok        ok        ok        ok        ok        closed
arrived     decided   decided   decided   decided   decided   decided   decided   ok        decided   decided   decided   closed
not_arrived decided   decided   decided   decided   decided   decided   decided   ok        decided   decided   decided   closed
"""
# The same on the card of the revision before.
ON_AN_OLDER_CARD = """
            reading   snoozed   sent      drafting  in_review approved  sending   unclear   replied   vip       taken     closed
approve     stale     stale     stale     stale     anew      decided   decided   decided   stale     stale     stale     closed
reject      stale     stale     stale     stale     anew      decided   decided   decided   stale     stale     stale     closed
edit        stale     stale     stale     stale     anew      decided   decided   decided   stale     stale     stale     closed
wait        stale     stale     stale     stale     anew      decided   decided   decided   stale     stale     stale     closed
undo        stale     stale     stale     stale     anew      stale     too_late  too_late  stale     stale     stale     closed
send_now    stale     stale     stale     stale     unready   stale     too_late  too_late  stale     stale     stale     closed
take        not_now   not_now   not_now   not_now   not_now   not_now   not_now   not_now   ok        ok        contacted closed
contacted   not_now   not_now   not_now   not_now   not_now   not_now   not_now   not_now   ok        ok        contacted closed
hand_over   decided   decided   decided   decided   decided   decided   decided   decided   decided   ok        contacted closed
write_instead decided   decided   decided   decided   decided   decided   decided   decided   decided   ok        contacted closed
write       stale     stale     stale     decided   anew      decided   decided   decided   stale     stale     stale     closed
write_now   stale     stale     stale     decided   anew      decided   decided   decided   stale     stale     stale     closed
stop        stale     stale     stale     stale     anew      stale     stale     stale     stale     stale     stale     closed
arrived     decided   decided   decided   decided   decided   decided   decided   stale     decided   decided   decided   closed
not_arrived decided   decided   decided   decided   decided   decided   decided   stale     decided   decided   decided   closed
"""
# The words of the tables that are shorter than the keys they stand for.
SHORT = {
    "already_decided": "decided",
    "asked_anew": "anew",
    "already_taken": "taken",
    "already_contacted": "contacted",
    "not_approved": "unready",
}


def rows(table: str) -> dict[str, dict[str, str]]:
    head, *lines = [line.split() for line in table.strip().splitlines()]
    return {line[0]: dict(zip(head, line[1:], strict=True)) for line in lines}


def test_every_action_and_every_state_is_in_the_tables() -> None:
    for table in (rows(AS_IT_STANDS), rows(ON_AN_OLDER_CARD)):
        assert set(table) == set(ACTIONS)
        assert {name for row in table.values() for name in row} == set(CASES)
    assert {case.state for case in CASES.values()} == set(State)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("action", ACTIONS)
async def test_a_press_in_any_state_is_taken_or_told_why_not(
    stage: Stage, action: str, name: str
) -> None:
    case = CASES[name]
    told = await pressed(stage, action, case, shown_by(case, print_of(case)))
    assert told == rows(AS_IT_STANDS)[action][name]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("action", ACTIONS)
async def test_a_press_on_an_older_card_decides_nothing_about_the_present_letter(
    stage: Stage, action: str, name: str
) -> None:
    case = CASES[name]
    older = replace(shown_by(case, print_of(case)), revision=case.revision - 1)
    assert await pressed(stage, action, case, older) == rows(ON_AN_OLDER_CARD)[action][name]


def print_of(case: Case) -> str | None:
    return READER.fingerprint(case.letter, case.basis) if case.letter and case.basis else None


async def pressed(stage: Stage, action: str, case: Case, press: Press) -> str:
    """What the person who pressed is told, by its key; `ok` when it is nothing."""
    stage.book.case, stage.book.acts = REVIEW, True
    posted = await stage.channel.show(
        REVIEW, CustomerRecord(key=REVIEW.key), Show(case_id=REVIEW.id)
    )
    card = posted.shown[-1]
    payload = stage.slack.pressing(stage.ana.id, card.channel, card.ts, actions.APPROVE)
    payload["actions"][0] |= {"action_id": action, "value": encode(press)}
    stage.book.case = case
    assert (await stage.slack.send_payload(payload)).status == 200
    told = [one.text.splitlines()[0] for one in stage.slack.state.ephemerals]
    if not told:
        return "ok"
    assert stage.book.case == case, "who is refused has changed nothing"
    keys = {sentence: key for key, sentence in words("fr").items() if key.startswith("refusal.")}
    (sentence,) = told
    key = keys[sentence].removeprefix("refusal.")
    return SHORT.get(key, key)
