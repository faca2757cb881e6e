"""`python -m bot setup`: the same steps in a terminal, with questions or without."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from textwrap import indent

from bot import config as settings
from bot.billing import API_VERSION
from bot.clock import SystemClock
from bot.intake.translate import TAKEN
from bot.sandbox.clock import MovableClock
from bot.sandbox.town import TEST_MAIL_TO, Houses, houses
from bot.setup.terminal import Terminal, Wishes
from bot.words import say
from tests.setup.scene import ABSENT, KEY, PUBLIC, environ

ROOT = Path(__file__).parents[2]
AT_HOME = {"PUBLIC_URL": PUBLIC, "SECRET_KEY": KEY}


@asynccontextmanager
async def around_now() -> AsyncIterator[Houses]:
    """A process has the machine's own clock, and so must Slack."""
    async with houses(MovableClock(datetime.now(UTC), running=True)) as around:
        yield around


async def run(
    tmp_path: Path, around: Houses, wishes: Wishes, *answers: str, absent: tuple[str, ...] = ABSENT
) -> tuple[bool, str]:
    """What one run says, where somebody answers so; in a thread, as its calls have loops."""
    config = settings.load(environ(tmp_path, around, *absent, **AT_HOME))
    said: list[str] = []
    left = list(answers)

    def ask(question: str) -> str:
        said.append(question)
        return left.pop(0)

    terminal = Terminal(config, SystemClock(), ask=ask if answers else None, tell=said.append)
    done = await asyncio.to_thread(terminal.run, wishes)
    assert left == []
    return done, "\n".join(said)


async def test_it_asks_makes_and_prints_the_lines_to_set(tmp_path: Path) -> None:
    async with around_now() as around:
        answers = ("yes", "7", "1", "2, 1", "1", "y", "n")
        done, said = await run(tmp_path, around, Wishes(), *answers)
        [made] = around.stripe.webhooks.endpoints
        [card] = around.slack.messages(around.review.id)
        maya, tom = around.people.maya.id, around.people.tom.id
    assert not done  # what it printed is not set yet
    assert f"STRIPE_WEBHOOK_SECRET={made.secrets[0]}" in said
    assert said.count("Which channel?") == 2  # there is no seventh one
    lines = f"REVIEW_CHANNEL={around.review.id}\nAPPROVERS={maya},{tom}\nACCOUNT_MANAGER={maya}\n"
    assert indent(lines, "    ") in said
    assert "test card" in card.text
    assert around.mailbox.mails == []


async def test_where_nobody_agrees_nothing_is_done(tmp_path: Path) -> None:
    async with around_now() as around:
        done, said = await run(tmp_path, around, Wishes(), "", "", "", "no", absent=ABSENT[1:])
        assert around.stripe.webhooks.endpoints == []
        assert around.slack.messages(around.review.id) == []
        assert around.mailbox.mails == []
    assert "[ ] 3. Let Stripe tell us\n    Still to set: STRIPE_WEBHOOK_SECRET" in said
    assert not done


async def test_once_all_is_set_it_still_goes_through_the_steps(tmp_path: Path) -> None:
    async with around_now() as around:
        config = environ(tmp_path, around, "VIP_CHANNEL", "ACCOUNT_MANAGER")
        said: list[str] = []
        terminal = Terminal(settings.load(config), SystemClock(), ask=None, tell=said.append)
        assert await asyncio.to_thread(terminal.run, Wishes())
    assert [line for line in said if line.startswith("[✓]")] == [
        f"[✓] {number}. {say('en', f'setup.{name}.title')}"
        for number, name in enumerate(("slack", "stripe", "endpoint", "channel", "letters"), 1)
    ]


async def test_with_flags_it_does_just_that_and_says_by_its_end_whether_it_could(
    tmp_path: Path,
) -> None:
    async with around_now() as around:
        wishes = Wishes(base="", card=True, mail=True, channel="billing-review")
        done, said = await run(tmp_path, around, wishes)
        [made] = around.stripe.webhooks.endpoints
        assert (made.url, made.version) == (f"{PUBLIC}/stripe/webhook", API_VERSION)
        assert made.events == frozenset(TAKEN)
        assert len(around.slack.messages(around.review.id)) == 1
        [mail] = around.mailbox.mails
        assert mail.recipients == (TEST_MAIL_TO,)
        assert done
        assert "[" not in said
        again, said = await run(tmp_path, around, Wishes(base=""))
        assert (again, "already" in said) == (False, True)
        away, said = await run(tmp_path, around, Wishes(card=True))
        assert (away, "--channel" in said) == (False, True)
        away, said = await run(tmp_path, around, Wishes(card=True, channel="no-such"))
        assert (away, "not a private channel" in said) == (False, True)
        away, said = await run(tmp_path, around, Wishes(base="http://localhost:8080"))
        assert (away, "does not take this address" in said) == (False, True)
        mute, said = await run(tmp_path, around, Wishes(mail=True), absent=("MAIL_URL",))
        assert (mute, "MAIL_URL" in said) == (False, True)


async def test_the_command_itself_without_a_terminal_asks_nothing(tmp_path: Path) -> None:
    async with around_now() as around:
        started_in = environ(tmp_path, around, *ABSENT, LOCALE="fr")
        ran = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "setup"),
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8", **started_in},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said, complained = (one.decode() for one in await ran.communicate())
    assert (ran.returncode, complained) == (1, "")
    assert "[✓] 1. Créer l’application Slack" in said
    assert "Reste à définir\u00a0: REVIEW_CHANNEL" in said
    assert "[o/N]" not in said
    assert max(len(line) for line in said.splitlines() if "://" not in line) <= 100
    assert not re.search(r"[`*{}]", said)
    secrets = settings.load(started_in).secrets
    assert not any(secret in said for secret in secrets)
