"""A VIP's message and its thread: never a letter, always a person."""

from collections.abc import Iterator

from bot.case.model import Case, State, Why
from bot.review import actions
from bot.review.buttons import offering
from bot.review.card import bottom, paragraph, reason, sentence, top
from bot.review.facts import money, name, why_vip
from bot.review.foreign import inert
from bot.review.outcome import standing
from bot.review.parts import (
    DIVIDER,
    HEADER,
    Block,
    Message,
    View,
    header,
    literal,
    says,
)
from bot.words.numbers import amounts

OPENING = "opening"
OUTCOME = "outcome"


def is_vip_thread(case: Case) -> bool:
    """Whether this case is a person's business because the customer is a VIP."""
    return case.state is State.BY_HAND and case.why is Why.VIP


def stands_with_vips(case: Case) -> bool:
    """Whether its message is a VIP's: also once it has ended, and while that is being read."""
    ending = not case.open or case.why is Why.FACTS
    return is_vip_thread(case) or (case.vip and ending)


def vip_card(case: Case, view: View) -> Message:
    """The message that opens a VIP's thread, and what it becomes."""
    blocks = (*_top(case, view), *reason(case, view), *_why(case, view), *_decision(case, view))
    text = sentence(case, view)
    if is_vip_thread(case):
        # Only the name is foreign: the rest of the sentence stands as it is.
        text = f"{urgent(case, view, inert(name(case, view)))} {standing(case, view)}"
    return Message(text=text, blocks=(*blocks, *bottom(case, view)))


def urgent(case: Case, view: View, named: str) -> str:
    """The one sentence that must be read."""
    sums = amounts(view.locale, money(case, view))
    return view.say("vip.urgent", name=named, amount=sums)


def reply(kind: str, case: Case, view: View) -> Message:
    """A line in the thread: the opening tags the account manager, the outcome ends it."""
    text = _opening(view) if kind == OPENING else standing(case, view)
    return Message(text=text, blocks=(says(text),))


def thread_wants(case: Case, had: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Which replies this case's thread should have had by now; `had`: those that it has.

    Whoever was called into a thread hears there how it ended.
    """
    if is_vip_thread(case):
        return (OPENING,)
    if (case.vip or had) and not case.open and case.why is not Why.ERASED:
        return (OPENING, OUTCOME)
    return ()


def _top(case: Case, view: View) -> Iterator[Block]:
    line = urgent(case, view, name(case, view))
    if not is_vip_thread(case) or len(line) > HEADER:
        yield from top(case, view)
        if is_vip_thread(case):
            yield {"type": "section", "text": literal(line), "expand": True}
        return
    _, *rest = top(case, view)
    yield header(line)
    yield from rest


def _why(case: Case, view: View) -> Iterator[Block]:
    lines = [f"• {line}" for line in why_vip(case, view)]
    if lines:
        yield says("\n".join([f"*{view.say('vip.why')}*", *lines]))
    if view.manager is not None:
        yield paragraph(_manager(view))


def _decision(case: Case, view: View) -> Iterator[Block]:
    yield DIVIDER
    yield says(standing(case, view))
    if case.open:
        yield offering(case, view, "own", _offered(case))


def _offered(case: Case) -> tuple[str, ...]:
    if not is_vip_thread(case) or case.contacted_by:
        return ()
    return (actions.CONTACTED,) if case.taken_by else (actions.TAKE, actions.CONTACTED)


def _opening(view: View) -> str:
    return f"{_manager(view)} {view.say('vip.opening')}"


def _manager(view: View) -> str:
    manager = view.manager
    if manager is None or manager.mention is None:
        return view.say("vip.no_manager")
    said = view.say("vip.manager", manager=manager.mention)
    if manager.fallback is None:
        return said
    return f"{said} {view.say(manager.fallback, named=inert(manager.named or '–'))}"
