"""The modal in which a VIP is handed over to a colleague who can see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.case.events import Owned
from bot.case.ids import Actor
from bot.case.model import Case
from bot.foreign_text import clip, one_line
from bot.review import actions, thread
from bot.review.actions import encode, shown_by
from bot.review.facts import headline
from bot.review.modals.pieces import Values, field, modal, somebody, typed, whom
from bot.review.parts import Block, View, context, literal
from bot.review.who import Directory

OWNER: Final = "owner"
NOTE: Final = "note"


@dataclass(frozen=True, kw_only=True)
class Given:
    """To whom, as a Slack id, and a note for them."""

    owner: str | None
    note: str = ""


def read(values: Values) -> Given:
    """What stands in the modal that was sent."""
    note = clip(one_line(typed(values, NOTE)), thread.NOTE)
    return Given(owner=whom(values, OWNER), note=note)


def form(case: Case, view: View) -> Block:
    """The modal."""
    label, hint = view.say("hand_over.note"), view.say("hand_over.note_hint")
    blocks = [
        context(literal(headline(case, view))),
        somebody(OWNER, view.say("hand_over.who"), hint=view.say("hand_over.who_hint")),
        field(NOTE, label, "", most=thread.NOTE, hint=hint, lines=True, optional=True),
    ]
    return modal(
        view,
        blocks,
        title=view.say("hand_over.title"),
        kind=actions.HAND_OVER,
        metadata=encode(shown_by(case, view.seen)),
        submit=view.say("hand_over.submit"),
    )


async def wrong(given: Given, giver: str, people: Directory) -> str | None:
    """The words' key for why they can't be given this customer; None when they can."""
    if given.owner is None:
        return "hand_over.nobody"
    if given.owner == giver:
        return "hand_over.yourself"
    return await people.not_to_be_given(given.owner)


def is_saved(given: Given, case: Case, who: Actor) -> bool:
    """Whether this very modal was sent before: it came twice."""
    was = (case.owner, case.passed_note, case.passed_by, case.taken_by)
    return was == (given.owner, given.note, who, None)


def event(given: Given, who: Actor, at: datetime) -> Owned:
    """The fact."""
    return Owned(at=at, who=who, owner=given.owner, note=given.note)
