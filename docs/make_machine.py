"""Makes docs/machine.md from the machine itself: python -m docs.make_machine."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import get_args

from bot.case.events import AnyEvent
from bot.case.facts import Subscription
from bot.case.model import State
from bot.case.standing import Verdict
from tests.case.examples import (
    REACHED,
    approved,
    example,
    in_review,
    sending,
    unclear,
    vip,
    waiting,
)
from tests.case.life import POLICY, Life, invoice

PAGE = Path(__file__).with_name("machine.md")
DAY = timedelta(days=1)
BOTH = (invoice(), invoice("in_2"))

STATES = {
    State.WAITING: "nothing to do before its alarm: for facts, the next notice, or the end of a"
    " snooze, of an incident, of the round",
    State.DRAFTING: "words are being written for the present revision",
    State.IN_REVIEW: "a person must decide about the present revision",
    State.APPROVED: "decided; not handed over yet; can still be undone",
    State.SENDING: "in the mail server's hands",
    State.UNCLEAR: "may have left: a person's word, or proof of arrival, goes on",
    State.BY_HAND: "only a person goes on (a VIP, a dispute, a reply, no address); nothing is sent",
    State.CLOSED: "final",
}

# Where an ordinary reading finds that something changed meanwhile.
TIMELY = (
    (State.WAITING, lambda: waiting().alarm().read(), "the next notice is due"),
    (State.WAITING, lambda: snoozed_review().alarm().read(), "the snooze is over"),
    (State.IN_REVIEW, lambda: in_review().failed("in_2").read(*BOTH), "another invoice"),
    (State.IN_REVIEW, lambda: by_itself().posted(), "policy, once the card stands"),
    (State.APPROVED, lambda: approved().failed("in_2").read(*BOTH), "another invoice"),
    (State.APPROVED, lambda: approved().hinted().read(invoice(remaining=1)), "paid in part"),
    (State.SENDING, lambda: sending().not_sent(permanent=True), "NotSent for good"),
    (State.UNCLEAR, lambda: unclear().settled(arrived=False), "Settled: did not arrive"),
    (State.BY_HAND, lambda: vip().rerouted(Verdict.STANDARD), "Rerouted"),
)

HEAD = """# The life of a case

Made from `bot/case/machine.py` by `python -m docs.make_machine`, which tries every event on an
example case in every state. `step(case, event, standing, policy)` is pure: it says what the case
becomes and what must be done.

Three ideas. Stripe's facts are never folded: a webhook is a hint, a reading a whole snapshot, and
the newest wins. Almost every event sets a field and then lets one function, `think`, say where the
case stands. A case has one alarm; every transition overwrites it, and no timer is ever cancelled.

## States

"""

TABLE = """
## What an ordinary event does to an ordinary case

A state: the case goes there. `stays`: it stays, and something about it may change. `·`: it is only
journalled. `refused`: a person is told privately why, and nothing changes.

"""

NOTES = """
What an example cannot show: a payment, or any other end of what is owed, closes a case from every
state; a change of what the words depend on has them written anew; a change of a fact in the letter
asks again with the same words; with `AUTO_SEND=first-notice` an undoubted first letter is approved
by policy once its card stands; a letter that certainly did not leave is approved still, unless
its address refused it for good. A delivery that is told after a person said *it did not arrive*
counts, so that the letter is not sent twice. A question that nobody answered is asked anew in a new
message, once Stripe was read; at once if that was within a quarter of an hour.

## The picture

"""


def snoozed_review() -> Life:
    """In review, and then put off for a day."""
    return in_review().snoozed(DAY)


def by_itself() -> Life:
    """A first letter that the operator lets go without a person, its card not posted yet."""
    subscription = Subscription(id="sub_1", status="past_due", plan="Team")
    owed = invoice(subscription=subscription)
    return Life(replace(POLICY, auto_send=True)).failed().read(owed).drafted()


def page() -> str:
    """The whole page."""
    states = "".join(f"- **{state}**: {words}\n" for state, words in STATES.items())
    return HEAD + states + TABLE + _table() + NOTES + picture()


def picture() -> str:
    """The state diagram in Mermaid, one arrow for each pair of states."""
    arrows: dict[tuple[State, State], list[str]] = {}
    for event in get_args(AnyEvent):
        for state in State:
            after = example(state, event).case.state
            # What everything open can do would hide everything else.
            if after is not state and event.__name__ not in {"Stopped", "Erased"}:
                arrows.setdefault((state, after), []).append(event.__name__)
    for before, life, words in TIMELY:
        arrows.setdefault((before, life().case.state), []).append(words)
    lines = [
        f"    {before} --> {after}: {', '.join(events)}"
        for (before, after), events in arrows.items()
    ]
    paid = [f"    {state} --> closed: paid" for state in State if state is not State.CLOSED]
    body = "\n".join(["stateDiagram-v2", "    [*] --> waiting: a payment failed", *lines, *paid])
    return f"```mermaid\n{body}\n    closed --> [*]\n```\n"


def _table() -> str:
    rows = [f"| | {' | '.join(State)} |", f"|{'---|' * (len(State) + 1)}"]
    for event in get_args(AnyEvent):
        cells = (_cell(state, event) for state in State)
        rows.append(f"| {event.__name__} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _cell(state: State, event: type) -> str:
    before, after = REACHED[state]().case, example(state, event)
    if after.refused:
        return "refused"
    if after.case.state is not state:
        return f"**{after.case.state}**"
    asked = [type(one).__name__ for one in after.effects if type(one).__name__ != "Show"]
    if asked:
        return ", ".join(asked)
    return "·" if after.case == before and not after.effects else "stays"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
