"""GET /metrics: how the bot is, for Prometheus with the token; numbers, and nobody's data.

All of it is read from the database, so any process tells the same, and none forgets at a restart.
https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format, version 0.0.4.
"""

import hmac
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final, Literal

from aiohttp import web

from bot.case.model import State
from bot.case.pause import Held
from bot.store.effect_rows import KINDS
from bot.store.gauges import Gauges

Read = Callable[[], Awaitable[Gauges | None]]
# A number for each value of the label; without a label one, under the empty word, or none.
Samples = Mapping[str, float]

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_NOT_KEPT: Final = {"Cache-Control": "no-store"}
_WHO: Final = {**_NOT_KEPT, "WWW-Authenticate": 'Bearer realm="metrics"'}


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A name for good: other people's alarms hang on it."""

    name: str
    kind: Literal["counter", "gauge"]
    about: str
    label: str | None = None
    read: Callable[[Gauges], Samples]


def _one(number: float) -> Samples:
    return {"": number}


def _moment(at: datetime | None) -> Samples:
    """Unix time; nothing while it never happened."""
    return {} if at is None else _one(at.timestamp())


def _age(since: datetime | None, now: datetime) -> Samples:
    """Seconds; nought where nothing waits."""
    return _one(0 if since is None else max(0.0, (now - since).total_seconds()))


METRICS: Final = (
    Metric(
        name="dunning_schema_info",
        kind="gauge",
        about="Always 1; the revision of the database's schema.",
        label="revision",
        read=lambda now: {now.revision: 1},
    ),
    Metric(
        name="dunning_open_cases",
        kind="gauge",
        about="Open cases, by where they stand.",
        label="state",
        read=lambda now: {
            one.value: now.states.get(one, 0) for one in State if one is not State.CLOSED
        },
    ),
    Metric(
        name="dunning_waiting_cases",
        kind="gauge",
        about="Open cases that wait for a person.",
        read=lambda now: _one(now.waiting.cases),
    ),
    Metric(
        name="dunning_waiting_oldest_seconds",
        kind="gauge",
        about="How long the first of these has waited; 0 while none does.",
        read=lambda now: _age(now.waiting.oldest, now.at),
    ),
    Metric(
        name="dunning_due_effects",
        kind="gauge",
        about="Effects that are due and nobody has in hand, by kind; those that a pause holds too.",
        label="kind",
        read=lambda now: {kind: now.due.get(kind, 0) for kind in KINDS},
    ),
    Metric(
        name="dunning_oldest_due_seconds",
        kind="gauge",
        about="How long the oldest effect or event has been due that no pause holds; 0 while none.",
        read=lambda now: _age(now.late_since, now.at),
    ),
    Metric(
        name="dunning_dead_effects",
        kind="gauge",
        about="Dead letters: effects that were given up, of cases still open, by kind.",
        label="kind",
        read=lambda now: {kind: now.dead.get(kind, 0) for kind in KINDS},
    ),
    Metric(
        name="dunning_paused",
        kind="gauge",
        about="1 while a person's pause holds so much back.",
        label="what",
        read=lambda now: {one.value: int(one is now.held) for one in Held},
    ),
    Metric(
        name="dunning_parked_events",
        kind="gauge",
        about="Stripe's events of accounts that nobody told us about; no case comes of them.",
        read=lambda now: _one(now.parked),
    ),
    Metric(
        name="dunning_stripe_events_total",
        kind="counter",
        about="Stripe's events that came, however, since midnight in UTC, when it begins at 0.",
        read=lambda now: _one(now.events_today),
    ),
    Metric(
        name="dunning_last_stripe_event_timestamp_seconds",
        kind="gauge",
        about="When the last of Stripe's events came, as Unix time; absent until one did.",
        read=lambda now: _moment(now.last_event_at),
    ),
    Metric(
        name="dunning_letters_sent_total",
        kind="counter",
        about="Letters that a mail server took since midnight in UTC, when it begins at 0.",
        read=lambda now: _one(now.letters_today),
    ),
    Metric(
        name="dunning_last_letter_timestamp_seconds",
        kind="gauge",
        about="When a mail server last took a letter, as Unix time; absent until one did.",
        read=lambda now: _moment(now.last_sent_at),
    ),
)


def routes(token: str | None, read: Read) -> list[web.RouteDef]:
    """The page for whoever has the `token`; none, and so 404, without one.

    `read` has None while there is nothing to tell: that is 503.
    """
    if token is None:
        return []
    expected = token.encode()

    async def metrics(request: web.Request) -> web.Response:
        if not _may(request.headers.get("Authorization", ""), expected):
            return web.Response(status=HTTPStatus.UNAUTHORIZED, headers=_WHO)
        found = await read()
        if found is None:
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, headers=_NOT_KEPT)
        headers = {**_NOT_KEPT, "Content-Type": CONTENT_TYPE}
        return web.Response(body=exposed(found).encode(), headers=headers)

    return [web.get("/metrics", metrics)]


def exposed(found: Gauges) -> str:
    """The whole page. Pure."""
    return "".join(f"{line}\n" for metric in METRICS for line in _lines(metric, found))


def _lines(metric: Metric, found: Gauges) -> Iterator[str]:
    yield f"# HELP {metric.name} {metric.about}"
    yield f"# TYPE {metric.name} {metric.kind}"
    for value, number in metric.read(found).items():
        label = f'{{{metric.label}="{value}"}}' if metric.label else ""
        yield f"{metric.name}{label} {number}"


def _may(header: str, expected: bytes) -> bool:
    """RFC 6750, section 2.1; in a time that tells nothing of the token."""
    scheme, _, given = header.partition(" ")
    said = given.strip().encode(errors="surrogateescape")
    return hmac.compare_digest(said, expected) and scheme.lower() == "bearer"
