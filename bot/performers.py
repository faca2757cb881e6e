"""What carries out each kind of effect: a performer made of the clients and the settings."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial
from importlib import import_module
from typing import cast

from bot import gather
from bot.billing import Billing
from bot.billing_reading import link_allowed
from bot.case.effects import Draft, Effect, Gather, HandOver, Look, Show, Tell
from bot.case.events import AnyEvent
from bot.case.model import Case
from bot.case.standing import CustomerRecord
from bot.clock import Clock
from bot.config import Config
from bot.delivery.handover import Letterhead, hands_over
from bot.delivery.smtp import Smtp, server
from bot.delivery.transport import Transport
from bot.drafting.breaker import Sparing
from bot.drafting.draft import drafts
from bot.drafting.rulebook import vocabularies
from bot.drafting.writing import Closing, Late
from bot.review.channel import Channel
from bot.words import say
from bot.words.filling import clipped
from bot.worker import Performer

# The kinds of effect whose loss has a sentence of its own, by the first part of their keys.
LOST = frozenset({"gather", "draft", "show", "look"})
# Systems whose trouble is told once for all that it holds up.
SYSTEMS = frozenset({"stripe", "slack"})
Performers = Mapping[type[Effect], Performer]


def performers(  # noqa: PLR0913 - what they are made of, each by name
    config: Config,
    clock: Clock,
    *,
    billing: Billing,
    writer: Sparing | None,
    channel: Channel,
    transport: Transport,
) -> Performers:
    """One for every kind of effect that there is."""
    return {
        **_reading(config, clock, billing),
        Draft: cast("Performer", drafts(writer, clock, company=config.company_name or "")),
        **_showing(config, channel),
        HandOver: cast("Performer", hands_over(transport, _letterhead(config), clock)),
    }


def writer(config: Config, clock: Clock, stack: AsyncExitStack) -> Sparing | None:
    """The model, left alone while it is in trouble; None where none is set. `stack` closes it."""
    if not config.openai_api_key:
        return None
    made = Late(_model_writer(config))
    stack.push_async_callback(made.close)
    return Sparing(made, clock)


def transport(config: Config) -> Transport:
    """The way out for letters."""
    url = config.mail_url or ""
    if url.startswith("sendgrid:"):
        from bot.delivery.sendgrid import SendGrid, account  # noqa: PLC0415 - most use SMTP

        return SendGrid(account(url))
    return Smtp(server(url))


def _reading(config: Config, clock: Clock, billing: Billing) -> Performers:
    listed = frozenset(key for key, _ in config.rules.metadata)
    sources = gather.Sources(billing=billing, clock=clock, listed=listed)
    return {
        Gather: cast("Performer", partial(gather.gather, sources=sources)),
        Look: cast("Performer", partial(gather.look, sources=sources)),
    }


async def _model_writer(config: Config) -> Closing:
    # A second of importing, and of making the guard's patterns: events are taken meanwhile.
    await asyncio.to_thread(import_module, "bot.drafting.writer")
    await asyncio.to_thread(vocabularies)
    from bot.drafting.writer import ModelWriter  # noqa: PLC0415

    return ModelWriter(
        key=config.openai_api_key or "",
        base_url=config.openai_base_url,
        model=config.openai_model,
    )


def _showing(config: Config, channel: Channel) -> Performers:
    async def show(case: Case, known: CustomerRecord, effect: Effect) -> AnyEvent:
        again = isinstance(effect, Show) and effect.again
        return await channel.show(case, known, cast("Show", effect), again=again)

    async def told(case: Case, _known: CustomerRecord, effect: Effect) -> None:
        kind, _, rest = effect.lost.partition("/") if isinstance(effect, Tell) else ("", "", "")
        if kind in SYSTEMS:
            await channel.tell(say(config.locale, f"error.{kind}", trouble=rest))
            return
        what = say(config.locale, f"error.lost_{kind}" if kind in LOST else "error.lost_other")
        name = case.facts.customer.name if case.facts else None
        customer = clipped(name) or case.key.customer
        lost = say(config.locale, "error.given_up", what=what, customer=customer)
        await channel.tell(lost, case.id)

    return {Show: show, Tell: told}


def _letterhead(config: Config) -> Letterhead:
    allowed = frozenset(config.stripe_link_hosts)
    return Letterhead(
        company=config.company_name or "",
        reply_to=config.mail_reply_to,
        link_allowed=partial(link_allowed, hosts=allowed, api_base=config.stripe_api_base),
    )
