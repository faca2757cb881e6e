"""How far our clock is from the database's: what is due is judged by ours alone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from bot.store.db import Database

# A lease lasts 120 s and every finish is fenced: this harms nothing yet, and is no small fault.
MOST_APART: Final = timedelta(seconds=5)


async def apart(database: Database, now: Callable[[], datetime]) -> timedelta | None:
    """How far `now` is from the database's clock, the way there and back not counted.

    None for a SQLite file: it has no clock but ours. Raises what the driver raises.
    """
    if database.is_sqlite:
        return None
    async with database.read() as link:
        before = now()
        # now() would be when the transaction began.
        theirs: datetime = (await link.execute(select(func.clock_timestamp()))).scalar_one()
        after = now()
    return max(before - theirs, theirs - after, timedelta(0))
