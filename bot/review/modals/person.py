"""What a modal is drawn with: the same as a card, in the language of the person before it."""

from bot.case.letter import Asked
from bot.case.model import Case
from bot.review.deciding import Deciding
from bot.review.parts import View
from bot.words import say
from bot.words.filling import fill, plain


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


def asked_now(case: Case) -> Asked | None:
    """The letter that stands on a case, with its facts."""
    if case.letter is None or case.basis is None:
        return None
    return Asked(letter=case.letter, basis=case.basis)


def reading(asked: Asked, company: str, locale: str) -> tuple[str, str]:
    """A letter's subject and text as its customer reads it, with the kind of link for the link."""
    filled = fill(
        asked.letter,
        asked.basis,
        company=company,
        sender=asked.basis.sender,
        link=say(locale, "link.kind"),
    )
    return filled.subject, plain(filled)
