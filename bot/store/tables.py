"""Every table. SQLAlchemy Core, seen by nobody outside this folder.

Personal text stands in `cases.body`, `journal_texts`, `contacts`, `addresses` and `finding` only;
the journal itself keeps ids, times and digests, so that erasing words leaves its chain whole.
"""

from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from bot.store.columns import UtcTime, metadata
from bot.store.side_tables import (
    cursors,
    erasures,
    figures,
    finding,
    identity,
    pauses,
    schema_floor,
)

__all__ = [
    "BEHIND",
    "GENESIS",
    "KEPT",
    "LEFT_ALONE",
    "UtcTime",
    "addresses",
    "case_invoices",
    "cases",
    "contacts",
    "counted_payments",
    "cursors",
    "customers",
    "erasures",
    "figures",
    "finding",
    "identity",
    "inbox",
    "journal",
    "journal_texts",
    "metadata",
    "muted",
    "outbox",
    "pauses",
    "schema_floor",
]


def only(where: str) -> dict[str, Any]:
    """What makes an index one of these rows alone, on both databases."""
    return {"sqlite_where": text(where), "postgresql_where": text(where)}


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
Index("ix_inbox_waiting", inbox.c.due, **only("state = 'ready'"))
Index("ix_inbox_claimed", inbox.c.lease_until, **only("state = 'claimed'"))

Index("ix_inbox_received_at", inbox.c.received_at)
Index("ix_inbox_parked", inbox.c.received_at, **only("state = 'parked'"))
LEFT_ALONE = "trouble = 'stale'"  # failures that had happened long ago when we heard of them
Index("ix_inbox_left_alone", inbox.c.received_at, **only(LEFT_ALONE))

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
    Column("forgotten_at", UtcTime),  # when its words were, after their time; NULL while kept
)
Index("ix_cases_customer", cases.c.customer, cases.c.account, cases.c.livemode)
Index("ix_cases_wake", cases.c.wake, **only("wake IS NOT NULL"))
BEHIND = "coalesce(registered, -1) <> version"
Index("ix_cases_behind", cases.c.id, **only(BEHIND))
Index("ix_cases_waits_since", cases.c.waits_since, **only("waits_since IS NOT NULL"))
KEPT = "state = 'closed' AND forgotten_at IS NULL"
Index("ix_cases_kept", cases.c.closed_at, **only(KEPT))
Index("ix_cases_open_state", cases.c.state, **only("state <> 'closed'"))
Index(
    "uq_cases_open",
    cases.c.account,
    cases.c.livemode,
    cases.c.customer,
    unique=True,
    **only("state <> 'closed'"),
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

# What outlives a case.
customers = Table(
    "customers",
    metadata,
    Column("customer", String(255), primary_key=True),
    Column("account", String(255), primary_key=True),
    Column("livemode", Boolean, primary_key=True),
    Column("override", String(10)),
    Column("override_by", String(100)),
    Column("owner", String(100)),  # the Slack user to whom a person handed them over
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
Index("ix_muted_invoice", muted.c.invoice)
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
    **only("state = 'ready'"),
)
Index(
    "uq_outbox_claimed",
    outbox.c.key,
    unique=True,
    **only("state = 'claimed'"),
)
Index(
    "uq_outbox_once",
    outbox.c.key,
    unique=True,
    **only("kind IN ('draft', 'hand_over')"),
)
Index("ix_outbox_due", outbox.c.due, **only("state = 'ready'"))
Index("ix_outbox_lease", outbox.c.lease_until, **only("state IN ('claimed', 'sending')"))
Index("ix_outbox_case_id", outbox.c.case_id)
Index("ix_outbox_failed", outbox.c.finished, **only("state = 'failed'"))
Index("ix_outbox_sent", outbox.c.finished, **only("state = 'sent'"))

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
