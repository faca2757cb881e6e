"""The whole visit: every system at once, and the findings always in the same order."""

import asyncio
from collections.abc import Callable

from dns.asyncresolver import Resolver

from bot import config as settings
from bot.clock import Clock
from bot.config import Config
from bot.doctor import database, domain, mail, model, names, place, slack, stripe
from bot.doctor.finding import Finding, ok, wrong


async def examined(
    config: Config, clock: Clock, *, resolver: Callable[[], Resolver] = names.system
) -> list[Finding]:
    """Everything that was found. Never raises for what another system does or leaves."""
    parts = await asyncio.gather(
        database.examined(config, clock),
        slack.examined(config, clock),
        stripe.examined(config, clock),
        model.examined(config),
        mail.examined(config),
        domain.examined(config, names.texts_of(resolver)),
        place.examined(config),
    )
    return [_settings(config), *(one for part in parts for one in part)]


def _settings(config: Config) -> Finding:
    missing = settings.missing(config)
    verdict = wrong("missing", settings=", ".join(missing)) if missing else ok()
    return Finding(name="settings", verdict=verdict)
