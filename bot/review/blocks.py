"""What people see of a case in Slack. Pure: a case and a view in, a message out."""

from bot.case.model import Case, Why
from bot.foreign_text import clip, one_line
from bot.review.card import standard_card
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
from bot.review.thread import is_vip_thread, vip_card
from bot.words import say

__all__ = ["Manager", "Message", "View", "alarm", "card", "retired"]


def card(case: Case, view: View) -> Message:
    """The message that shows this case as it is now; VIPs have their own."""
    if case.why is Why.ERASED:
        return _erased(case, view)
    thread = is_vip_thread(case) or (case.vip and not case.open)
    return vip_card(case, view) if thread else standard_card(case, view)


def retired(blocks: tuple[Block, ...], locale: str, newer: str | None) -> Message:
    """An older card: its words stay, its buttons go, and it points to the newer one's address."""
    text = say(locale, "card.replaced" if newer is None else "card.replaced_by", url=newer or "")
    kept = tuple(block for block in blocks if block.get("type") != "actions")
    return Message(text=text, blocks=(*kept, context(mrkdwn(text))))


def alarm(text: str) -> Message:
    """A plain sentence for the whole channel, such as about work that failed for good."""
    said = literal(clip(one_line(text), TEXT))
    return Message(text=inert(text, TEXT), blocks=({"type": "section", "text": said},))


def _erased(case: Case, view: View) -> Message:
    text = standing(case, view)
    return Message(text=text, blocks=(header(headline(case, view)), says(text)))
