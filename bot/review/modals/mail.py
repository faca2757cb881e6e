"""The modal with a mail exactly as it was approved, to be looked for in a mail server's log."""

from collections.abc import Iterator

from bot.case.letter import Asked, HandedOver
from bot.review.foreign import clean_lines, plain
from bot.review.modals.pieces import modal, small
from bot.review.parts import DIVIDER, Block, View, literal, says, shows, who


def mail(
    asked: Asked | None, handed: HandedOver | None, view: View, *, message_id: str | None = None
) -> Block:
    """To, from, subject, our Message-ID, who approved it and when it was handed over; its text.

    `view` holds that letter as it reads; without one there is only a sentence. `handed` is None
    for a letter that did not leave yet.
    """
    title = view.say("mail.title")
    if asked is None or view.letter_text is None:
        return modal(view, [says(view.say("mail.none"))], title=title)
    blocks = [*_envelope(asked, view), *_trace(handed, view, message_id), DIVIDER]
    return modal(view, [*blocks, *shows(clean_lines(view.letter_text))], title=title)


def _envelope(asked: Asked, view: View) -> Iterator[Block]:
    basis = asked.basis
    to = plain(basis.recipient, 254) if basis.recipient else view.say("card.to_nobody")
    lines = [
        view.say("mail.to", address=to),
        view.say("mail.from", address=plain(basis.sender, 254)),
        view.say("card.subject", subject=plain(view.subject or "", 250)),
    ]
    yield from shows("\n".join(lines))


def _trace(handed: HandedOver | None, view: View, message_id: str | None) -> Iterator[Block]:
    if message_id:
        yield {"type": "section", "text": literal(f"Message-ID: {message_id}")}
    if handed is None:
        yield small(view.say("mail.not_handed"))
        return
    by, when = who(view, handed.approved_by), view.when(handed.at)
    yield small(view.say("mail.handed", who=by, when=when))
