"""`python -m bot sandbox --counterparts`: everybody but the bot, for one that you start yourself.

What it prints is a file of settings: comments, and a line for each name that leads to us.
"""

import asyncio
import shlex
import signal
from collections.abc import Mapping
from contextlib import AsyncExitStack

from bot.sandbox import surroundings
from bot.sandbox.page.elsewhere import opened_beside


async def lend(started_in: Mapping[str, str], *, bot_port: int) -> int:
    """The process's exit code, once it was told to end. Raises Misconfigured where PORT is taken.

    `bot_port` is where the bot listens, or will: on this machine.
    """
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    wanted = surroundings.port(started_in) or 0
    async with AsyncExitStack() as stack:
        try:
            beside = opened_beside(bot_port, port=wanted)
            site, settings = await stack.enter_async_context(beside)
        except OSError as taken:
            raise surroundings.port_taken(started_in, wanted) from taken
        print(*_said(site.url, settings, bot_port), sep="\n", flush=True)
        await stop.wait()
    return 0


def _said(url: str, settings: Mapping[str, str], bot_port: int) -> list[str]:
    return [
        "# Stand-ins for Stripe, Slack, a model and a mailbox, on this machine, with no account.",
        f"# Let payments fail, press buttons and read the mail at {url}",
        "# Give these settings to the bot that you start. They hold until this is ended: Ctrl-C.",
        f"PORT={bot_port}",
        *(f"{name}={shlex.quote(value)}" for name, value in settings.items()),
    ]
