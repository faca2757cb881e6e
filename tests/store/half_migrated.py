"""A migration that comes to its middle and stays there: run as a process, to be killed."""

import signal
import sys
from typing import Any

from sqlalchemy import Engine, event

from migrations.run import upgrade

MIDDLE = "CREATE TABLE outbox"  # neither the first table nor the last


def stay(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    """Say that this is the middle, and go no further."""
    if MIDDLE in statement:
        print("middle", flush=True)  # noqa: T201 - to whoever is going to kill us
        signal.pause()


if __name__ == "__main__":
    event.listen(Engine, "after_cursor_execute", stay)
    upgrade(sys.argv[1])
