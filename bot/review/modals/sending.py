"""A modal that is sent becomes a fact: looked at like a press, saved, and only then answered.

Whatever stands in the way is said in the modal itself, and what was typed stays. Slack's answers:
https://docs.slack.dev/surfaces/modals#handling_submissions. Nothing here raises.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.case.events import AnyEvent
from bot.case.ids import Actor
from bot.case.model import Case, State
from bot.log import about, tell
from bot.review import actions
from bot.review.actions import Press, decode
from bot.review.deciding import Deciding, refusal, seen_anew
from bot.review.modals import edit, editing, hand_over, reject
from bot.review.modals.changed import newer_letter, over, why_anew
from bot.review.modals.person import for_new_words, view_for, view_of
from bot.review.modals.pieces import Values, notice
from bot.review.parts import Block, View
from bot.review.thread import no_longer_theirs
from bot.words import say

Json = dict[str, Any]

CLOSE: Final[Json] = {}
# The field on which is said what is about the modal as a whole, and may pass.
_LAST: Final = {
    actions.EDIT: edit.THEN,
    actions.REJECT: reject.CHOICE,
    actions.HAND_OVER: hand_over.OWNER,
}
_TITLES: Final = {
    actions.EDIT: "edit.title",
    actions.REJECT: "reject.title",
    actions.HAND_OVER: "hand_over.title",
}
_PASSING: Final = frozenset({"refusal.lookup_failed", "refusal.plan_upgrade_required"})


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A modal as Slack tells that it was sent."""

    kind: str
    press: Press | None
    values: Values
    user: str
    team: str

    @property
    def who(self) -> Actor:
        """The person as the journal names them."""
        return Actor(f"slack:{self.team}:{self.user}")


async def answered(body: Mapping[str, Any], deciding: Deciding) -> Json:
    """What Slack is answered: {} closes the modal. Never raises; twice changes nothing twice."""
    sent = _read(body)
    if sent is None:
        return CLOSE
    try:
        people = deciding.people
        may = people.may_own if sent.kind == actions.HAND_OVER else people.may_decide
        said = await may(sent.user, sent.team)
        if said.allowed:
            return await _decided(sent, deciding, said.locale)
        why = said.why or "refusal.lookup_failed"
        tell("modal_refused", action=sent.kind, why=why)
        return _refused(sent, why, view_for(None, deciding, said.locale))
    except Exception as error:  # noqa: BLE001 - the last edge: told, answered, not swallowed
        tell("modal_failed", level=logging.ERROR, error=error)
        return _errors({_LAST[sent.kind]: say(deciding.locale, "refusal.failed")})


async def _decided(sent: Sent, deciding: Deciding, locale: str) -> Json:
    case = await deciding.find(sent.press.case_id) if sent.press else None
    if case is None or sent.press is None:
        return _refused(sent, "refusal.unknown", view_for(None, deciding, locale))
    with about(case.id):
        found = await _judged(sent, sent.press, case, deciding, locale)
        if isinstance(found, dict):
            return found
        outcome = await deciding.happened(case.id, found)
        if outcome.refused is None:
            return CLOSE
        tell("modal_refused", action=sent.kind, why=outcome.refused)
        newer = await deciding.find(case.id) or case
        if _is_current(sent.press, newer, deciding):
            why = say(locale, refusal(outcome.refused))
            return _errors({_LAST[sent.kind]: why})
        return await _changed(sent, sent.press, newer, deciding, locale)


async def _judged(
    sent: Sent, press: Press, case: Case, deciding: Deciding, locale: str
) -> Json | AnyEvent:
    """The fact, or the answer that there is none."""
    view = view_of(case, deciding, locale)
    if sent.kind == actions.EDIT:
        return await _edit(sent, press, case, view, deciding)
    if sent.kind == actions.HAND_OVER:
        return await _hand_over(sent, case, view, deciding)
    answer = reject.read(sent.values)
    if not _is_current(press, case, deciding):
        saved = reject.is_saved(answer, case, sent.who)
        return CLOSE if saved else await _changed(sent, press, case, deciding, locale)
    event = reject.event(answer, case, sent.who, deciding.clock.now())
    return event or _errors({reject.CHOICE: view.say("reject.choose")})


async def _edit(
    sent: Sent, press: Press, case: Case, view: View, deciding: Deciding
) -> Json | AnyEvent:
    typed = edit.read(sent.values)
    if not _is_current(press, case, deciding):
        saved = editing.is_saved(typed, case, sent.who)
        return CLOSE if saved else await _changed(sent, press, case, deciding, view.locale)
    verdict = await editing.judged(typed, case, view)
    if verdict.errors:
        return _errors(verdict.errors)
    if verdict.links:
        case = for_new_words(case, deciding)
        return _update(edit.form(case, view, typed, links=verdict.links))
    at = deciding.clock.now()
    return editing.event(typed, case, deciding.letters, sent.who, at) or CLOSE


async def _hand_over(sent: Sent, case: Case, view: View, deciding: Deciding) -> Json | AnyEvent:
    given = hand_over.read(sent.values)
    if hand_over.is_saved(given, case, sent.who):
        return CLOSE
    if no_longer_theirs(case) is not None:
        return _update(over(case, view, given.note, said="hand_over.over"))
    wrong = await hand_over.wrong(given, sent.user, deciding.people)
    if wrong is not None:
        return _errors({hand_over.OWNER: view.say(wrong)})
    return hand_over.event(given, sent.who, deciding.clock.now())


def _is_current(press: Press, case: Case, deciding: Deciding) -> bool:
    """Whether the letter in the modal is the one in question still, as it would leave now."""
    return case.state is State.IN_REVIEW and not deciding.letters.outdated(press, case)


async def _changed(sent: Sent, press: Press, case: Case, deciding: Deciding, locale: str) -> Json:
    """The case went on: the modal is drawn anew for the letter that stands, or says it is over."""
    asked = case.state is State.IN_REVIEW
    changes = await seen_anew(press, case, deciding, locale) if asked else ()
    case = await deciding.find(case.id) or case
    rewritten = await deciding.letters.has_other_words(press, case)
    same = deciding.letters.same(press, case)
    view = view_of(case, deciding, locale)
    said = why_anew(case, view, rewritten=rewritten, same=same)
    if sent.kind == actions.HAND_OVER:
        return _update(over(case, view, _words(sent), said="hand_over.over"))
    if case.state is not State.IN_REVIEW:
        return _update(over(case, view, _words(sent)))
    if sent.kind == actions.REJECT:
        keeps = view.say("modal.your_choice")
        before = newer_letter(view, said, changes, keeps=keeps)
        answer, writes = reject.read(sent.values), deciding.writes
        return _update(reject.form(case, view, answer, before=before, writes=writes))
    keeps = view.say("modal.your_fields")
    before = newer_letter(view, said, changes, keeps=keeps)
    case = for_new_words(case, deciding)
    return _update(edit.form(case, view, edit.read(sent.values), before=before))


def _words(sent: Sent) -> str:
    """Everything that was typed."""
    if sent.kind == actions.REJECT:
        return reject.read(sent.values).note
    if sent.kind == actions.HAND_OVER:
        return hand_over.read(sent.values).note
    typed = edit.read(sent.values)
    return f"{typed.subject}\n\n{typed.body}"


def _refused(sent: Sent, why: str, view: View) -> Json:
    if why in _PASSING:  # nothing that was typed may be lost over it
        return _errors({_LAST[sent.kind]: view.say(why)})
    return _update(notice(view, view.say(why), title=view.say(_TITLES[sent.kind])))


def _errors(said: dict[str, str]) -> Json:
    return {"response_action": "errors", "errors": said}


def _update(view: Block) -> Json:
    return {"response_action": "update", "view": view}


def _read(body: Mapping[str, Any]) -> Sent | None:
    """What was sent; None when it is none of our forms."""
    try:
        view, user = body["view"], body["user"]
        kind = str(view["callback_id"])
        if kind not in _LAST:
            return None
        return Sent(
            kind=kind,
            press=decode(str(view["private_metadata"])),
            values=view["state"]["values"],
            user=str(user["id"]),
            team=str(user.get("team_id") or (body.get("team") or {}).get("id") or ""),
        )
    except (AttributeError, KeyError, TypeError):
        return None
