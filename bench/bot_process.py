"""The real bot, `python -m bot web`, in a process of its own; its time, processor and memory.

Standard library only: a measuring process that had the bot's libraries loaded would share their
pages, and make the bot look smaller than it is.
"""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 90  # seconds to start, on a machine that is busy with others
KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "SYSTEMROOT")
STRIPE_WEBHOOK = "/stripe/webhook"
OK = 200
# https://docs.kernel.org/networking/ip-sysctl.html: connections get theirs from 32768 up.
QUIET = range(20_000, 32_000)
_PORTS = iter(range(QUIET.start + os.getpid() * 16 % len(QUIET), 2 * QUIET.stop))


@dataclass(frozen=True, kw_only=True)
class BotProcess:
    """A bot that is ready. Times are in seconds, sizes in MiB."""

    pid: int
    url: str

    def processor_seconds(self) -> float:
        """User and system time so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """The proportional set size: shared pages count by their share."""
        return pss(self.pid)


def pss(pid: int) -> float:
    """A process's proportional set size in MiB."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def quiet_port() -> int:
    """A port of our own, free and given to no connection: a bot leaves it now and then."""
    for asked in _PORTS:
        port = QUIET.start + asked % len(QUIET)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")


def clean_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings, and of our own environment only what a process needs to start."""
    return {name: os.environ[name] for name in KEPT if name in os.environ} | dict(settings)


def started(settings: Mapping[str, str], port: int) -> subprocess.Popen[bytes]:
    """Begin `python -m bot web`; nothing is waited for, and its log is thrown away."""
    return subprocess.Popen(
        [sys.executable, "-m", "bot", "web"],
        cwd=ROOT,
        env=clean_environment({**settings, "PORT": str(port)}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def bot(settings: Mapping[str, str]) -> Iterator[BotProcess]:
    """A bot that says it is ready; stopped at the end. TimeoutError when it never is."""
    port = quiet_port()
    process = started(settings, port)
    try:
        deadline = time.monotonic() + PATIENCE
        while answered(port, "GET", "/readyz") != OK or process.poll() is not None:
            if time.monotonic() > deadline or process.poll() is not None:
                raise TimeoutError("the bot was never ready, or ended before that")
            time.sleep(0.02)
        yield BotProcess(pid=process.pid, url=f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait()


def answered(
    port: int, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> int:
    """The status of one request to a port of loopback; 0 while nobody listens there."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path, body, dict(headers or {}))
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()
