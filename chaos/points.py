"""Every commit and every socket write of a process: named, noted, and died at when ordered.

It wraps SQLAlchemy's commit and asyncio's transports from outside; the program that runs between
knows nothing of it. An order is a file of JSON that may come and go while the process runs.
"""

import json
import os
import re
import signal
import sys
from asyncio import selector_events
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

from greenlet import getcurrent  # type: ignore[import-untyped]
from sqlalchemy.engine.default import DefaultDialect

ROOT: Final = Path(__file__).resolve().parent.parent
BEFORE, HALF, AFTER = "before", "half of", "after"
# These carry other people's points of view: who asked for the commit stands further out.
_PASSED_OVER: Final = frozenset({"bot/store/db.py"})
_REQUEST: Final = re.compile(rb"(GET|POST|PUT|DELETE) (\S+) HTTP/1\.")
_ANSWER: Final = re.compile(rb"HTTP/1\.\d (\d{3})")
_COMMAND: Final = re.compile(rb"([A-Z]{4})(?: [^\r\n]*)?\r\n")
_AN_ID: Final = re.compile(r"(?<=/)[a-z]+_[^/]+")
_COMMAND_LENGTH: Final = 300  # bytes; an SMTP write that is longer is the letter


@dataclass(frozen=True, kw_only=True)
class Order:
    """Die `when` (before, half of, after) the `nth` time that `point` is passed; "" notes only."""

    point: str
    when: str = BEFORE
    nth: int = 1

    def text(self) -> str:
        """The order as its file holds it."""
        return json.dumps(vars(self))


class Points:
    """Counts the points of one process. The order's file is looked for at every one of them.

    What is passed while there is an order is noted in `<file>.passed`, a line each. Before it
    dies the process renames the file to `<file>.done`: that is its last word.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._given: tuple[int, int] | None = None
        self._order = Order(point="")
        self._passed: Counter[str] = Counter()

    def reached(self, name: str) -> str | None:
        """Note that a point is reached; gives when to die at it, None for going on."""
        try:
            stood = self._file.stat()
        except FileNotFoundError:
            return None
        if self._given != (stood.st_ino, stood.st_mtime_ns):
            self._given = (stood.st_ino, stood.st_mtime_ns)
            self._order = Order(**json.loads(self._file.read_text(encoding="utf-8")))
            self._passed.clear()
        with self._file.with_suffix(".passed").open("a", encoding="utf-8") as notes:
            notes.write(f"{name}\n")
        self._passed[name] += 1
        due = (self._order.point, self._order.nth) == (name, self._passed[name])
        return self._order.when if due else None

    def die(self) -> None:
        """As if somebody had pulled the plug: nothing is flushed, closed or said."""
        self._file.rename(self._file.with_suffix(".done"))
        os.kill(os.getpid(), signal.SIGKILL)


def arm(points: Points) -> None:
    """From now on every commit and every write of this process is a point."""
    _wrap(DefaultDialect, "do_commit", points, lambda *_: f"commit: {_who_commits()}")
    transport = selector_events._SelectorSocketTransport  # type: ignore[attr-defined] # noqa: SLF001
    for verb in ("write", "writelines"):
        if verb in vars(transport):
            _wrap(transport, verb, points, _Written().name)
    datagrams = selector_events._SelectorDatagramTransport  # type: ignore[attr-defined] # noqa: SLF001
    _wrap(datagrams, "sendto", points, lambda *_: "write: a datagram")


def _wrap(owner: type, verb: str, points: Points, named: Callable[..., str]) -> None:
    do: Callable[..., Any] = getattr(owner, verb)

    def armed(self: object, data: Any, *more: object) -> Any:  # noqa: ANN401 - whatever it is
        when = points.reached(named(self, data))
        if when == BEFORE:
            points.die()
        if when == HALF:
            whole = b"".join(data) if verb == "writelines" else bytes(data)
            selector_events._SelectorSocketTransport.write(self, whole[: len(whole) // 2])  # type: ignore[attr-defined] # noqa: SLF001
            points.die()
        answer = do(self, data, *more)
        if when == AFTER:
            points.die()
        return answer

    setattr(owner, verb, armed)


def _who_commits() -> str:
    """The function of the bot that asked for a transaction, and about which event."""
    for frame in _frames():
        code = frame.f_code
        file = Path(code.co_filename)
        place = file.relative_to(ROOT).as_posix() if file.is_relative_to(ROOT) else ""
        if place.startswith("bot/") and place not in _PASSED_OVER and not _is_private(code):
            return f"{Path(place).stem}.{code.co_name}{_about(frame)}"
    return "nobody of ours"


def _is_private(code: CodeType) -> bool:
    """Whether it is an inner part of something that has a better name further out."""
    return code.co_name in {"_racing", "within"}


def _about(frame: FrameType) -> str:
    event, claim = frame.f_locals.get("event"), frame.f_locals.get("claim")
    if event is not None:
        return f"({type(event).__name__})"
    arrival = getattr(claim, "arrival", None)
    return f"({arrival.type})" if arrival is not None else ""


def _frames() -> Iterator[FrameType]:
    """The stack, through the greenlets in which SQLAlchemy runs what is not asynchronous."""
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 - inspect's is the same, and slow
    greenlet = getcurrent()
    while True:
        while frame is not None:
            yield frame
            frame = frame.f_back
        greenlet = greenlet.parent
        if greenlet is None:
            return
        frame = greenlet.gr_frame


class _Written:
    """Names writes by what is written; what continues a request is named after it."""

    def name(self, transport: Any, data: Any) -> str:  # noqa: ANN401 - a transport, and bytes
        """Such as `write: POST /api/chat.postMessage`, `write: SMTP DATA`, `write: 200 to …`."""
        written = (
            bytes(data) if isinstance(data, bytes | bytearray | memoryview) else b"".join(data)
        )
        protocol = transport.get_protocol()
        if type(protocol).__module__.startswith("aiosmtplib"):
            return f"write: SMTP {_of_smtp(written)}"
        if asked := _REQUEST.match(written):
            path = _AN_ID.sub("…", asked[2].decode().partition("?")[0])
            return f"write: {asked[1].decode()} {path}"
        if answered := _ANSWER.match(written):
            return f"write: {answered[1].decode()} to {_asked_for()}"
        return "write: the rest"


def _asked_for() -> str:
    """The path of the request that is being answered."""
    found: Iterator[Any] = (frame.f_locals.get("request") for frame in _frames())
    return next((str(one.path) for one in found if hasattr(one, "path")), "somebody")


def _of_smtp(written: bytes) -> str:
    if written == b".\r\n":
        return "final dot"
    command = _COMMAND.fullmatch(written)
    return command[1].decode() if command and len(written) < _COMMAND_LENGTH else "letter"
