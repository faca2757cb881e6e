"""What keeping data needs: when words were forgotten, who asked for an erasure, which database.

It only adds, and fills nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TIME = sa.DateTime(timezone=True)
KEPT = sa.text("state = 'closed' AND forgotten_at IS NULL")
OPEN = sa.text("settled IS NULL")


def upgrade() -> None:
    op.add_column("cases", sa.Column("forgotten_at", TIME))
    op.create_index(
        "ix_cases_kept", "cases", ["closed_at"], sqlite_where=KEPT, postgresql_where=KEPT
    )
    op.create_table(
        "erasures",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account", sa.String(255), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("customer", sa.String(255), nullable=False),
        sa.Column("asked_by", sa.String(100), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("channel", sa.String(40)),
        sa.Column("ts", sa.String(40)),
        sa.Column("settled", sa.String(10)),
        sa.Column("settled_by", sa.String(100)),
        sa.Column("settled_at", TIME),
        sa.Column("cleaned_at", TIME),
        sa.Column("told", sa.String(10)),
        sa.Column("lease_until", TIME),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_erasures")),
    )
    op.create_index(
        "uq_erasures_open",
        "erasures",
        ["account", "livemode", "customer"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_table(
        "identity",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("mark", sa.String(200), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_identity")),
    )


def downgrade() -> None:
    op.drop_table("identity")
    op.drop_index("uq_erasures_open", table_name="erasures", sqlite_where=OPEN)
    op.drop_table("erasures")
    op.drop_index("ix_cases_kept", table_name="cases", sqlite_where=KEPT, postgresql_where=KEPT)
    op.drop_column("cases", "forgotten_at")
