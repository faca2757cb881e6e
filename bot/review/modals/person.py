"""What a modal is drawn with: the same as a card, in the language of the person before it."""

from bot.case.model import Case
from bot.review.channel import Desk
from bot.review.deciding import Deciding
from bot.review.parts import View
from bot.words import say
from bot.words.filling import fill, plain


def view_for(case: Case | None, deciding: Deciding, locale: str) -> View:
    """The case as this person reads it; without a case, words alone."""
    desk = deciding.desk
    subject, text = _letter(case, desk, locale) if case else (None, None)
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


def _letter(case: Case, desk: Desk, locale: str) -> tuple[str | None, str | None]:
    if case.letter is None or case.basis is None:
        return None, None
    filled = fill(
        case.letter,
        case.basis,
        company=desk.company,
        sender=case.basis.sender,
        link=say(locale, "link.kind"),
    )
    return filled.subject, plain(filled)
