"""What waits, what is at stake, what came back: the lines that a command and the Home share. Pure.

Money is told per currency and never added up across. All of it is mrkdwn, already escaped.
"""

from collections.abc import Iterator

from bot.case.credit import Credit
from bot.case.model import Case, State
from bot.case.money import Money
from bot.case.pause import Pause
from bot.ledger import Queue, Stats
from bot.review.facts import headline
from bot.review.foreign import inert
from bot.review.parts import HEADER, View, who
from bot.words.numbers import amounts, listed, share

_REASON = 200  # characters of why it was paused


def waiting(queue: Queue, view: View) -> str:
    """How many wait for a person, and since when the oldest does."""
    if not queue.waiting:
        return view.say("figure.queue_none")
    since = view.when(queue.oldest or view.now)
    key = "figure.queue_one" if queue.waiting == 1 else "figure.queue"
    return view.say(key, count=queue.waiting, since=since)


def at_stake(queue: Queue, view: View) -> Iterator[str]:
    """What is owed in all open cases, and where they stand."""
    standing = [(state, queue.states.get(state, 0)) for state in State if state is not State.CLOSED]
    said = [
        view.say("figure.state", count=count, state=view.say(f"state.{state}"))
        for state, count in standing
        if count
    ]
    if not said:
        yield view.say("figure.no_open")
        return
    if queue.at_stake:
        yield view.say("figure.at_stake", amount=amounts(view.locale, queue.at_stake))
    yield view.say("figure.states", states=listed(view.locale, said))


def case_line(case: Case, view: View, url: str | None) -> str:
    """A customer with what they owe, where that stands, and the way to their card."""
    said = [inert(headline(case, view), HEADER), view.say(f"state.{case.state}")]
    return " · ".join([*said, view.say("command.card", url=url)] if url else said)


def pauses(paused: tuple[Pause, ...], view: View) -> Iterator[str]:
    """Who holds what back, why, and until when."""
    for one in paused:
        said = view.say(
            f"figure.pause_{one.what}",
            who=who(view, one.by),
            when=view.when(one.at),
            reason=inert(one.reason, _REASON),
        )
        ends = (
            view.say("figure.pause_until", until=view.when(one.until))
            if one.until
            else view.say("figure.pause_open")
        )
        yield f"{said} {ends}"


def counted(stats: Stats, view: View) -> Iterator[str]:
    """What failed and what became of it; nothing is left out of the whole."""
    if not stats.failed:
        yield view.say("figure.none_failed")
        return
    yield _worth(view.say("figure.failed", count=stats.failed), stats.at_failure, view)
    part = share(view.locale, stats.recovered, stats.failed)
    told = {"count": stats.recovered, "failed": stats.failed, "share": part}
    yield _worth(view.say("figure.recovered", **told), stats.back, view)
    for credit in Credit:
        line = view.say(f"figure.by_{credit}", count=stats.by.get(credit, 0))
        yield _worth(f"    {line}", stats.back_by.get(credit, ()), view)
    yield _worth(view.say("figure.open", count=stats.open), stats.still_open, view)
    yield view.say("figure.lost", count=stats.lost)


def definition(view: View) -> str:
    """What counts as recovered, to whose credit, and out of what: it stands beside the figures."""
    return view.say("figure.definition")


def _worth(line: str, money: tuple[Money, ...], view: View) -> str:
    """With the money behind it, one amount a currency; nothing is said where there is none."""
    some = tuple(one for one in money if one.minor)
    return f"{line} ({amounts(view.locale, some)})" if some else line
