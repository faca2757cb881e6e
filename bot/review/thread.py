"""A VIP's message and its thread: never a letter, always a person."""

from collections.abc import Callable, Iterator, Mapping

from bot.case.ids import Actor
from bot.case.model import Case, State, Why
from bot.case.standing import Because
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
    who,
)
from bot.words.numbers import amounts

NOTE = 300  # characters of a note to whom a customer is handed over
# Kinds of replies; those of the clock are told again after each hand-over, and so get its number.
OPENING = "opening"
OUTCOME = "outcome"
STANDARD = "standard"
PASSED = "passed"
REMINDER = "reminder"
FOR_ALL = "for_all"
REACHED = "reached"
OWNER_LOST = frozenset({"vip.owner_gone", "vip.owner_unknown_now"})


def is_vip_thread(case: Case) -> bool:
    """Whether this case is a person's business because the customer is a VIP."""
    return case.state is State.BY_HAND and case.why is Why.VIP


def stands_with_vips(case: Case) -> bool:
    """Whether its message is a VIP's: also once it has ended, and while that is being read."""
    ending = not case.open or case.why is Why.FACTS
    return is_vip_thread(case) or (case.vip and ending)


def no_longer_theirs(case: Case) -> str | None:
    """The words' key for why nobody can hand this customer over, or write to them instead."""
    if not case.open:
        return "refusal.closed"
    if not case.vip:
        return "refusal.already_decided"
    if not is_vip_thread(case):
        return "refusal.not_now"
    return "refusal.already_contacted" if case.contacted_by else None


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
    """A line in the thread, by its kind as `thread_wants` names it."""
    said: Mapping[str, Callable[[Case, View], str]] = {
        OPENING: _opening,
        OUTCOME: standing,
        STANDARD: _standard,
        PASSED: _passed,
        REMINDER: _reminder,
        FOR_ALL: _for_all,
        REACHED: _reached,
    }
    text = said[kind.partition("-")[0]](case, view)
    return Message(text=text, blocks=(says(text),))


def is_for_all(kind: str) -> bool:
    """Whether the whole channel is to see this line beside the thread."""
    return kind.startswith(FOR_ALL)


def thread_wants(case: Case, had: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Which replies this case's thread should have had by now; `had`: those that it has.

    Whoever was called into a thread hears there how it ended, also when a person decided that
    letters are to be written instead. What the clock said is told once each time it began anew.
    """
    if is_vip_thread(case):
        return (OPENING, *(f"{kind}-{case.passed}" for kind in _by_the_clock(case)))
    if (case.vip or had) and not case.open and case.why is not Why.ERASED:
        return (OPENING, OUTCOME)
    return (OPENING, STANDARD) if had and case.open and not case.vip else ()


def _by_the_clock(case: Case) -> Iterator[str]:
    if case.passed_by:
        yield PASSED
    if case.contacted_by:
        return
    if case.taken_by:
        yield from (REACHED,) * (case.reminders > 0)
        return
    yield from (REMINDER, FOR_ALL)[: case.reminders]


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
    takes = () if case.taken_by else (actions.TAKE,)
    return (*takes, actions.CONTACTED, actions.HAND_OVER, actions.WRITE_INSTEAD)


def _opening(_case: Case, view: View) -> str:
    return f"{_manager(view)} {view.say('vip.opening')}"


def _reminder(_case: Case, view: View) -> str:
    return f"{_manager(view)} {view.say('vip.reminder')}"


def _for_all(case: Case, view: View) -> str:
    sums = amounts(view.locale, money(case, view))
    return view.say("vip.for_all", name=inert(name(case, view)), amount=sums)


def _reached(case: Case, view: View) -> str:
    when = view.when(case.taken_at or view.now)
    return view.say("vip.reached", who=who(view, case.taken_by), when=when)


def _passed(case: Case, view: View) -> str:
    said = view.say("vip.passed", who=who(view, case.passed_by), owner=_tag(case.owner))
    note = inert(case.passed_note, NOTE)
    return f"{said} {view.say('status.note', note=note)}" if note else said


def _standard(case: Case, view: View) -> str:
    by = next((one.name for one in case.reasons if one.because is Because.OVERRIDE), None)
    return view.say("vip.standard", who=who(view, Actor(by) if by else None))


def _tag(user: str | None) -> str:
    return f"<@{inert(user or '')}>"


def _manager(view: View) -> str:
    manager = view.manager
    if manager is None or manager.mention is None:
        return view.say("vip.no_manager")
    said = view.say("vip.manager", manager=manager.mention)
    if manager.fallback is None:
        return said
    if manager.fallback in OWNER_LOST:
        return f"{said} {view.say(manager.fallback, owner=_tag(manager.named))}"
    return f"{said} {view.say(manager.fallback, named=inert(manager.named or '–'))}"
