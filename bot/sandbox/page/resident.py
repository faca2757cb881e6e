"""The bot beside the page, in a process of its own: started, killed for real, started again."""

import asyncio
import os
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.sandbox.clock import MovableClock

ROOT = Path(__file__).resolve().parents[3]
KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "SYSTEMROOT")


@dataclass(kw_only=True)
class Resident:
    """Owns the process. `settings` are what it is started with the next time."""

    clock: MovableClock
    settings: dict[str, str]
    port: int
    _process: asyncio.subprocess.Process | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def url(self) -> str:
        """Where it listens, whichever process it is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_up(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it, unless it runs; returns once it listens. RuntimeError when it never does."""
        async with self._turn:
            if self.is_up:
                return
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot.sandbox.page.resident_process"),
                cwd=ROOT,
                env=_environment({**self.settings, "PORT": str(self.port)}),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            ahead = self.clock.now() - datetime.now(UTC)
            await self._told(ahead.total_seconds())

    async def move(self, by: timedelta) -> None:
        """Let its clock go forward with ours; nothing while it is down."""
        async with self._turn:
            if self.is_up:
                await self._told(by.total_seconds())

    def kill(self) -> None:
        """SIGKILL, whatever it was about to do."""
        if self._process is not None and self.is_up:
            self._process.kill()

    async def stop(self) -> None:
        """End it in order, as a deploy does. Idempotent."""
        async with self._turn:
            if self._process is not None:
                await self._process.communicate(b"")
                self._process = None

    async def _told(self, seconds: float) -> None:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise RuntimeError("the bot is not running")
        with suppress(ConnectionError):
            process.stdin.write(f"{seconds}\n".encode())
            await process.stdin.drain()
        if not await process.stdout.readline() and process.returncode is None:
            await process.wait()


def free_port() -> int:
    """A port of loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    return {name: os.environ[name] for name in KEPT if name in os.environ} | dict(settings)
