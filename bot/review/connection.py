"""One connection of Socket Mode: what Slack sends over it is answered over it, once it was saved.

https://docs.slack.dev/apis/events-api/using-socket-mode. Nothing of a message is logged.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

import aiohttp

from bot.log import tell

Json = dict[str, Any]
# Does what a payload decides; what Slack is told, {}: nothing. None: it is to send it again.
Take = Callable[[Json], Awaitable[Json | None]]

_REMEMBERED: Final = 200  # envelopes; Slack sends one again within minutes, or never


class Answers:
    """Each envelope is worked once, however often and over however many connections it comes.

    A second one gets the answer of the first, so that nobody is told that they were too late for
    their own press. Other processes don't know of it: there the case refuses what is done already.
    """

    def __init__(self, take: Take) -> None:
        self._take = take
        self._known: dict[str, asyncio.Task[Json | None]] = {}

    async def to(self, envelope: str, payload: Json) -> Json | None:
        """What Slack is told. The work goes on when whoever waits for it is cancelled."""
        working = self._known.get(envelope)
        if working is None:
            working = self._known[envelope] = asyncio.create_task(self._worked(envelope, payload))
            for oldest in list(self._known)[:-_REMEMBERED]:
                if self._known[oldest].done():
                    del self._known[oldest]
        return await asyncio.shield(working)

    async def finish(self, within: float) -> None:
        """Wait so many seconds for what is in hand; what takes longer is given up, unanswered."""
        working = [one for one in self._known.values() if not one.done()]
        if not working:
            return
        _, late = await asyncio.wait(working, timeout=within)
        for one in late:
            one.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _worked(self, envelope: str, payload: Json) -> Json | None:
        answer: Json | None = None
        try:
            answer = await self._take(payload)
        except Exception as error:  # noqa: BLE001 - the last edge: told, and Slack sends it again
            tell("slack_request_failed", level=logging.WARNING, error=error)
        finally:
            if answer is None:
                self._known.pop(envelope, None)  # the next try is a new one
        return answer


class Connection:
    """Owns one websocket. `leaving` is set when it ends, or Slack said why it is about to."""

    def __init__(self, websocket: aiohttp.ClientWebSocketResponse, answers: Answers) -> None:
        self._websocket = websocket
        self._answers = answers
        self._replying: set[asyncio.Task[None]] = set()
        self._deaf = False
        self._greeted = asyncio.Event()
        self.leaving = asyncio.Event()
        self.why = "closed"
        self.app = ""  # whose presses come over it, as Slack says in its greeting
        self._listening = asyncio.create_task(self._listen())

    async def greeted(self) -> bool:
        """Wait until Slack says hello; False when it ended instead."""
        await self._greeted.wait()
        return not self.leaving.is_set()

    def take_nothing_more(self) -> None:
        """What comes from now on stays unanswered: Slack sends it elsewhere, or again."""
        self._deaf = True

    async def close(self, within: float) -> None:
        """Send the answers that are in hand, at most so many seconds, and hang up."""
        if self._replying:
            await asyncio.wait(self._replying, timeout=within)
        for one in [*self._replying]:
            one.cancel()
        await self._websocket.close()
        await asyncio.gather(self._listening, *self._replying, return_exceptions=True)

    async def _listen(self) -> None:
        try:
            async for message in self._websocket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._heard(message.data)
        finally:
            self.leaving.set()
            self._greeted.set()

    def _heard(self, text: str) -> None:
        try:
            said = json.loads(text)
            kind = said["type"]
            envelope = None if kind in {"hello", "disconnect"} else str(said["envelope_id"])
            payload = said["payload"] if envelope else {}
        except (LookupError, RecursionError, TypeError, ValueError):
            tell("slack_message_unreadable", level=logging.WARNING)
            return
        if kind == "hello":
            told = said.get("connection_info")
            self.app = str(told.get("app_id") or "") if isinstance(told, dict) else ""
            self._greeted.set()
        elif kind == "disconnect":
            self.why = str(said.get("reason"))
            self.leaving.set()
            self._greeted.set()
        elif envelope and not self._deaf:
            wants_more = said.get("accepts_response_payload") is True
            self._reply(self._replied(envelope, payload, wants_more=wants_more))

    def _reply(self, replying: Awaitable[None]) -> None:
        task = asyncio.ensure_future(replying)
        self._replying.add(task)
        task.add_done_callback(self._replying.discard)

    async def _replied(self, envelope: str, payload: Json, *, wants_more: bool) -> None:
        answer = await self._answers.to(envelope, payload)
        if answer is None:
            return
        reply: Json = {"envelope_id": envelope}
        if answer and wants_more:
            reply["payload"] = answer
        try:
            await self._websocket.send_json(reply)
        except (aiohttp.ClientError, OSError):
            tell("slack_answer_lost", level=logging.WARNING)  # Slack sends it again
