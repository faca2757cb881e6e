"""How far something has been read, by name: whoever moves it must have seen where it stood."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.dialect import insert_or_ignore
from bot.store.tables import cursors


async def at(connection: AsyncConnection, name: str) -> datetime | None:
    """Where a cursor stands; None for one that was never set."""
    query = select(cursors.c.at).where(cursors.c.name == name)
    found: datetime | None = (await connection.execute(query)).scalar_one_or_none()
    return found


async def move(
    connection: AsyncConnection, name: str, to: datetime, *, seen: datetime | None
) -> bool:
    """Move a cursor on from where it was `seen`; False when somebody else did so meanwhile."""
    if seen is None:
        query = insert_or_ignore(connection, cursors).values(name=name, at=to)
        return (await connection.execute(query.returning(cursors.c.name))).first() is not None
    moved = update(cursors).where(cursors.c.name == name, cursors.c.at == seen).values(at=to)
    return bool((await connection.execute(moved)).rowcount == 1)
