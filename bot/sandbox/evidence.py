"""What the mailbox, Slack, Stripe and the journal hold, gathered to be held against each other."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from bot.case.ids import CaseId
from bot.review.actions import Press, decode
from bot.review.channel import EVENT_TYPE
from bot.sandbox.mailbox import Mail
from bot.sandbox.slack_state import Json, Message
from bot.sandbox.town import Town
from bot.store.journal import Entry

_MESSAGE_ID = re.compile(r"<send\.(?P<case>[\w-]+)\.(?P<revision>\d+)@[^<>@\s]+>")
_LAST_OF_PATH = re.compile(r"[^/?#]+(?=[?#]|$)")


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A delivered mail, and what its own headers and link say it belongs to."""

    mail: Mail
    case: CaseId | None
    revision: int
    at: datetime
    invoice: str

    @property
    def name(self) -> str:
        """What to call it in a complaint."""
        return f"the mail {self.mail.message['Message-ID']}"


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One version of a message: its blocks, and the buttons that could be pressed on it."""

    blocks: list[Json]
    presses: tuple[Press, ...]


@dataclass(frozen=True, kw_only=True)
class Card:
    """A message that stands for a case, with everything it ever showed; the last version is now."""

    case: CaseId
    channel: str
    versions: tuple[Drawn, ...]

    @property
    def now(self) -> list[Json]:
        """The blocks that stand there."""
        return self.versions[-1].blocks


@dataclass(frozen=True, kw_only=True)
class Story:
    """A case's journal, and where its chain does not hold."""

    case: CaseId
    entries: tuple[Entry, ...]
    breaks: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All of it. `failed` are the invoices whose failure Stripe told, `paid` when each was paid."""

    mails: tuple[Sent, ...]
    cards: tuple[Card, ...]
    stories: tuple[Story, ...]
    vip_channel: str
    test_address: str
    failed: tuple[str, ...]
    paid: dict[str, datetime]


async def collected(town: Town) -> Evidence:
    """Read everything again, as it is now."""
    world = town.stripe.world
    refused = [one.object["id"] for one in world.events if one.type == "invoice.payment_failed"]
    invoices = world.tables.get("invoice", {}).values()
    moments = {one["id"]: one["status_transitions"]["paid_at"] for one in invoices}
    return Evidence(
        mails=tuple(_sent(mail) for mail in town.mails()),
        cards=tuple(_cards(town)),
        stories=tuple([await _story(town, case) for case in await town.memory.case_ids()]),
        vip_channel=town.vip.id,
        test_address=str(town.config.test_mail_to),
        failed=tuple(dict.fromkeys(refused)),
        paid={name: datetime.fromtimestamp(at, UTC) for name, at in moments.items() if at},
    )


def _sent(mail: Mail) -> Sent:
    found = _MESSAGE_ID.fullmatch(str(mail.message["Message-ID"]))
    try:
        page = _LAST_OF_PATH.search(mail.link())
    except LookupError:
        page = None
    return Sent(
        mail=mail,
        case=CaseId(found["case"]) if found else None,
        revision=int(found["revision"]) if found else 0,
        at=parsedate_to_datetime(str(mail.message["Date"])),
        invoice=page[0] if page else "",
    )


def _cards(town: Town) -> Iterator[Card]:
    for message in town.slack.state.messages:
        mark = message.metadata or {}
        if mark.get("event_type") == EVENT_TYPE and "reply" not in mark["event_payload"]:
            case = CaseId(mark["event_payload"]["case"])
            drawn = tuple(_drawn(blocks) for blocks in _shown(message))
            yield Card(case=case, channel=message.channel, versions=drawn)


def _shown(message: Message) -> Iterator[list[Json]]:
    yield from (version.blocks for version in message.versions)
    yield message.blocks


def _drawn(blocks: list[Json]) -> Drawn:
    buttons = [part for one in blocks if one["type"] == "actions" for part in one["elements"]]
    presses = (decode(str(button.get("value", ""))) for button in buttons)
    return Drawn(blocks=blocks, presses=tuple(one for one in presses if one))


async def _story(town: Town, case: CaseId) -> Story:
    entries = await town.memory.journal(case)
    breaks = await town.memory.journal_breaks(case)
    return Story(case=case, entries=tuple(entries), breaks=tuple(breaks))
