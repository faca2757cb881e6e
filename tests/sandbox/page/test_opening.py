"""`make sandbox` as a stranger runs it: a process that opens a page and ends in order."""

import asyncio
import os
import re
import signal
import socket
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import Misconfigured
from bot.sandbox import surroundings
from bot.sandbox.clock import MovableClock
from bot.sandbox.model import Model
from tests.sandbox.page.visitor import until, visiting
from tests.sandbox.test_play import PATIENCE, left_in, read_all, read_until, sandbox

CANT_BE_USED = 78
USUAL_PORT = 4242
UNHEARD = 141
QUIET = ("--no-browser", "--port", "0")


def address(said: str) -> str:
    return re.findall(r"http://127\.0\.0\.1:\d+", said)[0]


async def test_it_opens_a_page_in_a_browser_tells_its_seconds_and_ends_when_it_is_told(
    tmp_path: Path,
) -> None:
    """`BROWSER` is what Python's webbrowser runs; here it only writes down what it was given."""
    opened, browser = tmp_path / "opened", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o755)
    keys = {"SLACK_BOT_TOKEN": "xoxb-mine", "OPENAI_MODEL": "mine", "STRIPE_API_KEY": "sk_test_1"}
    desktop = {"DISPLAY": ":0", "BROWSER": f"{browser} %s", "PATH": "/usr/bin:/bin"}
    with taken(USUAL_PORT):
        async with sandbox(tmp_path, LANG="fr_FR.UTF-8", **keys, **desktop) as process:
            said = await read_until(process, "after the start")
            assert re.search(r"Open \d+\.\d s after the start\.", said)
            assert "ignored here: STRIPE_API_KEY, SLACK_BOT_TOKEN, OPENAI_MODEL." in said
            assert not any(key in said for key in ("xoxb-mine", "sk_test_1"))
            assert not address(said).endswith(f":{USUAL_PORT}")
            await until(lambda: opened.exists() and opened.read_text())
            assert opened.read_text().strip() == address(said)
            async with visiting(address(said)) as visitor:
                assert (await visitor.screen("faults"))["bot"] in {"starting", "up"}
                await visitor.do("faults.start")
                await visitor.fails()
            card = await read_until(process, "First card")
            assert re.search(r"First card \d+\.\d s after the start", card)
            process.send_signal(signal.SIGTERM)
            rest = await read_all(process)
    assert process.returncode == 0, rest
    assert "Traceback" not in rest
    for ours in (opened, browser):
        ours.unlink()
    assert left_in(tmp_path) == []


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="who is whose child is read there")
async def test_it_tells_how_long_it_took_to_install_and_leaves_no_bot_behind_when_it_is_killed(
    tmp_path: Path,
) -> None:
    hour_ago = str(int(datetime.now(UTC).timestamp()) - 3600)
    async with sandbox(tmp_path, *QUIET, "--began", hour_ago) as process:
        said = await read_until(process, "after the start")
        assert re.search(r"Open \d+\.\d s after the start, 36\d\d s with the installation\.", said)
        async with visiting(address(said)) as visitor:
            await visitor.do("faults.start")
        [bot] = children(process.pid)
        process.kill()
        await process.wait()
        await until(lambda: not Path(f"/proc/{bot}").exists())


async def test_with_a_key_of_your_own_your_own_model_writes_and_that_is_said(
    tmp_path: Path,
) -> None:
    model = Model(MovableClock(datetime.now(UTC), running=True), key="sk-my-own", model="mine")
    await model.start()
    mine = {
        "OPENAI_API_KEY": "sk-my-own",
        "OPENAI_BASE_URL": model.base_url,
        "OPENAI_MODEL": "mine",
    }
    try:
        async with sandbox(tmp_path, *QUIET, **mine) as process:
            said = await read_until(process, "after the start")
            assert f"letters are written by mine at {model.base_url}" in said
            assert "sk-my-own" not in said
            assert "ignored" not in said
            async with visiting(address(said)) as visitor:
                await visitor.do("faults.start")
                await visitor.fails()
                await until(lambda: model.requests)
                assert (await visitor.screen("faults"))["mood"] == "real"
                answer = await visitor.tries("faults.mood", mood="slow")
                assert answer["problem"]["key"] == "faults.real_model"
            process.send_signal(signal.SIGINT)
            rest = await read_all(process)
        assert (process.returncode, "Traceback" in rest) == (0, False), rest
    finally:
        await model.stop()


async def test_a_model_that_has_no_address_is_told_in_a_sentence(tmp_path: Path) -> None:
    mine = {"OPENAI_API_KEY": "sk-my-own", "OPENAI_BASE_URL": "nonsense"}
    async with sandbox(tmp_path, *QUIET, LANG="fr_FR.UTF-8", **mine) as process:
        said = await read_all(process)
    assert process.returncode == CANT_BE_USED
    assert said.startswith("OPENAI_BASE_URL n’est ni une adresse https, ni http")
    assert said.count("\n") == 1


@pytest.mark.parametrize("key", ["sk_live_51ABC", "rk_live_51ABC", ' "sk_live_51ABC"'])
def test_a_live_key_is_known_however_it_is_set(key: str) -> None:
    with pytest.raises(Misconfigured):
        surroundings.refuse_live_keys({"STRIPE_API_KEY": key})
    surroundings.refuse_live_keys({"STRIPE_API_KEY": key.replace("live", "test")})


@pytest.mark.parametrize("arguments", [QUIET, ("--once",)])
async def test_against_a_live_key_it_does_not_start(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    live = {"STRIPE_API_KEY": "rk_live_51ABC", "LOCALE": "es"}
    async with sandbox(tmp_path, *arguments, **live) as process:
        said = await read_all(process)
    assert process.returncode == CANT_BE_USED
    assert "STRIPE_API_KEY contiene una clave de Stripe en modo real." in said
    assert "51ABC" not in said
    assert said.count("\n") == 1


async def test_a_port_that_is_asked_for_and_taken_is_told_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        async with sandbox(tmp_path, "--no-browser", PORT=port) as by_environment:
            said = await read_all(by_environment)
        async with sandbox(tmp_path, "--port", port, PORT="0") as by_argument:
            said += await read_all(by_argument)
    assert (by_environment.returncode, by_argument.returncode) == (CANT_BE_USED, CANT_BE_USED)
    assert said.count(f"PORT {port} can’t be listened on") == 2


async def test_a_port_that_is_none_is_told_in_a_sentence(tmp_path: Path) -> None:
    for wrong in ("65536", "four"):
        with pytest.raises(Misconfigured):
            surroundings.port({"PORT": wrong})
    async with sandbox(tmp_path, "--no-browser", "--port", "-5") as process:
        said = await read_all(process)
    assert process.returncode == CANT_BE_USED
    assert said.startswith("PORT is not a whole number from 0 to 65535")
    assert said.count("\n") == 1


async def test_it_ends_without_complaint_when_nobody_reads_what_it_says(tmp_path: Path) -> None:
    """As `make sandbox | head -1` leaves it: what it had begun is ended as well."""
    read, write = os.pipe()
    os.close(read)
    try:
        async with sandbox(tmp_path, *QUIET, stdout=write, stderr=PIPE) as process:
            async with asyncio.timeout(PATIENCE):
                _, complaints = await process.communicate()
    finally:
        os.close(write)
    assert process.returncode == UNHEARD
    assert complaints == b""
    assert left_in(tmp_path) == []


@pytest.mark.parametrize(
    ("environ", "platform", "there"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "linux", False),
        ({}, "darwin", True),
        ({"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, "darwin", False),
        ({"DISPLAY": "localhost:10.0", "SSH_TTY": "/dev/pts/1"}, "linux", False),
        ({"DISPLAY": ":0", "CI": "true"}, "linux", False),
    ],
)
def test_a_browser_is_opened_before_somebodys_eyes_only(
    environ: dict[str, str], platform: str, there: bool
) -> None:
    assert surroundings.has_desktop(environ, platform) is there


def test_the_bot_is_started_in_none_of_anybodys_keys() -> None:
    keys = {"STRIPE_API_KEY": "sk_test_1", "AWS_SECRET_ACCESS_KEY": "x", "PATH": "/bin"}
    assert surroundings.for_a_child(keys) == {"PATH": "/bin"}
    away = {"HTTPS_PROXY": "http://proxy:3128", "OPENAI_API_KEY": "sk-1"}
    assert surroundings.for_a_child(away) == {"HTTPS_PROXY": "http://proxy:3128"}


@contextmanager
def taken(port: int) -> Iterator[None]:
    """Somebody listens there: we do, unless another program of this machine does."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            other.bind(("127.0.0.1", port))
            other.listen()
        yield


def children(parent: int) -> list[int]:
    """The processes that this one started and that still run (proc(5), fields 1 and 4)."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if int(fields[1]) == parent:
            found.append(int(stat.parent.name))
    return found
