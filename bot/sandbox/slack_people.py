"""What people do in Slack: press, choose, fill in, call, open; each sent to the bot.

It goes signed to the bot's address, or over its own connection when Socket Mode is on.
"""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp

from bot.sandbox import slack_answers, slack_payloads, slack_views
from bot.sandbox.slack_directory import open_im
from bot.sandbox.slack_payloads import Given, NotThereError
from bot.sandbox.slack_sockets import NOBODY, Sockets, problem_with
from bot.sandbox.slack_state import Ephemeral, Json, Message, View, Workspace

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
# Slack shows an error to the person after three seconds; we wait longer to see what would come.
PATIENCE_SECONDS: Final = 3.0
GIVE_UP_SECONDS: Final = 15.0


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the bot answered, in how many real seconds, to which body.

    problem: what the person would see as an error of Slack's, in a sentence; None: all is well.
    """

    status: int
    body: str
    seconds: float
    sent: bytes
    problem: str | None = None


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Slack's v0 signature: https://docs.slack.dev/authentication/verifying-requests-from-slack."""
    digest = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256)
    return f"v0={digest.hexdigest()}"


class People:
    """The people of a workspace, in front of their screens.

    bot_url: where the bot listens. gives_up_after: seconds until an answer is no more waited for;
    patience: after so many it is a problem.
    """

    def __init__(
        self,
        state: Workspace,
        *,
        signing_secret: str,
        bot_url: str,
        gives_up_after: float = GIVE_UP_SECONDS,
    ) -> None:
        self.state = state
        self.signing_secret = signing_secret
        self.bot_url = bot_url
        self.patience = PATIENCE_SECONDS
        self.sockets = Sockets(state)
        self._gives_up_after = gives_up_after
        self._session: aiohttp.ClientSession | None = None

    async def press(  # noqa: PLR0913 - a press is all of this
        self,
        user: str,
        channel: str,
        ts: str,
        action_id: str,
        *,
        value: Given = None,
        block_id: str | None = None,
    ) -> Answer:
        """Press a button, or choose value in a menu, of a message as it stands now.

        For a button, value stands in for its own: an old or a forged press.
        NotThereError when there is no such message, button or choice.
        """
        payload = self.pressing(user, channel, ts, action_id, value=value, block_id=block_id)
        return await self.send_payload(payload)

    def pressing(  # noqa: PLR0913 - as press
        self,
        user: str,
        channel: str,
        ts: str,
        action_id: str,
        *,
        value: Given = None,
        block_id: str | None = None,
    ) -> Json:
        """The payload of a press, unsent: to be sent later, twice or by many at once."""
        shown = self._on_screen(user, channel, ts)
        place, element = slack_payloads.find(shown.blocks, action_id, block_id)
        action = slack_payloads.pressed(place, element, value, self.state.stamp("actions"))
        return slack_payloads.message_action(self.state, user=user, shown=shown, action=action)

    async def press_in_view(
        self, view_id: str, action_id: str, *, value: Given = None, block_id: str | None = None
    ) -> Answer:
        """Press or choose in a modal or a Home, as the person who looks at it."""
        view = self._open_view(view_id)
        place, element = slack_payloads.find(view.content["blocks"], action_id, block_id)
        action = slack_payloads.pressed(place, element, value, self.state.stamp("actions"))
        payload = slack_payloads.view_action(self.state, view=view, action=action)
        return await self.send_payload(payload)

    async def submit_view(
        self, user: str, view_id: str, state_values: Mapping[str, Given] | None = None
    ) -> Answer:
        """Fill in fields by block_id and press the submit button; the rest stays as it was typed.

        NotLetError for what Slack's form refuses by itself: a required field left empty, a length.
        """
        view = self._open_view(view_id, user)
        fields = {**view.typed, **(state_values or {})}
        payload = slack_payloads.submission(self.state, view=view, given=fields)
        view.typed = fields
        answer = await self.send_payload(payload)
        if answer.problem:
            return answer
        problem = slack_answers.to_submission(self.state, view, answer.body)
        return replace(answer, problem=problem)

    async def close_view(self, user: str, view_id: str) -> Answer | None:
        """Close a modal. None when it did not ask to be told (notify_on_close)."""
        view = self._open_view(view_id, user)
        view.is_open = False
        if not view.content.get("notify_on_close"):
            return None
        return await self.send_payload(slack_payloads.closing(self.state, view=view))

    async def command(self, user: str, channel: str, name: str, text: str = "") -> Answer:
        """Call a slash command; what the bot answers is shown."""
        fields = slack_payloads.command(
            self.state, user=user, channel=channel, name=name, text=text
        )
        if self.sockets.on:
            answer = await self._by_socket("slash_commands", dict(fields), takes_answer=True)
        else:
            answer = await self.post_signed(urlencode(fields).encode())
        if answer.problem:
            return answer
        problem = slack_answers.to_command(self.state, user, channel, answer.body)
        return replace(answer, problem=problem)

    async def open_home(self, user: str) -> Answer:
        """Open the app's Home tab."""
        inner: Json = {
            "type": "app_home_opened",
            "user": user,
            "channel": open_im(self.state, [user]).id,
            "tab": "home",
            "event_ts": self.state.stamp("events"),
        }
        home = slack_views.home_of(self.state, user)
        if home:
            inner["view"] = slack_views.as_json(self.state, home)
        return await self.event(inner)

    async def event(self, inner: Json) -> Answer:
        """Send something that happened, as the Events API does."""
        payload = slack_payloads.event(self.state, inner)
        if self.sockets.on:
            return await self._by_socket("events_api", payload)
        return await self.post_signed(json.dumps(payload).encode(), content_type=JSON)

    async def send_payload(self, payload: Json) -> Answer:
        """Send an interaction: as a form with one field, or as an envelope."""
        if self.sockets.on:
            takes_answer = payload["type"] == "view_submission"
            return await self._by_socket("interactive", payload, takes_answer=takes_answer)
        return await self.post_signed(urlencode({"payload": json.dumps(payload)}).encode())

    async def post_signed(
        self,
        body: bytes | str,
        *,
        secret: str | None = None,
        timestamp: datetime | int | str | None = None,
        content_type: str = FORM,
    ) -> Answer:
        """Send any body with our signature, or with another secret or time.

        The timestamp is the clock's, unless given (aware, Unix seconds, or any header text).
        """
        sent = body.encode() if isinstance(body, str) else body
        stamp = self._header_time(timestamp)
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": sign(secret or self.signing_secret, stamp, sent),
        }
        return await self._deliver(sent, headers)

    async def hang_up(self) -> None:
        """Give back the connections to the bot."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _by_socket(self, kind: str, payload: Json, *, takes_answer: bool = False) -> Answer:
        """The answer as HTTP would have it: 200 and a body, or 0 when nobody acknowledged it."""
        began = time.perf_counter()
        sent = json.dumps(payload).encode()
        status, body = 0, ""
        problem: str | None = NOBODY
        with suppress(TimeoutError):
            async with asyncio.timeout(self._gives_up_after):
                envelope = await self.sockets.deliver(kind, payload, takes_answer=takes_answer)
            problem = problem_with(envelope)
            if envelope.answers:
                status, said = HTTPStatus.OK, envelope.answers[-1].get("payload")
                body = json.dumps(said) if said else ""
        seconds = time.perf_counter() - began
        problem = problem or _problem(status, seconds, self.patience)
        return Answer(status=status, body=body, seconds=seconds, sent=sent, problem=problem)

    async def _deliver(self, sent: bytes, headers: dict[str, str]) -> Answer:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=self._gives_up_after)
            self._session = aiohttp.ClientSession(timeout=timeout)
        began = time.perf_counter()
        url = f"{self.bot_url.rstrip('/')}/slack/events"
        try:
            async with self._session.post(url, data=sent, headers=headers) as response:
                status, body = response.status, await response.text()
        except (TimeoutError, aiohttp.ClientError) as broken:
            status, body = 0, f"{type(broken).__name__}: {broken}"
        seconds = time.perf_counter() - began
        problem = _problem(status, seconds, self.patience)
        return Answer(status=status, body=body, seconds=seconds, sent=sent, problem=problem)

    def _header_time(self, given: datetime | int | str | None) -> str:
        moment: Any = self.state.clock.now() if given is None else given
        return str(int(moment.timestamp())) if isinstance(moment, datetime) else str(moment)

    def _on_screen(self, user: str, channel: str, ts: str) -> Message | Ephemeral:
        message = self.state.message(channel, ts)
        if message is not None:
            return message
        for each in self.state.ephemerals:
            if (each.channel, each.ts, each.user) == (channel, ts, user) and not each.deleted:
                return each
        raise NotThereError(f"{user} sees no message {ts} in {channel}")

    def _open_view(self, view_id: str, user: str | None = None) -> View:
        view = self.state.views.get(view_id)
        if view is None or not view.is_open or user not in (None, view.user):
            raise NotThereError(f"{user or 'nobody'} has no open view {view_id}")
        return view


def _problem(status: int, seconds: float, patience: float) -> str | None:
    if status == 0:
        return "the bot did not answer"
    if status != HTTPStatus.OK:
        return f"the bot answered {status}"
    if seconds > patience:
        return f"the bot took {seconds:.1f} s; Slack waits {patience:.0f}"
    return None
