"""The modal with a mail exactly as it was approved, to be looked for in a mail server's log."""

from collections.abc import Iterator

from bot.case.letter import Asked
from bot.review.deciding import Traces
from bot.review.foreign import clean_lines, plain
from bot.review.modals.pieces import modal, small
from bot.review.parts import DIVIDER, Block, View, literal, says, shows


def mail(asked: Asked | None, traces: Traces, view: View) -> Block:
    """To, from, subject, our Message-ID and when it was handed over, then the whole text.

    `view` holds the letter as it reads; without one there is nothing to show but a sentence.
    """
    title = view.say("mail.title")
    if asked is None or view.letter_text is None:
        return modal(view, [says(view.say("mail.none"))], title=title)
    blocks = [*_envelope(asked, traces, view), DIVIDER, *shows(clean_lines(view.letter_text))]
    return modal(view, blocks, title=title)


def _envelope(asked: Asked, traces: Traces, view: View) -> Iterator[Block]:
    basis = asked.basis
    to = plain(basis.recipient, 254) if basis.recipient else view.say("card.to_nobody")
    yield from shows(view.say("mail.to", address=to))
    yield from shows(view.say("mail.from", address=plain(basis.sender, 254)))
    yield from shows(view.say("card.subject", subject=plain(view.subject or "", 250)))
    if traces.message_id:
        yield {"type": "section", "text": literal(f"Message-ID: {traces.message_id}")}
    handed = traces.handed_at
    key = "mail.handed" if handed else "mail.not_handed"
    yield small(view.say(key, when=view.when(handed) if handed else ""))
