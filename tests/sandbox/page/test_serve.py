"""The page's server answers to the page alone, and outlives whatever goes wrong behind it."""

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import ClientResponse

from bot.sandbox.page.desk import Desk, Json, NotNow, Part
from bot.sandbox.page.serve import BODY_BYTES
from bot.sandbox.slack import User
from tests.sandbox.page.sites import part, visit

SOON = 60  # seconds within which a thing that has been told to end does


async def echo(_: Desk, viewer: User, given: Mapping[str, Any]) -> Json:
    return {"viewer": viewer.id, **given}


async def break_down(_: Desk, __: User, ___: Mapping[str, Any]) -> None:
    raise ZeroDivisionError("a bug")


async def refuse(_: Desk, __: User, ___: Mapping[str, Any]) -> None:
    raise NotNow("stripe.paid", name="Aoife")


@pytest.mark.parametrize("host", ["sandbox.example", "127.0.0.1", "127.0.0.1:1", "[::1]", ""])
async def test_it_answers_to_no_other_name(host: str) -> None:
    async with visit() as there:
        for path in ("/", "/static/live.js", "/words/en", "/live"):
            assert (await there.get(path, Host=host)).status == 403


async def test_it_listens_on_loopback_and_answers_to_both_of_its_names() -> None:
    async with visit() as there:
        port = there.site.url.rpartition(":")[2]
        assert there.site.url == f"http://127.0.0.1:{port}"
        for name in ("127.0.0.1", "localhost"):
            assert (await there.get("/", Host=f"{name}:{port}")).status == 200


@pytest.mark.parametrize("origin", ["", "null", "https://evil.example", "http://127.0.0.1:1"])
async def test_only_the_page_itself_acts(origin: str) -> None:
    async with visit(still=part(echo=echo)) as there:
        mine = await there.do("still/echo", {"viewer": there.maya})
        other = await there.do("still/echo", {"viewer": there.maya}, Origin=origin)
        assert (mine.status, other.status) == (200, 403)


@pytest.mark.parametrize(
    "path",
    [
        "../serve.py",
        "%2e%2e/serve.py",
        "..%2fserve.py",
        "vendor/../../serve.py",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "vendor",
        "index.html",
        "vendor/LICENSE-htm",
        "%00.js",
        "x" * 300 + ".js",
    ],
)
async def test_no_path_leads_to_anything_but_the_page_s_files(path: str) -> None:
    async with visit() as there:
        assert (await there.get(f"/static/{path}")).status == 404


async def test_what_there_is_not_is_not_found() -> None:
    async with visit(still=part(echo=echo)) as there:
        for act in ("still/other", "other/echo", "still/__class__"):
            assert (await there.do(act, {"viewer": there.maya})).status == 404
        assert (await there.get("/live?viewer=U0NOBODY")).status == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"viewer"',
        b"{}",
        b'{"viewer": "U0NOBODY"}',
        b"\xff",
        b"[" * 9999,
    ],
)
async def test_what_is_no_act_is_refused(body: bytes) -> None:
    async with visit(still=part(echo=echo)) as there:
        assert (await there.do("still/echo", body)).status == 400


async def test_a_body_too_large_is_refused() -> None:
    async with visit(still=part(echo=echo)) as there:
        fits = {"viewer": there.maya, "text": "x" * (BODY_BYTES // 2)}
        bursts = {"viewer": there.maya, "text": "x" * BODY_BYTES}
        assert (await there.do("still/echo", fits)).status == 200
        assert (await there.do("still/echo", bursts)).status == 413


async def test_a_page_on_which_nobody_was_chosen_acts_as_the_first() -> None:
    async with visit(still=part(echo=echo)) as there:
        answer = await there.do("still/echo", {"viewer": "", "more": 1})
        assert await answer.json() == {"viewer": there.maya, "more": 1}


async def test_what_can_not_be_done_now_is_told_by_the_name_of_its_sentence() -> None:
    async with visit(still=part(refuse=refuse)) as there:
        answer = await there.do("still/refuse", {"viewer": there.maya})
        problem = {"key": "stripe.paid", "with": {"name": "Aoife"}}
        assert (answer.status, await answer.json()) == (200, {"problem": problem})


async def test_an_act_that_breaks_is_logged_and_breaks_nothing_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with visit(still=part(echo=echo, break_down=break_down)) as there:
        broken = await there.do("still/break_down", {"viewer": there.maya})
        next_one = await there.do("still/echo", {"viewer": there.maya})
        assert (broken.status, next_one.status) == (500, 200)
        assert "a bug" not in await broken.text()
        assert "ZeroDivisionError: a bug" in caplog.text


async def test_a_part_that_can_not_be_drawn_says_so_once_and_leaves_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    looks = 0

    def screen(_: Desk, __: User) -> Json:
        nonlocal looks
        looks += 1
        if looks < 5:
            raise ZeroDivisionError("a bug")
        return {"well": True}

    parts = {"still": part(), "sick": Part(screen=screen, acts={})}
    async with visit(**parts) as there:
        live = await there.get("/live")
        assert await event(live) == {"still": {"viewer": there.maya}, "sick": {"broken": True}}
        assert await event(live) == {"sick": {"well": True}}
        live.close()
    told = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert [one.message for one in told] == ["the part sick can't be drawn"]
    assert "ZeroDivisionError: a bug" in caplog.text


async def test_only_what_changed_is_told_again() -> None:
    shown = {"count": 1}
    parts = {"still": part(), "moving": Part(screen=lambda _, __: shown, acts={})}
    async with visit(**parts) as there:
        live = await there.get(f"/live?viewer={there.site.desk.houses.people.tom.id}")
        first = await event(live)
        shown["count"] = 2
        assert first["still"] == {"viewer": there.site.desk.houses.people.tom.id}
        assert await event(live) == {"moving": {"count": 2}}
        live.close()


async def test_what_somebody_did_is_shown_at_once_however_rarely_the_page_looks() -> None:
    shown = {"count": 1}

    async def count(*_: object) -> None:
        shown["count"] = 2

    async with visit(moving=Part(screen=lambda _, __: shown, acts={"count": count})) as there:
        there.site.glance = 3600.0
        live = await there.get("/live")
        await event(live)
        await there.do("moving/count", {"viewer": there.maya})
        assert await asyncio.wait_for(event(live), SOON) == {"moving": {"count": 2}}
        live.close()


async def test_the_stream_ends_when_the_sandbox_does() -> None:
    async with visit() as there:
        live = await there.get("/live")
        await event(live)
        await there.site.stop()
        assert await asyncio.wait_for(live.content.read(), SOON) == b""


async def test_nobody_draws_for_a_browser_that_left() -> None:
    drawing: list[asyncio.Task[Any] | None] = []

    def screen(_: Desk, __: User) -> Json:
        drawing[:] = [asyncio.current_task()]
        return {}

    async with visit(still=Part(screen=screen, acts={})) as there:
        live = await there.get("/live")
        await event(live)
        live.close()
        (task,) = drawing
        assert task is not None
        await asyncio.wait_for(asyncio.wait({task}), SOON)


@pytest.mark.parametrize(
    "path", ["/", "/static/live.js", "/static/nothing.js", "/words/fr", "/live"]
)
async def test_every_answer_is_what_it_says_and_stays_here(path: str) -> None:
    async with visit() as there:
        answer = await there.get(path)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        answer.close()


async def event(live: ClientResponse) -> Json:
    """The next thing that the server tells."""
    line = await live.content.readline()
    assert await live.content.readline() == b"\n"
    told: Json = json.loads(line.removeprefix(b"data:"))
    return told
