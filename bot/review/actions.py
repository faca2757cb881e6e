"""The names of our buttons, and what a button's value says: Slack sends both back, months later."""

import re
from dataclasses import dataclass

from bot.case.ids import CaseId
from bot.case.model import Case

APPROVE = "approve"
EDIT = "edit"  # opens a modal
REJECT = "reject"
WAIT = "wait"  # for Stripe's next try
MORE = "more"  # a menu: the option says which of the others is meant
DETAILS = "details"  # opens a modal
UNDO = "undo"
SEND_NOW = "send_now"
TAKE = "take"
CONTACTED = "contacted"
HAND_OVER = "hand_over"  # opens a modal
WRITE_INSTEAD = "write_instead"  # no VIP any more
WRITE = "write"
WRITE_NOW = "write_now"
STOP = "stop"
ARRIVED = "arrived"
NOT_ARRIVED = "not_arrived"
SHOW_MAIL = "show_mail"  # opens a modal
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

    def asks(self, case: Case) -> bool:
        """Whether the question on that card is still the one that the case asks."""
        return (self.revision, self.ask) == (case.revision, case.ask)

    def shows(self, fingerprint: str | None) -> bool:
        """Whether the letter on that card is the one with this fingerprint."""
        return self.seen == (fingerprint and fingerprint[:SEEN])


def shown_by(case: Case, fingerprint: str | None) -> Press:
    """What a card drawn from this case says of itself, and of the letter on it."""
    seen = fingerprint and fingerprint[:SEEN]
    return Press(case_id=case.id, revision=case.revision, ask=case.ask, seen=seen)


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


def option(action: str, press: Press) -> str:
    """The value of a menu's option: which action it is, and what a button's value would say."""
    return f"{action} {encode(press)}"


def meant(action: str, value: str) -> tuple[str, str]:
    """The action and the value of a press: a menu's option says in its value which one it is."""
    if action != MORE:
        return action, value
    name, _, rest = value.partition(" ")
    return name, rest
