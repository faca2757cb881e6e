"""Prometheus asks how the bot is: with the token, in its own format, and hears of nobody."""

import re
from datetime import timedelta

import aiohttp
import pytest

from bot.ledger import Held
from bot.metrics import METRICS
from bot.review import actions
from bot.sandbox.clock import MovableClock
from bot.sandbox.slack import Fault
from bot.sandbox.town import Houses, town
from bot.store.schema import HEAD
from tests.case.life import ANA
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
from tests.journeys.stories import MINUTE, UNDO, Story
from tests.journeys.test_first_day import got

TOKEN = "t0k3n-of-the-tests-0123456789"
HOUR = timedelta(hours=1)
Answer = tuple[int, str, dict[str, str]]

HELP = re.compile(r"# HELP (dunning_[a-z_]+) [^\\]+")
TYPE = re.compile(r"# TYPE (dunning_[a-z_]+) (gauge|counter)")
SAMPLE = re.compile(r'(dunning_[a-z_]+)(\{[a-z]+="[a-z0-9_]+"\})? ([0-9.e+]+)')


async def asked(url: str, authorization: str | None = f"Bearer {TOKEN}") -> Answer:
    headers = {"Authorization": authorization} if authorization else {}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{url}/metrics", headers=headers) as answer,
    ):
        return answer.status, await answer.text(), dict(answer.headers)


async def told(story: Story) -> dict[str, float]:
    """Each sample by its name and label, of a page that Prometheus can read."""
    status, text, _ = await asked(story.town.url)
    assert (status, text[-1]) == (200, "\n")
    found, named = {}, []
    for line in text.splitlines():
        if (head := HELP.fullmatch(line) or TYPE.fullmatch(line)) is not None:
            named.append(head[1])
            continue
        sample = SAMPLE.fullmatch(line)
        assert sample, line
        assert sample[1] == named[-1], line
        found[sample[1] + (sample[2] or "")] = float(sample[3])
    assert named == [one.name for one in METRICS for _ in range(2)]
    return found


def seconds(story: Story, at: float) -> float:
    """How long ago a Unix time was."""
    return story.town.clock.now().timestamp() - at


@ONE_DATABASE
async def test_without_a_token_of_ours_there_is_no_such_page(story: Story) -> None:
    assert (await asked(story.town.url))[0] == 404


@ONE_DATABASE
@pytest.mark.parametrize(
    "authorization",
    [None, "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer \u00fc"],
)
async def test_who_has_not_the_token_learns_nothing(
    build: Towns, authorization: str | None
) -> None:
    async with build(METRICS_TOKEN=TOKEN) as story:
        status, text, headers = await asked(story.town.url, authorization)
    assert (status, text) == (401, "")
    assert headers["WWW-Authenticate"] == 'Bearer realm="metrics"'
    assert headers["Cache-Control"] == "no-store"


@ONE_DATABASE
async def test_the_page_is_prometheus_s_own_kind_and_is_never_kept(build: Towns) -> None:
    async with build(METRICS_TOKEN=TOKEN) as story:
        status, _, headers = await asked(story.town.url, f"bearer {TOKEN}")
    assert status == 200
    assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert headers["Cache-Control"] == "no-store"


async def test_until_there_is_something_to_tell_it_is_503(
    database_url: str, clock: MovableClock
) -> None:
    async with town(database_url, clock, {"METRICS_TOKEN": TOKEN}) as found:
        assert (await asked(found.url, "Bearer wrong"))[0] == 401
        assert (await asked(found.url))[0] == 503


async def test_a_letter_s_life_is_told_in_numbers_and_a_restart_forgets_none(
    build: Towns, standing: Houses
) -> None:
    async with build(among=standing, METRICS_TOKEN=TOKEN) as story:
        fresh = await told(story)
        assert fresh[f'dunning_schema_info{{revision="{HEAD}"}}'] == 1
        assert "dunning_last_letter_timestamp_seconds" not in fresh
        assert sum(number for name, number in fresh.items() if "info" not in name) == 0
        await story.failed()
        await story.town.later(HOUR)
        asking = await told(story)
        assert asking['dunning_open_cases{state="in_review"}'] == 1
        assert asking["dunning_waiting_cases"] == 1
        assert asking["dunning_waiting_oldest_seconds"] == pytest.approx(3600, abs=30)
        assert asking["dunning_stripe_events_total"] > 0
        assert asking["dunning_letters_sent_total"] == 0
        came = asking["dunning_last_stripe_event_timestamp_seconds"]
        assert seconds(story, came) == pytest.approx(3600, abs=30)
        await story.press(actions.APPROVE)
        await story.town.later(UNDO)
    async with build(among=standing, METRICS_TOKEN=TOKEN) as story:
        sent = await told(story)
        assert sent["dunning_letters_sent_total"] == 1
        assert seconds(story, sent["dunning_last_letter_timestamp_seconds"]) < 60
        assert sent['dunning_open_cases{state="in_review"}'] == sent["dunning_waiting_cases"] == 0
        story.town.clock.move(12 * HOUR)  # past midnight
        tomorrow = await told(story)
        assert tomorrow["dunning_letters_sent_total"] == 0
        assert tomorrow["dunning_stripe_events_total"] == 0
        assert "dunning_last_letter_timestamp_seconds" in tomorrow


@ONE_DATABASE
async def test_nobody_is_named_whatever_happened(build: Towns) -> None:
    async with build(METRICS_TOKEN=TOKEN) as story:
        invoice = await story.failed()
        case = await story.case(invoice)
        _, text, _ = await asked(story.town.url)
    for word in ("chlo", "martin", "example", case.id, case.key.customer, invoice["id"], "eur"):
        assert word.lower() not in text.lower()


async def test_what_waits_and_was_given_up_is_told_and_a_pause_makes_nothing_late(
    build: Towns,
) -> None:
    async with build(METRICS_TOKEN=TOKEN) as story:
        ledger = story.town.parts.ledger
        await ledger.pause(Held.ALL, None, "new prices", ANA)
        await story.failed()
        await story.town.later(HOUR)
        held = await told(story)
        assert (held['dunning_paused{what="all"}'], held['dunning_paused{what="sending"}']) == (
            1,
            0,
        )
        assert held['dunning_due_effects{kind="draft"}'] == 1
        assert held["dunning_oldest_due_seconds"] == 0
        assert (await got(f"{story.town.url}/readyz"))[0] == 200
        await story.town.parts.worker.stop()
        await ledger.resume(ANA)
        late = await told(story)
        assert late['dunning_paused{what="all"}'] == 0
        assert late["dunning_oldest_due_seconds"] == pytest.approx(3600, abs=30)
        assert late['dunning_dead_effects{kind="draft"}'] == 0


@ONE_DATABASE
async def test_a_dead_letter_is_told_by_its_kind(build: Towns) -> None:
    async with build(METRICS_TOKEN=TOKEN) as story:
        story.town.slack.fault("chat.postMessage", Fault(error="is_archived"), times=None)
        await story.failed()
        for _ in range(4):
            await story.town.later(MINUTE)
        assert (await told(story))['dunning_dead_effects{kind="show"}'] == 1


def test_names_follow_prometheus_s_conventions_and_no_label_has_many_values() -> None:
    assert len({one.name for one in METRICS}) == len(METRICS)
    for one in METRICS:
        assert one.name.endswith("_total") == (one.kind == "counter"), one.name
        assert one.label in {None, "state", "kind", "what", "revision"}, one.name
