"""What has had its time is forgotten, in every table, by any number of processes, and once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from logging import INFO

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.case.arrival import Arrival
from bot.case.effects import HandOver
from bot.case.events import Erased, Forgotten, News, Stopped
from bot.case.facts import Customer
from bot.case.ids import CaseId, InvoiceId
from bot.case.model import Case
from bot.case.money import Money
from bot.casework import Casework
from bot.recovery.retention import EVENTS_KEPT, Retention
from bot.store import inbox, outbox, standing
from bot.store.tables import metadata
from tests.case.life import ANA, NOON, POLICY
from tests.databases import ONE_DATABASE
from tests.office import KEY, Office, offices
from tests.test_ledger import names, opened, read

KEEPS = timedelta(days=180)
DAY = timedelta(days=1)


class KilledError(Exception):
    """As if the process were gone."""


class Dying(Casework):
    """Forgets one case, and is killed before the next."""

    def __init__(self, office: Office) -> None:
        super().__init__(office.database, office.clock, POLICY, owner="ada")
        self.done = 0

    async def forget(self, case_id: CaseId) -> bool:
        if self.done:
            raise KilledError
        self.done += 1
        return await super().forget(case_id)


@pytest.fixture
async def office(migrated_url: str) -> AsyncIterator[Office]:
    async with offices(migrated_url, "ada") as [one]:
        yield one


def retention(office: Office, **batches: int) -> Retention:
    return Retention(office.database, office.casework, office.clock, keeps=KEEPS, **batches)


async def stopped(office: Office, number: str, **customer: object) -> Case:
    """A case of a customer of its own that somebody stopped."""
    case = await opened(office, number, **customer)
    event = Stopped(at=office.clock.now(), who=ANA, note="Canary said so")
    return (await office.casework.happened(case.id, event)).case


async def written(office: Office) -> str:
    """Every value of every row of every table."""
    async with office.database.read() as link:
        found = [
            (table.name, tuple(row))
            for table in metadata.sorted_tables
            for row in await link.execute(table.select())
        ]
    return "\n".join(map(str, found))


async def count(office: Office, query: str) -> int:
    async with office.database.read() as link:
        return int((await link.execute(text(f"SELECT count(*) FROM {query}"))).scalar_one())  # noqa: S608


async def forgotten(office: Office) -> list[str]:
    async with office.database.read() as link:
        query = "SELECT id FROM cases WHERE forgotten_at IS NOT NULL ORDER BY id"
        return list((await link.execute(text(query))).scalars())


async def breaks(office: Office) -> list[object]:
    return [flaw async for one in office.memory.checked() for flaw in one.flaws]


async def test_words_go_when_their_time_is_over_and_not_before(office: Office) -> None:
    await stopped(office, "a", name="Canary Bird", email="canary@example.com")
    still_open = await opened(office, "b", name="Ada Open")
    stats = await office.ledger.stats(NOON)
    office.clock.move(KEEPS - DAY)
    await retention(office).look()
    assert await forgotten(office) == []
    office.clock.move(DAY)
    await retention(office).look()
    assert await forgotten(office) == ["case_a"]
    everything = await written(office)
    assert "canary" not in everything.lower()
    assert "a@example.com" not in everything
    assert still_open == await office.memory.case(still_open.id)
    assert await names(office.ledger, "ada") == ["cus_b"]
    assert await names(office.ledger, "cus_a") == ["cus_a"]
    assert await office.ledger.stats(NOON) == stats
    assert await breaks(office) == []


@ONE_DATABASE
async def test_what_comes_later_is_counted_and_keeps_no_name_and_no_text(office: Office) -> None:
    case = await stopped(office, "a")
    office.clock.move(KEEPS)
    await retention(office).look()
    who = Customer(id="cus_a", name="Canary Bird", recipient="canary@example.com")
    await read(office, case.id, who, is_paid=True)
    stats = await office.ledger.stats(NOON)
    assert (stats.recovered, stats.back) == (1, (Money(minor=4900, currency="eur"),))
    assert "canary" not in (await written(office)).lower()
    assert await breaks(office) == []


@ONE_DATABASE
async def test_a_text_that_is_gone_is_found_unless_a_forgetting_says_so(office: Office) -> None:
    case = await stopped(office, "a")
    other = await opened(office, "b")
    # Said of an open case it means nothing, and hides nothing.
    await office.casework.happened(other.id, Forgotten(at=office.clock.now()))
    async with office.database.begin() as link:
        await link.execute(text("DELETE FROM journal_texts WHERE sequence = 1"))
    assert len(await breaks(office)) == 2
    office.clock.move(KEEPS)
    await retention(office).look()
    assert await office.memory.journal_breaks(case.id) == []
    assert len(await breaks(office)) == 1
    async with office.database.begin() as link:
        query = "UPDATE journal SET who = 'x' WHERE sequence = 1 AND case_id = 'case_a'"
        await link.execute(text(query))
    assert await office.memory.journal_breaks(case.id) == [1]


async def test_a_sent_letters_key_is_never_free_again_and_what_was_done_for_it_goes(
    office: Office,
) -> None:
    await office.in_review()
    await office.approve()
    case = await office.later(timedelta(minutes=1))
    assert case.sent == 1
    await office.casework.happened(case.id, Stopped(at=office.clock.now(), who=ANA))
    await office.idle()
    office.clock.move(KEEPS)
    await retention(office).look()
    key = f"send/{case.id}/1"
    assert await office.rows() == [(key, "sent")]
    assert (await count(office, "contacts"), await count(office, "addresses")) == (0, 0)
    assert (await office.ledger.health()).last_sent_at is not None
    again = HandOver(case_id=case.id, revision=1)
    async with office.database.begin() as link:
        with pytest.raises(IntegrityError):
            await outbox.add(link, again, now=office.clock.now(), owner="ada")


async def test_who_was_written_to_lately_and_who_must_not_be_stays_known(office: Office) -> None:
    await stopped(office, "a")
    now = office.clock.now() + KEEPS
    async with office.database.begin() as link:
        for key, at in (("send/case_a/1", now - 8 * DAY), ("send/case_b/1", now - DAY)):
            await link.execute(
                text(
                    "INSERT INTO contacts (key, customer, account, livemode, address, at) "
                    "VALUES (:key, 'cus_a', '', TRUE, :address, :at)"
                ).bindparams(key=key, address=f"{key[-3]}@example.com", at=_as_kept(office, at))
            )
        for address in ("a@example.com", "b@example.com", "refuses@example.com"):
            await standing.lock_address(link, address)
        await link.execute(
            text("UPDATE addresses SET suppressed_at = :at WHERE address LIKE 'refuses%'"),
            {"at": _as_kept(office, now)},
        )
    office.clock.move(KEEPS)
    await retention(office).look()
    async with office.database.read() as link:
        found = (await link.execute(text("SELECT address FROM addresses ORDER BY 1"))).scalars()
        assert list(found) == ["b@example.com", standing.digest("refuses@example.com")]
        kept = (await link.execute(text("SELECT key FROM contacts"))).scalars()
        assert list(kept) == ["send/case_b/1"]
        known = await standing.record(link, KEY, now, address="refuses@example.com")
    assert known.standing.suppressed == {"refuses@example.com"}


async def test_handled_events_go_when_stripe_lists_them_no_more(office: Office) -> None:
    await came(office, "evt_done", "evt_parked", parked={"evt_parked"})
    claims = await claimed(office)
    async with office.database.begin() as link:
        for claim in claims:
            await inbox.finish(link, claim, case_id=None)
    await came(office, "evt_ahead", created=office.clock.now() + 30 * DAY)
    await came(office, "evt_waits")
    office.clock.move(30 * DAY)
    await retention(office).look()
    assert await count(office, "inbox") == 4, "Stripe may still list them"
    office.clock.move(EVENTS_KEPT - 30 * DAY)
    await came(office, "evt_newest", parked={"evt_newest"})
    await retention(office, rows=1).look()
    assert await events(office) == ["evt_ahead", "evt_newest", "evt_waits"]
    office.clock.move(2 * EVENTS_KEPT)
    await retention(office).look()
    assert "evt_newest" in await events(office), "when something came last is told"


@ONE_DATABASE
async def test_a_case_that_cannot_be_read_keeps_nobody_elses_words(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(INFO, "bot")
    for number in "abc":
        await stopped(office, number)
    async with office.database.begin() as link:
        await link.execute(text("UPDATE cases SET body = '{}' WHERE id = 'case_a'"))
    office.clock.move(KEEPS)
    await retention(office, cases=1).look()
    assert await forgotten(office) == ["case_b", "case_c"]
    told = [one.getMessage() for one in caplog.records]
    assert told.count("case_damaged") == 1
    assert told[-1] == "forgotten"


@ONE_DATABASE
async def test_who_is_killed_between_two_leaves_the_rest_to_the_next(migrated_url: str) -> None:
    async with offices(migrated_url, "ada", "ben") as [ada, ben]:
        for number in "abc":
            await stopped(ada, number, name=f"Canary {number}")
        ada.clock.move(KEEPS)
        with pytest.raises(KilledError):
            await Retention(ada.database, Dying(ada), ada.clock, keeps=KEEPS).look()
        assert await forgotten(ben) == ["case_a"]
        await retention(ben).look()
        assert await forgotten(ben) == ["case_a", "case_b", "case_c"]
        assert await breaks(ben) == []


async def test_two_at_once_forget_each_case_once(migrated_url: str) -> None:
    async with offices(migrated_url, "ada", "ben") as both:
        for number in "abcdef":
            await stopped(both[0], number)
        both[0].clock.move(KEEPS)
        await asyncio.gather(*(retention(one, cases=2).look() for one in both))
        assert len(await forgotten(both[0])) == 6
        assert await count(both[0], "journal WHERE event = 'Forgotten'") == 6
        assert await breaks(both[0]) == []


@ONE_DATABASE
async def test_an_erased_case_is_marked_and_its_row_says_so(office: Office) -> None:
    case = await stopped(office, "a")
    await office.casework.happened(case.id, Erased(at=office.clock.now(), who=ANA))
    office.clock.move(KEEPS)
    await retention(office).look()
    assert await forgotten(office) == [case.id]
    assert await breaks(office) == []
    assert not await office.casework.forget(case.id)


async def came(
    office: Office,
    *ids: str,
    created: datetime | None = None,
    parked: frozenset[str] | set[str] = frozenset(),
) -> None:
    arrivals = [
        Arrival(
            id=one,
            type="invoice.paid",
            created=created or office.clock.now(),
            livemode=True,
            account="",
            news=News.END,
            invoice=InvoiceId("in_9"),
            parked=one in parked,
        )
        for one in ids
    ]
    async with office.database.begin() as link:
        await inbox.remember(link, arrivals, office.clock.now())


async def claimed(office: Office) -> list[inbox.ArrivalClaim]:
    async with office.database.begin() as link:
        return await inbox.claim(link, now=office.clock.now(), owner="ada", most=9)


async def events(office: Office) -> list[str]:
    async with office.database.read() as link:
        return list((await link.execute(text("SELECT event_id FROM inbox ORDER BY 1"))).scalars())


def _as_kept(office: Office, at: datetime) -> object:
    """SQLite keeps a moment without its zone."""
    bare = at.replace(tzinfo=None).isoformat(" ", "microseconds")
    return bare if office.database.is_sqlite else at
