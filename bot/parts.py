"""The parts of one process: clients built from the settings, and performers made of them."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import cast

from slack_sdk.web.async_client import AsyncWebClient

from bot import config as settings
from bot import gather
from bot.arrivals import Arrivals
from bot.billing import Billing
from bot.billing_reading import link_allowed
from bot.case.effects import Draft, Effect, Gather, HandOver, Look, Show, Tell
from bot.case.events import AnyEvent
from bot.case.ids import CaseId
from bot.case.model import Case
from bot.case.standing import CustomerRecord
from bot.casework import Casework, Outcome, only_cards
from bot.clock import Clock
from bot.config import Config
from bot.delivery.doubt import Asks, asks
from bot.delivery.handover import Letterhead, hands_over
from bot.delivery.mail import message_id
from bot.delivery.smtp import Smtp, server
from bot.delivery.transport import Transport
from bot.drafting.breaker import Sparing
from bot.drafting.draft import drafts
from bot.drafting.rulebook import vocabularies
from bot.drafting.writing import Closing, Late
from bot.ledger import Ledger
from bot.memory import Memory
from bot.queue import Queue
from bot.recovery.catching_up import CatchingUp
from bot.recovery.pauses import Announcements
from bot.recovery.reconcile import Reconcile
from bot.recovery.sweep import Sweep
from bot.recovery.timers import Timers
from bot.review import door, listeners
from bot.review.channel import Channel, Desk
from bot.review.client import slack_client
from bot.review.commands.asking import Asking, never
from bot.review.connection import Take
from bot.review.deciding import Deciding
from bot.review.rooms import Rooms
from bot.review.setup import Setup
from bot.review.socket import Socket, over_socket
from bot.review.socket import socket as slack_socket
from bot.review.stale import Letters
from bot.review.who import Directory
from bot.store.db import Database
from bot.store.inbox import ArrivalClaim
from bot.words import say
from bot.words.filling import clipped
from bot.words.reading import Reader
from bot.worker import Alarm, Errand, Performer, Worker

# The kinds of effect whose loss has a sentence of its own, by the first part of their keys.
LOST = frozenset({"gather", "draft", "show", "look"})
# Systems whose trouble is told once for all that it holds up.
SYSTEMS = frozenset({"stripe", "slack"})
PERFORMS = Mapping[type[Effect], Performer]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What one process is made of, once its settings are complete.

    `socket` is None where Slack reaches us by HTTP.
    """

    database: Database
    memory: Memory
    ledger: Ledger
    casework: Casework
    worker: Worker
    door: door.Take
    slack: Setup
    socket: Socket | None
    stripe: Billing
    reconcile: Reconcile


@asynccontextmanager
async def tied(
    config: Config, clock: Clock, database: Database, *, polls: bool = True
) -> AsyncGenerator[Parts]:
    """Clients opened, tied together, and closed again. `polls`: Stripe is asked what we missed."""
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(
            slack_client(config.slack_bot_token or "", config.slack_api_url, clock)
        )
        billing = _billing(config, clock)
        stack.push_async_callback(billing.close)
        rooms = Rooms(client, clock)
        people = _people(config, client, rooms)
        reader = Reader(company=config.company_name or "", link=say(config.locale, "link.kind"))
        desk = _desk(config)
        channel = Channel(
            client,
            rooms=rooms,
            people=people,
            clock=clock,
            desk=desk,
            read=reader.read,
            fingerprint=reader.fingerprint,
        )
        transport = _transport(config.mail_url or "")
        writer = _writer(config, clock, stack)
        performers = {
            **_reading(config, clock, billing),
            **_writing(config, clock, writer),
            **_showing(config, channel),
            HandOver: cast("Performer", hands_over(transport, _letterhead(config), clock)),
        }
        policy = settings.policy(config)
        casework = Casework(database, clock, policy, owner=_owner())
        memory = Memory(database)
        queue = Queue(database, clock, owner=casework.owner)
        alarm = _alarm(config, channel)
        ask = asks(transport, clock)
        reconcile = Reconcile(
            database,
            billing,
            clock,
            livemode=config.livemode,
            say=channel.tell,
            locale=config.locale,
        )
        polling = (reconcile.errand,) if polls else ()
        announcements = Announcements(database, clock, channel.announce)
        errands = (CatchingUp(database, clock).errand, announcements.errand, *polling)
        worker = _worker(
            database, clock, casework, queue, performers, billing, memory, alarm, ask, errands
        )

        async def press(case_id: CaseId, event: AnyEvent) -> Outcome:
            """A press is answered by its card at once: the same process redraws it."""
            outcome = await casework.happened(case_id, event, take=only_cards)
            worker.start(outcome.work)
            worker.wake()
            return outcome

        deciding = Deciding(
            client=client,
            people=people,
            find=memory.case,
            happened=press,
            letters=Letters(asked=memory.asked, reader=reader, policy=policy),
            clock=clock,
            desk=desk,
            mailed=memory.handed_over,
            message_id=message_id,
            writes=bool(config.openai_api_key),
            locale=config.locale,
        )
        setup = Setup(client, clock, settings.channels(config))
        asking = Asking(
            deciding=deciding,
            ledger=Ledger(database, clock),
            link=rooms.link,
            journal=memory.journal,
            policy=policy,
            wrong=lambda: (*setup.troubles, *billing.troubles),
            slack_api=config.slack_api_url,
            livemode=config.livemode,
            model_rests=writer.rests_until if writer else never,
        )
        bolt = listeners.bolt_app(deciding, asking)
        yield Parts(
            database=database,
            memory=memory,
            ledger=Ledger(database, clock),
            casework=casework,
            worker=worker,
            door=listeners.dispatch(bolt),
            slack=setup,
            socket=await _socket(config, clock, client, over_socket(bolt), stack),
            stripe=billing,
            reconcile=reconcile,
        )


def _billing(config: Config, clock: Clock) -> Billing:
    return Billing(
        config.stripe_api_key or "",
        clock=clock,
        base=config.stripe_api_base,
        link_hosts=frozenset(config.stripe_link_hosts),
    )


async def _socket(
    config: Config, clock: Clock, client: AsyncWebClient, take: Take, stack: AsyncExitStack
) -> Socket | None:
    if not config.slack_app_token:
        return None
    made = slack_socket(client, config.slack_app_token, take, clock)
    return await stack.enter_async_context(made)


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


def _worker(  # noqa: PLR0913, PLR0917 - the root ties everything together
    database: Database,
    clock: Clock,
    casework: Casework,
    queue: Queue,
    performers: PERFORMS,
    billing: Billing,
    memory: Memory,
    alarm: Alarm,
    ask: Asks,
    errands: Sequence[Errand],
) -> Worker:
    def take(effect: Effect) -> bool:
        return worker.take(effect)

    arrivals = Arrivals(billing, memory, casework, take=take)
    timers = Timers(database, casework, clock, take=take)
    sweep = Sweep(database, casework, queue, clock, ask=ask, take=take)
    worker = Worker(
        queue=queue,
        casework=casework,
        performers=performers,
        arrived=arrivals.handle,
        rounds=(sweep.round, timers.ring),
        errands=errands,
        alarm=alarm,
        clock=clock,
    )
    return worker


def _reading(config: Config, clock: Clock, billing: Billing) -> PERFORMS:
    listed = frozenset(key for key, _ in config.rules.metadata)
    sources = gather.Sources(billing=billing, clock=clock, listed=listed)
    return {
        Gather: cast("Performer", partial(gather.gather, sources=sources)),
        Look: cast("Performer", partial(gather.look, sources=sources)),
    }


def _writer(config: Config, clock: Clock, stack: AsyncExitStack) -> Sparing | None:
    if not config.openai_api_key:
        return None
    writer = Late(_model_writer(config))
    stack.push_async_callback(writer.close)
    return Sparing(writer, clock)


def _writing(config: Config, clock: Clock, writer: Sparing | None) -> PERFORMS:
    return {Draft: cast("Performer", drafts(writer, clock, company=config.company_name or ""))}


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


def _desk(config: Config) -> Desk:
    return Desk(
        review=config.review_channel or "",
        vip=config.vip_channel or config.review_channel or "",
        company=config.company_name or "",
        locale=config.locale,
        zone=config.timezone,
        test_recipient=config.test_mail_to,
    )


def _alarm(config: Config, channel: Channel) -> Alarm:
    async def told(claim: ArrivalClaim, trouble: str) -> None:
        said = say(config.locale, "error.unread", event=claim.arrival.id, trouble=trouble)
        await channel.tell(said)

    return told


def _showing(config: Config, channel: Channel) -> PERFORMS:
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
        await channel.tell(say(config.locale, "error.given_up", what=what, customer=customer))

    return {Show: show, Tell: told}


def _letterhead(config: Config) -> Letterhead:
    allowed = frozenset(config.stripe_link_hosts)
    return Letterhead(
        company=config.company_name or "",
        reply_to=config.mail_reply_to,
        link_allowed=partial(link_allowed, hosts=allowed, api_base=config.stripe_api_base),
    )


def _transport(url: str) -> Transport:
    if url.startswith("sendgrid:"):
        from bot.delivery.sendgrid import SendGrid, account  # noqa: PLC0415 - most use SMTP

        return SendGrid(account(url))
    return Smtp(server(url))


def _owner() -> str:
    """This process among all that share the database."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(4)}"
