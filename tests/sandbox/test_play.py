"""`python -m bot sandbox --once` as a stranger runs it: a process in an empty environment."""

import asyncio
import re
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

from bot.sandbox.clock import MovableClock
from bot.sandbox.mailbox import Mail
from bot.sandbox.play import open_rooms, tell_and_audit
from bot.sandbox.terminal import Screen
from bot.sandbox.town import Town, town
from bot.sandbox.witness import Witness
from tests.databases import SqliteFiles

ROOT = Path(__file__).parents[2]
PATIENCE = 60  # seconds; alone on this machine it takes less than ten


@asynccontextmanager
async def sandbox(
    tmp_path: Path, *arguments: str, stdout: int = PIPE, stderr: int = STDOUT, **environ: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-W", "error", "-m", "bot", "sandbox", *arguments),
        cwd=ROOT,
        env={"TMPDIR": str(tmp_path), **environ},
        stdout=stdout,
        stderr=stderr,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def read_until(process: asyncio.subprocess.Process, wanted: str) -> str:
    assert process.stdout
    read = ""
    async with asyncio.timeout(PATIENCE):
        while wanted not in read:
            line = (await process.stdout.readline()).decode()
            assert line, f"ended without {wanted!r}:\n{read}"
            read += line
    return read


async def read_all(process: asyncio.subprocess.Process) -> str:
    async with asyncio.timeout(PATIENCE):
        out, _ = await process.communicate()
    return out.decode()


@asynccontextmanager
async def stage_in(
    sqlite_files: SqliteFiles, folder: Path
) -> AsyncIterator[tuple[Town, Callable[[], Awaitable[tuple[int, str]]]]]:
    """A town, and what plays and audits the story in it: the exit code and what was printed."""
    with sqlite_files.migrated(folder) as url:
        async with town(url, MovableClock(datetime(2026, 11, 18, 12, tzinfo=UTC))) as built:
            out = StringIO()
            screen = Screen(out, colour=False)

            async def play_it() -> tuple[int, str]:
                open_rooms(built)
                code = await tell_and_audit(screen, built, Witness(built, screen), 0)
                return code, out.getvalue()

            yield built, play_it


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def in_one_line(story: str) -> str:
    return re.sub(r"[\s│]+", " ", story)


async def test_once_it_tells_five_stories_audits_them_and_ends_well(tmp_path: Path) -> None:
    keys = {"STRIPE_API_KEY": "sk_test_51ABC", "OPENAI_API_KEY": "sk-real"}
    async with sandbox(tmp_path, "--once", **keys) as process:
        story = await read_all(process)
    assert process.returncode == 0, story
    told = in_one_line(story)
    assert not any(key in told for key in keys.values())
    for line in (
        "Set in your environment and ignored here: STRIPE_API_KEY, OPENAI_API_KEY.",
        "Chloé Martin · €49.00 · attempt 1",
        "Gus Guest pressed [Approve]",
        "Only Gus Guest sees: Guests can’t decide here.",
        "Approved by @Maya Okafor",
        "Bonjour Chloé,",
        "Cette facture est payée.",
        "URGENT: VIP customer Halden Freight Ltd failed to pay $1,800.00.",
        "@Priya Nair has got it",
        "@Priya Nair contacted the customer",
        "Only Tom Berger sees: This is closed",
        "the language model’s words broke a rule",
        "Stripe has no e-mail address for this customer.",
        "waiting → by hand (no address).",
        "2 mails: subject, text and HTML say what the card says",
    ):
        assert line in told
    assert told.count("invoice.payment_failed:") == 5
    assert told.count(" bytes came for ") == 2
    assert told.count("(recovered)") == 3
    assert told.count("Paid, today at") == 4  # three cards, and the VIP's thread
    assert "DIFFERS" not in told
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f]", story), "no colour, no control characters"
    wide = [line for line in story.splitlines() if len(line) > 80]
    assert [line for line in wide if str(tmp_path) not in line] == []
    assert left_in(tmp_path) == []


async def test_stopped_in_the_middle_it_says_so_and_leaves_nothing_behind(tmp_path: Path) -> None:
    async with sandbox(tmp_path, "--once") as process:
        await read_until(process, "invoice.payment_failed")
        process.send_signal(signal.SIGINT)
        rest = await read_all(process)
    assert process.returncode == 130, rest
    assert "Stopped before the story was over." in rest
    assert "Traceback" not in rest
    assert left_in(tmp_path) == []


class Bending(list[Mail]):
    """A mailbox's shelf on which one letter of every mail changes."""

    def append(self, mail: Mail) -> None:
        super().append(replace(mail, raw=mail.raw.replace(b"Bonjour", b"Bonsoir")))


async def test_a_run_whose_bytes_differ_from_the_cards_fails(
    sqlite_files: SqliteFiles, tmp_path: Path
) -> None:
    async with stage_in(sqlite_files, tmp_path) as (built, play_it):
        built.mailbox.mails = Bending()
        code, story = await play_it()
    assert code == 1
    assert "DIFFERS 2 mails: subject, text and HTML say what the card says" in in_one_line(story)


async def test_a_run_in_which_no_mail_arrives_fails_and_says_what_is_missing(
    sqlite_files: SqliteFiles, tmp_path: Path
) -> None:
    async with stage_in(sqlite_files, tmp_path) as (built, play_it):
        built.mailbox.refuse("MAIL", "550 5.7.1 Not from you", times=100)
        code, story = await play_it()
    assert code == 1
    assert "No mail about this invoice came." in story
