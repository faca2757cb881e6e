"""What goes wrong is told to a real HTTP counterpart of Sentry's: where and how, and of nobody."""

import asyncio
import gzip
import json
import logging
import os
import sys
import tomllib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot import VERSION, log
from bot.config import load
from bot.errors import BillingTrouble
from bot.log import about, tell
from bot.sentry import Reports, event

ROOT = Path(__file__).parents[1]
CANARY = "ada.canary@example.com"
PATIENCE = 30.0  # seconds until a report that does not come is given up


@dataclass(kw_only=True)
class House:
    """Sentry, as far as reports go: keeps what it was sent, and answers as it is told to."""

    dsn: str = ""
    status: int = 200
    hangs: bool = False
    elsewhere: bool = False
    said: list[str] = field(default_factory=list)  # whole requests, the headers too
    events: list[dict[str, Any]] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        text = (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode()
        async with self.came:
            self.said.append(f"{request.path} {dict(request.headers)} {text}")
            self.events.append(json.loads(text.splitlines()[2]))
            self.came.notify_all()
        if self.hangs:
            await self.over.wait()
        if self.elsewhere:
            raise web.HTTPTemporaryRedirect("/elsewhere")
        return web.Response(status=self.status, headers={"Retry-After": "60"})

    async def told(self, count: int = 1) -> list[dict[str, Any]]:
        """What it was told, once that is so much."""
        async with asyncio.timeout(PATIENCE), self.came:
            await self.came.wait_for(lambda: len(self.events) >= count)
        return self.events


@asynccontextmanager
async def sentry() -> AsyncIterator[House]:
    house = House()
    app = web.Application()
    app.router.add_route("*", "/{any:.*}", house.take)
    async with TestServer(app, host="127.0.0.1") as server:
        house.dsn = f"http://0123456789abcdef@127.0.0.1:{server.port}/7"
        yield house
        house.over.set()


@asynccontextmanager
async def reporting(house: House) -> AsyncIterator[Reports]:
    """A process that reports, and ends."""
    reports = Reports(house.dsn, livemode=False)
    log.start(level="info", secrets=(), also=[reports])
    try:
        yield reports
    finally:
        await asyncio.to_thread(reports.close)


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("bot")
    kept, level = root.handlers[:], root.level
    yield
    root.handlers[:] = kept
    root.setLevel(level)
    ours.setLevel(logging.NOTSET)


def broken(name: str) -> None:
    """Fail, with somebody's address in a local variable, in the message and in its cause's."""
    address = f"{name} <{CANARY}>"
    try:
        int(address)
    except ValueError as error:
        raise BillingTrouble("rate_limited") from error


async def test_an_error_is_told_by_its_kind_place_case_and_code() -> None:
    async with sentry() as house, reporting(house):
        with about("case_1"):
            try:
                broken("Ada")
            except BillingTrouble as error:
                tell("tried_in_vain", level=logging.ERROR, error=error, trouble="rate_limited")
        [found] = await house.told()
    assert (found["message"], found["level"]) == ("tried_in_vain", "error")
    assert found["tags"].pop("where").startswith("test_sentry.py:")
    assert found["tags"] == {"case": "case_1", "code": "rate_limited", "trouble": "rate_limited"}
    assert (found["release"], found["environment"]) == (f"dunning-desk@{VERSION}", "test")
    first, last = found["exception"]["values"]
    assert (first["type"], first["value"]) == ("ValueError", None)
    assert (last["type"], last["module"]) == ("BillingTrouble", "bot.errors")
    assert last["value"] == "rate_limited"
    place = last["stacktrace"]["frames"][-1]
    assert (place["module"], place["function"]) == ("tests.test_sentry", "broken")
    assert place.keys() == {"module", "function", "lineno", "in_app"}


async def test_nothing_that_anybody_wrote_and_nothing_of_the_machine_is_sent() -> None:
    async with sentry() as house, reporting(house):
        tell("odd", level=logging.ERROR, what=CANARY, kind="Ada Canary", trouble="https://x/canary")
        logging.getLogger("asyncio").error("a task broke: %s", CANARY)
        logging.getLogger("aiohttp.server").error("Error", exc_info=ValueError(CANARY))
        tell("no_error", level=logging.WARNING)
        found = await house.told(3)
    assert [one["message"] for one in found] == ["odd", "library", "library"]
    assert found[0]["tags"] == {}
    assert found[1]["tags"].keys() == {"logger", "where"}
    allowed = {"event_id", "timestamp", "platform", "sdk", "release", "environment", "level"}
    allowed |= {"logger", "message", "exception", "tags"}
    assert set().union(*found) <= allowed
    secrets = ("canary", os.uname().nodename, str(ROOT), os.environ.get("USER", "canary"))
    hidden = [one for one in secrets if one.lower() in "".join(house.said).lower()]
    assert hidden == []


@pytest.mark.parametrize("fault", ["refuses", "is_away", "leads_away", "has_too_much"])
async def test_a_sentry_in_trouble_costs_nothing(fault: str) -> None:
    async with sentry() as house:
        house.status = {"refuses": 403, "has_too_much": 429}.get(fault, 200)
        house.elsewhere = fault == "leads_away"
        if fault == "is_away":
            house.dsn = "http://key@127.0.0.1:1/7"
        async with reporting(house) as reports:
            for _ in range(3):
                tell("broke", level=logging.ERROR)
                if fault != "is_away":
                    await house.told()
                # Sent one after the other: when it is empty, each was answered, or left out.
                await asyncio.to_thread(reports._client.flush, PATIENCE)
    assert len(house.events) == {"is_away": 0, "has_too_much": 1}.get(fault, 3)
    assert "elsewhere" not in str(house.said)


async def test_a_sentry_that_hangs_holds_nobody_up_and_what_is_too_much_is_dropped() -> None:
    async with sentry() as house:
        house.hangs = True
        reports = Reports(house.dsn, livemode=True)
        log.start(level="info", secrets=(), also=[reports])
        for _ in range(300):
            tell("broke", level=logging.ERROR)
        await house.told()
        await asyncio.to_thread(reports.close)  # returns, though nothing was answered
        tell("late", level=logging.ERROR)
        assert {one["environment"] for one in house.events} == {"live"}
        assert len(house.events) < 100


async def test_what_nobody_caught_is_told_before_the_process_ends() -> None:
    program = """if True:
        import sys
        from bot import log, sentry
        log.start(level="info", secrets=(), also=[sentry.start(sys.argv[1], livemode=False)])
        raise ValueError("canary")
    """
    async with sentry() as house:
        ran = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", program, house.dsn),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        lines, complained = await ran.communicate()
    assert (ran.returncode, json.loads(lines)["event"]) == (1, "crashed")
    assert complained.decode().endswith("ValueError: canary\n")
    [found] = house.events
    assert (found["message"], found["level"]) == ("crashed", "fatal")
    assert "canary" not in "".join(house.said)


def test_without_a_dsn_the_library_is_never_loaded() -> None:
    assert load({}).sentry_dsn is None
    program = (ROOT / "bot" / "__main__.py").read_text("utf-8")
    assert "\nfrom bot import sentry" not in program


def test_a_line_without_an_error_is_told_by_its_name() -> None:
    record = logging.LogRecord("bot", logging.ERROR, "x.py", 1, "a sentence of words", None, None)
    record.fields = {}
    assert event(record)["message"] == "library"


def test_the_release_that_is_told_is_that_of_the_package() -> None:
    package = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert package["version"] == VERSION
