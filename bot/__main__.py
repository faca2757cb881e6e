"""python -m bot web | worker | migrate | setup | doctor | verify-journal | record | sandbox."""

import argparse
import asyncio
import errno
import logging
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from bot import config as settings
from bot import log
from bot.clock import SystemClock
from bot.config import Config
from bot.errors import CaseUnknown, DatabaseTrouble, Misconfigured, SchemaMismatch
from bot.store import schema
from bot.store.alone import alone
from bot.store.db import Database
from bot.store.schema import Schema
from bot.words import say

# For requests under way; aiohttp takes it twice, the second time for those that it cancelled. Then
# the worker has its six, and what is left of the ten that we promise is for closing connections.
SHUTDOWN_SECONDS = 1.0
INTERRUPTED = 130  # what a shell says of Ctrl-C
UNHEARD = 141  # what it says of a closed pipe
CANT_BE_USED = 78  # sysexits.h: EX_CONFIG

# Of all cases or one: each line, and whether what it says is as it should be.
Lines = Callable[[Config, str | None], AsyncIterator[tuple[str, bool]]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; answers with the process's exit code."""
    asked = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = asked.run
    try:
        return run(asked)
    except subprocess.CalledProcessError as migration:
        return migration.returncode  # it has said itself what was wrong
    except Misconfigured as wrong:
        for sentence in wrong.mistakes:
            print(sentence, file=sys.stderr)
        return CANT_BE_USED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read what we print has left (`| head`); Python would tell them so once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNHEARD
    except SchemaMismatch as wrong:
        print(wrong, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    web = commands.add_parser("web", help="answer Stripe and Slack, and work the outbox")
    web.add_argument("--no-worker", action="store_true", help="leave the outbox to others")
    web.set_defaults(run=_web)
    worker = commands.add_parser("worker", help="work the outbox only")
    worker.set_defaults(run=_worker)
    migrate = commands.add_parser("migrate", help="bring the database to the newest schema")
    migrate.set_defaults(run=_migrate)
    setup = commands.add_parser("setup", help="what to do next, from nothing to the first letter")
    about = "make Stripe's webhook endpoint at this address of ours, or at PUBLIC_URL"
    setup.add_argument("--make-endpoint", nargs="?", const="", metavar="URL", help=about)
    setup.add_argument("--test-card", action="store_true", help="post a test card")
    setup.add_argument("--test-mail", action="store_true", help="send a test mail to yourself")
    setup.add_argument("--channel", default="", help="where to, instead of REVIEW_CHANNEL")
    setup.set_defaults(run=_setup)
    doctor = commands.add_parser(
        "doctor", help="ask every system if it can be used as it is set up"
    )
    doctor.add_argument("--json", action="store_true", help="for scripts: a list of findings")
    doctor.set_defaults(run=_doctor)
    verify = commands.add_parser("verify-journal", help="find any altered row of the record")
    verify.add_argument("case", nargs="?", help="this case only")
    verify.set_defaults(run=_verify_journal)
    record = commands.add_parser("record", help="what each mail of a case comes from")
    record.add_argument("case")
    record.set_defaults(run=_record)
    sandbox = commands.add_parser("sandbox", help="the whole bot on loopback, with no account")
    sandbox.add_argument("--once", action="store_true", help="tell a story here, audit it and end")
    sandbox.add_argument(
        "--counterparts",
        type=int,
        nargs="?",
        const=8080,
        metavar="PORT",
        help="all but the bot, for your own at this port (8080); prints the settings to give it",
    )
    sandbox.add_argument("--port", help="where the page listens on 127.0.0.1; goes before PORT")
    sandbox.add_argument("--no-browser", action="store_true", help="open no browser")
    sandbox.add_argument("--began", type=float, help=argparse.SUPPRESS)  # `make sandbox`, Unix time
    sandbox.set_defaults(run=_sandbox)
    return parser


def _web(asked: argparse.Namespace) -> int:
    from aiohttp import web  # noqa: PLC0415 - `migrate` needs none of this

    from bot.app import web_app  # noqa: PLC0415

    config = _ready_to_start()
    app = web_app(config, SystemClock(), with_worker=not asked.no_worker)
    try:
        with _alone(config):
            web.run_app(
                app,
                host="0.0.0.0",  # noqa: S104 - Heroku's router comes from outside
                port=config.port,
                shutdown_timeout=SHUTDOWN_SECONDS,
                access_log=None,
                print=None,
            )
    except OSError as wrong:
        if wrong.errno not in {errno.EADDRINUSE, errno.EACCES}:
            raise
        sentence = say(config.locale, "start.no_port", port=config.port)
        raise Misconfigured((sentence,)) from wrong
    return 0


def _worker(_asked: argparse.Namespace) -> int:
    from bot.running import Running  # noqa: PLC0415

    config = _ready_to_start()

    async def until_stopped() -> None:
        stop = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        running = Running(config, SystemClock())
        async for _ in running.lifetime():
            await stop.wait()

    with _alone(config):
        asyncio.run(until_stopped())
    return 0


def _migrate(_asked: argparse.Namespace) -> int:
    from migrations.run import upgrade  # noqa: PLC0415 - Alembic is needed here only

    config = settings.load()
    with _database_told(config):
        print(upgrade(config.database_url))
    return 0


def _setup(asked: argparse.Namespace) -> int:
    from bot.setup.terminal import run  # noqa: PLC0415 - serving needs none of this

    config = settings.load()
    # As for the doctor: what libraries say would stand between the lines.
    logging.disable(logging.CRITICAL)
    return 0 if run(config, asked) else 1


def _doctor(asked: argparse.Namespace) -> int:
    from bot.doctor import report, visit  # noqa: PLC0415 - serving needs none of this

    config = settings.load()
    # The findings say what is wrong; what libraries say of it would stand between them.
    logging.disable(logging.CRITICAL)
    findings = asyncio.run(visit.examined(config, SystemClock()))
    if asked.json:
        print(report.as_json(findings, config.locale))
    else:
        print(*report.lines(findings, config.locale), sep="\n")
    return 0 if report.is_well(findings) else 1


def _verify_journal(asked: argparse.Namespace) -> int:
    from bot.record import verified  # noqa: PLC0415 - serving needs none of this

    return _read_out(verified, asked.case)


def _record(asked: argparse.Namespace) -> int:
    from bot.record import told  # noqa: PLC0415 - serving needs none of this

    return _read_out(told, asked.case)


def _read_out(lines: Lines, case: str | None) -> int:
    """Print what the record says; 1 when something is wrong with it, or it has no such case."""
    config = settings.load()

    async def all_right() -> bool:
        right = True
        async for line, is_right in lines(config, case):
            print(line, flush=True)
            right = right and is_right
        return right

    try:
        with _database_told(config):
            return 0 if asyncio.run(all_right()) else 1
    except CaseUnknown:
        print(say(config.locale, "record.unknown", case=case), file=sys.stderr)
        return 1


def _sandbox(asked: argparse.Namespace) -> int:
    from bot.sandbox import surroundings  # noqa: PLC0415 - production never imports it

    started_in = dict(settings.environment())
    surroundings.refuse_live_keys(started_in)
    if asked.once:
        from bot.sandbox.play import play  # noqa: PLC0415

        return asyncio.run(play(started_in))
    if asked.port is not None:
        started_in["PORT"] = asked.port
    if asked.counterparts is not None:
        from bot.sandbox.page.lending import lend  # noqa: PLC0415

        return asyncio.run(lend(started_in, bot_port=asked.counterparts))
    from bot.sandbox.page.staying import stay  # noqa: PLC0415

    return asyncio.run(stay(started_in, browser=not asked.no_browser, began=asked.began))


@contextmanager
def _alone(config: Config) -> Iterator[None]:
    """A SQLite file serves one process: the second is told so, and does not start."""
    with ExitStack() as stack:
        try:
            stack.enter_context(alone(config.database_url))
        except DatabaseTrouble as taken:
            raise Misconfigured((say(config.locale, "start.taken"),)) from taken
        yield


def _ready_to_start() -> Config:
    """The settings, logs begun, and a SQLite file migrated by itself."""
    config = settings.load()
    log.start(level=config.log_level, secrets=config.secrets, also=_reports(config))
    if config.database_url.startswith("sqlite"):
        with _database_told(config):
            usable = asyncio.run(_is_usable(config.database_url))
        if not usable:
            _migrate_file()
    return config


def _reports(config: Config) -> Sequence[logging.Handler]:
    if config.sentry_dsn is None:
        return ()
    from bot import sentry  # noqa: PLC0415 - whoever has none does without its memory

    return [sentry.start(config.sentry_dsn, livemode=config.livemode)]


@contextmanager
def _database_told(config: Config) -> Iterator[None]:
    """A database that can't be used is the operator's to mend: a sentence, no traceback."""
    try:
        yield
    except (DatabaseTrouble, OSError) as wrong:
        locked = isinstance(wrong, DatabaseTrouble) and wrong.code == "locked"
        key = "start.locked" if locked else "start.no_database"
        raise Misconfigured((say(config.locale, key),)) from wrong


async def _is_usable(url: str) -> bool:
    database = Database(url)
    try:
        return await schema.state(database) is Schema.USABLE
    finally:
        await database.close()


def _migrate_file() -> None:
    """In a process of its own: Alembic would stay in our memory for good."""
    command = (sys.executable, "-m", "bot", "migrate")
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
