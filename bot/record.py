"""The record, for who must answer for it: whether it is whole, and what each mail comes from.

Needs the database and no other setting, reads only, and names nobody but by their ids.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from bot.case.ids import CaseId
from bot.config import Config
from bot.delivery.mail import message_id
from bot.errors import CaseUnknown, Misconfigured
from bot.memory import Memory
from bot.store import schema
from bot.store.chain import Flaw
from bot.store.db import Database
from bot.store.schema import Schema
from bot.trail import Deed, Trail, trails
from bot.words import say

# What is said of these names a hash or a receipt, unless there is none (any more).
WITH_DETAIL = frozenset({"approved", "delivered", "not_sent"})


async def verified(config: Config, case: str | None) -> AsyncIterator[tuple[str, bool]]:
    """A line for each broken case, and a last one that counts what is whole.

    With each line goes whether it is as it should be. Raises CaseUnknown when the one case that
    was asked for is not there, Misconfigured when this database is not one to be read.
    """
    cases = rows = 0
    broken: set[str] = set()
    async with _memory(config) as memory:
        async for checked in memory.checked(CaseId(case) if case else None):
            if not checked.flaws:
                cases, rows = cases + 1, rows + checked.rows
            elif checked.case_id not in broken:
                broken.add(checked.case_id)
                yield _broken(checked.flaws[0], config.locale), False
    if case and not cases and not broken:
        raise CaseUnknown(case)
    yield say(config.locale, "record.whole", rows=rows, cases=cases), True


async def told(config: Config, case: str | None) -> AsyncIterator[tuple[str, bool]]:
    """What every mail of a case comes from and came to, in sentences; first, if it is broken.

    Raises CaseUnknown when the case is not there, Misconfigured like `verified`.
    """
    case_id = CaseId(case or "")
    async with _memory(config) as memory:
        async for checked in memory.checked(case_id):
            for flaw in checked.flaws[:1]:
                yield _broken(flaw, config.locale), False
        found, entries = await memory.case(case_id), await memory.journal(case_id)
    if found is None:
        raise CaseUnknown(case_id)
    mails = trails(entries)
    about = {"case": case_id, "customer": found.key.customer, "count": len(mails)}
    yield say(config.locale, "record.case_one" if len(mails) == 1 else "record.case", **about), True
    if found.forgotten_at and found.closed_at:
        kept, at = found.forgotten_at - found.closed_at, _time(found.forgotten_at)
        yield say(config.locale, "record.forgotten", days=kept.days, at=at), True
    for mail in mails:
        for line in _sentences(mail, config.locale):
            yield line, True


@asynccontextmanager
async def _memory(config: Config) -> AsyncGenerator[Memory]:
    database = Database(config.database_url, read_only=True)
    try:
        if await schema.state(database) is not Schema.USABLE:
            raise Misconfigured((say(config.locale, "start.not_migrated"),))
        yield Memory(database)
    finally:
        await database.close()


def _broken(flaw: Flaw, locale: str) -> str:
    what = say(locale, f"record.{flaw.damage}")
    return say(locale, "record.broken", case=flaw.case_id, row=flaw.sequence, what=what)


def _sentences(mail: Trail, locale: str) -> Iterator[str]:
    yield ""
    yield say(locale, "record.mail", revision=mail.revision, name=_name(mail))
    yield say(locale, "record.sources", events=", ".join(mail.sources) or "–")
    yield _written(mail, locale)
    for deed in mail.deeds:
        yield _done(deed, locale)


def _name(mail: Trail) -> str:
    """Our Message-ID; once the sender is erased, the key that it is made of."""
    return message_id(mail.key, mail.asked.basis.sender) if mail.asked else mail.key


def _written(mail: Trail, locale: str) -> str:
    if mail.written_at is None:
        return say(locale, "record.by_nobody")
    return say(locale, f"record.by_{mail.written_by or 'erased'}", at=_time(mail.written_at))


def _done(deed: Deed, locale: str) -> str:
    known = "" if deed.detail or deed.what not in WITH_DETAIL else "_only"
    told = {"who": deed.who, "at": _time(deed.at), "detail": deed.detail}
    return say(locale, f"record.{deed.what}{known}", **told)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
