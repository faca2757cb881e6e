"""What a modal is drawn with: the same as a card, in the language of the person before it."""

from dataclasses import replace

from bot.case.letter import Asked
from bot.case.model import Case
from bot.review.deciding import Deciding
from bot.review.parts import View
from bot.words import say
from bot.words.reading import Reader


def view_of(case: Case, deciding: Deciding, locale: str) -> View:
    """The case and its letter, as it would leave now."""
    view = view_for(deciding.letters.would_leave(case), deciding, locale)
    return replace(view, seen=deciding.letters.fingerprint(case))


def for_new_words(case: Case, deciding: Deciding) -> Case:
    """The case with the facts that what a person types now would be filled with."""
    basis = deciding.letters.for_new_words(case)
    return replace(case, basis=basis) if basis else case


def view_for(asked: Asked | None, deciding: Deciding, locale: str) -> View:
    """What this person reads; `asked` is the letter that is spoken of, if one is."""
    desk = deciding.desk
    subject, text = reading(asked, desk.company, locale) if asked else (None, None)
    return View(
        locale=locale,
        company=desk.company,
        zone=desk.zone,
        now=deciding.clock.now(),
        subject=subject,
        letter_text=text,
        test_recipient=desk.test_recipient,
        dashboard=desk.dashboard,
        rules=desk.rules,
    )


def reading(asked: Asked, company: str, locale: str) -> tuple[str, str]:
    """A letter's subject and text as its customer reads it, with the kind of link for the link."""
    reader = Reader(company=company, link=say(locale, "link.kind"))
    return reader.read(asked.letter, asked.basis)
