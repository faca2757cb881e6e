import asyncio
import json
import logging
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import BytesIO

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from bot.case.arrival import Arrival
from bot.intake.group_commit import GroupCommit
from bot.intake.route import LARGEST, PATH, Door, routes
from bot.request_body import AS_IT_CAME
from tests.intake.stripe_says import (
    NEW_INVOICE,
    NOW,
    OLD_INVOICE,
    SECRET,
    body_of,
    digest,
    event,
    signature,
)

FAILED = body_of(event("invoice.payment_failed", NEW_INVOICE))

CODINGS = [
    ["gzip"],
    ["GZIP, identity"],
    ["identity", "gzip"],
    ["zstd"],
    ["br"],
    ["deflate"],
    ["\N{LATIN SMALL LETTER Y WITH DIAERESIS}"],
]


class StillClock:
    def now(self) -> datetime:
        return NOW

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(f"the route slept {seconds} s")


@dataclass
class Inbox:
    kept: list[Arrival] = field(default_factory=list)
    broken: bool = False
    gate: asyncio.Event | None = None
    commits: list[int] = field(default_factory=list)

    async def store(self, arrivals: Sequence[Arrival]) -> None:
        if self.gate:
            await self.gate.wait()
        if self.broken:
            raise ConnectionError("the database is gone")
        self.commits.append(len(arrivals))
        self.kept += arrivals


@dataclass
class World:
    inbox: Inbox
    server: TestServer
    session: ClientSession

    async def post(self, body: bytes, header: str | None = None, **more: str) -> tuple[int, str]:
        headers = {"Stripe-Signature": signature(body) if header is None else header} | more
        url = self.server.make_url(PATH)
        async with self.session.post(url, data=BytesIO(body), headers=headers) as response:
            text = await response.text()
            assert response.content_type == "text/plain"
            assert text.count("\n") == 1
            return response.status, text


@asynccontextmanager
async def world(change: Callable[[Door], Door] = lambda door: door) -> AsyncIterator[World]:
    inbox = Inbox()
    commits = GroupCommit(inbox.store)
    door = Door(
        secrets=(SECRET,),
        livemode=False,
        remember=commits.remember,
        ready=lambda: True,
        clock=StillClock(),
    )
    app = web.Application(handler_args=AS_IT_CAME)
    app.add_routes(routes(change(door)))
    async with TestServer(app, host="127.0.0.1") as server, ClientSession() as session:
        yield World(inbox, server, session)
        await commits.close()


async def test_a_failed_payment_is_kept_and_then_answered() -> None:
    async with world() as here:
        assert await here.post(FAILED) == (200, "Kept.\n")
        [arrival] = here.inbox.kept
        assert (arrival.id, arrival.invoice, arrival.parked) == ("evt_1", "in_new", False)


async def test_nothing_is_answered_before_the_commit() -> None:
    async with world() as here:
        here.inbox.gate = asyncio.Event()
        posted = asyncio.create_task(here.post(FAILED))
        done, _ = await asyncio.wait({posted}, timeout=0.05)
        assert not done
        here.inbox.gate.set()
        assert (await posted)[0] == 200


async def test_what_is_not_our_business_is_answered_and_not_kept() -> None:
    async with world() as here:
        body = body_of(event("invoice.upcoming", {"object": "invoice"}))
        assert await here.post(body) == (200, "Not our business.\n")
        assert here.inbox.kept == []


async def test_an_unknown_connected_account_is_parked() -> None:
    async with world() as here:
        body = body_of(event("invoice.payment_failed", OLD_INVOICE, account="acct_9"))
        assert (await here.post(body))[0] == 200
        assert [(one.account, one.parked) for one in here.inbox.kept] == [("acct_9", True)]


@pytest.mark.parametrize("ours", [True, False])
async def test_the_other_mode_is_refused_in_one_line(ours: bool) -> None:
    async with world(lambda door: replace(door, livemode=ours)) as here:
        body = body_of(event("invoice.payment_failed", NEW_INVOICE, livemode=not ours))
        status, line = await here.post(body)
        assert (status, here.inbox.kept) == (400, [])
        assert "mode" in line


@pytest.mark.parametrize(
    "change",
    [
        lambda door: replace(door, ready=lambda: False),
        lambda door: replace(door, secrets=()),
    ],
    ids=["not ready", "no secret yet"],
)
async def test_before_all_is_ready_there_is_no_false_200(
    change: Callable[[Door], Door],
) -> None:
    async with world(change) as here:
        assert (await here.post(FAILED))[0] == 503
        assert here.inbox.kept == []


async def test_a_database_that_fails_is_a_503_and_the_next_try_is_kept() -> None:
    async with world() as here:
        here.inbox.broken = True
        assert (await here.post(FAILED))[0] == 503
        here.inbox.broken = False
        assert (await here.post(FAILED))[0] == 200


async def test_a_database_that_hangs_is_a_503() -> None:
    async with world(lambda door: replace(door, kept_within=0.02)) as here:
        here.inbox.gate = asyncio.Event()
        assert (await here.post(FAILED))[0] == 503
        here.inbox.gate.set()


async def test_a_body_of_four_mebibytes_passes_and_one_byte_more_does_not() -> None:
    async with world() as here:
        fits = FAILED + b" " * (LARGEST - len(FAILED))
        assert (await here.post(fits))[0] == 200
        assert (await here.post(fits + b" "))[0] == 413
        assert len(here.inbox.kept) == 1


async def chunks(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 65536):
        yield body[start : start + 65536]


async def test_a_large_body_without_a_length_is_refused_too() -> None:
    async with world() as here:
        url = here.server.make_url(PATH)
        body = b" " * (LARGEST + 1)
        headers = {"Stripe-Signature": signature(body)}
        async with here.session.post(url, data=chunks(body), headers=headers) as response:
            assert response.status == 413


@pytest.mark.parametrize("coding", CODINGS)
async def test_a_compressed_body_is_refused_unread(
    coding: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    async with world() as here:
        headers = [("Stripe-Signature", signature(FAILED))]
        headers += [("Content-Encoding", one) for one in coding]
        url = here.server.make_url(PATH)
        for _ in range(2):
            data = BytesIO(FAILED)
            async with here.session.post(url, data=data, headers=headers) as response:
                assert response.status == 415
                assert response.headers.get("Connection") != "close"
        assert here.inbox.kept == []
        assert not [one for one in caplog.records if one.levelno >= logging.ERROR]


async def test_a_body_that_says_it_is_as_it_is_passes() -> None:
    async with world() as here:
        assert (await here.post(FAILED, **{"Content-Encoding": "Identity"}))[0] == 200


async def test_a_slow_body_is_refused() -> None:
    async with world(lambda door: replace(door, body_within=0.02)) as here:
        reader, writer = await asyncio.open_connection("127.0.0.1", here.server.port)
        writer.write(
            f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n".encode() + b"{"
        )
        assert (await reader.readline()).startswith(b"HTTP/1.1 408")
        writer.close()
        await writer.wait_closed()
        assert here.inbox.kept == []


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Length: 5000\r\n\r\n{}",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}",
    ],
)
async def test_a_body_that_breaks_off_keeps_nothing_and_logs_no_error(
    raw: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with world() as here:
        with caplog.at_level(logging.DEBUG):
            reader, writer = await asyncio.open_connection("127.0.0.1", here.server.port)
            writer.write(f"POST {PATH} HTTP/1.1\r\nHost: x\r\n".encode() + raw)
            writer.write_eof()
            answer = await reader.read()
            writer.close()
            await writer.wait_closed()
            # Bytes that are no HTTP come before or after the handler has begun, as the
            # network cuts them: then aiohttp answers by itself, and in HTTP/1.0.
            assert answer == b"" or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 400 "))
            assert (await here.post(FAILED))[0] == 200
        # aiohttp tells of bytes that are not HTTP by itself; bot.log drops its text.
        ours = [one for one in caplog.records if one.name != "aiohttp.server"]
        assert [one for one in ours if one.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_only_post_is_answered(method: str) -> None:
    async with world() as here:
        url = here.server.make_url(PATH)
        async with here.session.request(method, url, data=FAILED) as response:
            assert response.status == 405


async def test_two_signatures_are_one_too_many() -> None:
    async with world() as here:
        url = here.server.make_url(PATH)
        mark = ("Stripe-Signature", signature(FAILED))
        async with here.session.post(url, data=FAILED, headers=[mark, mark]) as response:
            assert response.status == 401


def bent(body: bytes, luck: random.Random) -> bytes:
    """A body that is not the event any more, in one of the ways that bodies go wrong."""
    place = luck.randrange(len(body))
    return luck.choice(
        [
            lambda: body[:place],
            lambda: luck.randbytes(luck.randrange(1, 400)),
            lambda: body.replace(b'"', luck.choice([b"'", b"\x00", b"\xff", b"\\"])),
            lambda: b"[" * luck.randrange(1, 90_000),
            lambda: json.dumps(luck.choice([None, 1, [], {}, "", [json.loads(body)]])).encode(),
            lambda: spoiled(body, luck),
            lambda: body + luck.choice([b"}", b"\x00", body, b",", b"NaN"]),
        ]
    )()


def spoiled(body: bytes, luck: random.Random) -> bytes:
    said = json.loads(body)
    name = luck.choice(["id", "type", "created", "livemode", "data"])
    wrong = [
        [],
        {},
        "",
        " ",
        "\x00",
        "é" * 300,
        -1,
        1e300,
        10**30,
        "x" * 5000,
        {"id": {}},
        "\ud800",
    ]
    said[name] = luck.choice(wrong)
    return body_of(said)


def forged(body: bytes, luck: random.Random) -> str:
    stamp = int(NOW.timestamp())
    return luck.choice(
        [
            "",
            luck.randbytes(40).hex(),
            f"t={stamp},v1={luck.randbytes(32).hex()}",
            f"t={stamp + luck.choice([-1, 1]) * luck.randrange(301, 10**9)},v1="
            + digest(body, SECRET, stamp),
            signature(body, "whsec_other"),
            signature(body + b" "),
            f"t={'9' * luck.randrange(13, 4000)},v1={'0' * 64}",
            ",".join(["v1=" + "0" * 64] * 100),
        ]
    )


@pytest.mark.parametrize("seed", range(8))
async def test_fuzzed_requests_are_all_refused_and_nothing_is_kept(
    seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    luck = random.Random(seed)  # noqa: S311 - a repeatable one
    async with world() as here:
        for _ in range(25):
            body = bent(FAILED, luck)
            assert 400 <= (await here.post(body))[0] < 500, body[:200]
            header = forged(FAILED, luck)
            assert 400 <= (await here.post(FAILED, header))[0] < 500, header[:200]
        assert here.inbox.kept == []
        assert (await here.post(FAILED))[0] == 200
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


async def test_a_refusal_logs_nothing_of_the_body(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with world() as here:
            await here.post(b'{"canary": "canary@example.com"')
            await here.post(b'{"canary": 1}', "t=1,v1=canary")
    assert [one.getMessage() for one in caplog.records if one.name == "bot"] == [
        "webhook_refused"
    ] * 2
    assert "canary" not in caplog.text
