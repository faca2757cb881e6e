"""What people in Slack meet: the channel's cards, and what their presses and commands need."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from bot import config as settings
from bot.clock import Clock
from bot.config import Config
from bot.review.channel import Channel, Desk, Paused
from bot.review.client import slack_client
from bot.review.rooms import Rooms
from bot.review.setup import Setup
from bot.review.who import Directory
from bot.store.arrival_rows import ArrivalClaim
from bot.words import say
from bot.words.reading import Reader
from bot.worker import Alarm


@dataclass(frozen=True, kw_only=True)
class Office:
    """Slack as this process has it; `setup` watches whether it can be used as it is set up."""

    client: AsyncWebClient
    rooms: Rooms
    people: Directory
    desk: Desk
    reader: Reader
    channel: Channel
    setup: Setup


@asynccontextmanager
async def opened(config: Config, clock: Clock, paused: Paused) -> AsyncGenerator[Office]:
    """The client opened, and closed again."""
    token = config.slack_bot_token or ""
    async with slack_client(token, config.slack_api_url, clock) as client:
        rooms = Rooms(client, clock)
        people = _people(config, client, rooms)
        desk = _desk(config)
        reader = Reader(company=config.company_name or "", link=say(config.locale, "link.kind"))
        channel = Channel(
            client,
            rooms=rooms,
            people=people,
            clock=clock,
            desk=desk,
            read=reader.read,
            fingerprint=reader.fingerprint,
            paused=paused,
        )
        yield Office(
            client=client,
            rooms=rooms,
            people=people,
            desk=desk,
            reader=reader,
            channel=channel,
            setup=Setup(client, clock, settings.channels(config)),
        )


def alarm(config: Config, channel: Channel) -> Alarm:
    """Tells the review channel that an event of Stripe's can't be read."""

    async def told(claim: ArrivalClaim, trouble: str) -> None:
        said = say(config.locale, "error.unread", event=claim.arrival.id, trouble=trouble)
        await channel.tell(said)

    return told


def _people(config: Config, client: AsyncWebClient, rooms: Rooms) -> Directory:
    return Directory(
        client,
        rooms,
        channel=config.review_channel or "",
        vip_channel=config.vip_channel,
        approvers=frozenset(config.approvers),
        default_manager=config.account_manager,
        locale=config.locale,
    )


def _desk(config: Config) -> Desk:
    return Desk(
        review=config.review_channel or "",
        vip=config.vip_channel or config.review_channel or "",
        company=config.company_name or "",
        locale=config.locale,
        zone=config.timezone,
        test_recipient=config.test_mail_to,
    )
