"""The Home: what waits for a person, what it is worth, what came back, and whether all is well.

Drawn anew whenever somebody opens it, in their language. Slack's limits:
https://docs.slack.dev/reference/views/home-tab-views.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from bot.case.ids import CaseId
from bot.case.model import Case, State
from bot.errors import ChannelTrouble
from bot.ledger import Pause, Queue, Stats
from bot.log import tell
from bot.review import figures
from bot.review.client import slack_trouble
from bot.review.commands.about import checked
from bot.review.commands.asking import Asking, links
from bot.review.commands.parse import USUAL_COUNT
from bot.review.commands.pieces import bullets, paragraphs, titled, typed
from bot.review.commands.verbs import Verb
from bot.review.facts import headline
from bot.review.foreign import inert
from bot.review.modals.person import view_for
from bot.review.modals.pieces import BLOCKS, small
from bot.review.parts import DIVIDER, HEADER, Block, View, header, says
from bot.review.thread import is_vip_thread
from bot.review.who import mention

LISTED: Final = 20  # of those that wait
_LOOKED_AT: Final = 100  # among which the VIPs are found: no letter of yesterday's hides one


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a Home shows. `mine` are the VIPs that its reader took on, or looks after.

    `health` is a verdict.
    """

    queue: Queue
    paused: tuple[Pause, ...]
    stats: Stats
    health: str
    urls: Mapping[CaseId, str]
    mine: frozenset[CaseId] = frozenset()


async def opened(body: Mapping[str, Any], asking: Asking) -> None:
    """Somebody looks at their Home: draw it. Twice is the same as once. Never raises."""
    event = body.get("event") or {}
    user, team = str(event.get("user") or ""), str(body.get("team_id") or "")
    if event.get("tab") != "home" or not user:
        return  # they read the messages beside it
    try:
        await _publish(user, await _drawn(user, team, asking), asking)
    except Exception as error:  # noqa: BLE001 - nobody waits for an answer: told, not swallowed
        tell("home_failed", level=logging.ERROR, error=error)
        view = view_for(None, asking.deciding, asking.deciding.locale)
        await _publish(user, sentence(view, "home.failed"), asking)


def home(facts: Facts, view: View) -> Block:
    """The Home of somebody who may decide."""
    blocks = [
        header(view.say("home.waits")),
        *paragraphs(figures.pauses(facts.paused, view)),
        says(figures.waiting(facts.queue, view)),
        *(block for lines in _waiting(facts, view) for block in paragraphs(lines)),
        DIVIDER,
        header(view.say("home.money")),
        *paragraphs(figures.at_stake(facts.queue, view)),
        *paragraphs(titled(view.say("home.month"), figures.counted(facts.stats, view))),
        *([small(figures.definition(view))] if facts.stats.failed else []),
        DIVIDER,
        says(facts.health),
        small(_hints(view)),
    ]
    return _page(blocks)


def managers(facts: Facts, view: View) -> Block:
    """The Home of somebody who looks after VIPs and decides about no letter: only those VIPs."""
    vips = tuple(one for one in facts.queue.first if is_vip_thread(one))
    theirs = replace(facts, queue=replace(facts.queue, first=vips, waiting=len(vips)))
    blocks = [block for lines in _waiting(theirs, view) for block in paragraphs(lines)]
    return _page([header(view.say("home.waits")), *(blocks or [says(view.say("home.no_vip"))])])


def sentence(view: View, key: str) -> Block:
    """A Home without figures: for whom they are not, or when there are none to be had."""
    return _page([says(view.say(key))])


async def _drawn(user: str, team: str, asking: Asking) -> Block:
    allowed = await asking.deciding.people.may_decide(user, team)
    view = view_for(None, asking.deciding, allowed.locale)
    if not allowed.allowed:
        if (await asking.deciding.people.may_own(user, team)).allowed:
            return managers(await _facts(user, view, asking), view)
        unknown = allowed.why in {None, "refusal.lookup_failed"}
        return sentence(view, "home.unknown" if unknown else "home.stranger")
    return home(await _facts(user, view, asking), view)


async def _facts(user: str, view: View, asking: Asking) -> Facts:
    ledger = asking.ledger
    queue, paused = vips_first(await ledger.queue(_LOOKED_AT)), await ledger.paused()
    return Facts(
        queue=queue,
        paused=paused,
        stats=await ledger.stats(view.now - USUAL_COUNT),
        health=checked(await ledger.health(), paused, asking, view).text,
        urls=await links(asking, queue.first),
        mine=frozenset([one.id for one in queue.first if await _is_theirs(one, user, asking)]),
    )


def vips_first(queue: Queue) -> Queue:
    """As many as are listed: the VIPs before the letters, and else who has waited longest."""
    return replace(queue, first=tuple(sorted(queue.first, key=_is_no_vip)[:LISTED]))


def _is_no_vip(case: Case) -> bool:
    return not is_vip_thread(case)


async def _is_theirs(case: Case, user: str, asking: Asking) -> bool:
    """Whether this person took a VIP on, or looks after one whom nobody took.

    Nobody does while Slack can't say who it is.
    """
    if not is_vip_thread(case):
        return False
    if case.taken_by is not None:
        return case.taken_by.rsplit(":", 1)[-1] == user
    try:
        manager = await asking.deciding.people.manager_of(case)
    except ChannelTrouble:
        return False
    return manager.mention == mention(user)


def _waiting(facts: Facts, view: View) -> Iterator[Iterable[str]]:
    """Those that wait longest, by what is asked of whom."""
    vips = [one for one in facts.queue.first if is_vip_thread(one)]
    mine = [one for one in vips if one.id in facts.mine]
    theirs = [one for one in vips if one not in mine]
    letters = [one for one in facts.queue.first if one.state is State.IN_REVIEW]
    others = [one for one in facts.queue.first if one not in vips and one not in letters]
    groups: tuple[tuple[str, Sequence[Case]], ...] = (
        ("home.mine", mine),
        ("home.vips", [one for one in theirs if one.taken_by is None]),
        ("home.taken", [one for one in theirs if one.taken_by is not None]),
        ("home.letters", letters),
        ("home.others", others),
    )
    for key, cases in groups:
        if cases:
            line = figures.case_line if key == "home.others" else _line
            lines = [line(one, view, facts.urls.get(one.id)) for one in cases]
            yield titled(view.say(key), bullets(lines, LISTED, view))
    more = facts.queue.waiting - len(facts.queue.first)
    if more > 0:
        yield [view.say("command.more", count=more)]


def _line(case: Case, view: View, url: str | None) -> str:
    """A customer with what they owe, and the way to their card; the title says the rest."""
    said = inert(headline(case, view), HEADER)
    return f"{said} · {view.say('command.card', url=url)}" if url else said


def _hints(view: View) -> str:
    asked = view.say("home.health", health=typed(view, Verb.HEALTH))
    return f"{asked} {view.say('command.hint', help=typed(view, Verb.HELP))}"


def _page(blocks: Sequence[Block]) -> Block:
    return {"type": "home", "blocks": list(blocks[:BLOCKS])}


async def _publish(user: str, page: Block, asking: Asking) -> None:
    """A Slack that refuses it keeps what stood there before."""
    try:
        with slack_trouble():
            await asking.deciding.client.views_publish(user_id=user, view=page)
    except ChannelTrouble as trouble:
        tell("home_not_shown", level=logging.WARNING, code=trouble.code)
