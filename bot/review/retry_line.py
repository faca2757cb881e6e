"""One line about a failed payment that Stripe tries again by itself: no letter, and no hurry."""

from collections.abc import Iterator

from bot.case.model import Case, State, Why
from bot.review.buttons import buttons
from bot.review.facts import asked_for, headline, next_retry, why_failed
from bot.review.foreign import inert
from bot.review.outcome import standing
from bot.review.parts import HEADER, Message, View, context, mrkdwn, says


def is_line(case: Case) -> bool:
    """Whether Stripe is let try first, so that there is nothing to decide yet."""
    return case.state is State.WAITING and case.why is Why.FIRST_RETRY


def line(case: Case, view: View) -> Message:
    """Who, how much, why, when Stripe tries again, and until when that is waited for."""
    named, until = inert(headline(case, view), HEADER), standing(case, view)
    why = " ".join((*_reasons(case, view), next_retry(asked_for(case, view), view)))
    test = "" if case.key.livemode else f"{view.say('card.test')} "
    blocks = (says(f"{test}*{named}* {why}"), context(mrkdwn(until)), *buttons(case, view))
    return Message(text=f"{test}{named}. {why} {until}", blocks=blocks)


def _reasons(case: Case, view: View) -> Iterator[str]:
    yield from dict.fromkeys(why_failed(view, one) for one in asked_for(case, view))
