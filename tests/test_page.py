import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from yarl import URL

from bot.app import web_app
from bot.clock import SystemClock
from bot.config import load, missing
from bot.page import routes, shared, shown, spoken
from bot.sandbox.clock import MovableClock
from bot.words import LOCALES, say, words
from tests.databases import POSTGRESQL, SQLITE

EVERYTHING = missing(load({}))


@asynccontextmanager
async def site(
    needed: tuple[str, ...] = EVERYTHING,
    livemode: bool | None = None,
    parts: Mapping[str, bool] | None = None,
) -> AsyncIterator[tuple[ClientSession, URL]]:
    async def check() -> Mapping[str, bool]:
        return parts or {}

    app = web.Application()
    app.add_routes(routes(missing=needed, livemode=livemode, check=check))
    async with TestServer(app, host="127.0.0.1") as server, ClientSession() as session:
        yield session, server.make_url("/")


async def test_a_first_boot_names_what_is_missing() -> None:
    async with site() as (session, url), session.get(url) as response:
        text = await response.text()
        assert response.status == 200
        assert all(f"<code>{name}</code>" in text for name in EVERYTHING)
        assert "8 more settings" in text


async def test_the_page_never_takes_anything() -> None:
    async with site() as (session, url):
        async with session.get(url) as response:
            text = await response.text()
            assert not re.search(r"<(form|input|textarea|script|button|a|img|link)\b", text)
            assert "form-action 'none'" in response.headers["Content-Security-Policy"]
        async with session.post(url, data={"STRIPE_API_KEY": "sk_test_1"}) as response:
            assert response.status == 405


async def test_the_page_keeps_itself_out_of_caches_frames_and_indexes() -> None:
    async with site() as (session, url), session.get(url) as response:
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Robots-Tag"] == "noindex"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("locale", LOCALES)
async def test_the_page_speaks_the_visitors_language(locale: str) -> None:
    headers = {"Accept-Language": f"{locale}-XX,en;q=0.5"}
    async with site() as (session, url), session.get(url, headers=headers) as response:
        text = await response.text()
        assert f'<html lang="{locale}">' in text
        assert say(locale, "page.MAIL_FROM").replace("'", "&#x27;") in text


def test_once_all_is_set_the_page_says_so_and_in_which_mode() -> None:
    text = shown("en", (), livemode=False)
    assert "Everything is set." in text
    assert "Test mode" in text
    assert "<li>" not in text
    assert "Live mode." in shown("en", (), livemode=True)
    assert "one more setting." in shown("en", ("MAIL_URL",), livemode=True)


@pytest.mark.parametrize("locale", LOCALES)
def test_what_slack_refuses_is_said_in_the_visitors_language(locale: str) -> None:
    wrong = [("VIP_CHANNEL", "is_archived"), ("REVIEW_CHANNEL", "<b>")]
    text = shown(locale, (), None, wrong)
    assert say(locale, "page.ready") not in text
    assert f"<code>VIP_CHANNEL</code> {say(locale, 'wrong.is_archived')}" in text
    assert "&lt;b&gt;" in text


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("FR-ca, en;q=0.8", "fr"),
        ("de, es;q=0.3, fr;q=0.7", "fr"),
        ("fr;q=0, es;q=0.1", "es"),
        ("es, fr", "es"),
        ("*", "en"),
        ("fr;q=9, \x00, ;;;,q=,", "en"),
        ("x" * 9000, "en"),
    ],
)
def test_the_best_liked_language_wins(header: str, locale: str) -> None:
    assert spoken(header, "en") == locale


async def test_the_process_is_alive_whatever_its_parts_are() -> None:
    broken = {"database": False}
    async with site(parts=broken) as (session, url), session.get(url / "healthz") as response:
        assert (response.status, await response.json()) == (200, {"alive": True})


@pytest.mark.parametrize(
    ("parts", "status", "waiting"),
    [
        ({}, 200, []),
        ({"database": True, "queue": True}, 200, []),
        ({"queue": False, "database": False, "schema": True}, 503, ["database", "queue"]),
    ],
)
async def test_readiness_names_what_is_not_ready(
    parts: dict[str, bool], status: int, waiting: list[str]
) -> None:
    async with site(parts=parts) as (session, url), session.get(url / "readyz") as response:
        assert response.status == status
        assert await response.json() == {"ready": not waiting, "waiting_for": waiting}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_name_that_can_be_missing_has_words(locale: str) -> None:
    assert {f"page.{name}" for name in EVERYTHING} <= words(locale).keys()


async def test_a_crowd_that_asks_costs_two_looks() -> None:
    looks = 0

    async def check() -> dict[str, bool]:
        nonlocal looks
        looks += 1
        await asyncio.sleep(0)
        return {"queue": looks > 1}

    look = shared(check)
    first, *others = await asyncio.gather(*(look() for _ in range(50)))
    assert (first, looks) == ({"queue": False}, 2)
    assert others == [{"queue": True}] * 49  # nobody is told what was so before they asked


async def test_a_body_nobody_can_unpack_is_answered_by_us_and_not_by_the_server() -> None:
    app = web_app(load({}), SystemClock())
    async with TestServer(app, host="127.0.0.1") as server, ClientSession() as session:
        url = server.make_url("/stripe/webhook")
        headers = {"Content-Encoding": "zstd"}
        async with session.post(url, data=BytesIO(b"{}"), headers=headers) as response:
            assert response.status == 503


@pytest.mark.parametrize(
    ("databases", "late"), [(POSTGRESQL, ["clock"]), (SQLITE, [])], indirect=["databases"]
)
async def test_readiness_says_when_our_clock_is_not_the_database_s(
    migrated_url: str, late: list[str]
) -> None:
    clock = MovableClock(datetime.now(UTC), running=True)
    app = web_app(load({"DATABASE_URL": migrated_url}), clock)
    async with TestServer(app, host="127.0.0.1") as server, ClientSession() as session:
        for by, told in ((timedelta(0), []), (timedelta(seconds=6), late)):
            clock.move(by)
            async with session.get(server.make_url("/readyz")) as response:
                waiting = (await response.json())["waiting_for"]
            assert [one for one in waiting if one in {"clock", "database"}] == told
