"""The modal with all that is known of a case: to be read only."""

from collections.abc import Iterator
from typing import Final

from bot.case.letter import Author, HandedOver
from bot.case.model import Case
from bot.review.facts import headline, route, why_failed
from bot.review.foreign import address, clean_lines, inert
from bot.review.modals.person import reading
from bot.review.modals.pieces import modal
from bot.review.outcome import standing
from bot.review.parts import DIVIDER, Block, View, header, says, shows, who
from bot.words.numbers import amount, amounts, hour, language, month

_INVOICES: Final = 10
_LETTERS: Final = 8  # two whole rounds; more of them would be no help, and must fit in 100 blocks
_LETTER: Final = 6000  # characters of one


def details(case: Case, view: View, mailed: tuple[HandedOver, ...] = ()) -> Block:
    """Failures and how they ended, why this route, who the customer is, and every earlier word."""
    blocks = [header(headline(case, view)), says(standing(case, view))]
    if not case.bare:
        for title, lines in (
            ("details.failures", list(_failures(case, view))),
            ("details.route", list(route(case, view))),
            ("details.customer", list(_customer(case, view))),
        ):
            said = "\n".join([f"*{view.say(title)}*", *(f"• {line}" for line in lines)])
            blocks += [DIVIDER, says(said)]
        blocks += [DIVIDER, *_earlier(mailed, view)]
    return modal(view, blocks, title=view.say("details.title"))


def _failures(case: Case, view: View) -> Iterator[str]:
    """This customer's cases of a year, and what is known of each invoice of this one; mrkdwn."""
    facts = case.facts
    if facts is None:
        yield view.say("details.unread")
        return
    customer = facts.customer
    yield view.say(
        "details.past",
        failures=customer.failures,
        recovered=customer.recovered,
        others=max(0, customer.failures - customer.recovered),
    )
    for one in facts.invoices[:_INVOICES]:
        yield view.say(
            "details.invoice",
            number=inert(one.number or one.id),
            amount=amount(view.locale, one.owing),
            attempt=one.attempt,
            status=view.say(f"invoice.{one.status}"),
            why=why_failed(view, one),
        )
    if len(facts.invoices) > _INVOICES:
        yield view.say("card.more_invoices", count=len(facts.invoices) - _INVOICES)


def _customer(case: Case, view: View) -> Iterator[str]:
    """Who they are, how to reach them, what they have paid; mrkdwn."""
    yield view.say("details.id", id=inert(case.key.customer))
    customer = case.facts.customer if case.facts else None
    if customer is None:
        return
    yield view.say("details.name", name=inert(customer.name or "–"))
    yield view.say("details.email", email=address(customer.email or "–"))
    if customer.locales:
        names = ", ".join(inert(language(view.locale, one)) for one in customer.locales)
        yield view.say("details.languages", languages=names)
    if customer.country:
        yield view.say("details.country", country=inert(customer.country))
    if customer.zone:
        there = hour(view.locale, view.now, customer.zone)
        yield view.say("details.zone", zone=inert(customer.zone), hour=there)
    if customer.since:
        yield view.say("details.since", month=month(view.locale, customer.since, view.zone))
    paid = tuple(one for one in customer.lifetime if one.minor)
    sums = amounts(view.locale, paid) if paid else view.say("card.lifetime_none")
    yield view.say("details.paid", amount=sums, count=customer.paid_invoices)
    for key, value in customer.metadata:
        yield view.say("details.metadata", key=inert(key), value=inert(value))


def _earlier(mailed: tuple[HandedOver, ...], view: View) -> Iterator[Block]:
    """Every letter that was handed to the mail server, as its customer read it."""
    yield says(f"*{view.say('details.earlier')}*")
    if not mailed:
        yield says(view.say("details.no_letters"))
    first = len(mailed) - len(mailed[-_LETTERS:]) + 1
    for number, one in enumerate(mailed[-_LETTERS:], start=first):
        yield says(_letter_line(number, one, view))
        if one.asked is not None:
            subject, text = reading(one.asked, view.company, view.locale)
            yield from shows(clean_lines(f"{subject}\n\n{text}")[:_LETTER])


def _letter_line(number: int, handed: HandedOver, view: View) -> str:
    letter = handed.asked.letter if handed.asked else None
    when, approver = view.when(handed.at), who(view, handed.approved_by)
    said = view.say("details.letter", number=number, when=when, who=approver)
    if letter is None:
        return said
    if letter.by is Author.PERSON and letter.edited_by:
        by = view.say("details.by_person", who=who(view, letter.edited_by))
    else:
        by = view.say("details.by_model" if letter.by is Author.MODEL else "details.by_fixed")
    return f"{said} {by}"
