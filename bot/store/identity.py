"""Whether the database is the one that was last worked with, and no older copy of it."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Select, func, literal_column, select

from bot.store import companion, marks
from bot.store.db import Database, Link
from bot.store.tables import cases, cursors, erasures, journal, pauses

# Grows whenever something happens to a case, or people pause or ask to erase; SQLite numbers rows.
_GROWING: tuple[Select[Any], ...] = (
    select(func.max(literal_column("rowid"))).select_from(journal),
    select(func.max(pauses.c.number)),
    select(func.max(erasures.c.number)),
)
FILE = "file"  # the row that holds the present token and the one before, on SQLite


class Identity:
    """The marks of one database, and on SQLite the file beside it."""

    def __init__(self, database: Database, url: str) -> None:
        self._database = database
        self._file = companion.database_file(url)
        self._happened: list[int | None] | None = None  # when the token was renewed

    async def is_same(self, link: Link) -> bool:
        """False once it was restored, moved, forked or taken over by a follower.

        A new database is the same, and so is one that a program before this one worked with.
        """
        noted = await marks.noted(link)
        if self._file is not None:
            return await self._is_same_file(link, noted.get(FILE), self._file)
        if self._database.is_sqlite:
            return True
        present = await marks.present(link)
        return all(noted.get(name, mark) == mark for name, mark in present.items())

    async def note(self, now: datetime, *, asked: datetime | None = None) -> None:
        """From now on it is this one; writes nothing where that is known.

        In the same transaction, the round of questions that began at `asked` is over.
        """
        rows = {} if asked is None else {marks.RESTORED: marks.DONE}
        if self._file is not None:
            await self._renew(now, self._file, rows, asked)
            return
        async with self._database.read() as link:
            noted = await marks.noted(link)
            present = {} if self._database.is_sqlite else await marks.present(link)
        new = {name: mark for name, mark in present.items() if noted.get(name) != mark}
        if new or rows:
            async with self._database.begin() as link:
                await marks.note(link, new, now)
                await marks.note(link, rows, asked or now)

    async def _is_same_file(self, link: Link, mark: str | None, file: Path) -> bool:
        if (await link.execute(select(cases.c.id).limit(1))).first() is None:
            return True
        beside = companion.read(file)
        return beside is None if mark is None else companion.is_same(file, mark, beside)

    async def _renew(
        self, now: datetime, file: Path, rows: dict[str, str], asked: datetime | None
    ) -> None:
        """First the database, which keeps the token before too, and then the file.

        Cut off between the two, the file has the token before. Nothing is renewed while nothing
        happened: a copy that is older by less than that forgets nothing that Stripe has not.
        """
        async with self._database.read() as link:
            happened = [(await link.execute(query)).scalar() for query in _GROWING]
        if self._happened == happened and not rows:
            return
        before = companion.read(file)
        mark = f"{companion.new_token()} {before.token if before else ''}".strip()
        async with self._database.begin() as link:
            await marks.note(link, {FILE: mark}, now)
            await marks.note(link, rows, asked or now)
        async with self._database.begin() as link:
            if (await marks.noted(link)).get(FILE) == mark:  # nobody renewed it after us
                await asyncio.to_thread(companion.write, file, mark.split()[0])
        self._happened = happened  # what others wrote meanwhile is newer than the token


async def newest_known(link: Link) -> datetime | None:
    """The newest moment of which the data tells: something happened, or Stripe was asked."""
    happened = (await link.execute(select(func.max(journal.c.at)))).scalar()
    asked = (await link.execute(select(cursors.c.at).where(cursors.c.name == "poll"))).scalar()
    return max((one for one in (happened, asked) if one is not None), default=None)
