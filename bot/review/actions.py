"""The names of our buttons, and what a button's value says: Slack sends both back, months later."""

import re
from dataclasses import dataclass

from bot.case.ids import CaseId
from bot.case.letter import fingerprint
from bot.case.model import Case

APPROVE = "approve"
EDIT = "edit"
REJECT = "reject"
DETAILS = "details"
SHOW_MAIL = "show_mail"
SEND_NOW = "send_now"
TAKE = "take"
CONTACTED = "contacted"
WRITE = "write"
STOP = "stop"
ARRIVED = "arrived"
NOT_ARRIVED = "not_arrived"
OPEN_STRIPE = "open_stripe"  # a link: Slack sends a press for it too, and it changes nothing

VERSION = "v1"
SEEN = 16  # hex digits: enough to notice a change, few enough to stay readable
_VALUE = re.compile(
    rf"{VERSION}\|(?P<case>[^|\s]{{1,200}})\|(?P<revision>\d{{1,9}})\|(?P<ask>\d{{1,9}})"
    rf"\|(?P<seen>[0-9a-f]{{{SEEN}}}|-)",
    re.ASCII,
)


@dataclass(frozen=True, kw_only=True)
class Press:
    """What a card said of itself when its button was drawn; `seen` begins a fingerprint."""

    case_id: CaseId
    revision: int
    ask: int
    seen: str | None = None

    def shows(self, case: Case) -> bool:
        """Whether what stood on that card is still what the case says."""
        return self == shown_by(case)


def shown_by(case: Case) -> Press:
    """What a card drawn from this case says of itself."""
    return Press(case_id=case.id, revision=case.revision, ask=case.ask, seen=_seen(case))


def encode(press: Press) -> str:
    """A button's value: `v1|case|revision|ask|fingerprint`, at most 250 characters."""
    return f"{VERSION}|{press.case_id}|{press.revision}|{press.ask}|{press.seen or '-'}"


def decode(value: str) -> Press | None:
    """The press a value stands for; None when garbled or of a version we don't know."""
    found = _VALUE.fullmatch(value)
    if found is None:
        return None
    return Press(
        case_id=CaseId(found["case"]),
        revision=int(found["revision"]),
        ask=int(found["ask"]),
        seen=None if found["seen"] == "-" else found["seen"],
    )


def _seen(case: Case) -> str | None:
    if case.letter is None or case.basis is None:
        return None
    return fingerprint(case.letter, case.basis)[:SEEN]
