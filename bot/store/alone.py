"""One process on a SQLite file: a second one would take the first one's work for abandoned.

The lock is the operating system's, so that it ends with its process, however that ends
(https://man7.org/linux/man-pages/man2/flock.2.html). The system on which Python has no flock
(Windows) is not guarded.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from bot.errors import DatabaseTrouble

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows
    fcntl = None  # type: ignore[assignment]


@contextmanager
def alone(url: str) -> Iterator[None]:
    """Be the only process that works on this database, if it is a SQLite file.

    Raises DatabaseTrouble("taken") when another one is at it.
    """
    file = make_url(url).database if url.startswith("sqlite") else None
    if file is None or fcntl is None:
        yield
        return
    with Path(f"{file}-lock").open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DatabaseTrouble("taken") from error
        yield
