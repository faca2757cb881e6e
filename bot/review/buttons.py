"""What a person may press on a card, by where the case stands, and in which order.

The first button is the one a thumb finds. At most one of a row is coloured as the way to go, and
what can't be taken back is asked about once more by Slack itself, except in the menu: there a
question would stand before every option.
"""

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from bot.case.cadence import next_try
from bot.case.model import Case, State, Why
from bot.review import actions
from bot.review.actions import encode, option, shown_by
from bot.review.facts import asked_for
from bot.review.outcome import waits_for_hours, was_rejected
from bot.review.parts import Block, View, button, choice, confirm, menu
from bot.review.parts import actions as row

_BY_HAND: Final[dict[Why | None, tuple[str, ...]]] = {
    Why.FIRST_INVOICE: (actions.WRITE, actions.STOP),
    Why.REPLIED: (actions.WRITE, actions.STOP),
    Why.FRAUD: (actions.STOP,),
    Why.DISPUTED: (actions.STOP,),
    Why.NO_ADDRESS: (actions.STOP,),
}
_STYLES: Final = {
    actions.APPROVE: "primary",
    actions.WRITE: "primary",
    actions.TAKE: "primary",
    actions.STOP: "danger",
    actions.NOT_ARRIVED: "danger",  # a second copy, if it is wrong
}
_ASKED_ONCE_MORE: Final = frozenset({actions.STOP, actions.NOT_ARRIVED, actions.WRITE_INSTEAD})
# Where nothing has left yet and code would go on to write.
_STOPPABLE: Final = frozenset({State.WAITING, State.DRAFTING, State.IN_REVIEW, State.APPROVED})


def buttons(case: Case, view: View) -> Iterator[Block]:
    """The row of a Standard customer's card: none once the case is closed."""
    if case.open:
        yield offering(case, view, "decide", offered(case, view))


def offering(case: Case, view: View, kind: str, names: tuple[str, ...]) -> Block:
    """A row of buttons with these action ids, and the menu at its end."""
    value = encode(shown_by(case, view.seen))
    made = [
        button(one, view.say(f"button.{one}"), value, _STYLES.get(one), _sure(one, view))
        for one in names
    ]
    more = menu(actions.MORE, *_options(case, view, names))
    return row(f"{kind}-{case.ask}-{case.revision}", *made, more)


def offered(case: Case, view: View) -> tuple[str, ...]:
    """The action ids that may be pressed now, in the order of the row."""
    match case.state:
        case State.IN_REVIEW if case.by_itself:
            return (actions.UNDO,)
        case State.IN_REVIEW:
            decide = (actions.APPROVE, actions.EDIT, actions.REJECT)
            return (*decide, actions.WAIT) if _may_wait(case, view) else decide
        case State.APPROVED:
            hurries = waits_for_hours(case) and not case.send_now
            return (actions.SEND_NOW, actions.UNDO) if hurries else (actions.UNDO,)
        case State.UNCLEAR:
            return (actions.ARRIVED, actions.NOT_ARRIVED, actions.SHOW_MAIL)
        case State.BY_HAND:
            return _BY_HAND.get(case.why, ())
        case State.WAITING:
            return (actions.WRITE_NOW,) if _may_be_hurried(case) else ()
        case State.DRAFTING | State.SENDING | State.CLOSED:
            return ()


def _may_wait(case: Case, view: View) -> bool:
    return next_try(asked_for(case, view), view.now) is not None


def _may_be_hurried(case: Case) -> bool:
    """Whether only a person's wish or Stripe's next try keeps the next letter.

    Not the cadence after one that left; and to a VIP nobody writes.
    """
    if case.vip:
        return False
    waits_for_stripe = case.why in {Why.SNOOZED, Why.FIRST_RETRY}
    return waits_for_stripe or (case.why is Why.NEXT_NOTICE and was_rejected(case))


def _options(case: Case, view: View, names: tuple[str, ...]) -> Iterator[Block]:
    press = shown_by(case, view.seen)
    links = {actions.OPEN_STRIPE: _stripe(case, view)}
    stops = case.state in _STOPPABLE and actions.STOP not in names
    wanted = (actions.DETAILS, actions.OPEN_STRIPE, *((actions.STOP,) if stops else ()))
    for name in wanted:
        yield choice(view.say(f"button.{name}"), option(name, press), links.get(name))


def _sure(name: str, view: View) -> Block | None:
    if name not in _ASKED_ONCE_MORE:
        return None
    return confirm(
        view.say(f"confirm.{name}_title"),
        view.say(f"confirm.{name}_text"),
        view.say(f"confirm.{name}_yes"),
        view.say("confirm.no"),
    )


def _stripe(case: Case, view: View) -> str:
    """The invoice in question, else the customer, in Stripe's dashboard."""
    owed = asked_for(case, view)
    page = f"invoices/{owed[0].id}" if len(owed) == 1 else f"customers/{case.key.customer}"
    parts = [case.key.account, "" if case.key.livemode else "test", page]
    path = "/".join(quote(part) for part in parts if part)
    return f"{view.dashboard}/{path}"
