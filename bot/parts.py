"""The parts of one process: clients opened, tied together, and closed again."""

import os
import secrets
import socket
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from bot import config as settings
from bot import office
from bot.arrivals import Arrivals
from bot.billing import Billing
from bot.case.effects import Effect
from bot.case.events import AnyEvent
from bot.case.ids import CaseId
from bot.casework import Casework
from bot.clock import Clock
from bot.config import Config
from bot.delivery.doubt import asks
from bot.delivery.mail import message_id
from bot.delivery.transport import Transport
from bot.ledger import Ledger
from bot.memory import Memory
from bot.office import Office
from bot.performers import Performers, performers, transport, writer
from bot.queue import Queue
from bot.recovery.errand import Errand
from bot.recovery.reconcile import Reconcile
from bot.recovery.restore import Restore
from bot.recovery.sweep import Sweep
from bot.recovery.timers import Timers
from bot.recovery.watch import Watch
from bot.review import door, listeners
from bot.review.commands.asking import Asking, Examine, never
from bot.review.connection import Take
from bot.review.deciding import Deciding
from bot.review.setup import Setup, Trouble
from bot.review.socket import Socket, over_socket
from bot.review.socket import socket as slack_socket
from bot.review.stale import Letters
from bot.store.db import Database
from bot.upkeep import upkeep
from bot.work import Outcome, only_cards
from bot.worker import Worker


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
    deciding: Deciding
    slack: Setup
    socket: Socket | None
    stripe: Billing
    reconcile: Reconcile
    watch: Watch
    restore: Restore

    @property
    def slack_troubles(self) -> tuple[Trouble, ...]:
        """The settings that Slack refused when it was last asked."""
        return (*self.slack.troubles, *(self.socket.troubles if self.socket else ()))

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """The same, and Stripe's."""
        return (*self.slack_troubles, *self.stripe.troubles, *self.reconcile.troubles)


@asynccontextmanager
async def tied(
    config: Config, clock: Clock, database: Database, *, examine: Examine, polls: bool = True
) -> AsyncGenerator[Parts]:
    """Everything that works cases. `polls`: Stripe is asked for what no webhook told."""
    async with AsyncExitStack() as stack:
        memory, ledger = Memory(database), Ledger(database, clock)
        slack = await stack.enter_async_context(office.opened(config, clock, ledger.holds_letters))
        billing = _billing(config, clock)
        stack.push_async_callback(billing.close)
        model, mail = writer(config, clock, stack), transport(config)
        perform = performers(
            config, clock, billing=billing, writer=model, channel=slack.channel, transport=mail
        )
        casework = Casework(database, clock, settings.policy(config), owner=_owner())
        kept = upkeep(
            config,
            clock,
            database,
            casework=casework,
            billing=billing,
            slack=slack,
            mail=mail,
            polls=polls,
        )
        errands = kept.errands
        worker = _worker(config, clock, database, casework, billing, slack, perform, mail, errands)
        deciding = _deciding(config, clock, memory, casework, worker, slack)
        asking = Asking(
            deciding=deciding,
            ledger=ledger,
            link=slack.rooms.link,
            journal=memory.journal,
            policy=settings.policy(config),
            wrong=lambda: parts.troubles,
            examine=examine,
            slack_api=config.slack_api_url,
            livemode=config.livemode,
            model_rests=model.rests_until if model else never,
        )
        bolt = listeners.bolt_app(deciding, asking)
        parts = Parts(
            database=database,
            memory=memory,
            ledger=ledger,
            casework=casework,
            worker=worker,
            door=listeners.dispatch(bolt),
            deciding=deciding,
            slack=slack.setup,
            socket=await _socket(config, clock, slack.client, over_socket(bolt), stack),
            stripe=billing,
            reconcile=kept.reconcile,
            restore=kept.restore,
            watch=kept.watch,
        )
        yield parts


def _billing(config: Config, clock: Clock) -> Billing:
    return Billing(
        config.stripe_api_key or "",
        clock=clock,
        base=config.stripe_api_base,
        link_hosts=frozenset(config.stripe_link_hosts),
    )


def _worker(  # noqa: PLR0913, PLR0917 - the root ties everything together
    config: Config,
    clock: Clock,
    database: Database,
    casework: Casework,
    billing: Billing,
    slack: Office,
    perform: Performers,
    mail: Transport,
    errands: list[Errand],
) -> Worker:
    def take(effect: Effect) -> bool:
        return worker.take(effect)

    queue = Queue(database, clock, owner=casework.owner)
    arrivals = Arrivals(billing, Memory(database), casework, take=take)
    timers = Timers(database, casework, clock, take=take)
    sweep = Sweep(database, casework, queue, clock, ask=asks(mail, clock), take=take)
    worker = Worker(
        queue=queue,
        casework=casework,
        performers=perform,
        arrived=arrivals.handle,
        ring=timers.ring,
        rounds=(sweep.round,),
        errands=errands,
        alarm=office.alarm(config, slack.channel),
        clock=clock,
    )
    return worker


def _deciding(  # noqa: PLR0913, PLR0917 - likewise
    config: Config,
    clock: Clock,
    memory: Memory,
    casework: Casework,
    worker: Worker,
    slack: Office,
) -> Deciding:
    async def press(case_id: CaseId, event: AnyEvent) -> Outcome:
        """A press is answered by its card at once: the same process redraws it."""
        outcome = await casework.happened(case_id, event, take=only_cards)
        worker.start(outcome.work)
        worker.wake()
        return outcome

    return Deciding(
        client=slack.client,
        people=slack.people,
        find=memory.case,
        happened=press,
        letters=Letters(asked=memory.asked, reader=slack.reader, policy=settings.policy(config)),
        clock=clock,
        desk=slack.desk,
        mailed=memory.handed_over,
        message_id=message_id,
        writes=bool(config.openai_api_key),
        locale=config.locale,
    )


async def _socket(
    config: Config, clock: Clock, client: AsyncWebClient, take: Take, stack: AsyncExitStack
) -> Socket | None:
    if not config.slack_app_token:
        return None
    made = slack_socket(client, config.slack_app_token, take, clock)
    return await stack.enter_async_context(made)


def _owner() -> str:
    """This process among all that share the database."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(4)}"
