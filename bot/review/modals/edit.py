"""The modal in which a person rewrites a letter: its words with tokens, and the facts beneath.

Greeting and sign-off are written by code and only shown. *Keep as a draft* is ticked first: then
the card shows the words as they would leave, and nothing goes out that nobody has read like that.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.case.letter import PLACEHOLDERS, Basis, Family, Letter
from bot.case.model import Case
from bot.drafting.shape import NOT_FOR_SEVERAL
from bot.foreign_text import clip
from bot.review import actions
from bot.review.actions import encode, shown_by
from bot.review.foreign import plain
from bot.review.modals import tokens
from bot.review.modals.pieces import (
    FIELD,
    Values,
    chosen,
    field,
    modal,
    radio,
    tick,
    ticked,
    typed,
)
from bot.review.parts import DIVIDER, Block, View, context, literal, says
from bot.words.filling import each_value, fill

SUBJECT: Final = "subject"
BODY: Final = "body"
THEN: Final = "then"
APPROVE: Final = "approve"
KEEP: Final = "keep"
MOST_SUBJECT: Final = 150  # characters: what a card shows of a subject, with room for tokens
_CONFIRM: Final = "link-"
_VALUE: Final = 200


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What a person typed. `confirmed` and `asked` name the boxes ticked, and those shown."""

    subject: str
    body: str
    approve: bool = False
    confirmed: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()


def read(values: Values) -> Typed:
    """What stands in the modal that was sent."""
    asked = frozenset(name for name in values if name.startswith(_CONFIRM))
    return Typed(
        subject=typed(values, SUBJECT),
        body=typed(values, BODY),
        approve=chosen(values, THEN) == APPROVE,
        confirmed=frozenset(name for name in asked if ticked(values, name)),
        asked=asked,
    )


def untouched(letter: Letter, locale: str) -> Typed:
    """The letter's own words, as they are typed in this language."""
    return Typed(
        subject=tokens.written(letter.subject, locale), body=tokens.written(letter.body, locale)
    )


def form(
    case: Case,
    view: View,
    words: Typed | None = None,
    *,
    before: tuple[Block, ...] = (),
    links: tuple[str, ...] = (),
) -> Block:
    """The modal for the letter as it stands; `words` are typed already, `before` is said first.

    Each of `links` gets a box by which a person says that they mean it. Raises ValueError without
    a letter.
    """
    if case.letter is None or case.basis is None:
        raise ValueError("there is no letter to edit")
    words = words or untouched(case.letter, view.locale)
    blocks = [*before, *_fields(case.letter, case.basis, view, words)]
    blocks += [_confirm(link, view, words) for link in links]
    blocks += [_sign_off(case.letter, case.basis, view), *_facts(case, case.basis, view), DIVIDER]
    return modal(
        view,
        [*blocks, _then(view, approve=words.approve)],
        title=view.say("edit.title"),
        kind=actions.EDIT,
        metadata=encode(shown_by(case, view.seen)),
        submit=view.say("edit.save"),
    )


def box(link: str) -> str:
    """The name of the box for exactly this link."""
    return f"{_CONFIRM}{hashlib.sha256(link.encode()).hexdigest()[:32]}"


def offered(case: Case) -> tuple[str, ...]:
    """The placeholders that this letter may have."""
    several = case.brief is not None and case.brief.family is Family.SEVERAL_INVOICES
    return tuple(one for one in PLACEHOLDERS if not (several and one in NOT_FOR_SEVERAL))


def _fields(letter: Letter, basis: Basis, view: View, words: Typed) -> Iterator[Block]:
    frame = _frame(letter, basis, view)
    to = plain(basis.recipient, 254) if basis.recipient else view.say("card.to_nobody")
    yield context(literal(view.say("card.envelope", to=to, sender=plain(basis.sender, 254))))
    yield field(SUBJECT, view.say("edit.subject"), words.subject, most=MOST_SUBJECT)
    yield context(literal(view.say("edit.greeting", greeting=plain(frame[0], _VALUE))))
    hint = view.say("edit.hint")
    yield field(BODY, view.say("edit.body"), words.body, most=FIELD, hint=hint, lines=True)


def _confirm(link: str, view: View, words: Typed) -> Block:
    read = tokens.written(link, view.locale)
    label = view.say("edit.foreign_link", link=clip(read, 1000))
    mean = view.say("edit.mean_link", link=clip(read, 45))
    return tick(box(link), label, mean, ticked=box(link) in words.confirmed)


def _sign_off(letter: Letter, basis: Basis, view: View) -> Block:
    sign_off = plain(_frame(letter, basis, view)[1], _VALUE)
    return context(literal(view.say("edit.sign_off", sign_off=sign_off)))


def _frame(letter: Letter, basis: Basis, view: View) -> tuple[str, str]:
    filled = fill(letter, basis, company=view.company, sender=basis.sender, link="")
    return filled.greeting, filled.sign_off


def _facts(case: Case, basis: Basis, view: View) -> Iterator[Block]:
    """Each token with what it will become in this letter."""
    locale = case.letter.locale if case.letter else view.locale
    link = view.say("link.kind")
    values = each_value(locale, basis, company=view.company, link=link)
    lines = [
        f"{tokens.token(name, view.locale)} → {plain(values[name], _VALUE)}"
        for name in offered(case)
    ]
    yield says(view.say("edit.facts"))
    yield {"type": "section", "text": literal("\n".join(lines)), "expand": True}


def _then(view: View, *, approve: bool) -> Block:
    options = {KEEP: view.say("edit.keep"), APPROVE: view.say("edit.approve")}
    return radio(THEN, view.say("edit.then"), options, APPROVE if approve else KEEP)
