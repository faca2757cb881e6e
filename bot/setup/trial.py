"""One test card to the channel, one test mail to the operator: by the ways that real ones go."""

import asyncio
import secrets
from html import escape
from typing import Final

from bot.clock import Clock
from bot.config import Config
from bot.delivery.mail import message_id
from bot.delivery.transport import Mail
from bot.doctor.finding import Finding, ok, refused, wrong
from bot.doctor.mail import sentence_for
from bot.errors import ChannelTrouble, SendFailed, SendUnclear
from bot.performers import transport
from bot.review.client import slack_client, slack_trouble
from bot.review.foreign import inert
from bot.review.parts import Message, context, header, mrkdwn, says
from bot.review.rooms import Rooms
from bot.review.setup import OF_THE_TOKEN, TOKEN
from bot.words import say
from bot.words.filling import split_sender

_SECONDS: Final = 20.0  # Heroku's router gives a request thirty


async def card(config: Config, clock: Clock, channel: str, place: str) -> Finding:
    """Post a test card, where a real one may stand; `place` says which deployment it is of."""
    try:
        async with (
            asyncio.timeout(_SECONDS),
            slack_client(config.slack_bot_token or "", config.slack_api_url, clock) as client,
        ):
            room = await Rooms(client, clock).safe(channel, now=True)
            message = _card(config, place)
            with slack_trouble():
                await client.chat_postMessage(
                    channel=room, text=message.text, blocks=list(message.blocks)
                )
    except TimeoutError:
        return Finding(name="slack.review_channel", verdict=wrong("late", seconds=round(_SECONDS)))
    except ChannelTrouble as trouble:
        setting = TOKEN if trouble.code in OF_THE_TOKEN else "REVIEW_CHANNEL"
        named = refused(setting, trouble.code)
        passing = wrong("trouble", code=trouble.code)
        return Finding(name="slack.review_channel", verdict=named if trouble.permanent else passing)
    return Finding(name="slack.review_channel", verdict=ok())


def recipient(config: Config) -> str:
    """Whom a test mail goes to: never an address that somebody typed."""
    return config.test_mail_to or split_sender(config.mail_from or "")[1]


async def mail(config: Config, clock: Clock) -> Finding | None:
    """Send a test mail to the operator; None when nobody can know whether it left."""
    try:
        async with asyncio.timeout(_SECONDS):
            await transport(config).send(_mail(config, clock))
    except (SendUnclear, TimeoutError):
        return None
    except SendFailed as trouble:
        found = wrong(sentence_for(trouble.code), code=trouble.code)
        return Finding(name="mail.login", verdict=found)
    return Finding(name="mail.login", verdict=ok())


def _card(config: Config, place: str) -> Message:
    title = say(config.locale, "setup.card.title")
    company = config.company_name or "Dunning Desk"
    body = say(config.locale, "setup.card.body", company=inert(company))
    foot = say(config.locale, "setup.card.foot", place=inert(place))
    return Message(
        text=f"{title}. {body}", blocks=(header(title), says(body), context(mrkdwn(foot)))
    )


def _mail(config: Config, clock: Clock) -> Mail:
    sender = config.mail_from or ""
    subject = say(
        config.locale, "setup.mail.subject", company=config.company_name or "Dunning Desk"
    )
    text = say(config.locale, "setup.mail.body")
    return Mail(
        message_id=message_id(f"setup/{secrets.token_hex(8)}", sender),
        sender=sender,
        reply_to=config.mail_reply_to,
        recipient=recipient(config),
        subject=subject,
        text=f"{text}\n",
        html=f"<!doctype html><title>{escape(subject)}</title><p>{escape(text)}</p>",
        language=config.locale,
        date=clock.now(),
    )
