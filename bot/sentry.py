"""Tells Sentry of errors, where SENTRY_DSN is set: kinds, places and codes, and no word of anybody.

What is sent is made here from a list of what may be, not from what was found with things taken
out. A Sentry that hangs or refuses costs nothing: a thread of its own sends, drops what is too
much, and has a second when the process ends. https://develop.sentry.dev/sdk/data-model
"""

import logging
import re
import sys
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final
from urllib.parse import urlsplit

from sentry_sdk import Client
from sentry_sdk.transport import HttpTransport
from sentry_sdk.types import Event, Hint

from bot import VERSION, log
from bot.errors import OutsideTrouble
from bot.log import tell

FLUSH_SECONDS: Final = 1.0  # of the ten that a process has to end
_FRAMES: Final = 50
# Of a line's fields, those that are words of ours, or a place: the rest stays in the log.
_TAGS: Final = ("case", "code", "trouble", "what", "kind", "logger", "where")
_NOBODY: Final = "-"
_WORD: Final = re.compile(r"[\w.:<>-]{1,120}", re.ASCII)
_TOLD: Final = frozenset(
    {"event_id", "timestamp", "platform", "sdk", "release", "environment"}
    | {"level", "logger", "message", "exception", "tags"}
)
# What these say of a Sentry that can't be reached is not told to it.
_ITS_OWN: Final = frozenset({"sentry_sdk", "urllib3"})

Hook = Callable[[type[BaseException], BaseException, TracebackType | None], object]


class Reports(logging.Handler):
    """Takes every line from ERROR on, ours and the libraries'. Closed by logging at the end."""

    def __init__(self, dsn: str, *, livemode: bool) -> None:
        super().__init__(logging.ERROR)
        self._client = Client(
            dsn,
            transport=_Straight,
            release=f"dunning-desk@{VERSION}",
            environment="live" if livemode else "test",
            before_send=_only_what_may_be,
            server_name="",
            default_integrations=False,
            auto_enabling_integrations=False,
            include_local_variables=False,
            include_source_context=False,
            max_breadcrumbs=0,
            auto_session_tracking=False,
            send_client_reports=False,
            enable_backpressure_handling=False,
            spotlight=False,
            # http is for a neighbour: no proxy stands between.
            http_proxy="" if urlsplit(dsn).scheme == "http" else None,
        )

    def emit(self, record: logging.LogRecord) -> None:
        """Hand it to the thread that sends; returns at once."""
        if record.name.partition(".")[0] in _ITS_OWN:
            return
        try:
            self._client.capture_event(event(record))
        except Exception:  # noqa: BLE001 - the line stands in the log; a report is worth no error
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Drop the record: logging's own answer prints its arguments to standard error."""

    def close(self) -> None:
        """Send what is left, for a second at most."""
        self._client.close(timeout=FLUSH_SECONDS)
        super().close()


def event(record: logging.LogRecord) -> Event:
    """What Sentry is told of a line: its name, its case and codes, and where it went wrong."""
    said = log.facts(record)
    told: Event = {
        "level": "fatal" if record.levelno > logging.ERROR else "error",
        "logger": "bot",
        "message": _word(said.get("event")) or "library",
        "tags": {name: word for name in _TAGS if (word := _word(said.get(name))) is not None},
    }
    if record.exc_info and record.exc_info[1]:
        causes = reversed(log.causes(record.exc_info[1]))  # Sentry wants the first one first
        told["exception"] = {"values": [_kind(one) for one in causes]}
    return told


def crashing(otherwise: Hook) -> Hook:
    """For sys.excepthook: what nobody caught is a line of the log too, before the process ends."""

    def hook(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            tell("crashed", level=logging.CRITICAL, error=error)
        otherwise(kind, error, at)

    return hook


def start(dsn: str, *, livemode: bool) -> Reports:
    """For a process that is to report all that goes wrong in it: hand the result to log.start."""
    sys.excepthook = crashing(sys.excepthook)
    return Reports(dsn, livemode=livemode)


class _Straight(HttpTransport):
    """Goes where the DSN says, and nowhere that an answer leads to."""

    TIMEOUT = 5  # seconds; it is the thread that waits

    def _request(self, method: str, endpoint_type: Any, body: Any, headers: Any) -> Any:  # noqa: ANN401 - the library's own
        url = self._auth.get_api_url(endpoint_type)
        return self._pool.request(
            method, url, body=body, headers=headers, redirect=False, retries=False
        )


def _kind(error: BaseException) -> dict[str, Any]:
    frames = [
        {
            "module": _word(frame.f_globals.get("__name__")),
            "function": _word(frame.f_code.co_qualname),
            "lineno": line,
            "in_app": str(frame.f_globals.get("__name__")).startswith("bot."),
        }
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    told = {
        "type": type(error).__name__,
        "module": type(error).__module__,
        # A message may quote anything; a code of ours is made to be told.
        "value": _word(error.code) if isinstance(error, OutsideTrouble) else None,
    }
    return told | ({"stacktrace": {"frames": frames[-_FRAMES:]}} if frames else {})


def _word(value: object) -> str | None:
    text = str(value)
    return text if value not in {None, _NOBODY} and _WORD.fullmatch(text) else None


def _only_what_may_be(found: Event, _hint: Hint) -> Event:
    return {name: value for name, value in found.items() if name in _TOLD}  # type: ignore[return-value]
