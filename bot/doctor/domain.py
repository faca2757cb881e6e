"""Whether DNS says of MAIL_FROM's domain what receivers look for: SPF, DKIM and DMARC.

A letter that lands in spam wins nothing back. Nothing is asked where the mail server is on this
machine or a neighbour: there nothing leaves.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from bot.addresses import private
from bot.config import Config
from bot.doctor import providers, spf
from bot.doctor.finding import Finding, Verdict, ok, skipped, unknown, wrong
from bot.doctor.names import Texts
from bot.doctor.providers import Provider
from bot.words.filling import split_sender

SECONDS: Final = 8.0  # for one check: all of its names
# Of DKIM's keys, one without a p= is none, and an empty one was revoked: RFC 6376, section 3.6.1.
_KEY: Final = re.compile(r"(?:^|;)\s*p\s*=\s*[A-Za-z0-9+/]")
_TAG: Final = re.compile(r"(?P<name>[a-z]+)\s*=(?P<value>.*)", re.IGNORECASE | re.DOTALL)
_POLICIES: Final = frozenset({"none", "quarantine", "reject"})
_LABELS: Final = 2  # of the shortest name that can be a company's

Judge = Callable[[str, Provider | None, Texts], Awaitable[Verdict]]


async def examined(config: Config, texts: Texts) -> list[Finding]:
    """The findings about the domain that letters come from."""
    return await asyncio.gather(
        *(_asked(name, judge, config, texts) for name, judge in _JUDGES.items())
    )


async def dkim(domain: str, provider: Provider | None, texts: Texts) -> Verdict:
    """Whether the provider's key is there. Where it stands is known of few providers."""
    if provider is None or not provider.selectors:
        return unknown("anywhere", domain=domain)
    places = [f"{one}._domainkey.{domain}" for one in provider.selectors]
    said = await asyncio.gather(*map(texts, places))
    keys = zip(places, said, strict=True)
    found = [place for place, held in keys if any(map(_KEY.search, held or ()))]
    if found:
        return ok(place=found[0])
    if None in said:
        return unknown("silent", domain=domain)
    return unknown("none", provider=provider.name, places=", ".join(places))


async def dmarc(domain: str, _provider: Provider | None, texts: Texts) -> Verdict:
    """What receivers are to do with a letter that proves to be nobody's."""
    for name in _where(domain):
        said = await texts(f"_dmarc.{name}")
        if said is None:
            return unknown("silent", domain=domain)
        records = [tags for tags in map(_tags, said) if tags.get("v") == "DMARC1"]
        if len(records) > 1:
            return wrong("several", domain=name)
        if records and records[0].get("psd") != "y":
            return _policy(records[0], name, below=name != domain)
    return wrong("none", domain=domain)


def _where(domain: str) -> list[str]:
    """The domain itself, and then the company's above it: RFC 7489, section 6.6.3.

    Which one that is would take the list of public suffixes. In its place stands the shortest name
    that has a record, as RFC 7489's successor has it; a registry's own says so (`psd=y`).
    """
    labels = domain.split(".")
    above = [".".join(labels[at:]) for at in range(1, len(labels) - _LABELS + 1)]
    return [domain, *reversed(above)]


def _tags(record: str) -> Mapping[str, str]:
    found = [_TAG.fullmatch(part.strip()) for part in record.split(";")]
    return {one["name"].lower(): one["value"].strip() for one in found if one}


def _policy(tags: Mapping[str, str], name: str, *, below: bool) -> Verdict:
    policy = tags.get("p", "").lower()
    if below:
        policy = tags.get("sp", policy).lower()
    if policy not in _POLICIES:
        return wrong("lawless", domain=name)
    return ok("watches" if policy == "none" else "ok", domain=name, policy=policy)


_JUDGES: Final[Mapping[str, Judge]] = {
    "mail.spf": spf.judged,
    "mail.dkim": dkim,
    "mail.dmarc": dmarc,
}


async def _asked(name: str, judge: Judge, config: Config, texts: Texts) -> Finding:
    return Finding(name=name, verdict=await _verdict(judge, config, texts))


async def _verdict(judge: Judge, config: Config, texts: Texts) -> Verdict:
    for setting, value in (("MAIL_FROM", config.mail_from), ("MAIL_URL", config.mail_url)):
        if not value:
            return skipped("missing", setting=setting)
    host = providers.host(config.mail_url or "")
    if private(host):
        return skipped("here")
    domain = split_sender(config.mail_from or "")[1].rpartition("@")[2].lower()
    try:
        async with asyncio.timeout(SECONDS):
            return await judge(domain, providers.known(host), texts)
    except TimeoutError:
        return unknown("silent", domain=domain)
