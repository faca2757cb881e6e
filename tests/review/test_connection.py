"""Each envelope is worked once, and answered once what it decides was saved."""

import asyncio
import logging

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.review.listeners import bolt_app
from bot.review.socket import over_socket
from bot.sandbox.slack_sockets import TRIES
from tests.review.conftest import Stage
from tests.review.connected import PATIENCE, Json, Office, Post, free, so


async def test_a_command_is_answered_over_the_connection(office: Office) -> None:
    await office.connected(free(answer={"text": "Four wait."}).take)
    assert (await office.asks()).problem is None
    assert [one.text for one in office.slack.state.ephemerals] == ["Four wait."]


async def test_what_takes_no_answer_is_acknowledged_without_one(office: Office) -> None:
    post = free(answer={"text": "Nobody may say this here."})
    await office.connected(post.take)
    assert (await office.slack.open_home(office.ana.id)).problem is None
    assert [one["event"]["type"] for one in post.taken] == ["app_home_opened"]
    assert "payload" not in office.slack.sockets.envelopes[0].answers[0]


async def test_nothing_is_acknowledged_before_it_is_done(office: Office) -> None:
    post = Post()
    await office.connected(post.take)
    asking = asyncio.create_task(office.asks())
    await so(lambda: bool(post.taken))
    (envelope,) = office.slack.sockets.envelopes
    assert envelope.answers == []
    post.may_go_on.set()
    assert (await asking).problem is None


async def test_an_envelope_that_comes_again_meanwhile_is_worked_once(office: Office) -> None:
    post = Post(answer={"text": "Once."})
    await office.connected(post.take)
    office.slack.sockets.again_after = 0
    asking = asyncio.create_task(office.asks())
    await so(lambda: [one.sent for one in office.slack.sockets.envelopes] == [TRIES])
    post.may_go_on.set()
    (envelope,) = office.slack.sockets.envelopes
    await so(lambda: len(envelope.answers) == TRIES)
    await asking
    assert len(post.taken) == 1


async def test_one_that_comes_again_afterwards_gets_the_answer_of_the_first(office: Office) -> None:
    post = free(answer={"text": "Once."})
    await office.connected(post.take)
    await office.asks()
    (envelope,) = office.slack.sockets.envelopes
    office.slack.sockets.drop()
    await so(lambda: office.slack.sockets.opened == 2)
    await office.slack.sockets.send_again(envelope)
    assert len(post.taken) == 1
    assert envelope.answers[0] == envelope.answers[1]


@pytest.mark.parametrize("broken", [True, False])
async def test_what_could_not_be_saved_is_not_acknowledged_and_tried_when_it_comes_again(
    office: Office, *, broken: bool
) -> None:
    taken: list[Json] = []

    async def take(payload: Json) -> Json | None:
        taken.append(payload)
        if len(taken) == 1 and broken:
            raise RuntimeError("the database is gone")
        return {} if len(taken) > 1 else None

    await office.connected(take)
    asking = asyncio.create_task(office.asks())
    await so(lambda: len(taken) == 1)
    office.slack.sockets.drop()
    assert (await asking).problem is None
    (envelope,) = office.slack.sockets.envelopes
    assert (len(taken), envelope.sent, len(envelope.answers)) == (2, 2, 1)


async def test_an_answer_whose_connection_broke_is_sent_over_the_next(office: Office) -> None:
    post = Post(answer={"text": "At last."})
    await office.connected(post.take)
    asking = asyncio.create_task(office.asks())
    await so(lambda: bool(post.taken))
    office.slack.sockets.drop()
    await so(lambda: office.slack.sockets.envelopes[0].sent == 2)
    post.may_go_on.set()
    assert (await asking).problem is None
    assert len(post.taken) == 1


async def test_nonsense_over_the_connection_is_survived_and_not_logged(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    post = free()
    await office.connected(post.take)
    (line,) = office.slack.sockets._lines
    for text in ("canary-1", "[]", "7", '{"type": []}', '{"type": "canary-2"}', "[" * 50_000):
        await line.send_str(text)
    assert (await office.asks()).problem is None
    assert len(post.taken) == 1
    said = "".join(one.getMessage() for one in caplog.records if one.name.startswith("bot"))
    assert "slack_message_unreadable" in said
    assert "canary" not in said


async def test_stopping_finishes_what_is_in_hand_and_takes_nothing_more(office: Office) -> None:
    post = Post()
    socket = await office.connected(post.take)
    asking = asyncio.create_task(office.asks())
    await so(lambda: bool(post.taken))
    socket.patience = PATIENCE
    stopping = asyncio.create_task(socket.stop())
    late = asyncio.create_task(office.asks())
    await so(lambda: len(office.slack.sockets.envelopes) == 2)
    post.may_go_on.set()
    await stopping
    assert (await asking).problem is None
    assert office.slack.sockets.open == 0
    assert len(post.taken) == 1
    other = free()
    await office.connected(other.take)
    assert (await late).problem is None
    assert len(other.taken) == 1


async def test_stopping_gives_up_what_takes_too_long(office: Office) -> None:
    post = Post()
    socket = await office.connected(post.take)
    asking = asyncio.create_task(office.asks())
    await so(lambda: bool(post.taken))
    socket.patience = 0
    await socket.stop()
    asking.cancel()
    assert office.slack.sockets.envelopes[0].answers == []


@pytest.fixture
def bolt(stage: Stage) -> AsyncApp:
    return bolt_app(stage.deciding)


@pytest.mark.parametrize(
    "said", [{}, {"text": "Hello."}, {"response_type": "ephemeral", "text": "Only you see this."}]
)
async def test_what_bolt_answers_is_what_the_envelope_gets(bolt: AsyncApp, said: Json) -> None:
    async def answered(ack: AsyncAck) -> None:
        await ack(**said)

    bolt.command("/other")(answered)
    assert await over_socket(bolt)({"command": "/other", "text": ""}) == said


async def test_what_no_listener_wants_is_not_acknowledged(bolt: AsyncApp) -> None:
    assert await over_socket(bolt)({"command": "/unknown", "text": ""}) is None
