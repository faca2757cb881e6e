"""A Procfile's processes, run as a platform runs them: by `heroku local` where it is, else by us.

https://devcenter.heroku.com/articles/procfile: one process for each line, PORT, what they say put
together with a prefix, and SIGTERM for all when they are to end.
"""

import asyncio
import re
import shlex
import shutil
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

GLANCE = 0.02
KILLED_AFTER = 30.0  # seconds, as Heroku has it
PREFIX = re.compile(r"^(?:\[\w+\] )?(?:\S+ (?:[AP]M )?)?(\w+)\.1\s+\| {0,3}")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
# What `heroku local` says itself, of its processes.
NOT_THEIRS = re.compile(r"^\[?(?:OKAY|WARN|DONE|EXIT|KILL|ERR|FAIL)")


def read(folder: Path) -> dict[str, str]:
    """The commands, by the names of their processes."""
    lines = (folder / "Procfile").read_text("utf-8").splitlines()
    return {
        name.strip(): command.strip()
        for name, colon, command in (one.partition(":") for one in lines)
        if colon and not name.startswith("#")
    }


def has_heroku() -> bool:
    """Whether Heroku's own command is here."""
    return shutil.which("heroku") is not None


class Formation:
    """Processes of one Procfile. `lines` is what they said, by process, without the prefix."""

    def __init__(self, folder: Path, names: Sequence[str], environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.names = tuple(names)
        self.lines: list[tuple[str, str]] = []
        self._environ = dict(environ)
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._readers: list[asyncio.Task[None]] = []

    async def start(self, *, by_heroku: bool | None = None) -> None:
        """Begin them all; nothing is waited for."""
        if has_heroku() if by_heroku is None else by_heroku:
            asked = ",".join(f"{name}=1" for name in self.names)
            port = self._environ["PORT"]
            await self._begin("", ["heroku", "local", asked, "--port", port])
            return
        commands = read(self.folder)
        for number, name in enumerate(self.names):
            port = str(int(self._environ["PORT"]) + 100 * number)  # as `heroku local` counts
            own = {"PORT": port, "DYNO": f"{name}.1"}
            await self._begin(name, ["/bin/sh", "-c", f"exec {commands[name]}"], own)

    async def end(self) -> float:
        """SIGTERM to all, and what Heroku does to whoever does not end; the seconds it took."""
        began = time.monotonic()
        running = [one for one in self._processes.values() if one.returncode is None]
        for process in running:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(KILLED_AFTER):
                await asyncio.gather(*(one.wait() for one in running))
        except TimeoutError:
            for process in running:
                with suppress(ProcessLookupError):
                    process.kill()
            await asyncio.gather(*(one.wait() for one in running))
        took = time.monotonic() - began
        await asyncio.gather(*self._readers)
        return took

    async def until(self, it_is_so: Callable[[], bool]) -> None:
        """Return once it is so; what they say is looked at for that."""
        while not it_is_so():  # noqa: ASYNC110 - other processes are what is waited for
            await asyncio.sleep(GLANCE)

    @property
    def codes(self) -> dict[str, int | None]:
        """How each ended; None for one that runs."""
        return {name or "heroku": one.returncode for name, one in self._processes.items()}

    def said(self) -> str:
        """All that they said, with its prefix."""
        return "\n".join(f"{name}.1 | {text}" for name, text in self.lines)

    async def _begin(
        self, name: str, command: Sequence[str], own: Mapping[str, str] | None = None
    ) -> None:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=self.folder,
            env={**self._environ, **(own or {})},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self._processes[name] = process
        self._readers.append(asyncio.create_task(self._read(name, process)))

    async def _read(self, name: str, process: asyncio.subprocess.Process) -> None:
        while process.stdout is not None and (line := await process.stdout.readline()):
            text = ANSI.sub("", line.decode(errors="replace").rstrip("\n"))
            if name:
                self.lines.append((name, text))
            elif found := PREFIX.match(text):
                self.lines.append((found[1], text[found.end() :]))
            elif text and not NOT_THEIRS.match(text):
                self.lines.append(("heroku", text))


async def once(folder: Path, name: str, environ: Mapping[str, str]) -> tuple[int, str]:
    """Run one line of the Procfile to its end, as the release phase is; its code, and its words."""
    process = await asyncio.create_subprocess_exec(
        *shlex.split(read(folder)[name]),
        cwd=folder,
        env={**environ, "DYNO": f"{name}.1"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode(errors="replace").strip()
