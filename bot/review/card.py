"""The card of a Standard customer: read from top to bottom, decided in ten seconds."""

from collections.abc import Callable, Iterator
from typing import Final

from bot.case.letter import Author, Letter
from bot.case.model import Case, State, Why
from bot.review.buttons import buttons
from bot.review.facts import details, failures, headline, no_rule_for
from bot.review.foreign import address, clean_lines, inert, plain
from bot.review.odd import Odd, oddities
from bot.review.outcome import asked_again, standing
from bot.review.parts import (
    DIVIDER,
    HEADER,
    Block,
    Message,
    View,
    context,
    header,
    literal,
    mrkdwn,
    says,
    shows,
    who,
)

# Beside these the sentence would only repeat what the card already says of where it stands.
_SAID_BY_STANDING: Final = {
    Why.FRAUD: Odd.FRAUD,
    Why.DISPUTED: Odd.DISPUTED,
    Why.FIRST_INVOICE: Odd.FIRST_INVOICE,
    Why.CUSTOMER_GONE: Odd.CUSTOMER_GONE,
}


def standard_card(case: Case, view: View) -> Message:
    """The whole card, in the reading order of the product: who, why, the letter, the buttons."""
    parts: tuple[Callable[[Case, View], Iterator[Block]], ...] = (
        top,
        reason,
        letter,
        decision,
        bottom,
    )
    blocks = tuple(block for part in parts for block in part(case, view))
    return Message(text=sentence(case, view), blocks=blocks)


def sentence(case: Case, view: View) -> str:
    """The card in one line, for notifications and screen readers."""
    return f"{inert(headline(case, view), HEADER)}. {standing(case, view)}"


def top(case: Case, view: View) -> Iterator[Block]:
    """Who and how much, and whether this is only a test."""
    yield header(headline(case, view))
    if not case.key.livemode:
        yield context(literal(f"{view.say('card.test')} {_test_mail(case, view)}".strip()))


def reason(case: Case, view: View) -> Iterator[Block]:
    """Why it failed, what Stripe does next, and everything unusual."""
    lines = list(failures(case, view))
    if lines:
        yield says("\n".join(lines))
    odd = [one for one in oddities(case) if one is not _said(case)]
    if odd:
        box = _letter_box(case, view)
        yield says("\n".join(f"• {view.say(f'odd.{one}', address=box)}" for one in odd))


def letter(case: Case, view: View) -> Iterator[Block]:
    """Subject and body exactly as they would leave, and who wrote them."""
    if case.letter is None or view.letter_text is None or case.state is State.BY_HAND:
        return  # by hand nothing would leave, so nothing is shown as if it could
    yield DIVIDER
    yield context(literal(_envelope(case, view)))
    yield from shows(view.say("card.subject", subject=plain(view.subject or "", 250)))
    yield from shows(clean_lines(view.letter_text))
    yield from _written_by(case.letter, view)


def decision(case: Case, view: View) -> Iterator[Block]:
    """Where it stands, and the buttons while somebody may press them."""
    yield DIVIDER
    if case.state is not State.IN_REVIEW or asked_again(case) or case.by_itself:
        yield says(standing(case, view))
    elif case.doubts:
        reasons = " · ".join(view.say(f"doubt.{one}") for one in case.doubts)
        yield paragraph(view.say("card.doubts", reasons=reasons))
    yield from buttons(case, view)


def bottom(case: Case, view: View) -> Iterator[Block]:
    """The small print: this customer, this letter, this revision."""
    yield context(literal(details(case, view)))
    for line in no_rule_for(case, view):
        yield context(literal(line))


def paragraph(text: str) -> Block:
    """A small line with mentions or dates in it."""
    return context(mrkdwn(text))


def _said(case: Case) -> Odd | None:
    return _SAID_BY_STANDING.get(case.why) if case.why else None


def _letter_box(case: Case, view: View) -> str:
    """The address that letters would go to, good or not; mrkdwn."""
    customer = case.facts.customer if case.facts else None
    theirs = (customer.recipient or customer.email) if customer else None
    found = theirs if case.key.livemode else view.test_recipient
    return address(found) if found else view.say("card.nobody")


def _test_mail(case: Case, view: View) -> str:
    if case.state is State.BY_HAND:
        return ""  # no mail is on its way to anybody
    if view.test_recipient is None:
        return view.say("card.test_nowhere")
    return view.say("card.test_to", address=plain(view.test_recipient, 254))


def _envelope(case: Case, view: View) -> str:
    basis = case.basis
    recipient = basis.recipient if basis else None
    return view.say(
        "card.envelope",
        to=plain(recipient, 254) if recipient else view.say("card.to_nobody"),
        sender=plain(basis.sender if basis else view.company, 254),
    )


def _written_by(words: Letter, view: View) -> Iterator[Block]:
    if words.by is Author.PERSON:
        yield paragraph(view.say("card.edited_by", who=who(view, words.edited_by)))
    elif words.by is Author.FIXED:
        because = words.fixed_because or "no_model"
        rules = ", ".join(plain(one, 40) for one in words.rules)
        yield context(literal(view.say(f"card.fixed_{because}", rules=rules or "–")))
