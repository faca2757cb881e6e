"""P10: bad input is refused, not stored: fuzzed requests at both doors of a real bot.

A case waits for a person meanwhile, so that there is something to harm. Nothing may be answered
with 5xx, no row may come or change, and the memory must stay where it was.
"""

import asyncio
import hashlib
import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from bench.bot_process import STRIPE_WEBHOOK, BotProcess, bot
from bench.counterparts import SECRET, Counterparts, counterparts, tell, until_shown
from bench.databases import sqlite
from bench.figure import Bound, Figure
from bot.review import actions, door
from bot.review.verify import sign
from bot.sandbox.slack import Slack
from bot.sandbox.stripe_webhooks import signature
from chaos.fuzzed import Fuzzed, Json, Route, as_form, as_json, fuzzed
from chaos.proof import held

COUNT, SHORT = 10_000, 100
SEED = 20261122
AT_ONCE = 8
WITHIN = 20  # seconds for one answer; the doors wait ten for a body
SOON = 0.3  # seconds
SETTLED = 1.5  # seconds, after which what was begun is done
# Of what a first tenth leaves behind in pools and caches, nothing more may be added.
GROWTH = 8  # MiB
TABLES = ("inbox", "cases", "journal", "outbox")


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What came back: by status (0: the connection ended), and the worst of it in words."""

    by_status: Counter[int]
    broken: tuple[str, ...]


def run(short: bool) -> list[str]:
    """Both routes, one after the other."""
    with sqlite() as url:
        return held(asyncio.run(_run(url, SHORT if short else COUNT, bounded=not short)))


async def _run(database_url: str, count: int, *, bounded: bool) -> list[Figure]:
    async with counterparts(database_url) as here, aiohttp.ClientSession() as session:
        with bot(here.settings) as process:
            failure = here.failures(1)[0]
            await tell(session, process.url + STRIPE_WEBHOOK, failure.body)
            await until_shown(here, 1, WITHIN)
            await asyncio.sleep(SETTLED)
            routes = (_stripe(json.loads(failure.body)), _slack(here.slack))
            found = []
            for route in routes:
                found += await _tried(here, process, route, count, bounded=bounded)
            return found


async def _tried(
    here: Counterparts, process: BotProcess, route: Route, count: int, *, bounded: bool
) -> list[Figure]:
    file = here.settings["DATABASE_URL"].partition(":///")[2]
    before = _rows(file)
    requests = list(fuzzed(route, count, SEED))
    first = await _sent(process, requests[: count // 10])
    size = process.memory()
    rest = await _sent(process, requests[count // 10 :])
    await asyncio.sleep(SETTLED)
    changed = [name for name, digest in _rows(file).items() if before[name] != digest]
    answers = Answers(by_status=first.by_status + rest.by_status, broken=first.broken + rest.broken)
    kinds = Counter(one.kind for one in requests)
    return list(_figures(route, answers, kinds, changed, (size, process.memory()), bounded))


def _figures(  # noqa: PLR0913, PLR0917 - the whole of one route's table
    route: Route,
    answers: Answers,
    kinds: Counter[str],
    changed: list[str],
    sizes: tuple[float, float],
    bounded: bool,
) -> Iterator[Figure]:
    statuses = sorted(answers.by_status.items())
    said = ", ".join(f"{count} × {status or 'closed'}" for status, count in statuses)
    sent = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    none, total = Bound.EXACTLY, answers.by_status.total()
    yield Figure(name=f"{route.path}: requests", value=total, remark=sent)
    yield Figure(
        name=f"{route.path}: answered as they should not be",
        value=len(answers.broken),
        bound=none,
        limit=0,
        remark=" | ".join((said, *answers.broken[:3])),
    )
    yield Figure(
        name=f"{route.path}: tables with a row that came or changed",
        value=len(changed),
        bound=none,
        limit=0,
        remark=", ".join(changed),
    )
    yield Figure(
        name=f"{route.path}: more memory than after the first tenth",
        value=sizes[1] - sizes[0],
        unit="MiB",
        bound=Bound.AT_MOST if bounded else Bound.NONE,
        limit=GROWTH,
        base=f"{sizes[0]:.0f} MiB",
    )


async def _sent(process: BotProcess, requests: Iterable[Fuzzed]) -> Answers:
    waiting = iter(requests)
    by_status: Counter[int] = Counter()
    broken: list[str] = []

    async def sender() -> None:
        for one in waiting:
            status = await _status(process, one)
            by_status[status] += 1
            if not _fine(one, status):
                broken.append(f"{status} for {one.kind}: {one.raw[-300:]!r}")

    await asyncio.gather(*(sender() for _ in range(AT_ONCE)))
    return Answers(by_status=by_status, broken=tuple(broken))


def _fine(one: Fuzzed, status: int) -> bool:
    if status == 0:
        return not one.framed
    return 400 <= status < 500 or (status == 200 and one.may_pass)  # noqa: PLR2004 - HTTP's own


async def _status(process: BotProcess, one: Fuzzed) -> int:
    """The status of one request on a connection of its own; 0 when it was closed unanswered."""
    at = urlsplit(process.url)
    try:
        async with asyncio.timeout(WITHIN):
            reader, writer = await asyncio.open_connection(at.hostname, at.port)
            try:
                writer.write(one.raw)
                reading = asyncio.ensure_future(reader.readline())
                if not one.framed:
                    done, _ = await asyncio.wait({reading}, timeout=SOON)
                    if not done and not writer.is_closing():
                        writer.write_eof()  # what waits for more is told that nothing comes
                line = await reading
            finally:
                writer.close()
    except ConnectionError:
        return 0
    parts = line.split(maxsplit=2)
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0


def _rows(file: str) -> dict[str, str]:
    """Each table that a case stands in, as one digest."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return {
            name: hashlib.sha256(
                repr(database.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall()).encode()  # noqa: S608
            ).hexdigest()
            for name in TABLES
        }


def _stripe(good: Json) -> Route:
    def signed(body: bytes) -> dict[str, str]:
        return {"Stripe-Signature": signature(body, [SECRET], int(time.time()))}

    other = good | {"type": "customer.created"}
    return Route(
        path=STRIPE_WEBHOOK,
        good=good,
        sign=signed,
        wrap=as_json,
        decisive=(
            *(("id",), ("created",), ("livemode",), ("data",), ("data", "object")),
            *(("data", "object", "id"), ("data", "object", "object")),
        ),
        others=(other, {"object": "event", "type": "v1.billing.meter.no_meter_found"}),
    )


def _slack(slack: Slack) -> Route:
    def signed(body: bytes) -> dict[str, str]:
        stamp = str(int(time.time()))
        mark = sign(slack.signing_secret, stamp, body)
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": mark}

    card = slack.calls("chat.postMessage")[0]
    shown = slack.messages(card.args["channel"])[-1]
    maya = next(one for one in slack.state.users.values() if one.name == "maya")
    good = slack.pressing(maya.id, shown.channel, shown.ts, actions.APPROVE)
    return Route(
        path=door.PATH,
        good=good,
        sign=signed,
        wrap=as_form,
        decisive=(
            *(("user",), ("user", "id"), ("actions",), ("actions", 0), ("actions", 0, "value")),
            ("actions", 0, "action_id"),
        ),
        others=tuple(_others(good)),
    )


def _others(good: Json) -> Iterator[Json]:
    """Modals opened and sent for a card that no longer stands, and kinds that we don't know."""
    version, case, _, *rest = good["actions"][0]["value"].split("|")
    older = "|".join((version, case, "99", *rest))
    for kind in (actions.EDIT, actions.REJECT):
        yield good | {"actions": [good["actions"][0] | {"action_id": kind, "value": older}]}
        view = {"id": "V1", "type": "modal", "callback_id": kind, "private_metadata": older}
        sent = {"type": "view_submission", "view": view | {"state": {"values": {}}}}
        yield {name: good[name] for name in ("user", "team", "token")} | sent
    for kind in ("view_closed", "block_suggestion", "shortcut", "message_action"):
        yield good | {"type": kind}
    yield {"type": "event_callback", "event": {"type": "app_home_opened"}}
