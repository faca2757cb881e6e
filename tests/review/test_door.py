"""Only what Slack signed lately gets to Bolt, and nothing of the rest is kept."""

import io
import json
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.review import actions
from tests.review.conftest import Stage
from tests.review.stories import REVIEW
from tests.review.test_listeners import happened, press, shown

JSON = "application/json"
PRESS = urlencode({"payload": json.dumps({"type": "block_actions", "actions": []})}).encode()


@pytest.mark.parametrize("secret", ["next-secret", None])
async def test_every_current_secret_is_good(stage: Stage, secret: str | None) -> None:
    channel, ts = await shown(stage, REVIEW)
    payload = stage.slack.pressing(stage.ana.id, channel, ts, actions.APPROVE)
    body = urlencode({"payload": json.dumps(payload)}).encode()
    assert (await stage.slack.post_signed(body, secret=secret)).status == 200
    assert len(happened(stage)) == 1


async def test_a_wrong_secret_is_refused(stage: Stage) -> None:
    assert (await stage.slack.post_signed(PRESS, secret="old-secret")).status == 401


@pytest.mark.parametrize("seconds", [-301, 301, -315360000, 315360000])
async def test_a_skewed_clock_is_refused_both_ways(stage: Stage, seconds: int) -> None:
    at = stage.clock.now() + timedelta(seconds=seconds)
    assert (await stage.slack.post_signed(PRESS, timestamp=at)).status == 401


@pytest.mark.parametrize("stamp", ["", "now", "-1", "1e9", "9" * 40, "١٢٣"])
async def test_a_timestamp_that_is_no_number_is_refused(stage: Stage, stamp: str) -> None:
    assert (await stage.slack.post_signed(PRESS, timestamp=stamp)).status in {400, 401}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", JSON),
        (b"\xff\xfe\x00", JSON),
        (b"{", JSON),
        (b"[]", JSON),
        (b"null", JSON),
        (b"payload=", "application/x-www-form-urlencoded"),
        (b"payload=%7B", "application/x-www-form-urlencoded"),
        (b"payload=%5B%5D", "application/x-www-form-urlencoded"),
        (b"payload=%7B%22type%22%3A%22block_actions%22%7D", "application/x-www-form-urlencoded"),
        (b'{"type":"event_callback","event":7}', JSON),
        (b"\x00" * 64, "text/plain"),
        (b"payload=" + b"[" * 50_000, "application/x-www-form-urlencoded"),
    ],
)
async def test_signed_nonsense_gets_a_4xx_and_no_event(
    stage: Stage, body: bytes, content_type: str
) -> None:
    answer = await stage.slack.post_signed(body, content_type=content_type)
    assert 400 <= answer.status < 500
    assert happened(stage) == []


async def test_a_body_over_a_mebibyte_is_refused(stage: Stage) -> None:
    size = 1024 * 1024
    assert (await post_raw(stage, io.BytesIO(b"x" * (size + 1)))).status == 413


async def test_a_body_that_hides_its_size_is_refused_too(stage: Stage) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 65536

    assert (await post_raw(stage, chunks())).status == 413


@pytest.mark.parametrize("coding", ["gzip", "GZIP, identity", "zstd"])
async def test_a_compressed_body_is_refused_unread(stage: Stage, coding: str) -> None:
    answer = await post_raw(stage, io.BytesIO(b"{}"), {"Content-Encoding": coding})
    assert answer.status == 415


async def post_raw(
    stage: Stage, data: object, headers: dict[str, str] | None = None
) -> aiohttp.ClientResponse:
    url = f"{stage.slack.bot_url}/slack/events"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=data, headers=headers) as response,
    ):
        await response.read()
        return response


async def test_an_unsigned_request_is_refused_and_nothing_of_it_is_logged(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = await stage.slack.post_signed(b"canary-4711", secret="wrong")
    assert answer.status == 401
    assert len(answer.body.splitlines()) == 1
    assert "canary" not in answer.body + caplog.text


async def test_a_verified_press_is_not_logged_either(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="bot")
    caplog.set_level(logging.DEBUG, logger="slack_bolt")
    await press(stage, REVIEW, actions.APPROVE)
    said = [
        one.getMessage() for one in caplog.records if one.name.startswith(("bot", "slack_bolt"))
    ]
    assert not [one for one in said if "Ana Torres" in one or "payload" in one]


async def test_slacks_own_check_of_the_address_is_answered(stage: Stage) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c-1", "token": "t"}).encode()
    answer = await stage.slack.post_signed(body, content_type=JSON)
    assert (answer.status, "c-1" in answer.body) == (200, True)
