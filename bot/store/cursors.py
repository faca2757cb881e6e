"""How far something has been read, by name: whoever moves it must have seen where it stood."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.dialect import insert_or_ignore
from bot.store.tables import cursors


async def stand(connection: AsyncConnection) -> dict[str, datetime]:
    """Where every cursor stands that was ever set: they are a handful."""
    rows = await connection.execute(select(cursors.c.name, cursors.c.at))
    return {row.name: row.at for row in rows}


async def move(
    connection: AsyncConnection, name: str, to: datetime, *, seen: datetime | None
) -> bool:
    """Move a cursor on from where it was `seen`; False when somebody else did so meanwhile."""
    if seen is None:
        query = insert_or_ignore(connection, cursors).values(name=name, at=to)
        return (await connection.execute(query.returning(cursors.c.name))).first() is not None
    moved = update(cursors).where(cursors.c.name == name, cursors.c.at == seen).values(at=to)
    return bool((await connection.execute(moved)).rowcount == 1)
