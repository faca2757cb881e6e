"""The bot beside the page, in a process of its own: started, killed for real, started again.

Nothing waits for it for ever: one that does not answer in time is killed and shown as down.
"""

import asyncio
import socket
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from bot.sandbox.clock import MovableClock

ROOT = Path(__file__).resolve().parents[3]
COMMAND = (sys.executable, "-m", "bot.sandbox.page.resident_process")
LINES_KEPT = 200
CHUNK = 65_536


class State(StrEnum):
    """Where its process is in its life."""

    STARTING = "starting"
    UP = "up"
    STOPPING = "stopping"
    DOWN = "down"


class Why(StrEnum):
    """Why it is down."""

    NOT_STARTED = "not_started"
    STOPPED = "stopped"
    KILLED = "killed"
    DIED = "died"
    HUNG = "hung"


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Real seconds that it has to listen, to answer that the clock was moved, and to end."""

    start: float = 90.0  # a machine may be busy with much else
    answer: float = 10.0
    stop: float = 9.0


@dataclass(kw_only=True)
class Resident:
    """Owns the process. `settings` are what it is started with the next time, beside `around`.

    log: what it said last. hear: called with each line of that as it comes. on_up: awaited each
    time that it has come to listen. ours: whether it is ours to start and to end.
    """

    clock: MovableClock
    settings: dict[str, str]
    port: int
    ours: bool = True
    around: Mapping[str, str] = field(default_factory=dict)
    hear: Callable[[str], None] = lambda _: None
    on_up: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    command: tuple[str, ...] = COMMAND
    patience: Patience = Patience()
    state: State = State.DOWN
    why: Why | None = Why.NOT_STARTED
    log: deque[str] = field(default_factory=lambda: deque(maxlen=LINES_KEPT))
    _spoken: str | None = None
    _process: asyncio.subprocess.Process | None = None
    _ended: asyncio.Task[None] | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def url(self) -> str:
        """Where it listens, whichever process it is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_up(self) -> bool:
        """Whether it listens."""
        return self.state is State.UP

    async def start(self, *, after: Callable[[], Awaitable[object]] | None = None) -> bool:
        """Start it, unless it runs, to begin once `after` is done; whether it listens."""
        async with self._turn:
            return await self._start(after)

    async def stop(self) -> None:
        """End it in order, as a deploy does. Idempotent."""
        async with self._turn:
            await self._end()

    async def restart(self) -> bool:
        """End it in order and start it again, with the settings of now; whether it listens."""
        async with self._turn:
            await self._end()
            return await self._start()

    async def speak(self, locale: str) -> None:
        """Speak this language from now on; one that runs and speaks another is started again."""
        self.settings["LOCALE"] = locale
        async with self._turn:
            if self.is_up and self._spoken != self.settings["LOCALE"]:
                await self._end()
                await self._start()

    async def kill(self) -> None:
        """SIGKILL, whatever it was about to do; returns when it is dead. Idempotent."""
        if self._process is not None and self._ended is not None:
            self._kill(self._process, Why.KILLED)
            await asyncio.wait({self._ended})

    async def follow(self) -> None:
        """Let its clock show what ours does; nothing while it is down."""
        async with self._turn:
            if self._process is not None and self.is_up:
                await self._told(self._process, self.patience.answer)

    async def _start(self, after: Callable[[], Awaitable[object]] | None = None) -> bool:
        if self.is_up:
            return True
        await self._end()  # a start that was broken off may have left one
        self.state, self.why = State.STARTING, None
        self._spoken = self.settings.get("LOCALE")
        self._process = process = await asyncio.create_subprocess_exec(
            *self.command,
            cwd=ROOT,
            env={**self.around, **self.settings, "PORT": str(self.port)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C in the terminal is for us, who then end it in order
        )
        self._ended = asyncio.create_task(self._watched(process))
        if after is not None:
            await self._first(after)
        if await self._told(process, self.patience.start):
            self.state = State.UP
            for glad in self.on_up:
                await glad()
        return self.is_up

    async def _first(self, after: Callable[[], Awaitable[object]]) -> None:
        """It reads its code meanwhile; where this fails, there is nothing for it to do."""
        try:
            await after()
        except BaseException:
            await self.kill()
            raise

    async def _end(self) -> None:
        if self._process is None or self._ended is None:
            return
        self.state, self.why = State.STOPPING, self.why or Why.STOPPED
        if self._process.stdin is not None:
            self._process.stdin.close()
        in_time, _ = await asyncio.wait({self._ended}, timeout=self.patience.stop)
        if not in_time:
            self._kill(self._process, Why.STOPPED)
            await asyncio.wait({self._ended})

    async def _told(self, process: asyncio.subprocess.Process, seconds: float) -> bool:
        """Tell it how far ahead our clock is; whether it answered. One that does not is killed."""
        if process.stdin is None or process.stdout is None or self._ended is None:
            return False
        try:
            async with asyncio.timeout(seconds):
                process.stdin.write(f"{self.clock.ahead.total_seconds()}\n".encode())
                await process.stdin.drain()
                if await process.stdout.readline():
                    return True
            self._kill(process, Why.DIED)  # what closed its output is of no more use
        except TimeoutError:
            self._kill(process, Why.HUNG)
        except ConnectionError:
            self._kill(process, Why.DIED)
        await asyncio.wait({self._ended})
        return False

    def _kill(self, process: asyncio.subprocess.Process, why: Why) -> None:
        if self._process is not process:
            return  # it is dead, and known to be
        self.state, self.why = State.STOPPING, self.why or why
        with suppress(ProcessLookupError):
            process.kill()

    async def _watched(self, process: asyncio.subprocess.Process) -> None:
        """Keep what it says; when it ends, however it does, it is down."""
        rest = b""
        while process.stderr is not None and (chunk := await process.stderr.read(CHUNK)):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._heard(line)
        if rest:
            self._heard(rest)
        await process.wait()
        self.state, self.why, self._process = State.DOWN, self.why or Why.DIED, None

    def _heard(self, line: bytes) -> None:
        text = line.decode(errors="replace")
        self.log.append(text)
        self.hear(text)


def place() -> socket.socket:
    """A port of loopback that is nobody else's while this is open, whether the bot runs or not.

    It is bound and does not listen: a process of ours may, with SO_REUSEPORT (socket(7)).
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    held.bind(("127.0.0.1", 0))
    return held
