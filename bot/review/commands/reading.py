"""queue, show, why, history, stats: what is known, told to one person. Nothing changes by it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.case.ids import CaseId
from bot.case.model import Case, State, Why
from bot.case.pause import Pause
from bot.case.think import LAST_NOTICE
from bot.ledger import Came, Found, Queue, Stats
from bot.review import figures
from bot.review.commands.asking import Asking, Person, called, card_link, links, sought
from bot.review.commands.parse import Wrong, counting
from bot.review.commands.pieces import answered, bullets, said, titled, typed
from bot.review.commands.timeline import timeline
from bot.review.commands.verbs import Verb
from bot.review.commands.wrong import put_right
from bot.review.facts import details, failures, headline, name, route
from bot.review.foreign import inert
from bot.review.outcome import standing
from bot.review.parts import Message, View, context, header, literal
from bot.store.arrival_rows import STALE
from bot.store.journal import Entry
from bot.words import FALLBACK, words

_LISTED: Final = 10  # cases of the queue
_CAME: Final = 20  # of Stripe's events
_HAPPENED: Final = 20  # lines of a timeline


async def queue(asking: Asking, person: Person, _argument: str, *, bare: bool = False) -> Message:
    """Who waits, since when, and the money at stake."""
    found = await asking.ledger.queue(_LISTED)
    urls = await links(asking, found.first)
    return queued(found, await asking.ledger.paused(), urls, person.view, bare=bare)


def queued(
    found: Queue,
    paused: tuple[Pause, ...],
    urls: Mapping[CaseId, str],
    view: View,
    *,
    bare: bool = False,
) -> Message:
    """The queue as it is read. `bare`: a hint that there is more to ask."""
    lines = [figures.case_line(one, view, urls.get(one.id)) for one in found.first]
    more = found.waiting - len(lines)
    hint = view.say("command.hint", help=typed(view, Verb.HELP))
    return answered(
        figures.waiting(found, view),
        figures.pauses(paused, view),
        figures.at_stake(found, view),
        [*bullets(lines, _LISTED, view), *_more(more, view)],
        [hint] if bare else [],
    )


async def show(asking: Asking, person: Person, argument: str) -> Message:
    """All that is known of one customer's case, and what happened to it."""
    found = await sought(asking, person, Verb.SHOW, argument)
    if isinstance(found, Message):
        return found
    if not found.cases:
        return said(person.view.say("command.never_failed", customer=called(found)))
    entries = await asking.journal(found.cases[0].id)
    url = await card_link(asking, found.cases[0])
    return shown(found, entries, url, person.view)


def shown(found: Found, entries: Sequence[Entry], url: str | None, view: View) -> Message:
    """The newest case of a customer who has one: facts, timeline, the cases before."""
    case, *before = found.cases
    happened = bullets(timeline(entries, view), _HAPPENED, view)
    return answered(
        standing(case, view),
        failures(case, view),
        [view.say("show.card", url=url)] if url else [],
        titled(view.say("show.timeline"), happened),
        _others(before, view),
        above=(header(headline(case, view)), context(literal(details(case, view)))),
    )


async def why(asking: Asking, person: Person, argument: str) -> Message:
    """Why VIP or Standard, why it waits, and what happens next."""
    found = await sought(asking, person, Verb.WHY, argument)
    if isinstance(found, Message):
        return found
    if not found.cases:
        return said(person.view.say("command.never_failed", customer=called(found)))
    return explained(found.cases[0], await asking.ledger.paused(), person.view)


def explained(case: Case, paused: tuple[Pause, ...], view: View) -> Message:
    """The figures that were compared, where the case stands, and what comes then."""
    reasons = list(route(case, view)) if not case.bare else []
    return answered(
        standing(case, view),
        titled(view.say("why.route"), bullets(reasons, len(reasons), view)) if reasons else [],
        titled(view.say("why.next"), [next_step(case, view), *_held(case, paused, view)]),
        above=(header(headline(case, view)),),
    )


def next_step(case: Case, view: View) -> str:
    """What the bot, or somebody, does next with this case, and when; mrkdwn."""
    key = f"why.{case.why if case.state is State.WAITING else case.state}"
    key = key if key in words(FALLBACK) else "why.later"
    when = view.when(case.wake) if case.wake else "–"
    return view.say(key, when=when, notice=case.notice, most=LAST_NOTICE)


async def history(asking: Asking, person: Person, _argument: str) -> Message:
    """What came in, and which way it went."""
    return arrived(await asking.ledger.history(_CAME), person.view)


def arrived(came: Sequence[Came], view: View) -> Message:
    """Stripe's last events, newest first."""
    if not came:
        return said(view.say("history.none"))
    lines = [_came(one, view) for one in came]
    return answered(view.say("history.title"), bullets(lines, _CAME, view))


async def stats(asking: Asking, person: Person, argument: str) -> Message:
    """What failed in a time, and what became of it."""
    span = counting(argument)
    if isinstance(span, Wrong):
        return put_right(span, person.view)
    since = person.view.now - span
    return counted(await asking.ledger.stats(since), person.view)


def counted(found: Stats, view: View) -> Message:
    """The figures with their definition beside them."""
    first = view.say("figure.since", when=view.when(found.since))
    lines = figures.counted(found, view)
    return answered(first, lines, [figures.definition(view)] if found.failed else [])


def _came(came: Came, view: View) -> str:
    case = came.case
    known = name(case, view) if case and case.facts else came.customer
    return view.say(
        "history.line",
        when=view.when(came.at),
        type=inert(came.type),
        customer=inert(known) if known else view.say("history.nobody"),
        way=_way(came, view),
    )


def _way(came: Came, view: View) -> str:
    if came.case is not None and came.case.why is Why.ERASED:
        return view.say("history.erased")
    if came.case is not None:
        key = "history.vip" if came.case.vip else "history.standard"
        return view.say(key, state=view.say(f"state.{came.case.state}"))
    if came.trouble == STALE:
        return view.say("history.stale")
    if came.state == "done":
        return view.say("history.no_case")
    if came.state == "parked":
        return view.say("history.parked")
    if came.trouble:
        return view.say("history.trouble", trouble=inert(came.trouble))
    return view.say("history.unread")


def _others(before: Sequence[Case], view: View) -> Iterator[str]:
    lines = [
        view.say("show.other", when=view.when(one.opened_at), state=standing(one, view))
        for one in before
    ]
    if lines:
        yield from titled(view.say("show.others"), bullets(lines, len(lines), view))


def _held(case: Case, paused: tuple[Pause, ...], view: View) -> Iterator[str]:
    if case.open:
        yield from figures.pauses(paused, view)


def _more(count: int, view: View) -> Iterator[str]:
    if count > 0:
        yield view.say("command.more", count=count)
