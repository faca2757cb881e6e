"""What the review channel reads of a request to forget a customer, until it is over. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from bot.case.erasure import Cleaned, Erasure, Place, Settled
from bot.review.foreign import inert
from bot.review.parts import (
    Block,
    Message,
    View,
    actions,
    button,
    confirm,
    context,
    header,
    mrkdwn,
    says,
    who,
)

ERASE: Final = "erase"
WITHDRAW: Final = "withdraw"
_VALUE: Final = re.compile(r"v1\|erasure\|(?P<number>\d{1,9})\|(?P<asked>\d{1,11})", re.ASCII)
_MOST: Final = 10  # threads that are named

# The web addresses of messages and channels.
Links = Mapping[Place, str]


def encode(erasure: Erasure) -> str:
    """A button's value: `v1|erasure|number|second`.

    A restored database gives a number again: when it was asked tells which request was read.
    """
    return f"v1|erasure|{erasure.number}|{erasure.second}"


def decode(value: str) -> tuple[int, int] | None:
    """The request's number and second; None when garbled or of a version we don't know."""
    found = _VALUE.fullmatch(value)
    return (int(found["number"]), int(found["asked"])) if found else None


def asked(erasure: Erasure, name: str | None, view: View) -> Message:
    """The question to a second person: who asks, about whom, what goes and what stays."""
    text = view.say(
        "erase.asks", who=who(view, erasure.asked_by), customer=_customer(erasure, name, view)
    )
    runs_out = view.say("erase.two", who=who(view, erasure.asked_by), when=_ends(erasure, view))
    blocks = (
        header(view.say("erase.title")),
        says(text),
        says(f"*{view.say('erase.goes_title')}*\n{view.say('erase.goes')}"),
        says(f"*{view.say('erase.stays_title')}*\n{view.say('erase.stays')}"),
        _decision(erasure, view),
        context(mrkdwn(runs_out)),
    )
    return Message(text=text, blocks=blocks)


def agreed(erasure: Erasure, view: View) -> Message:
    """Two people want it: it is being done. Nothing here names the customer any more."""
    return _plain(_told(erasure, "erase.agreed", view))


def ended(erasure: Erasure, cleaned: Cleaned, links: Links, view: View) -> Message:
    """How it ended; after an erasure also what only people can delete, and where."""
    if erasure.settled is not Settled.ERASED:
        return _plain(_told(erasure, f"erase.{erasure.settled}", view))
    text = _told(erasure, "erase.erased", view)
    left = list(_left(cleaned, links, view))
    return Message(text=text, blocks=(says(text), *map(says, left)))


def erased(erasure: Erasure, view: View) -> Message:
    """What takes the place of a message of ours that named them."""
    return _plain(view.say("erase.gone", when=view.when(erasure.settled_at or view.now)))


def _left(cleaned: Cleaned, links: Links, view: View) -> Iterator[str]:
    yield view.say("erase.cleaned", count=cleaned.ours)
    if cleaned.typed:
        count = sum(one.count for one in cleaned.typed)
        key = "erase.typed_one" if count == 1 else "erase.typed"
        yield "\n".join([view.say(key, count=count), *_listed(cleaned.typed, links, view)])
    if cleaned.stuck:
        yield "\n".join([view.say("erase.stuck"), *_listed(cleaned.stuck, links, view)])
    yield view.say("erase.elsewhere")


def _listed(places: tuple[Place, ...], links: Links, view: View) -> Iterator[str]:
    for one in places[:_MOST]:
        key = "erase.place" if one.ts else "erase.whole"
        yield f"• {view.say(key, url=links[one], count=one.count)}"
    if len(places) > _MOST:
        yield view.say("command.more", count=len(places) - _MOST)


def _told(erasure: Erasure, key: str, view: View) -> str:
    return view.say(
        key,
        customer=inert(erasure.key.customer),
        who=who(view, erasure.asked_by),
        by=who(view, erasure.settled_by),
        when=view.when(erasure.settled_at or view.now),
    )


def _customer(erasure: Erasure, name: str | None, view: View) -> str:
    known = inert(erasure.key.customer)
    return view.say("erase.named", name=f"*{inert(name)}*", id=known) if name else known


def _ends(erasure: Erasure, view: View) -> str:
    return view.when(erasure.runs_out)


def _decision(erasure: Erasure, view: View) -> Block:
    value = encode(erasure)
    sure = confirm(
        view.say("erase.sure_title"),
        view.say("erase.sure_text"),
        view.say("erase.button"),
        view.say("confirm.no"),
    )
    return actions(
        f"erasure-{erasure.number}",
        button(ERASE, view.say("erase.button"), value, "danger", sure),
        button(WITHDRAW, view.say("erase.withdraw"), value),
    )


def _plain(text: str) -> Message:
    return Message(text=text, blocks=(says(text),))
