"""Takes what names an erased customer out of Slack: our messages are replaced, people's counted.

Every message of ours that is about a case says so in its metadata: cards, replies, lines about work
that was given up. They are looked for in the channels and in the threads under them. Doing it twice
changes nothing. https://docs.slack.dev/reference/methods/conversations.history and .replies.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.case.erasure import Cleaned, Erasure, Place
from bot.case.model import Case
from bot.clock import Clock
from bot.errors import ChannelTrouble
from bot.review.blocks import card
from bot.review.channel import EVENT_TYPE, Desk
from bot.review.client import slack_trouble
from bot.review.erasure import agreed, asked, ended, erased
from bot.review.parts import Message, View
from bot.review.rooms import Rooms

Json = dict[str, Any]

_PAGE: Final = 200
_WAITS: Final = 30  # times that Slack may ask for a pause before one call
_LONGEST_WAIT: Final = 60.0  # seconds
# Somebody deleted it: nothing is left to be changed.
_GONE: Final = frozenset({"message_not_found", "thread_not_found"})
# These are about our whole app, and may be mended: everything is tried again later.
_OF_THE_APP: Final = frozenset(
    {"invalid_auth", "not_authed", "token_expired", "token_revoked", "account_inactive"}
    | {"not_slack", "ekm_access_denied", "org_login_required"}
)


@dataclass(kw_only=True)
class _Tally:
    """What a round found so far."""

    seen: set[tuple[str, str]] = field(default_factory=set)
    ours: int = 0
    typed: list[Place] = field(default_factory=list)
    stuck: list[Place] = field(default_factory=list)

    def total(self) -> Cleaned:
        return Cleaned(ours=self.ours, typed=tuple(self.typed), stuck=tuple(self.stuck))


class Redaction:
    """Asks the second person, says how it ended, and cleans up in between."""

    def __init__(self, client: AsyncWebClient, rooms: Rooms, desk: Desk, clock: Clock) -> None:
        self._client = client
        self._rooms = rooms
        self._desk = desk
        self._clock = clock

    async def ask(self, erasure: Erasure, name: str | None) -> tuple[str, str]:
        """The question, posted in the review channel, never twice. Raises ChannelTrouble."""
        return await self._put(erasure, asked(erasure, name, self._view()))

    async def agree(self, erasure: Erasure) -> tuple[str, str]:
        """It names nobody from now on, and has no buttons. Raises ChannelTrouble."""
        return await self._put(erasure, agreed(erasure, self._view()))

    async def end(self, erasure: Erasure, cleaned: Cleaned) -> tuple[str, str]:
        """How it ended. Raises ChannelTrouble."""
        links = {one: await self._link(one) for one in (*cleaned.typed, *cleaned.stuck)}
        return await self._put(erasure, ended(erasure, cleaned, links, self._view()))

    async def clean(self, erasure: Erasure, cases: Sequence[Case]) -> Cleaned:
        """Replace every message of ours about these cases. Raises ChannelTrouble for what passes.

        What can't be changed or read for good is told, and not tried again.
        """
        view, tally = self._view(), _Tally()
        bare = erased(erasure, view)
        if erasure.channel and erasure.ts:  # what people said of the request, beneath it
            await self._thread(erasure.channel, erasure.ts, agreed(erasure, view), bare, tally)
        for case in cases:
            for one in case.shown:
                await self._thread(one.channel, one.ts, card(case, view), bare, tally)
        if cases:
            since = min(one.opened_at for one in cases)
            about = [{"case": one.id} for one in cases] + [{"erasure": erasure.number}]
            for room in await self._channels(cases):
                await self._channel(room, since, about, bare, tally)
        return tally.total()

    async def _channels(self, cases: Sequence[Case]) -> list[str]:
        places = (self._desk.review, self._desk.vip)
        named = [found for one in places if one and (found := await self._known(one))]
        shown = [one.channel for case in cases for one in case.shown]
        return list(dict.fromkeys([*named, *shown]))

    async def _known(self, place: str) -> str | None:
        """A channel that is not found by its name any more keeps nobody waiting."""
        try:
            return await self._rooms.id_of(place)
        except ChannelTrouble as trouble:
            _unless_passing(trouble)
            return None

    async def _channel(
        self, room: str, since: datetime, about: Sequence[Json], bare: Message, tally: _Tally
    ) -> None:
        """What is about these and was not met yet: cards left over, lost work, older questions."""
        try:
            async for one in self._history(room, since):
                if any(mark.items() <= _marks(one).items() for mark in about):
                    await self._thread(room, str(one["ts"]), bare, bare, tally)
        except ChannelTrouble as trouble:
            _unless_passing(trouble)
            tally.stuck.append(Place(channel=room, ts=""))

    async def _thread(self, room: str, ts: str, top: Message, bare: Message, tally: _Tally) -> None:
        """A message of ours, and all that stands under it."""
        if (room, ts) in tally.seen:
            return
        tally.seen.add((room, ts))
        typed = stuck = 0
        bot = (await self._rooms.home()).bot
        try:
            async for one in self._replies(room, ts):
                tally.seen.add((room, str(one["ts"])))
                if one.get("user") == bot:
                    done = await self._replaced(room, one, top if one["ts"] == ts else bare)
                    tally.ours, stuck = tally.ours + done, stuck + (not done)
                elif one.get("subtype") != "tombstone":
                    typed += 1
        except ChannelTrouble as trouble:
            _unless_passing(trouble)
            if trouble.code not in _GONE:
                # Read it we can't; what is known to stand there may still be changed.
                await self._replaced(room, {"ts": ts}, top)
                stuck += 1
        tally.typed += [Place(channel=room, ts=ts, count=typed)] if typed else []
        tally.stuck += [Place(channel=room, ts=ts, count=stuck)] if stuck else []

    async def _replaced(self, room: str, one: Json, wanted: Message) -> bool:
        """Whether it stands there no more as it was."""
        if one.get("text") == wanted.text:
            return True
        try:
            await self._update(room, str(one["ts"]), wanted)
        except ChannelTrouble as trouble:
            _unless_passing(trouble)
            return trouble.code in _GONE
        return True

    async def _put(self, erasure: Erasure, message: Message) -> tuple[str, str]:
        """The request's own message, changed where it stands, or posted if it stands nowhere."""
        if erasure.channel and erasure.ts:
            try:
                await self._update(erasure.channel, erasure.ts, message)
            except ChannelTrouble as trouble:
                _unless_passing(trouble)
            else:
                return erasure.channel, erasure.ts
        room = await self._rooms.safe(self._desk.review)
        marks = {"erasure": erasure.number}
        if erasure.tried:
            async for one in self._history(room, erasure.asked_at):
                if _marks(one) == marks and await self._replaced(room, one, message):
                    return room, str(one["ts"])
        return room, await self._post(room, message, marks)

    async def _post(self, room: str, message: Message, marks: Json) -> str:
        metadata = {"event_type": EVENT_TYPE, "event_payload": marks}
        with slack_trouble():
            answer = await self._client.chat_postMessage(
                channel=room,
                text=message.text,
                blocks=list(message.blocks),
                metadata=metadata,
                unfurl_links=False,
                unfurl_media=False,
            )
        return str(answer["ts"])

    async def _update(self, room: str, ts: str, message: Message) -> None:
        async def once() -> AsyncSlackResponse:
            return await self._client.chat_update(
                channel=room, ts=ts, text=message.text, blocks=list(message.blocks)
            )

        await self._patiently(once)

    async def _history(self, room: str, since: datetime) -> AsyncIterator[Json]:
        """What stands in a channel since then, newest first, with what our messages say of them."""
        oldest = f"{since.timestamp() - 1:.6f}"

        async def page(cursor: str | None) -> AsyncSlackResponse:
            return await self._client.conversations_history(
                channel=room, oldest=oldest, limit=_PAGE, cursor=cursor, include_all_metadata=True
            )

        async for one in self._pages(page):
            yield one

    async def _replies(self, room: str, ts: str) -> AsyncIterator[Json]:
        """A message, and its thread."""

        async def page(cursor: str | None) -> AsyncSlackResponse:
            return await self._client.conversations_replies(
                channel=room, ts=ts, limit=_PAGE, cursor=cursor
            )

        async for one in self._pages(page):
            yield one

    async def _pages(
        self, page: Callable[[str | None], Awaitable[AsyncSlackResponse]]
    ) -> AsyncIterator[Json]:
        cursor: str | None = None
        while True:
            answer = await self._patiently(lambda at=cursor: page(at))  # type: ignore[misc]
            for one in answer["messages"]:
                yield one
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return

    async def _patiently(
        self, call: Callable[[], Awaitable[AsyncSlackResponse]]
    ) -> AsyncSlackResponse:
        """Once Slack lets us: a busy channel is read to its end, not from the start again."""
        for _ in range(_WAITS):
            try:
                with slack_trouble():
                    return await call()
            except ChannelTrouble as trouble:
                wait = trouble.retry_after or 1.0
                if trouble.code != "ratelimited" or wait > _LONGEST_WAIT:
                    raise
            await self._clock.sleep(wait)
        raise ChannelTrouble("ratelimited", retry_after=_LONGEST_WAIT)

    async def _link(self, place: Place) -> str:
        if place.ts:
            return await self._rooms.link(place.channel, place.ts)
        return f"{(await self._rooms.home()).url}archives/{place.channel}"

    def _view(self) -> View:
        desk = self._desk
        return View(locale=desk.locale, company=desk.company, zone=desk.zone, now=self._clock.now())


def _marks(one: Json) -> Json:
    """What a message of ours says of itself; nothing for those of other apps."""
    found = one.get("metadata") or {}
    return dict(found.get("event_payload") or {}) if found.get("event_type") == EVENT_TYPE else {}


def _unless_passing(trouble: ChannelTrouble) -> None:
    """Raises what a later try may find mended."""
    if not trouble.permanent or trouble.code in _OF_THE_APP:
        raise trouble
