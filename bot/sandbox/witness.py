"""Prints what is new in the counterparts and the journal; what nobody holds is never printed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from time import perf_counter
from typing import TypeVar

from bot.case.ids import CaseId
from bot.sandbox import readings
from bot.sandbox.mailbox import Mail
from bot.sandbox.slack import Answer, Ephemeral, Message
from bot.sandbox.stripe_ledger import Event
from bot.sandbox.terminal import Screen
from bot.sandbox.town import Town

_MOST_ARRIVALS = 50
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class _News:
    """One new thing. `rank`: in one second Stripe comes first and Slack last."""

    at: datetime | None
    rank: int
    tell: Callable[[], None]


class Witness:
    """Looks at the town again and again, and tells each thing once."""

    def __init__(self, town: Town, screen: Screen) -> None:
        self._town = town
        self._screen = screen
        self._events = self._requests = self._mails = self._whispers = 0
        self._messages: dict[tuple[str, str], int] = {}
        self._arrivals: set[str] = set()
        self._framed: set[str] = set()
        self.first_card: float | None = None  # by perf_counter: real seconds

    @property
    def names(self) -> dict[str, str]:
        """Slack's people by id."""
        return {user.id: user.real_name for user in self._town.slack.state.users.values()}

    def look(self) -> None:
        """Tell what is new, in the order in which it happened."""
        found = [*self._stripe(), *self._model(), *self._mailbox(), *self._slack()]
        start = min((one.at for one in found if one.at), default=datetime.min.replace(tzinfo=UTC))

        def order(one: _News) -> tuple[int, int]:
            return int((one.at or start).timestamp()), one.rank

        for one in sorted(found, key=order):
            one.tell()

    def pressed(self, answer: Answer) -> None:
        """A press, by the bytes that were sent and the answer that came."""
        who, label = readings.pressed(answer.sent, self.names)
        took = f"{answer.seconds * 1000:.0f} ms"
        said = answer.problem or f"the bot answered {answer.status} in {took}"
        self._screen.said(self._town.clock.now(), "Slack", f"{who} pressed [{label}]; {said}.")

    async def journal(self, case_id: CaseId) -> None:
        """The way a case went."""
        entries = await self._town.memory.journal(case_id)
        if entries:
            path = readings.path_of(entries)
            self._screen.said(entries[-1].at, "Journal", f"{len(entries)} rows: {path}.")

    async def arrivals(self) -> None:
        """Stripe's events that the bot keeps and that this town's Stripe has not made."""
        ours = {event.id for event in self._town.stripe.world.events}
        for kept in await self._town.memory.newest_arrivals(_MOST_ARRIVALS):
            if kept.id in ours | self._arrivals or kept.state in {"ready", "claimed"}:
                continue
            self._arrivals.add(kept.id)
            case = f" It belongs to {kept.case_id}." if kept.case_id else " No case is opened."
            text = f"{kept.type} ({kept.id}) came from outside: {kept.state}.{case}"
            self._screen.said(kept.received_at, "Inbox", text)

    # What each counterpart holds that was not told yet.

    def _stripe(self) -> Iterator[_News]:
        new, self._events = _since(self._town.stripe.world.events, self._events)
        for event in new:
            if event.type in readings.TOLD:
                at = datetime.fromtimestamp(event.created, UTC)
                yield _News(at=at, rank=0, tell=partial(self._event, at, event))

    def _model(self) -> Iterator[_News]:
        new, self._requests = _since(self._town.model.requests, self._requests)
        for request in new:
            text = readings.asked(request)
            tell = partial(self._screen.said, None, "Model", text)
            yield _News(at=None, rank=1, tell=tell)

    def _mailbox(self) -> Iterator[_News]:
        new, self._mails = _since(self._town.mailbox.mails, self._mails)
        for mail in new:
            at = parsedate_to_datetime(str(mail.message["Date"]))
            yield _News(at=at, rank=2, tell=partial(self._mail, at, mail))

    def _slack(self) -> Iterator[_News]:
        for message in self._town.slack.state.messages:
            place, told = (message.channel, message.ts), len(message.versions) + 1
            if self._messages.get(place) == told:
                continue
            at = _moment(message.edited or message.ts)
            show = self._changed if place in self._messages else self._posted
            self._messages[place] = told
            yield _News(at=at, rank=3, tell=partial(show, at, message))
        new, self._whispers = _since(self._town.slack.state.ephemerals, self._whispers)
        for one in new:
            yield _News(at=_moment(one.ts), rank=3, tell=partial(self._whisper, one))

    # How each kind of thing is told.

    def _event(self, at: datetime, event: Event) -> None:
        text = readings.told(event, self._town.stripe.world)
        tries = [one for one in self._town.stripe.webhooks.deliveries if one.event == event.id]
        answer = f" The bot answered {tries[-1].status}." if tries else " The bot was not told."
        self._screen.said(at, "Stripe", text + answer)

    def _mail(self, at: datetime, mail: Mail) -> None:
        size, to = len(mail.raw), ", ".join(mail.recipients)
        self._screen.said(at, "Mailbox", f"{size} bytes came for {to}.")
        if self._first("mail"):
            headers = ("From", "Reply-To", "To", "Subject", "Message-ID")
            head = [f"{name}: {mail.message[name]}" for name in headers if mail.message[name]]
            self._screen.frame("a mail", "\n".join([*head, "---", mail.text_part().rstrip()]))
        else:
            self._screen.beneath([f"Subject: {mail.subject}", mail.link()])

    def _posted(self, at: datetime, message: Message) -> None:
        channel = f"#{self._town.slack.state.channels[message.channel].name}"
        self.first_card = self.first_card or perf_counter()
        if message.thread_ts not in {None, message.ts}:
            self._screen.said(at, "Slack", f"A reply in the thread in {channel}:")
            self._screen.beneath(readings.whole(message.blocks, self.names, at).splitlines())
        elif self._first(channel):
            self._screen.said(at, "Slack", f"A card stands in {channel}:")
            text = readings.whole(message.blocks, self.names, at)
            self._screen.frame(channel, text)
        else:
            self._screen.said(at, "Slack", f"A card stands in {channel}:")
            self._screen.beneath(readings.brief(message, self.names, at))

    def _changed(self, at: datetime, message: Message) -> None:
        lines = readings.news(message, self.names, at)
        if lines:
            self._screen.said(at, "Slack", "The card changed in place:")
            self._screen.beneath(lines)

    def _whisper(self, one: Ephemeral) -> None:
        who = self.names.get(one.user, one.user)
        self._screen.said(_moment(one.ts), "Slack", f"Only {who} sees:")
        self._screen.beneath([one.text])

    def _first(self, kind: str) -> bool:
        seen = kind in self._framed
        self._framed.add(kind)
        return not seen


def _since(known: list[_T], count: int) -> tuple[list[_T], int]:
    return known[count:], len(known)


def _moment(ts: str) -> datetime:
    return datetime.fromtimestamp(float(ts), UTC)
