"""What the review channel reads of a pause: that it began, why and by whom, and that it ended."""

from bot.case.ids import SYSTEM
from bot.case.pause import Held, Pause, Unsaid
from bot.review.foreign import inert
from bot.review.parts import Message, View, says, who

_REASON = 500  # characters, as long as it is kept


def told(unsaid: Unsaid, view: View) -> Message:
    """One sentence or two for everybody."""
    text = _ended(unsaid, view) if unsaid.ended else _began(unsaid.pause, view)
    return Message(text=text, blocks=(says(text),))


def _began(pause: Pause, view: View) -> str:
    until = view.say("announce.until_resumed")
    if pause.until is not None:
        until = view.say("announce.until", when=view.when(pause.until))
    restored = pause.by == SYSTEM and pause.what is Held.SENDING
    key = "announce.restored" if restored else f"announce.paused_{pause.what}"
    return view.say(key, until=until, who=who(view, pause.by), reason=_reason(pause, view))


def _ended(unsaid: Unsaid, view: View) -> str:
    begun = {"by": who(view, unsaid.pause.by), "reason": _reason(unsaid.pause, view)}
    if unsaid.ended_by is not None:
        return view.say("announce.resumed", who=who(view, unsaid.ended_by), **begun)
    return view.say("announce.over", when=view.when(unsaid.ended_at or view.now), **begun)


def _reason(pause: Pause, view: View) -> str:
    return inert(pause.reason, _REASON) or view.say("announce.no_reason")
