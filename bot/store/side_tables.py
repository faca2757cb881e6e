"""Tables beside the cases: what statistics and look-ups are answered from, pauses, and notes.

`finding` holds personal text; it is erased with its case.
"""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, text

from bot.store.columns import UtcTime, metadata

# What a case is worth in the statistics, one row a currency; none while no money was ever owed.
figures = Table(
    "figures",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("currency", String(10), primary_key=True),
    Column("counts", Boolean, nullable=False),  # one row of each case: the case is counted there
    Column("opened_at", UtcTime, nullable=False),
    Column("ended", String(10), nullable=False),  # open, recovered, lost
    Column("credit", String(10)),  # retry, letter, person; only where recovered
    Column("at_failure", BigInteger, nullable=False),  # minor units, like the next two
    Column("back", BigInteger, nullable=False),
    Column("owed", BigInteger, nullable=False),
)
Index("ix_figures_opened_at", figures.c.opened_at)
OWES = text("owed > 0")
Index("ix_figures_owed", figures.c.case_id, sqlite_where=OWES, postgresql_where=OWES)

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

# Who asked that a customer be forgotten, and what came of it: erased, withdrawn.
erasures = Table(
    "erasures",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("account", String(255), nullable=False),
    Column("livemode", Boolean, nullable=False),
    Column("customer", String(255), nullable=False),
    Column("asked_by", String(100), nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("channel", String(40)),  # where the second person is asked
    Column("ts", String(40)),
    Column("settled", String(10)),
    Column("settled_by", String(100)),
    Column("settled_at", UtcTime),
    Column("cleaned_at", UtcTime),  # since then nothing of them stands in Slack either
    Column("told", String(10)),  # what its message in the channel tells: asked, agreed, or the end
    Column("lease_until", UtcTime),  # of whoever is at it
)
UNSETTLED = text("settled IS NULL")
Index(
    "uq_erasures_open",
    erasures.c.account,
    erasures.c.livemode,
    erasures.c.customer,
    unique=True,
    sqlite_where=UNSETTLED,
    postgresql_where=UNSETTLED,
)

# Which database this is, as it was when somebody last looked: a restored one is another.
identity = Table(
    "identity",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("mark", String(200), nullable=False),
    Column("at", UtcTime, nullable=False),
)

# How far something that is read piece by piece was read.
cursors = Table(
    "cursors",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("at", UtcTime, nullable=False),
)

# Programs whose newest revision is at least this one can work with this schema.
schema_floor = Table("schema_floor", metadata, Column("revision", String(32), primary_key=True))
