"""What each mail of a case comes from and came to, read off its journal. Pure.

Stripe's events, who wrote the words, who changed them, who approved them and what they saw, when
they were handed over under which name, and what the provider said.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.case.ids import Actor, CaseId
from bot.case.letter import Asked, HandedOver
from bot.case.model import State
from bot.store.codec import asked_from_json
from bot.store.journal import Entry

ANSWERS = {
    "Delivered": "delivered",
    "NotSent": "not_sent",
    "Differed": "differed",
    "Unclear": "unclear",
    "Settled": "arrived",
    "Bounced": "bounced",
}


@dataclass(frozen=True, kw_only=True)
class Deed:
    """What was done to a mail, by whom, and when.

    `detail` is what the provider said, or the fingerprint of what an approver saw; may be empty.
    """

    sequence: int
    what: str
    who: str
    at: datetime
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Trail:
    """One mail, from Stripe's events to the provider's answers; times in UTC.

    `seen` is the fingerprint that the approver's press carried. `written_by` and `asked` are None
    once the words were erased.
    """

    case_id: CaseId
    revision: int
    sources: tuple[str, ...]
    written_by: str | None
    written_at: datetime | None
    edits: tuple[Deed, ...]
    approvals: tuple[Deed, ...]
    seen: str | None
    asked: Asked | None
    handed_over: tuple[Deed, ...]
    answers: tuple[Deed, ...]

    @property
    def deeds(self) -> tuple[Deed, ...]:
        """All that was done, in order; a word that both answers and approves stands once."""
        done = dict.fromkeys(self.edits + self.approvals + self.handed_over + self.answers)
        return tuple(sorted(done, key=lambda one: one.sequence))

    @property
    def key(self) -> str:
        """The hand-over's key, which our own Message-ID is made of."""
        return _key(self.case_id, self.revision)


def trails(entries: Sequence[Entry]) -> tuple[Trail, ...]:
    """Every mail that was handed over in a case, the first one first; `entries` in order."""
    handed = [one for one in entries if _key(one.case_id, one.revision_after) in one.effects]
    revisions = dict.fromkeys(one.revision_after for one in handed)
    return tuple(_trail(entries, revision) for revision in revisions)


def handed_over(entries: Sequence[Entry]) -> tuple[HandedOver, ...]:
    """The letters given to a mail server, the first one first, each as it was given last."""
    return tuple(
        HandedOver(
            key=one.key,
            revision=one.revision,
            at=one.handed_over[-1].at,
            approved_by=Actor(one.approvals[-1].who) if one.approvals else None,
            asked=one.asked,
        )
        for one in trails(entries)
    )


def _trail(entries: Sequence[Entry], revision: int) -> Trail:
    key = _key(entries[0].case_id, revision)
    handed = [one for one in entries if key in one.effects]
    before = [one for one in entries if one.sequence < handed[-1].sequence]
    written = next((one for one in reversed(before) if _wrote(one)), None)
    since = [one for one in before if written and one.sequence > written.sequence]
    approvals = [one for one in before if one.revision_after == revision and _approved(one)]
    return Trail(
        case_id=entries[0].case_id,
        revision=revision,
        sources=tuple(dict.fromkeys(one.source for one in before if one.source)),
        written_by=_text(written).get("letter", {}).get("by") if written else None,
        written_at=written.at if written else None,
        edits=tuple(_deed(one, "edited") for one in since if _edited(one)),
        approvals=tuple(_deed(one, _approval(one)) for one in approvals),
        seen=next((one.seen for one in reversed(approvals) if one.seen), None),
        asked=_asked(before, revision),
        handed_over=tuple(_deed(one, "handed_over") for one in handed),
        answers=tuple(_deed(one, _answer(one)) for one in entries if _answers(one, handed[0])),
    )


def _key(case_id: str, revision: int) -> str:
    return f"send/{case_id}/{revision}"


def _wrote(entry: Entry) -> bool:
    """Whether these are the words that were asked about; late ones are journalled only."""
    return entry.event == "Drafted" and entry.state_before == State.DRAFTING != entry.state_after


def _edited(entry: Entry) -> bool:
    return entry.event == "Edited" and entry.refused is None


def _approved(entry: Entry) -> bool:
    return entry.state_after == State.APPROVED != entry.state_before and entry.event != "NotSent"


def _approval(entry: Entry) -> str:
    """Who says that a letter did not arrive thereby approves it anew."""
    return "not_arrived" if entry.event == "Settled" else "approved"


def _answer(entry: Entry) -> str:
    return _approval(entry) if _approved(entry) else ANSWERS[entry.event]


def _answers(entry: Entry, handed: Entry) -> bool:
    about_it = entry.revision_before == handed.revision_after
    later = entry.sequence > handed.sequence
    return later and about_it and entry.event in ANSWERS and entry.refused is None


def _deed(entry: Entry, what: str) -> Deed:
    text = _text(entry)
    detail = str(entry.seen or text.get("receipt") or text.get("code") or "")
    return Deed(sequence=entry.sequence, what=what, who=entry.who, at=entry.at, detail=detail)


def _asked(entries: Sequence[Entry], revision: int) -> Asked | None:
    texts = (one.text for one in entries if one.revision_after == revision and one.text)
    return next((found for text in texts if (found := asked_from_json(text))), None)


def _text(entry: Entry) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(entry.text) if entry.text else {}
    return found
