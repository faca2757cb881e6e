"""The head of every case's journal, so that a dropped last row or a whole dropped chain is found.

It only adds: a program that knows no head goes on with this schema. The rows that it appends are
taken up into the head at the case's next row.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

GENESIS = "0" * 64


def upgrade() -> None:
    length = sa.Column("journal_length", sa.Integer(), nullable=False, server_default="0")
    digest = sa.Column("journal_digest", sa.String(64), nullable=False, server_default=GENESIS)
    op.add_column("cases", length)
    op.add_column("cases", digest)
    # One pass: the table is locked against programs of the older schema until it ends.
    op.execute(
        "UPDATE cases SET (journal_length, journal_digest) = "
        "(SELECT sequence, digest FROM journal WHERE journal.case_id = cases.id "
        "ORDER BY sequence DESC LIMIT 1) "
        "WHERE EXISTS (SELECT 1 FROM journal WHERE journal.case_id = cases.id)"
    )


def downgrade() -> None:
    op.drop_column("cases", "journal_digest")
    op.drop_column("cases", "journal_length")
