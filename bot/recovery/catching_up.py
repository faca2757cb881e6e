"""Takes in cases of which the statistics, look-ups and the queue know nothing, or nothing new.

That is what stood before those were kept, and what a program that does not keep them wrote since:
the one before, during a deploy or after a rollback.
"""

from datetime import timedelta
from logging import ERROR

from bot.log import about, tell
from bot.store import register
from bot.store.db import Database

LOOKS_EVERY = timedelta(seconds=5)
MOST = 100  # a transaction: others wait for the cases in it


async def catch_up(database: Database, most: int = MOST) -> None:
    """Take in all that is behind, so many in a transaction: no question has to read bodies."""
    async with database.read() as link:
        more = await register.anything_behind(link)
    while more:
        async with database.begin() as link:
            found = await register.catch_up(link, most)
        for case_id in found.damaged:
            with about(case_id):
                tell("case_damaged", level=ERROR)
        more = found.cases == most
