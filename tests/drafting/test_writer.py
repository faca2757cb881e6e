"""The model's writer answers with words or with a reason, whatever the endpoint does."""

import asyncio
import json
import re
import socket
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from bot.case.letter import FixedBecause
from bot.drafting.asking import ask_about
from bot.drafting.prompt import Ask
from bot.drafting.writer import LONGEST, ModelWriter, words_of
from bot.drafting.writing import Words, fixed_because
from bot.errors import ModelTrouble
from bot.sandbox.model import HUGE, Model
from tests.drafting.letters import KNOWN, NOON, brief, case, writing

SLOW, DOWN, UNUSABLE = FixedBecause.SLOW, FixedBecause.DOWN, FixedBecause.UNUSABLE
LETTER = {"subject": "Your payment", "body": "Here you can pay: {pay_link}"}
Answers = Callable[[web.Request], Awaitable[web.StreamResponse]]


def ask() -> Ask:
    return ask_about(case(), brief(), KNOWN, NOON)


def completion(text: object, **choice: object) -> bytes:
    message = {"role": "assistant", "content": text, "refusal": None}
    answer = {"index": 0, "finish_reason": "stop", "message": message} | choice
    return json.dumps({"id": "chatcmpl-1", "choices": [answer]}).encode()


async def trouble(writer: ModelWriter) -> tuple[str, FixedBecause]:
    with pytest.raises(ModelTrouble) as raised:
        await writer.write(ask())
    return raised.value.code, fixed_because(raised.value)


def trouble_in(answer: bytes) -> str:
    with pytest.raises(ModelTrouble) as raised:
        words_of(answer)
    assert fixed_because(raised.value) is UNUSABLE
    return raised.value.code


class Endpoint:
    """A server that answers every call in one way."""

    def __init__(self, answers: Answers) -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", answers)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)

    async def __aenter__(self) -> str:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()


async def test_words_come_from_one_call(model: Model, writer: ModelWriter) -> None:
    words = await writer.write(ask())
    assert "{pay_link}" in words.body
    assert "{company}" in words.subject
    assert len(model.requests) == 1


async def test_the_endpoint_is_asked_for_a_strict_schema_without_lengths(
    model: Model, writer: ModelWriter
) -> None:
    await writer.write(ask())
    asked = model.requests[0]["response_format"]["json_schema"]
    assert asked["strict"] is True
    assert set(asked["schema"]["required"]) == {"subject", "body"}
    assert asked["schema"]["description"] == "A letter's subject and body."
    assert not re.search("length|pattern|format", json.dumps(asked), re.IGNORECASE)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("429", ("http_429", DOWN)),
        ("500", ("http_500", DOWN)),
        ("drop", ("unreachable", DOWN)),
        ("refusal", ("refusal", UNUSABLE)),
        ("length", ("length", UNUSABLE)),
        ("empty", ("empty", UNUSABLE)),
        ("bad_json", ("malformed", UNUSABLE)),
        ("not_json", ("malformed", UNUSABLE)),
        ("huge", ("too_long", UNUSABLE)),
    ],
)
async def test_each_trouble_has_a_code_and_is_tried_once(
    model: Model, writer: ModelWriter, kind: str, expected: tuple[str, FixedBecause]
) -> None:
    model.fault(kind, times=None)
    assert await trouble(writer) == expected
    assert len(model.requests) == 1


async def test_a_model_that_does_not_answer_is_given_up(model: Model) -> None:
    model.fault("hang")
    async with writing(model.base_url, seconds=0.2) as writer:
        assert await trouble(writer) == ("timeout", SLOW)


async def test_a_model_that_trickles_is_given_up() -> None:
    async def trickle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(b'{"choices": ')
        await asyncio.Event().wait()
        return response

    async with Endpoint(trickle) as url, writing(url, seconds=0.2) as writer:
        assert await trouble(writer) == ("timeout", SLOW)


async def test_an_endpoint_that_is_not_there_is_down() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with writing(f"http://127.0.0.1:{taken.getsockname()[1]}/v1") as writer:
            assert await trouble(writer) == ("unreachable", DOWN)


async def test_an_answer_that_breaks_off_is_down() -> None:
    async def broken(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "5000"})
        await response.prepare(request)
        await response.write(b'{"choices": ')
        assert request.transport is not None
        request.transport.abort()
        return response

    async with Endpoint(broken) as url, writing(url) as writer:
        assert await trouble(writer) == ("unreachable", DOWN)


async def test_a_wrong_key_and_a_wrong_model_are_down(model: Model) -> None:
    for key, name, status in (("sk-wrong", model.model, 401), (model.key, "gpt-none", 404)):
        writer = ModelWriter(key=key, model=name, base_url=model.base_url)
        assert await trouble(writer) == (f"http_{status}", DOWN)
        await writer.close()


async def test_a_redirect_is_not_followed(model: Model) -> None:
    async def elsewhere(_request: web.Request) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect(f"{model.base_url}/chat/completions")

    async with Endpoint(elsewhere) as url, writing(url) as writer:
        assert await trouble(writer) == ("http_307", DOWN)
    assert not model.requests


async def test_a_page_instead_of_an_answer_is_unusable() -> None:
    async def page(_request: web.Request) -> web.StreamResponse:
        return web.Response(text="<h1>Welcome</h1>", content_type="text/html")

    async with Endpoint(page) as url, writing(url) as writer:
        assert await trouble(writer) == ("malformed", UNUSABLE)


async def test_of_an_endless_answer_only_the_beginning_is_read() -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while sent < HUGE:
            await response.write(b"a" * 64 * 1024)
            sent += 64 * 1024
        return response

    async with Endpoint(endless) as url, writing(url) as writer:
        assert await trouble(writer) == ("too_long", UNUSABLE)
    # What fits into the buffers between the two comes on top of what was read.
    assert LONGEST <= sent < HUGE


async def test_waiting_for_a_slot_costs_nothing_of_the_deadline(model: Model) -> None:
    model.fault("hang", times=1)
    async with writing(model.base_url, slots=1, seconds=0.5) as writer:
        first = asyncio.create_task(writer.write(ask()))
        second = asyncio.create_task(writer.write(ask()))
        done, _ = await asyncio.wait({first, second}, return_when=asyncio.FIRST_COMPLETED)
        assert done == {first}
        assert isinstance(first.exception(), ModelTrouble)
        assert isinstance(await second, Words)


async def test_a_slot_is_given_back_after_trouble(model: Model) -> None:
    model.fault("500", times=3)
    async with writing(model.base_url, slots=1) as writer:
        for _ in range(3):
            assert await trouble(writer) == ("http_500", DOWN)
        assert isinstance(await writer.write(ask()), Words)


async def test_a_call_that_is_cancelled_is_not_a_trouble(model: Model) -> None:
    model.fault("hang")
    async with writing(model.base_url, slots=1) as writer:
        call = asyncio.create_task(writer.write(ask()))
        while not model.requests:
            await asyncio.wait({call}, timeout=0.01)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert isinstance(await writer.write(ask()), Words)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(LETTER),
        f"Here you are:\n```json\n{json.dumps(LETTER, indent=2)}\n```\nI hope it helps!",
        f'<think>Use {{pay_link}} and {{"a": 1}}.</think>\n{json.dumps(LETTER)}',
        f"{json.dumps(LETTER)}\n{json.dumps(LETTER | {'body': 'another'})}",
        json.dumps(LETTER | {"confidence": 0.9}),
        json.dumps({"subject": "Your payment ", "body": "\r\nHere you can pay: {pay_link}\n"}),
    ],
    ids=["plain", "wrapped", "thinking", "two", "more", "edges"],
)
def test_the_first_letter_in_the_text_is_taken(text: str) -> None:
    assert words_of(completion(text)) == Words(**LETTER)


def test_text_that_is_no_json_is_a_body() -> None:
    assert words_of(completion("Pay here:\r\n{pay_link}\n")) == Words(
        subject="", body="Pay here:\n{pay_link}"
    )


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"", "malformed"),
        (b"\xff\xfe", "malformed"),
        (b"[]", "malformed"),
        (b"null", "malformed"),
        (b"{}", "malformed"),
        (b'{"choices": null}', "malformed"),
        (b'{"choices": []}', "malformed"),
        (b'{"choices": [{}]}', "malformed"),
        (b'{"choices": [{"message": null}]}', "malformed"),
        (b'{"choices": [' * 50_000, "malformed"),
        (completion(7), "malformed"),
        (completion(["a"]), "malformed"),
        (completion(None), "empty"),
        (completion(" \n"), "empty"),
        (completion(json.dumps(LETTER | {"body": " "})), "empty"),
        (completion(json.dumps({"subject": "Only this"})), "malformed"),
        (completion(json.dumps(LETTER | {"body": 7})), "malformed"),
        (completion('{"a":' * 20_000), "malformed"),
        (completion(json.dumps(LETTER), finish_reason="length"), "length"),
        (completion(json.dumps(LETTER), finish_reason="content_filter"), "content_filter"),
    ],
)
def test_an_answer_without_a_letter_is_unusable(answer: bytes, code: str) -> None:
    assert trouble_in(answer) == code
