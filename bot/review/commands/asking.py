"""What a command needs in order to be answered, and how it finds the customer that is meant."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.case.finding import Kind, folded, terms
from bot.case.ids import Actor, CaseId, CustomerKey
from bot.case.model import Case
from bot.case.policy import Policy
from bot.ledger import Found, Ledger
from bot.review.commands.parse import customer
from bot.review.commands.pieces import answered, bullets, said, typed
from bot.review.commands.verbs import Verb
from bot.review.deciding import Deciding
from bot.review.foreign import address, inert
from bot.review.parts import Message, View
from bot.review.setup import Trouble
from bot.store.journal import Entry

EXAMPLE: Final = "ana@example.com"
_MOST: Final = 6  # customers to choose from
# These may be said of a customer before any payment failed, by Stripe's own id.
_BEFOREHAND: Final = frozenset({Verb.VIP, Verb.STANDARD})
# What can't be taken back is not done to whoever's name happens to begin like that.
_FOR_GOOD: Final = frozenset({Verb.STOP, Verb.ERASE})
_ID: Final = re.compile(r"cus_[A-Za-z0-9]{1,60}", re.ASCII)

# The web address of a message, by channel and timestamp.
Link = Callable[[str, str], Awaitable[str]]
Journal = Callable[[CaseId], Awaitable[Sequence[Entry]]]


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What one of the doctor's checks came to, in the reader's language.

    `state` is ok, wrong, unknown or skipped; `remedy` is None where there is nothing to do.
    """

    state: str
    sentence: str
    remedy: str | None = None


# Every system is asked if it can be used as it is set up; told in this language.
Examine = Callable[[str], Awaitable[Sequence[Checked]]]


def never() -> datetime | None:
    """A model that is always asked, or none at all."""
    return None


@dataclass(frozen=True, kw_only=True)
class Asking:
    """`link` and `journal` read; `wrong` has the settings that Slack or Stripe refused.

    `slack_api` is where Slack is: an answer that comes late goes to no other place. `livemode` is
    that of customers whom we know by nothing but their id. `model_rests`: until when a model in
    trouble is left alone. `examine` is the doctor, who takes seconds.
    """

    deciding: Deciding
    ledger: Ledger
    link: Link
    journal: Journal
    policy: Policy
    wrong: Callable[[], Sequence[Trouble]]
    examine: Examine
    slack_api: str
    livemode: bool = True
    model_rests: Callable[[], datetime | None] = never


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who asks, and what they read: their language, the company's clock."""

    who: Actor
    view: View


async def sought(asking: Asking, person: Person, verb: Verb, argument: str) -> Found | Message:
    """The one customer that is meant, or what to say when there is none, or more than one."""
    view, query = person.view, customer(argument)
    if not query:
        return said(view.say("command.whom", example=typed(view, verb, EXAMPLE)))
    found = await asking.ledger.find(query)
    if not found and verb in _BEFOREHAND and _ID.fullmatch(query):
        key = CustomerKey(account="", livemode=asking.livemode, customer=query)
        return Found(key=key, name=None, cases=())
    if len(found) == 1 and verb in _FOR_GOOD and not is_whole(query, found[0]):
        return perhaps(query, verb, found[0], view)
    if len(found) == 1:
        return found[0]
    return several(query, verb, found, view) if found else nobody(query, verb, view)


def nobody(query: str, verb: Verb, view: View) -> Message:
    """Nobody is known by that."""
    example = typed(view, verb, EXAMPLE)
    return said(view.say("command.nobody", typed=address(query), example=example))


def several(query: str, verb: Verb, found: Sequence[Found], view: View) -> Message:
    """Those who may be meant, each with the command that names only them."""
    lines = [_choice(one, verb, view) for one in found[:_MOST]]
    first = view.say("command.several", typed=address(query))
    others = [view.say("command.several_more")] if len(found) > _MOST else []
    return answered(first, [*bullets(lines, _MOST, view), *others])


def perhaps(query: str, verb: Verb, found: Found, view: View) -> Message:
    """The one who begins like that, and the command that names only them; nothing is done yet."""
    first = view.say("command.perhaps", typed=address(query))
    return answered(first, bullets([_choice(found, verb, view)], _MOST, view))


def is_whole(query: str, found: Found) -> bool:
    """Whether that is an id, a number, an address or a name of theirs, and not a beginning."""
    ids = {found.key.customer, *(one for case in found.cases for one in case.joined)}
    known = {term for case in found.cases for kind, term in terms(case) if kind is not Kind.REST}
    return query in ids or folded(query) in known


def called(found: Found) -> str:
    """What to call a customer: a name, else Stripe's id; mrkdwn."""
    return inert(found.name or "") or inert(found.key.customer)


def open_case(found: Found) -> Case | None:
    """The customer's one open case."""
    return next((one for one in found.cases if one.open), None)


async def links(asking: Asking, cases: Sequence[Case]) -> Mapping[CaseId, str]:
    """The addresses of these cases' cards, as far as they have one; Slack is not asked."""
    return {case.id: url for case in cases if (url := await card_link(asking, case)) is not None}


async def card_link(asking: Asking, case: Case) -> str | None:
    """The address of the message that shows this case now."""
    newest = max(case.shown, key=lambda one: one.ask, default=None)
    return await asking.link(newest.channel, newest.ts) if newest else None


def _choice(found: Found, verb: Verb, view: View) -> str:
    return view.say(
        "command.several_line",
        name=called(found),
        email=address(_email(found)),
        example=typed(view, verb, found.key.customer),
    )


def _email(found: Found) -> str:
    known = (one.facts.customer.email for one in found.cases if one.facts)
    return next((email for email in known if email), "–")
