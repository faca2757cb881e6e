"""The bot as a process of its own whose clock is told over its input: `python -m` this module.

Each line of its input is how many seconds its clock is to be ahead of the machine's, and is
answered. It ends when its input does, so that none is left behind by a sandbox that was killed.
"""

import asyncio
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from importlib import import_module

from aiohttp import web

from bot import config as settings
from bot import log
from bot.app import RUNNING, web_app
from bot.drafting.rulebook import vocabularies
from bot.sandbox.clock import MovableClock
from bot.worker import Worker

SHUTDOWN_SECONDS = 1.0
GLANCE_SECONDS = 0.05
# The bot itself reads the model's library when it first needs it; here somebody waits for that.
READ_AHEAD = "bot.drafting.writer"
# So long it has, at a step of the clock, to do what is due before the next. What is not done then
# (a model that is silent) delays each further step a little only: a week must not take a minute.
BREATH_SECONDS = 0.75
SHORT_BREATH_SECONDS = 0.1
LAST_BREATH_SECONDS = 0.5


async def live() -> None:
    """Serve until the input ends."""
    lines = await _input()
    import_module(READ_AHEAD)
    vocabularies()
    line = await lines.readline()
    if not line:
        return  # ended before it was let begin
    clock = MovableClock(datetime.now(UTC) + timedelta(seconds=float(line)), running=True)
    config = settings.load()
    # Standard output answers for the clock.
    log.start(level=config.log_level, secrets=config.secrets, stream=sys.stderr)
    app = web_app(config, clock, polls=True, keeps_time=False)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    while (parts := app[RUNNING].parts) is None:  # noqa: ASYNC110 - its database is slow
        await asyncio.sleep(GLANCE_SECONDS)
    # The port is held for us by whoever started us.
    await web.TCPSite(runner, "127.0.0.1", config.port, reuse_port=True).start()
    print("listening", flush=True)
    try:
        await _follow(lines, clock, parts.worker)
    finally:
        await runner.cleanup()


async def _follow(lines: asyncio.StreamReader, clock: MovableClock, worker: Worker) -> None:
    """Move the clock as told, and do what is due then, until the input ends."""
    doing: asyncio.Task[None] | None = None
    while line := await lines.readline():
        further = timedelta(seconds=float(line)) - clock.ahead
        clock.move(max(further, timedelta(0)))
        worker.wake()
        seconds = SHORT_BREATH_SECONDS
        if doing is None or doing.done():
            doing, seconds = asyncio.create_task(worker.idle()), BREATH_SECONDS
        # Never broken off in the middle of a claim: what takes longer goes on meanwhile.
        await asyncio.wait({doing}, timeout=seconds)
        print("moved", flush=True)
    if doing is not None:
        await asyncio.wait({doing}, timeout=LAST_BREATH_SECONDS)
        doing.cancel()
        await asyncio.gather(doing, return_exceptions=True)


async def _input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    return reader


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(live())
