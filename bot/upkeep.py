"""What is done now and then beside the cases: each errand, tied to what it needs."""

from dataclasses import dataclass
from functools import partial

from bot import config as settings
from bot.billing import Billing
from bot.casework import Casework
from bot.clock import Clock
from bot.config import Config
from bot.delivery.doubt import asks
from bot.delivery.transport import Transport
from bot.office import Office
from bot.recovery import catching_up, erasing, pauses, reconcile, restore, retention
from bot.recovery.erasing import Erasing
from bot.recovery.errand import Errand
from bot.recovery.pauses import Announcements
from bot.recovery.reconcile import Reconcile
from bot.recovery.restore import Restore
from bot.recovery.retention import Retention
from bot.recovery.watch import Watch
from bot.review.redaction import Redaction
from bot.store.db import Database
from bot.store.identity import Identity


@dataclass(frozen=True, kw_only=True)
class Upkeep:
    """`restore` looks before anything can be claimed, and is an errand as well.

    `watch` is none: that no worker runs is what it is to notice.
    """

    errands: list[Errand]
    reconcile: Reconcile
    restore: Restore
    watch: Watch


def upkeep(  # noqa: PLR0913 - each by name
    config: Config,
    clock: Clock,
    database: Database,
    *,
    casework: Casework,
    billing: Billing,
    slack: Office,
    mail: Transport,
    polls: bool,
) -> Upkeep:
    """`polls`: Stripe is asked for what no webhook told."""
    heard = _reconcile(config, clock, database, billing, slack)
    restored = _restore(config, clock, database, casework, mail)
    told = Announcements(database, clock, slack.channel.announce)
    redaction = Redaction(slack.client, slack.rooms, slack.desk, clock)
    erases = Erasing(database, casework, redaction, clock)
    forgets = Retention(database, casework, clock, keeps=config.retention)
    errands = [
        Errand(clock, catching_up.LOOKS_EVERY, partial(catching_up.catch_up, database)),
        Errand(clock, pauses.LOOKS_EVERY, told.look),
        Errand(clock, erasing.LOOKS_EVERY, erases.look),
        Errand(clock, restore.LOOKS_EVERY, restored.look, at_once=False),
        Errand(clock, retention.EVERY, forgets.look, at_once=False),
        *([Errand(clock, reconcile.EVERY, heard.look)] if polls else []),
    ]
    watch = Watch(database, clock, slack.channel.tell, locale=config.locale)
    return Upkeep(errands=errands, reconcile=heard, restore=restored, watch=watch)


def _reconcile(
    config: Config, clock: Clock, database: Database, billing: Billing, slack: Office
) -> Reconcile:
    return Reconcile(
        database,
        billing,
        clock,
        livemode=config.livemode,
        say=slack.channel.tell,
        locale=config.locale,
    )


def _restore(
    config: Config, clock: Clock, database: Database, casework: Casework, mail: Transport
) -> Restore:
    return Restore(
        database,
        Identity(database, config.database_url),
        casework,
        clock,
        ask=asks(mail, clock),
        policy=settings.policy(config),
    )
