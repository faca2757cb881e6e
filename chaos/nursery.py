"""Bots born by forking: one process has imported the libraries, so that none has to again.

An import of a second for every start would make most of the time of a thousand kills. Each bot is
a process of its own, which runs what `python -m bot` runs, and dies alone.
"""

import asyncio
import json
import os
import selectors
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from tempfile import TemporaryDirectory

from bench.bot_process import ROOT, clean_environment

REAPED_EVERY = 1.0  # seconds


@dataclass(frozen=True, kw_only=True)
class Bot:
    """What is to be born: its settings, its folder (orders, log), and whether it is wrong."""

    settings: Mapping[str, str]
    folder: str
    wrong: bool = False


@dataclass(frozen=True, kw_only=True)
class Born:
    """A process. Its end of the connection closes when it ends, however it ends."""

    pid: int
    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter

    async def ended(self) -> None:
        """Return once it has ended."""
        with suppress(ConnectionError):
            await self._reader.read()
        self._writer.close()


@dataclass(frozen=True, kw_only=True)
class Nursery:
    """Where bots come from: `socket` is the address of the process that forks."""

    socket: str

    async def bear(self, bot: Bot) -> Born:
        """A new process, which begins to run."""
        reader, writer = await asyncio.open_unix_connection(self.socket)
        writer.write(json.dumps(vars(bot)).encode() + b"\n")
        return Born(pid=int(await reader.readline()), _reader=reader, _writer=writer)


@asynccontextmanager
async def nursery() -> AsyncIterator[Nursery]:
    """One that is ready; whatever it bore ends with the block, or with us."""
    with TemporaryDirectory(prefix="nursery-") as folder:
        address = f"{folder}/socket"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "chaos.nursery", address),
            cwd=ROOT,
            env=clean_environment({}),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            if process.stdout is None or not await process.stdout.readline():
                raise RuntimeError("the nursery did not start")
            yield Nursery(socket=address)
        finally:
            await process.communicate(b"")  # closes its input, then waits


# The process that forks.


def main(address: str) -> None:
    """Fork at every request, until our input ends; then end all that were born."""
    _import_everything()
    children: set[int] = set()
    with socket.socket(socket.AF_UNIX) as listener, selectors.DefaultSelector() as ready:
        listener.bind(address)
        listener.listen(64)
        ready.register(listener, selectors.EVENT_READ)
        ready.register(sys.stdin, selectors.EVENT_READ)
        print("ready", flush=True)
        while True:
            for key, _ in ready.select(REAPED_EVERY):
                if key.fileobj is sys.stdin:
                    _end(children)
                    return
                children.add(_bear(listener, ready))
            _reap(children)


def _import_everything() -> None:
    import bot.app  # noqa: PLC0415 - this is what takes the time
    import bot.drafting.writer  # noqa: F401, PLC0415 - likewise
    from bot.drafting.rulebook import language, locales, vocabularies  # noqa: PLC0415 - likewise

    vocabularies()
    for locale in locales():
        language(locale)


def _bear(listener: socket.socket, ready: selectors.BaseSelector) -> int:
    connection, _ = listener.accept()
    with connection, connection.makefile("r", encoding="utf-8") as lines:
        asked = Bot(**json.loads(lines.readline()))
        child = os.fork()
        if child == 0:
            ready.close()
            listener.close()
            sys.exit(_live(asked))
        connection.sendall(f"{child}\n".encode())
        return child


def _live(asked: Bot) -> int:
    """The child: everything it has of us is replaced, and the bot runs."""
    log = os.open(f"{asked.folder}/log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for given, own in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(given, own)
    os.environ.clear()
    os.environ.update(clean_environment(asked.settings))
    from chaos.armed import main as armed  # noqa: PLC0415 - it arms this process

    wrong = ["--wrong"] if asked.wrong else []
    return armed(["--orders", f"{asked.folder}/orders", *wrong, "web"])


def _reap(children: set[int]) -> None:
    for child in list(children):
        with suppress(ChildProcessError):
            if os.waitpid(child, os.WNOHANG)[0] == 0:
                continue
        children.discard(child)


def _end(children: set[int]) -> None:
    _reap(children)
    for child in children:
        os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1])
