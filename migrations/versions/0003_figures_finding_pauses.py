"""What statistics, look-ups, pauses and owners need, so that no question reads a million cases.

It only adds, and fills nothing: cases that stand are taken in afterwards, a batch at a time, by the
round that also takes in what a program of the older schema goes on writing. So no table is locked
for longer than its indexes take.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TIME = sa.DateTime(timezone=True)
# Name, table, column, and which rows an index is about.
INDEXES = (
    ("ix_cases_behind", "cases", "id", "coalesce(registered, -1) <> version"),
    ("ix_cases_waits_since", "cases", "waits_since", "waits_since IS NOT NULL"),
    ("ix_cases_open_state", "cases", "state", "state <> 'closed'"),
    ("ix_inbox_received_at", "inbox", "received_at", None),
    ("ix_inbox_parked", "inbox", "received_at", "state = 'parked'"),
    ("ix_inbox_left_alone", "inbox", "received_at", "trouble = 'stale'"),
    ("ix_muted_invoice", "muted", "invoice", None),
    ("ix_outbox_failed", "outbox", "finished", "state = 'failed'"),
    ("ix_outbox_sent", "outbox", "finished", "state = 'sent'"),
    ("ix_figures_opened_at", "figures", "opened_at", None),
    ("ix_figures_owed", "figures", "case_id", "owed > 0"),
    ("ix_finding_case_id", "finding", "case_id", None),
)


def upgrade() -> None:
    op.add_column("cases", sa.Column("registered", sa.Integer()))
    op.add_column("cases", sa.Column("waits_since", TIME))
    op.add_column("customers", sa.Column("owner", sa.String(100)))
    figures()
    finding()
    pauses()
    op.create_table(
        "cursors",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_cursors")),
    )
    for name, table, column, about in INDEXES:
        where = None if about is None else sa.text(about)
        op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)


def figures() -> None:
    op.create_table(
        "figures",
        sa.Column("case_id", sa.String(40), nullable=False),
        sa.Column("currency", sa.String(10), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("ended", sa.String(10), nullable=False),
        sa.Column("credit", sa.String(10)),
        sa.Column("at_failure", sa.BigInteger(), nullable=False),
        sa.Column("back", sa.BigInteger(), nullable=False),
        sa.Column("owed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_figures_case_id")),
        sa.PrimaryKeyConstraint("case_id", "currency", name=op.f("pk_figures")),
    )


def finding() -> None:
    term = sa.String(320).with_variant(sa.String(320, collation="C"), "postgresql")
    op.create_table(
        "finding",
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("term", term, nullable=False),
        sa.Column("case_id", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_finding_case_id")),
        sa.PrimaryKeyConstraint("kind", "term", "case_id", name=op.f("pk_finding")),
    )


def pauses() -> None:
    op.create_table(
        "pauses",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("what", sa.String(10), nullable=False),
        sa.Column("until", TIME),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.Column("ended_by", sa.String(100)),
        sa.Column("announced", TIME),
        sa.Column("end_announced", TIME),
        sa.Column("saying_until", TIME),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_pauses")),
    )


def downgrade() -> None:
    for name, table, _, about in reversed(INDEXES):
        where = None if about is None else sa.text(about)
        op.drop_index(name, table_name=table, sqlite_where=where, postgresql_where=where)
    for table in ("cursors", "pauses", "finding", "figures"):
        op.drop_table(table)
    op.drop_column("customers", "owner")
    op.drop_column("cases", "waits_since")
    op.drop_column("cases", "registered")
