"""Makes Slack show the present case: one message a question, changed in place, never twice.

A post is the only call that must not be repeated blindly: each carries the case and the question
as metadata, and after an attempt of unknown end the channel is searched for it first.
https://docs.slack.dev/messaging/message-metadata.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.case.effects import Show
from bot.case.events import Posted
from bot.case.ids import CaseId
from bot.case.letter import Basis, Letter
from bot.case.model import Case, Shown, State, Why
from bot.case.pause import Unsaid
from bot.case.standing import CustomerRecord
from bot.clock import Clock
from bot.errors import ChannelTrouble
from bot.log import tell
from bot.review.blocks import Message, View, alarm, card, ended, retired
from bot.review.client import slack_trouble
from bot.review.outcome import ended_as
from bot.review.pauses import told as pause_told
from bot.review.rooms import NOT_PRIVATE, Rooms
from bot.review.thread import is_for_all, is_vip_thread, reply, stands_with_vips, thread_wants
from bot.review.who import Directory

EVENT_TYPE: Final = "dunning_case"
_PAGE: Final = 200
_PAGES: Final = 5  # a burst of a thousand cards between an attempt and the next

# Slack's words for a message that can't be changed any more, and for a channel we can't speak in.
_OUT_OF_REACH: Final = frozenset(
    {"cant_update_message", "edit_window_closed", "channel_not_found"}
    | {"is_archived", "not_in_channel", NOT_PRIVATE}
)

# Whether a pause holds approved letters back.
Paused = Callable[[], Awaitable[bool]]
# The letter as it would leave: its subject, and its whole text with the kind of link.
Reading = Callable[[Letter, Basis], tuple[str, str]]
# The fingerprint of what would leave: a card's buttons carry it.
Fingerprint = Callable[[Letter, Basis], str]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What the operator set for Slack. Channels are ids or names; `zone` is an IANA name."""

    review: str
    vip: str
    company: str
    locale: str = "en"
    zone: str = "UTC"
    test_recipient: str | None = None
    dashboard: str = "https://dashboard.stripe.com"
    rules: int = 1


class Channel:
    """The performer of `Show`, and the voice for what is not about one case."""

    def __init__(  # noqa: PLR0913 - what it needs of others is handed in, each by name
        self,
        client: AsyncWebClient,
        *,
        rooms: Rooms,
        people: Directory,
        clock: Clock,
        desk: Desk,
        read: Reading,
        fingerprint: Fingerprint,
        paused: Paused | None = None,
    ) -> None:
        self._client = client
        self._rooms = rooms
        self._people = people
        self._clock = clock
        self._desk = desk
        self._read = read
        self._fingerprint = fingerprint
        self._paused = paused

    async def show(
        self,
        case: Case,
        known: CustomerRecord,  # noqa: ARG002 - all performers are called alike
        effect: Show,  # noqa: ARG002
        *,
        again: bool = False,
    ) -> Posted:
        """Show the present case; repeating it changes nothing. Raises ChannelTrouble.

        1. The message of the present question: posted, or changed. 2. Its thread. 3. Messages of
        older questions lose their buttons, once, and say how the case ended, once. `again` says
        that an earlier attempt at this effect may have posted already.
        """
        view = await self._view(case)
        shown = [one for one in case.shown if one.ask != case.ask]
        current = await self._present(case, view, again=again)
        current = await self._talk(case, view, current, again=again)
        older = [await self._retire(case, view, one, current, again=again) for one in shown]
        return Posted(
            at=self._clock.now(),
            shown=(*older, current),
            revision=case.revision,
            seen=view.seen,
        )

    async def tell(self, text: str, case: CaseId | None = None) -> None:
        """Say a plain sentence, perhaps about a case, in the review channel. Raises ChannelTrouble.

        What names a customer says whose case it is about: so it is found when they are erased.
        """
        await self._say(alarm(text), {"case": case} if case else {})

    async def announce(self, unsaid: Unsaid) -> None:
        """Say in the review channel that a pause began, or ended. Raises ChannelTrouble."""
        desk, now = self._desk, self._clock.now()
        view = View(locale=desk.locale, company=desk.company, zone=desk.zone, now=now)
        await self._say(pause_told(unsaid, view))

    async def _say(self, message: Message, marks: dict[str, Any] | None = None) -> None:
        await self._post(await self._rooms.safe(self._desk.review), message, marks or {})

    async def _view(self, case: Case) -> View:
        filled, seen = None, None
        if case.letter and case.basis:
            filled = self._read(case.letter, case.basis)
            seen = self._fingerprint(case.letter, case.basis)
        return View(
            locale=self._desk.locale,
            company=self._desk.company,
            zone=self._desk.zone,
            now=self._clock.now(),
            subject=filled[0] if filled else None,
            letter_text=filled[1] if filled else None,
            seen=seen,
            test_recipient=self._desk.test_recipient,
            dashboard=self._desk.dashboard,
            manager=await self._people.manager_of(case) if case.vip else None,
            rules=self._desk.rules,
            paused=await self._holds_back(case),
        )

    async def _holds_back(self, case: Case) -> bool:
        approved = case.state is State.APPROVED
        return approved and self._paused is not None and await self._paused()

    async def _present(self, case: Case, view: View, *, again: bool) -> Shown:
        """The message of the present question, showing the present case."""
        message = card(case, view)
        known = next((one for one in case.shown if one.ask == case.ask), None)
        if known and await self._changed(known, message):
            return known
        place = self._desk.vip if stands_with_vips(case) else self._desk.review
        room = await self._rooms.safe(place)
        marks = {"case": case.id, "ask": case.ask}
        found = await self._find(room, marks) if again else None
        if found and await self._update(room, found, message):
            return Shown(ask=case.ask, channel=room, ts=found)
        return Shown(ask=case.ask, channel=room, ts=await self._post(room, message, marks))

    async def _changed(self, known: Shown, message: Message) -> bool:
        """Whether a message could be changed where it stands; else another has to take its place.

        A channel that others can read by now is not told how things went on.
        """
        try:
            room = await self._rooms.safe(known.channel)
            return await self._update(room, known.ts, message)
        except ChannelTrouble as trouble:
            if trouble.code in _OUT_OF_REACH:
                return False
            raise

    async def _talk(self, case: Case, view: View, shown: Shown, *, again: bool) -> Shown:
        """What the thread has not been told yet; in the same words never twice."""
        for kind in thread_wants(case, shown.replies):
            if kind in shown.replies:
                continue
            marks = {"case": case.id, "ask": shown.ask, "reply": kind}
            if not (again and await self._find(shown.channel, marks, thread=shown.ts)):
                said = reply(kind, case, view)
                await self._post(
                    shown.channel, said, marks, thread=shown.ts, for_all=is_for_all(kind)
                )
            shown = replace(shown, replies=(*shown.replies, kind))
        return shown

    async def _retire(
        self, case: Case, view: View, old: Shown, current: Shown, *, again: bool
    ) -> Shown:
        """An older question loses its buttons and points on; at the end it says how it ended.

        Where that can't be done for good (a channel was archived, we were removed), the present
        question must not wait for it.
        """
        outcome = ended_as(case)
        if old.retired and old.ended is outcome:
            return old
        try:
            await self._redraw(case, view, old, current)
            if old.replies and not is_vip_thread(case):
                old = await self._talk(case, view, old, again=again)
        except ChannelTrouble as trouble:
            if not trouble.permanent:
                raise
            tell("card_not_retired", level=logging.WARNING, code=trouble.code)
        return replace(old, retired=True, ended=outcome)

    async def _redraw(self, case: Case, view: View, old: Shown, current: Shown) -> None:
        """An older message keeps its words, unless the case was erased."""
        room = await self._rooms.safe(old.channel)
        if case.why is Why.ERASED:
            await self._update(room, old.ts, card(case, view))
            return
        blocks = await self._standing_blocks(old)
        if blocks is None:
            return
        newer = await self._rooms.link(current.channel, current.ts)
        after = retired(blocks, view.locale, newer) if case.open else ended(blocks, case, view)
        await self._update(room, old.ts, after)

    async def _standing_blocks(self, old: Shown) -> tuple[dict[str, Any], ...] | None:
        """What stands there now: only Slack still knows the words of an older letter."""
        with slack_trouble():
            answer = await self._client.conversations_history(
                channel=old.channel, latest=old.ts, oldest=old.ts, inclusive=True, limit=1
            )
        found = [one for one in answer["messages"] if one["ts"] == old.ts]
        return tuple(found[0].get("blocks", ())) if found else None

    async def _post(
        self,
        room: str,
        message: Message,
        marks: dict[str, Any],
        thread: str | None = None,
        *,
        for_all: bool = False,
    ) -> str:
        metadata = {"event_type": EVENT_TYPE, "event_payload": marks}
        with slack_trouble():
            answer = await self._client.chat_postMessage(
                channel=room,
                text=message.text,
                blocks=list(message.blocks),
                metadata=metadata if marks else None,
                thread_ts=thread,
                reply_broadcast=for_all,
                unfurl_links=False,
                unfurl_media=False,
            )
        return str(answer["ts"])

    async def _update(self, room: str, ts: str, message: Message) -> bool:
        """Whether the message still stood there to be changed."""
        try:
            with slack_trouble():
                await self._client.chat_update(
                    channel=room, ts=ts, text=message.text, blocks=list(message.blocks)
                )
        except ChannelTrouble as trouble:
            if trouble.code == "message_not_found":
                return False
            raise
        return True

    async def _find(
        self, room: str, marks: dict[str, Any], thread: str | None = None
    ) -> str | None:
        """The ts of a message of ours that carries exactly these marks, newest pages first."""
        cursor: str | None = None
        for _ in range(_PAGES):
            options: dict[str, Any] = {
                "channel": room,
                "limit": _PAGE,
                "cursor": cursor,
                "include_all_metadata": True,
            }
            with slack_trouble():
                answer = await (
                    self._client.conversations_replies(ts=thread, **options)
                    if thread
                    else self._client.conversations_history(**options)
                )
            for one in answer["messages"]:
                if (one.get("metadata") or {}).get("event_payload") == marks:
                    return str(one["ts"])
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
        return None
