"""Every table. SQLAlchemy Core, seen by nobody outside this folder.

Personal text stands in `cases.body`, `journal_texts`, `contacts`, `addresses` and `finding` only;
the journal itself keeps ids, times and digests, so that erasing words leaves its chain whole.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)


class UtcTime(TypeDecorator[datetime]):
    """Aware UTC in and out, also on SQLite, which would drop the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    # The names and their arguments are SQLAlchemy's.
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002, D102
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002, D102
        if value is None:
            return None
        found: datetime = value
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

# Stripe's events: that they came, each once; never what they said.
inbox = Table(
    "inbox",
    metadata,
    Column("event_id", String(255), primary_key=True),
    Column("type", String(100), nullable=False),
    Column("news", String(20), nullable=False),
    Column("account", String(255), nullable=False),
    Column("livemode", Boolean, nullable=False),
    Column("invoice", String(255)),
    Column("customer", String(255)),
    Column("charge", String(255)),
    Column("subscription", String(255)),
    Column("created", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("state", String(10), nullable=False),  # ready, claimed, done, parked
    Column("due", UtcTime, nullable=False),
    Column("owner", String(64)),
    Column("attempt", Integer, nullable=False, default=0),
    Column("lease_until", UtcTime),
    Column("failures", Integer, nullable=False, default=0),
    Column("trouble", String(200)),
    Column("case_id", String(40)),
)
Index(
    "ix_inbox_waiting",
    inbox.c.due,
    sqlite_where=text("state = 'ready'"),
    postgresql_where=text("state = 'ready'"),
)
Index(
    "ix_inbox_claimed",
    inbox.c.lease_until,
    sqlite_where=text("state = 'claimed'"),
    postgresql_where=text("state = 'claimed'"),
)

Index("ix_inbox_received_at", inbox.c.received_at)
Index(
    "ix_inbox_parked",
    inbox.c.received_at,
    sqlite_where=text("state = 'parked'"),
    postgresql_where=text("state = 'parked'"),
)

GENESIS = "0" * 64  # the digest before the first row of a case's journal

cases = Table(
    "cases",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("account", String(255), nullable=False),
    Column("livemode", Boolean, nullable=False),
    Column("customer", String(255), nullable=False),
    Column("state", String(12), nullable=False),
    Column("why", String(24)),
    Column("wake", UtcTime),
    Column("version", Integer, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    Column("body", JSON, nullable=False),
    # The head of its journal: how many rows there are, and the last one's digest.
    Column("journal_length", Integer, nullable=False, server_default="0"),
    Column("journal_digest", String(64), nullable=False, server_default=GENESIS),
    # The version of which `waits_since`, `figures` and `finding` tell: another program's writes
    # leave it behind, and bot/store/register.py catches up.
    Column("registered", Integer),
    Column("waits_since", UtcTime),  # since when a person is asked for; NULL while nobody is
)
Index("ix_cases_customer", cases.c.customer, cases.c.account, cases.c.livemode)
Index(
    "ix_cases_wake",
    cases.c.wake,
    sqlite_where=text("wake IS NOT NULL"),
    postgresql_where=text("wake IS NOT NULL"),
)
BEHIND = text("coalesce(registered, -1) <> version")
Index("ix_cases_behind", cases.c.id, sqlite_where=BEHIND, postgresql_where=BEHIND)
Index(
    "ix_cases_waits_since",
    cases.c.waits_since,
    sqlite_where=text("waits_since IS NOT NULL"),
    postgresql_where=text("waits_since IS NOT NULL"),
)
Index(
    "ix_cases_open_state",
    cases.c.state,
    sqlite_where=text("state <> 'closed'"),
    postgresql_where=text("state <> 'closed'"),
)
Index(
    "uq_cases_open",
    cases.c.account,
    cases.c.livemode,
    cases.c.customer,
    unique=True,
    sqlite_where=text("state <> 'closed'"),
    postgresql_where=text("state <> 'closed'"),
)

# Which cases an invoice belongs to: some of Stripe's events name an invoice only.
case_invoices = Table(
    "case_invoices",
    metadata,
    Column("invoice", String(255), primary_key=True),
    Column("account", String(255), primary_key=True),
    Column("livemode", Boolean, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
)
Index("ix_case_invoices_case_id", case_invoices.c.case_id)

# What a case is worth in the statistics, one row a currency; none while no money was ever owed.
figures = Table(
    "figures",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("currency", String(10), primary_key=True),
    Column("leading", Boolean, nullable=False),  # one row of each case: the case is counted there
    Column("opened_at", UtcTime, nullable=False),
    Column("ended", String(10), nullable=False),  # open, recovered, lost
    Column("credit", String(10)),  # retry, letter, person; only where recovered
    Column("at_failure", BigInteger, nullable=False),  # minor units, like the next two
    Column("back", BigInteger, nullable=False),
    Column("owed", BigInteger, nullable=False),
)
Index("ix_figures_opened_at", figures.c.opened_at)

# What a person may type to find a case: addresses, names, invoice numbers, folded.
finding = Table(
    "finding",
    metadata,
    Column("kind", String(10), primary_key=True),
    # Compared byte for byte, so that a prefix is a range of the index.
    Column(
        "term",
        String(320).with_variant(String(320, collation="C"), "postgresql"),
        primary_key=True,
    ),
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
)
Index("ix_finding_case_id", finding.c.case_id)

# When nothing may leave, by whose word. The newest that has not ended holds.
pauses = Table(
    "pauses",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("what", String(10), nullable=False),  # sending, all
    Column("until", UtcTime),
    Column("reason", String(500), nullable=False),
    Column("by", String(100), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),  # by a person; at `until` it ends by itself
    Column("ended_by", String(100)),
    Column("announced", UtcTime),
    Column("end_announced", UtcTime),
    Column("saying_until", UtcTime),  # the lease of whoever is telling the channel
)

# How far something that is read piece by piece was read.
cursors = Table(
    "cursors",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("at", UtcTime, nullable=False),
)

# What outlives a case.
customers = Table(
    "customers",
    metadata,
    Column("customer", String(255), primary_key=True),
    Column("account", String(255), primary_key=True),
    Column("livemode", Boolean, primary_key=True),
    Column("override", String(10)),
    Column("override_by", String(100)),
    Column("lifetime", JSON),
    Column("paid_invoices", Integer, nullable=False, default=0),
    Column("filled_at", UtcTime),
    Column("first_paid_at", UtcTime),
)
# Paid invoices that came after the lifetime value was filled: each is added once.
counted_payments = Table(
    "counted_payments",
    metadata,
    Column("invoice", String(255), primary_key=True),
    Column("account", String(255), primary_key=True),
    Column("livemode", Boolean, primary_key=True),
)
muted = Table(
    "muted",
    metadata,
    Column("customer", String(255), primary_key=True),
    Column("account", String(255), primary_key=True),
    Column("livemode", Boolean, primary_key=True),
    Column("invoice", String(255), primary_key=True),
)
addresses = Table(
    "addresses",
    metadata,
    Column("address", String(320), primary_key=True),
    Column("suppressed_at", UtcTime),
)
contacts = Table(
    "contacts",
    metadata,
    Column("key", String(120), primary_key=True),
    Column("customer", String(255), nullable=False),
    Column("account", String(255), nullable=False),
    Column("livemode", Boolean, nullable=False),
    Column("address", String(320), nullable=False),
    Column("at", UtcTime, nullable=False),
)
Index("ix_contacts_customer", contacts.c.customer, contacts.c.at)
Index("ix_contacts_address", contacts.c.address, contacts.c.at)

# What is to be done outside, written with the transition that wants it.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("key", String(120), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("case_id", ForeignKey("cases.id")),
    Column("revision", Integer),
    Column("place", String(20)),
    Column("lost", String(120)),
    # ready, claimed, done, failed, cancelled; for a hand-over sending, sent, not_sent, unknown
    Column("state", String(10), nullable=False),
    Column("due", UtcTime, nullable=False),
    Column("owner", String(64)),
    Column("attempt", Integer, nullable=False, default=0),
    Column("lease_until", UtcTime),
    Column("failures", Integer, nullable=False, default=0),
    Column("trouble", String(200)),
    Column("created", UtcTime, nullable=False),
    Column("finished", UtcTime),
)
Index(
    "uq_outbox_ready",
    outbox.c.key,
    unique=True,
    sqlite_where=text("state = 'ready'"),
    postgresql_where=text("state = 'ready'"),
)
Index(
    "uq_outbox_claimed",
    outbox.c.key,
    unique=True,
    sqlite_where=text("state = 'claimed'"),
    postgresql_where=text("state = 'claimed'"),
)
Index(
    "uq_outbox_once",
    outbox.c.key,
    unique=True,
    sqlite_where=text("kind IN ('draft', 'hand_over')"),
    postgresql_where=text("kind IN ('draft', 'hand_over')"),
)
Index(
    "ix_outbox_due",
    outbox.c.due,
    sqlite_where=text("state = 'ready'"),
    postgresql_where=text("state = 'ready'"),
)
Index(
    "ix_outbox_lease",
    outbox.c.lease_until,
    sqlite_where=text("state IN ('claimed', 'sending')"),
    postgresql_where=text("state IN ('claimed', 'sending')"),
)
Index("ix_outbox_case_id", outbox.c.case_id)
Index(
    "ix_outbox_failed",
    outbox.c.finished,
    sqlite_where=text("state = 'failed'"),
    postgresql_where=text("state = 'failed'"),
)
Index(
    "ix_outbox_sent",
    outbox.c.finished,
    sqlite_where=text("state = 'sent'"),
    postgresql_where=text("state = 'sent'"),
)

# Programs whose newest revision is at least this one can work with this schema.
schema_floor = Table("schema_floor", metadata, Column("revision", String(32), primary_key=True))

# Everything that happened: append-only, chained per case over salted digests.
journal = Table(
    "journal",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("event", String(20), nullable=False),
    Column("who", String(100), nullable=False),
    Column("source", String(255)),
    Column("state_before", String(12), nullable=False),
    Column("state_after", String(12), nullable=False),
    Column("why_after", String(24)),
    Column("revision_before", Integer, nullable=False),
    Column("revision_after", Integer, nullable=False),
    Column("policy_version", Integer, nullable=False),
    Column("effects", JSON, nullable=False),
    Column("refused", String(30)),
    Column("seen", String(64)),
    Column("text_digest", String(64)),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
)
# Their words and facts: erasable, without breaking the chain.
journal_texts = Table(
    "journal_texts",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("salt", String(32), nullable=False),
    Column("body", Text, nullable=False),
)
