"""The bot as a process of its own whose clock is told over its input: `python -m` this module.

It ends when its input does, so that none is left behind by a sandbox that was killed.
"""

import asyncio
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from aiohttp import web

from bot import config as settings
from bot import log
from bot.app import RUNNING, web_app
from bot.sandbox.clock import MovableClock

SHUTDOWN_SECONDS = 1.0


async def live() -> None:
    """Serve until the input ends. A line of it is seconds to move the clock by, and is answered."""
    lines = await _input()
    ahead = float(await lines.readline())
    clock = MovableClock(datetime.now(UTC) + timedelta(seconds=ahead), running=True)
    config = settings.load()
    log.start(level=config.log_level, secrets=config.secrets)
    app = web_app(config, clock, polls=True)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", config.port).start()
    if (parts := app[RUNNING].parts) is not None:
        clock.when_moved(parts.worker.wake)
    print("listening", flush=True)
    try:
        while line := await lines.readline():
            clock.move(timedelta(seconds=float(line)))
            print("moved", flush=True)
    finally:
        await runner.cleanup()


async def _input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    return reader


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):  # the sandbox is interrupted, too, and closes our input
        asyncio.run(live())
