"""The modal in which a person says what a rejection means, and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.case.cadence import RETRY_TAKES, next_try
from bot.case.decisions import MOST_REDRAFTS
from bot.case.events import AnyEvent, DraftAsked, Rejected, Snoozed, Stopped
from bot.case.ids import Actor
from bot.case.model import Case, Decision
from bot.drafting.prompt import MAX_NOTE
from bot.foreign_text import clip, one_line
from bot.review import actions
from bot.review.actions import encode, shown_by
from bot.review.facts import headline
from bot.review.modals.pieces import Values, chosen, field, modal, radio, small, typed
from bot.review.parts import Block, View, context, literal

CHOICE: Final = "choice"
NOTE: Final = "note"
QUIET: Final = timedelta(days=3)  # when Stripe plans no further try
_CHOICES: Final = (Decision.ANEW, Decision.EARLY, Decision.CALLS, Decision.STOPPED)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a person chose, and their note."""

    decision: Decision | None
    note: str = ""


def read(values: Values) -> Answer:
    """What stands in the modal that was sent."""
    choice = chosen(values, CHOICE)
    return Answer(
        decision=Decision(choice) if choice in _CHOICES else None,
        note=clip(one_line(typed(values, NOTE)), MAX_NOTE),
    )


def form(
    case: Case,
    view: View,
    answer: Answer | None = None,
    *,
    before: tuple[Block, ...] = (),
    writes: bool = True,
) -> Block:
    """The modal; `answer` was chosen already, `writes`: a model is there to write anew."""
    choices = _choices(case, writes=writes)
    picked = answer.decision if answer else None
    label, hint = view.say("reject.note"), view.say("reject.note_hint")
    note = answer.note if answer else ""
    options: Mapping[str, str] = {one: view.say(f"reject.{one}") for one in choices}
    blocks = [
        *before,
        context(literal(headline(case, view))),
        radio(CHOICE, view.say("reject.choice"), options, picked),
        *_told(case, view, writes=writes),
        field(NOTE, label, note, most=MAX_NOTE, hint=hint, lines=True, optional=True),
    ]
    return modal(
        view,
        blocks,
        title=view.say("reject.title"),
        kind=actions.REJECT,
        metadata=encode(shown_by(case, view.seen)),
        submit=view.say("reject.submit"),
    )


def event(answer: Answer, case: Case, who: Actor, at: datetime) -> AnyEvent | None:
    """The fact; None when nothing was chosen."""
    revision, note = case.revision, answer.note
    match answer.decision:
        case Decision.ANEW:
            return DraftAsked(at=at, who=who, revision=revision, answers=True, note=note)
        case Decision.EARLY:
            retry = next_retry(case, at)
            until = retry + RETRY_TAKES if retry else at + QUIET
            return Snoozed(at=at, who=who, until=until, retry=retry, revision=revision, note=note)
        case Decision.CALLS:
            return Rejected(at=at, who=who, revision=revision, calls=True, note=note)
        case Decision.STOPPED:
            return Stopped(at=at, who=who, revision=revision, answers=True, note=note)
        case _:
            return None


def is_saved(answer: Answer, case: Case, who: Actor) -> bool:
    """Whether this very press was done before: it came twice."""
    mine = case.decided_by == who and case.decision is answer.decision
    return mine and case.decided_note == answer.note


def next_retry(case: Case, at: datetime) -> datetime | None:
    """When Stripe tries again by itself, if it will."""
    invoices = case.facts.invoices if case.facts else ()
    asked = {one.id for one in case.basis.invoices} if case.basis else set()
    return next_try((one for one in invoices if one.id in asked), at)


def _choices(case: Case, *, writes: bool) -> tuple[Decision, ...]:
    anew = writes and case.redrafts < MOST_REDRAFTS
    return _CHOICES if anew else _CHOICES[1:]


def _told(case: Case, view: View, *, writes: bool) -> list[Block]:
    """What the choices mean for this case."""
    retry = next_retry(case, view.now)
    until = view.when(retry or view.now + QUIET)
    lines = [view.say("reject.early_retry" if retry else "reject.early_days", when=until)]
    if not writes:
        lines.append(view.say("reject.no_model"))
    elif case.redrafts >= MOST_REDRAFTS:
        lines.append(view.say("reject.no_more"))
    else:
        lines.append(view.say("reject.drafts_left", count=MOST_REDRAFTS - case.redrafts))
    return [small("\n".join(lines))]
