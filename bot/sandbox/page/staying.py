"""`make sandbox`: opens the page, says where and how soon, and stays until it is ended."""

import asyncio
import os
import signal
import socket
import sys
import tempfile
import threading
import time
import webbrowser
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import perf_counter

from bot import config
from bot.sandbox import surroundings
from bot.sandbox.page.desk import Desk
from bot.sandbox.page.opening import opened

PORT = 4242  # easy to remember; another one where it is taken
WORTH_TELLING = 2.0  # seconds before our start: `began` is known by whole ones
GLANCE = 0.02  # real seconds between two looks for the first card


async def stay(started_in: Mapping[str, str], *, browser: bool, began: float | None = None) -> int:
    """The process's exit code. Raises Misconfigured where PORT or a model's settings can't be used.

    `browser`: open one, where there is a desktop. `began`: when the command that we are the end
    of did, in seconds of Unix time.
    """
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    wanted = surroundings.port(started_in)
    model = surroundings.real_model(started_in)
    spoken = {"LOCALE": surroundings.language(started_in)}
    config.load({**model, **spoken})  # a mistake in them is told before anything stands
    here = _free(PORT) if wanted is None else wanted
    if wanted is not None and not _is_free(wanted):
        raise surroundings.port_taken(started_in, wanted)
    with tempfile.TemporaryDirectory(prefix="dunning-desk-") as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'desk.sqlite3'}"
        async with opened(
            url,
            port=here,
            settings={**model, **spoken},
            started_in=started_in,
            hear=_warn,
            waits=False,
        ) as site:
            _greet(site.url, started_in, model)
            _say(f"Open {_since_the_start():.1f} s after the start{_all_told(began)}.")
            if browser and surroundings.has_desktop(started_in, sys.platform):
                # A browser may run in the foreground; the page must not wait for its end.
                threading.Thread(target=webbrowser.open, args=(site.url,), daemon=True).start()
            await _first_card(site.desk, stop)
            await stop.wait()
            _say("Ending.")
    _say("Ended.")
    return 0


def _greet(url: str, started_in: Mapping[str, str], model: Mapping[str, str]) -> None:
    _say(f"Dunning Desk: the sandbox\n\n    {url}\n")
    _say(
        "The whole bot runs here with no account: Stripe, Slack, the language model and the\n"
        "mailbox are stand-ins on this machine. Nothing is kept. Ctrl-C ends it."
    )
    if model:
        _say(
            f"OPENAI_API_KEY is set: letters are written by {model['OPENAI_MODEL']} at "
            f"{model['OPENAI_BASE_URL']},\nover the network. Nothing else leaves this machine."
        )
    ours = {*model, "PORT"}
    ignored = [name for name in config.named_in(started_in) if name not in ours]
    if ignored:
        _say(f"Set in your environment and ignored here: {', '.join(ignored)}.")


async def _first_card(desk: Desk, stop: asyncio.Event) -> None:
    """Tell how long it took until something stood in a channel."""
    slack, rooms = desk.houses.slack, (desk.houses.review, desk.houses.vip)
    while not any(slack.messages(room.id) for room in rooms):
        with suppress(TimeoutError):
            async with asyncio.timeout(GLANCE):
                await stop.wait()
        if stop.is_set():
            return
    looked = desk.looked_at
    after = "" if looked is None else f", {perf_counter() - looked:.1f} s after a page was opened"
    _say(f"First card {_since_the_start():.1f} s after the start{after}.")


_IMPORTED = perf_counter()


def _since_the_start() -> float:
    """Seconds since this process began (proc(5), field 22); where unknown, since our import."""
    try:
        fields = Path("/proc/self/stat").read_text("ascii").rpartition(")")[2].split()
        began = int(fields[19]) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - began
    except (OSError, AttributeError, ValueError, IndexError):
        return perf_counter() - _IMPORTED


def _all_told(began: float | None) -> str:
    """How long it took with what came before us, such as installing; nothing where that is less."""
    seconds = 0.0 if began is None else time.time() - began
    before_us = seconds - _since_the_start()
    return f", {seconds:.0f} s with the installation" if before_us >= WORTH_TELLING else ""


def _free(port: int) -> int:
    """This port, or 0 (any) where it is taken."""
    return port if _is_free(port) else 0


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as aiohttp does
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _warn(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _say(text: str) -> None:
    print(text, flush=True)
