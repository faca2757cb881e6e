"""What people see of a case in Slack. Pure: a case and a view in, a message out."""

from bot.case.model import Case, Why
from bot.foreign_text import clip, one_line
from bot.review.card import sentence, standard_card
from bot.review.facts import headline
from bot.review.foreign import inert
from bot.review.outcome import standing
from bot.review.parts import (
    TEXT,
    Block,
    Manager,
    Message,
    View,
    context,
    header,
    literal,
    mrkdwn,
    says,
)
from bot.review.retry_line import is_line, line
from bot.review.thread import stands_with_vips, vip_card
from bot.words import say

__all__ = ["Manager", "Message", "View", "alarm", "card", "ended", "retired"]

_NEWER = "newer"  # the block that points on, and
_OUTCOME = "outcome"  # the one that ends an older card: either takes the place of what stood there


def card(case: Case, view: View) -> Message:
    """The message that shows this case as it is now: a VIP's, one line, or a letter's card."""
    if case.why is Why.ERASED:
        return _erased(case, view)
    if stands_with_vips(case):
        return vip_card(case, view)
    return line(case, view) if is_line(case) else standard_card(case, view)


def retired(blocks: tuple[Block, ...], locale: str, newer: str | None) -> Message:
    """An older card: its words stay, its buttons go, and it points to the newer one's address."""
    text = say(locale, "card.replaced" if newer is None else "card.replaced_by", url=newer or "")
    return Message(text=text, blocks=(*_words_of(blocks), context(mrkdwn(text)) | _named(_NEWER)))


def ended(blocks: tuple[Block, ...], case: Case, view: View) -> Message:
    """An older card of a closed case: its words stay, and beneath them stands how it ended."""
    outcome = says(standing(case, view)) | _named(_OUTCOME)
    return Message(text=sentence(case, view), blocks=(*_words_of(blocks), outcome))


def alarm(text: str) -> Message:
    """A plain sentence for the whole channel, such as about work that failed for good."""
    said = literal(clip(one_line(text), TEXT))
    return Message(text=inert(text, TEXT), blocks=({"type": "section", "text": said},))


def _erased(case: Case, view: View) -> Message:
    text = standing(case, view)
    return Message(text=text, blocks=(header(headline(case, view)), says(text)))


def _words_of(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    ours = (_NEWER, _OUTCOME)
    return tuple(
        one for one in blocks if one.get("type") != "actions" and one.get("block_id") not in ours
    )


def _named(block_id: str) -> Block:
    return {"block_id": block_id}
