"""`make sandbox ONCE=1`: the whole bot on loopback, a story played to it, and an audit of that.

Every line it prints is read from a counterpart or from the journal.
"""

import asyncio
import io
import signal
import sys
import tempfile
from collections.abc import Coroutine, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from bot import config as settings
from bot import log
from bot.sandbox import story, surroundings
from bot.sandbox.audit import audit
from bot.sandbox.clock import MovableClock, weekday_noon
from bot.sandbox.evidence import collected
from bot.sandbox.terminal import Screen
from bot.sandbox.town import Town, town
from bot.sandbox.witness import Witness
from migrations.run import upgrade

INTERRUPTED = 130  # what a shell says of Ctrl-C


async def play(started_in: Mapping[str, str]) -> int:
    """The process's exit code: 0 when the story was told to its end and the audit agrees."""
    began = perf_counter()
    screen = _screen(started_in)
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    _greet(screen, started_in)
    with tempfile.TemporaryDirectory(prefix="dunning-desk-") as folder:
        code = await _live(screen, stop, Path(folder) / "desk.sqlite3", began)
    screen.paragraph("Ended.")
    return code


def open_rooms(built: Town) -> None:
    """A guest in the room sees the cards, and an account manager there may take a VIP on."""
    built.review.members += [built.people.priya.id, built.people.guest.id]


async def tell_and_audit(screen: Screen, built: Town, witness: Witness, began: float) -> int:
    """The exit code; `began` is a moment of perf_counter."""
    try:
        await story.tell(story.Stage(built, screen, witness))
    except story.StoryBroke as broke:
        screen.heading("The story broke off")
        screen.paragraph(str(broke))
        return 1
    screen.heading("The audit: mailbox, Slack, Stripe and journal, held against each other")
    findings = audit(await collected(built))
    for one in findings:
        screen.check(one.claim, one.complaints)
    _figures(screen, witness, began)
    return 0 if all(one.agrees for one in findings) else 1


async def _live(screen: Screen, stop: asyncio.Event, database: Path, began: float) -> int:
    """From an empty file to the audit."""
    url = f"sqlite+aiosqlite:///{database}"
    await asyncio.to_thread(upgrade, url)
    clock = MovableClock(weekday_noon(datetime.now(UTC)), running=True)
    async with town(url, clock, polls=True) as built:
        log.start(level="warning", secrets=built.config.secrets, stream=sys.stderr)
        open_rooms(built)
        _map(screen, built, database)
        witness = Witness(built, screen)
        code = await _unless(stop, tell_and_audit(screen, built, witness, began))
        if code is None:
            screen.paragraph("Stopped before the story was over.")
            return INTERRUPTED
    return code


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, int]) -> int | None:
    """What the work answers; None when it was stopped before it was done."""
    working, stopped = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if working.done():
        return working.result()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    return None


def _screen(started_in: Mapping[str, str]) -> Screen:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal may not know a line or an accent
    return Screen(sys.stdout, colour=sys.stdout.isatty() and surroundings.wants_colour(started_in))


def _greet(screen: Screen, started_in: Mapping[str, str]) -> None:
    screen.title("Dunning Desk: the sandbox")
    screen.paragraph(
        "The whole bot runs here with no account: Stripe, Slack, the language model and the "
        "mailbox are stand-ins on 127.0.0.1, reached over real HTTP and SMTP. Each line below "
        "is read back from one of them, or from the bot's journal."
    )
    ignored = settings.named_in(started_in)
    if ignored:
        screen.paragraph(
            f"Set in your environment and ignored here: {', '.join(ignored)}. The sandbox uses "
            "no key of yours and speaks to nobody outside this machine."
        )


def _map(screen: Screen, built: Town, database: Path) -> None:
    screen.pairs(
        [
            ("Bot", built.url),
            ("Stripe", built.stripe.api_base),
            ("Slack", built.slack.api_url),
            ("Model", built.model.base_url),
            ("Mailbox", built.mailbox.url),
            ("Database", f"{database} (removed at the end)"),
            *_rooms(built),
            ("Clock", f"{built.clock.now():%A %H:%M} UTC, whatever the day; it can be moved"),
        ]
    )


def _rooms(built: Town) -> Iterator[tuple[str, str]]:
    """Who is in which channel, guests marked."""
    users = built.slack.state.users
    for channel in (built.review, built.vip):
        people = [users[one] for one in channel.members]
        names = [f"{one.real_name}{' (guest)' * one.is_restricted}" for one in people]
        yield f"#{channel.name}", ", ".join(names)


def _figures(screen: Screen, witness: Witness, began: float) -> None:
    if witness.first_card is not None:
        first, whole = witness.first_card - began, perf_counter() - began
        screen.paragraph(
            f"From the start to the first card {first:.1f} s; "
            f"to the end of the audit {whole:.1f} s."
        )
