"""What tables are made of: times in UTC, and the metadata that they all belong to."""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import BindParameter, DateTime, Dialect, MetaData, TypeDecorator, bindparam


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


# A query that is asked all the time is built once: building it takes longer than answering it.
# The moment it is about is handed to it each time, as "now".
NOW: Final[BindParameter[datetime]] = bindparam("now", type_=UtcTime)
Moment = datetime | BindParameter[datetime]

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)
