"""What a start and an idle bot cost, against importing its libraries and doing nothing.

Run as a process of its own (`python -m bench.startup`), which prints JSON: see bot_process.
"""

import hashlib
import hmac
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from bench.bot_process import (
    OK,
    ROOT,
    STRIPE_WEBHOOK,
    answered,
    bot,
    clean_environment,
    pss,
    quiet_port,
    started,
)

LIBRARIES = ("slack_bolt", "stripe", "openai", "sqlalchemy", "aiohttp")
ROUNDS = 5
SETTLED = 2.0  # seconds after which an idle bot has done all it does by itself
SECRET = "whsec_figures_0123456789abcdef"  # noqa: S105 - opens nothing but this
PORT_OF_NOBODY = "http://127.0.0.1:9"
SETTINGS = {
    "STRIPE_API_KEY": "sk_test_figures",
    "STRIPE_WEBHOOK_SECRET": SECRET,
    "STRIPE_API_BASE": PORT_OF_NOBODY,
    "SLACK_BOT_TOKEN": "xoxb-figures",
    "SLACK_SIGNING_SECRET": "figures",
    "SLACK_API_URL": f"{PORT_OF_NOBODY}/api/",
    "REVIEW_CHANNEL": "billing-review",
    "OPENAI_API_KEY": "sk-figures",
    "OPENAI_BASE_URL": f"{PORT_OF_NOBODY}/v1",
    "OPENAI_MODEL": "figures",
    "COMPANY_NAME": "Northwind",
    "MAIL_FROM": "billing@northwind.example",
    "MAIL_URL": "smtp://127.0.0.1:9",
    "TEST_MAIL_TO": "test-mail@northwind.example",
}


@dataclass(frozen=True, kw_only=True)
class Startup:
    """Medians: seconds to the first accepted webhook and of the imports; PSS in MiB."""

    start: float
    imports: float
    idle: float
    imported: float


def measure() -> Startup:
    """In a child, so that nothing we have loaded is shared with what is measured."""
    command = [sys.executable, "-m", "bench.startup"]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)  # noqa: S603
    return Startup(**json.loads(done.stdout))


def main() -> None:
    """Rounds of both, interleaved, on a migrated SQLite file."""
    with tempfile.TemporaryDirectory(prefix="figures-") as folder:
        settings = {**SETTINGS, "DATABASE_URL": f"sqlite:///{folder}/figures.sqlite3"}
        _migrated(settings)
        _start(settings, Path(folder))  # unmeasured: it compiles
        starts, imports, sizes = [], [], []
        for _ in range(ROUNDS):
            seconds, size = _imports()
            imports.append(seconds)
            sizes.append(size)
            starts.append(_start(settings, Path(folder)))
        with bot(settings) as process:
            time.sleep(SETTLED)
            idle = process.memory()
    found = Startup(
        start=median(starts), imports=median(imports), idle=idle, imported=median(sizes)
    )
    print(json.dumps(asdict(found)))


def _migrated(settings: Mapping[str, str]) -> None:
    subprocess.run(
        [sys.executable, "-m", "bot", "migrate"],
        cwd=ROOT,
        env=clean_environment(settings),
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _start(settings: Mapping[str, str], folder: Path) -> float:
    """Seconds from exec to the first 200 for an event; the event is then in the database."""
    port, body = quiet_port(), _event()
    begun = time.monotonic()
    process = started(settings, port)
    try:
        while answered(port, "POST", STRIPE_WEBHOOK, body, _signed(body)) != OK:
            if process.poll() is not None:
                raise RuntimeError("the bot did not start")
            time.sleep(0.005)
        seconds = time.monotonic() - begun
        with closing(sqlite3.connect(folder / "figures.sqlite3")) as database:
            kept = database.execute(
                "SELECT count(*) FROM inbox WHERE event_id = ?", (json.loads(body)["id"],)
            ).fetchone()[0]
        if kept != 1:
            raise RuntimeError("an event was accepted and not kept")
        return seconds
    finally:
        process.kill()
        process.wait()


def _imports() -> tuple[float, float]:
    """Seconds from exec until the libraries are imported, and the process's PSS then."""
    program = f"import {', '.join(LIBRARIES)}; print(flush=True); input()"
    begun = time.monotonic()
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", program],
        env=clean_environment({}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        if process.stdout is None or not process.stdout.readline():
            raise RuntimeError("the libraries can't be imported")
        seconds = time.monotonic() - begun
        size = pss(process.pid)
        process.communicate(b"\n")
    return seconds, size


def _event() -> bytes:
    number = f"{time.time_ns():x}"
    invoice = {"id": f"in_{number}", "object": "invoice", "customer": f"cus_{number}"}
    event = {
        "id": f"evt_{number}",
        "object": "event",
        "type": "invoice.payment_failed",
        "created": int(time.time()),
        "livemode": False,
        "data": {"object": invoice},
    }
    return json.dumps(event).encode()


def _signed(body: bytes) -> dict[str, str]:
    at = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={at},v1={digest}"}


if __name__ == "__main__":
    main()
