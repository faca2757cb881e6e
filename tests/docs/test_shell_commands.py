"""What the pages say to type: run where it can be, else listed here with what it needs.

A command that is changed on its page is no longer the one that is listed, and fails.
"""

import asyncio
import os
import re
import signal
import subprocess
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from bench.bot_process import quiet_port
from bot.sandbox.page.cast import AOIFE
from rehearsal.desk import Desk
from tests.sandbox.page.visitor import visiting

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
SETTING = re.compile(r"^[A-Z_]+=")
UNDO = "UNDO_SECONDS=0"

LEND = ".venv/bin/python -m bot sandbox --counterparts | tee .env"
BEGIN = "set -a; . ./.env; set +a\n.venv/bin/python -m bot web\n"

# Run below, in a folder like a clone's.
RUN = {LEND, *BEGIN.splitlines()}
# Run by other tests, each as it stands.
RUN_ELSEWHERE = {
    "make sandbox ONCE=1": "tests/test_tooling.py, tests/sandbox/test_play.py",
    ".venv/bin/python -m bot doctor": "tests/doctor",
    ".venv/bin/python -m bot setup": "tests/setup/test_terminal.py",
    ".venv/bin/python -m bot setup --make-endpoint=https://YOUR-APP.herokuapp.com": "likewise",
    ".venv/bin/python -m bot setup --test-card --channel=dunning": "likewise",
    ".venv/bin/python -m bot setup --test-mail": "likewise",
    ".venv/bin/python -m docs.make_letters": "tests/docs/test_letters_page.py",
}
# Nobody runs these here; each is named with what it needs.
NOT_RUN = {
    "stripe login": "Stripe's account",
    "stripe listen --forward-to localhost:8080/stripe/webhook": "Stripe's account",
    "heroku create --stack heroku-24": "Heroku's account",
    "heroku addons:create heroku-postgresql:essential-0": "Heroku's account",
    "heroku config:set COMPANY_NAME=Acme REVIEW_CHANNEL=dunning LOCALE=en": "Heroku's account",
    "heroku config:set MAIL_FROM='Ana at Acme <ana@example.com>'": "Heroku's account",
    "heroku config:set STRIPE_WEBHOOK_SECRET=whsec_…": "Heroku's account",
    "heroku logs --tail": "Heroku's account",
    "heroku logs | grep setup_open": "Heroku's account",
    "heroku rollback": "Heroku's account; make rehearsal does the same",
    "heroku pg:backups:schedule --at '02:00 UTC'": "Heroku's account",
    "heroku run python -m bot verify-journal": "Heroku's account",
    "curl https://YOUR-APP.herokuapp.com/readyz": "Heroku's account",
    "git push heroku main": "Heroku's account; make rehearsal does the same",
    "git pull": "a clone of your own",
    "make .venv/.ready-test": "the network: it installs",
    "make test ARGS='tests/drafting/test_letters.py tests/words tests/docs'": "all the tests",
    "useradd --system --shell /usr/sbin/nologin dunning": "root",
    "cd /usr/local/lib/dunning-desk": "root, who cloned it there",
    "python3 -m venv .venv": "the network, with what follows; make rehearsal does the same",
    ".venv/bin/python -m pip install --require-hashes -r requirements.txt": "the network",
    "sudo -u postgres createuser dunning": "root, and PostgreSQL",
    "sudo -u postgres createdb --owner dunning dunning": "root, and PostgreSQL",
    "systemctl daemon-reload": "root",
    "systemctl enable --now dunning-desk": "root",
    "systemctl stop dunning-desk": "root",
    "systemctl start dunning-desk": "root",
    "journalctl -u dunning-desk -f": "root",
    "curl http://127.0.0.1:8080/readyz": "the program at its usual port",
    "sqlite3 /var/lib/dunning-desk/dunning.sqlite3"
    " \".backup '/var/backups/dunning.sqlite3'\"": "root",
    "systemd-run --pty --wait --collect --uid=dunning"
    " --property=EnvironmentFile=/etc/dunning-desk.env"
    " --working-directory=/usr/local/lib/dunning-desk"
    " /usr/local/lib/dunning-desk/.venv/bin/python -m bot doctor": "root, and systemd",
    "git -C /usr/local/lib/dunning-desk pull": "root",
    "/usr/local/lib/dunning-desk/.venv/bin/python -m pip install --require-hashes"
    " -r /usr/local/lib/dunning-desk/requirements.txt": "root, and the network",
    "sudo -u dunning DATABASE_URL=/var/lib/dunning-desk/dunning.sqlite3"
    " .venv/bin/python -m bot verify-journal": "root; tests/test_record.py does the same",
}
PAGES = [
    DOCS / "get-started.md",
    *(DOCS / "how-to" / f"{name}.md" for name in ("deploy-heroku", "plain-server")),
    *(DOCS / "how-to" / f"{name}.md" for name in ("set-up", "upgrade", "own-letters")),
]


def blocks(page: Path) -> list[str]:
    return BLOCK.findall(page.read_text("utf-8"))


def commands(page: Path) -> list[str]:
    lines = [line for block in blocks(page) for line in block.splitlines()]
    return [line for line in lines if line and not SETTING.match(line)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_a_page_is_run_or_listed_with_what_it_needs(page: Path) -> None:
    known = RUN | RUN_ELSEWHERE.keys() | NOT_RUN.keys()
    assert [line for line in commands(page) if line not in known] == []


def test_every_listed_command_stands_on_a_page() -> None:
    written = {line for page in PAGES for line in commands(page)}
    assert (RUN | RUN_ELSEWHERE.keys() | NOT_RUN.keys()) - written == set()


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=str)
def test_every_block_for_a_shell_is_one_that_a_shell_can_read(page: Path) -> None:
    for block in blocks(page):
        read = subprocess.run(
            ["/bin/sh", "-n"], input=block, capture_output=True, text=True, check=False
        )
        assert read.returncode == 0, f"{block}\n{read.stderr}"


@pytest.mark.timeout(300)
async def test_get_started_leads_to_the_first_approved_letter_as_it_is_written(
    tmp_path: Path,
) -> None:
    """Typed line by line in a folder like a clone's; a person lets a payment fail, and approves."""
    like_a_clone(tmp_path)
    assert {LEND + "\n", BEGIN} <= set(blocks(DOCS / "get-started.md"))
    async with typed(tmp_path, LEND.replace("--counterparts", f"--counterparts {quiet_port()}")):
        settings = await until_whole(tmp_path / ".env")
        [page] = re.findall(r"mail at (http://\S+)", settings)
        with (tmp_path / ".env").open("a") as file:
            file.write(f"{UNDO}\n")  # only so that nobody waits half a minute
        async with typed(tmp_path, BEGIN), visiting(page) as visitor:
            desk = Desk(visitor=visitor, settings={})
            await desk.works(AOIFE.name)
            assert await desk.mails(AOIFE.name) == 1
            # The page neither moves the time of a bot that is not its own, nor ends it.
            moved = await visitor.tries("clock.move", unit="hour")
            ended = await visitor.tries("faults.kill")
            told = [one["problem"]["key"] for one in (moved, ended)]
            assert told == ["clock.bot_elsewhere", "faults.bot_elsewhere"]
    assert (tmp_path / "dunning.sqlite3").exists()


def like_a_clone(folder: Path) -> None:
    for name in ("bot", "migrations", "pyproject.toml"):
        (folder / name).symlink_to(ROOT / name)
    (folder / ".venv").symlink_to(sys.prefix)
    assert (folder / ".venv" / "bin" / "python").exists()


@asynccontextmanager
async def typed(folder: Path, line: str) -> AsyncIterator[None]:
    """Somebody types it in a terminal, leaves it running, and ends it by closing that."""
    process = await asyncio.create_subprocess_exec(
        *("/bin/sh", "-c", line),
        cwd=folder,
        env={"PATH": os.environ["PATH"], "TMPDIR": str(folder)},
        stdin=DEVNULL,
        stdout=DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        await process.wait()


async def until_whole(file: Path) -> str:
    """What the counterparts print, once they have printed the last of it."""
    async with asyncio.timeout(60):
        while not file.exists() or "SENDING_HOURS=" not in file.read_text():  # noqa: ASYNC110, ASYNC240
            await asyncio.sleep(0.02)
    return file.read_text()  # noqa: ASYNC240
