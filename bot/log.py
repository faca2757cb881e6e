"""One line per thing that happened, with the case on it and no secret or address in it.

What we say ourselves goes through `tell`: an event's name and fields that are single words or
numbers. What libraries say is reduced to where they said it, because their texts quote requests.
Redaction on top of both is the last line of defence, not the first.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TextIO
from urllib.parse import quote, quote_plus

from aiohttp.http_exceptions import HttpProcessingError

from bot.errors import OutsideTrouble

Scalar = str | int | float | bool | datetime | None

_OURS = "bot"
_NOBODY = "-"
_case: ContextVar[str] = ContextVar("case", default=_NOBODY)

# Bolt logs whole unverified bodies at INFO, openai whole prompts at DEBUG, SQLAlchemy parameters.
_LIBRARIES = (
    *("aiohttp", "aiosmtpd", "alembic", "asyncio", "httpx", "httpx2", "mail", "openai"),
    *("slack_bolt", "slack_sdk", "sqlalchemy", "stripe"),
)
_RESERVED = frozenset({"at", "level", "event", "case", "error", "where"})
_FRAMES = 3
_CAUSES = 3
_LEAST_SECRET = 4  # characters: shorter ones would blot out half of every line

_ADDRESS = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+")
# Ids and codes are short, plain and without spaces; a letter, a name or a sentence is not.
_WORD = re.compile(r"[!-~]{0,160}")


@contextmanager
def about(case: str) -> Iterator[None]:
    """Put this case on every line said inside, by us or by a library."""
    token = _case.set(case)
    try:
        yield
    finally:
        _case.reset(token)


def tell(
    event: str,
    /,
    *,
    level: int = logging.INFO,
    error: BaseException | None = None,
    **fields: Scalar,
) -> None:
    """Say that `event` happened. A field is an id, a code, a number or a time, never a text.

    Of `error` only its kind and place are said; raises TypeError for a field that is not a scalar
    or whose name every line has already.
    """
    for name, value in fields.items():
        if name in _RESERVED or not isinstance(value, str | int | float | datetime | None):
            raise TypeError(f"{name} can't be a field of a log line")
    logging.getLogger(_OURS).log(level, event, exc_info=error, extra={"fields": fields})


def start(
    *,
    level: str,
    secrets: Sequence[str],
    stream: TextIO | None = None,
    also: Sequence[logging.Handler] = (),
) -> None:
    """Write to `stream` (standard output): JSON lines, or plain ones on a terminal.

    `level` is ours; libraries speak from WARNING on. `also` get every record as it is: what of it
    may be told is theirs to choose. Calling it again replaces the first call.
    """
    out = sys.stdout if stream is None else stream
    handler = _Quiet(out)
    handler.setFormatter(_Line(secrets, plain=out.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler, *also]
    root.setLevel(logging.WARNING)
    logging.getLogger(_OURS).setLevel(level.upper())
    for name in _LIBRARIES:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.setLevel(logging.WARNING)
    logging.getLogger("aiohttp.access").setLevel(logging.CRITICAL + 1)
    logging.getLogger("aiohttp.server").addFilter(_is_not_a_stranger_s)


def _is_not_a_stranger_s(record: logging.LogRecord) -> bool:
    """Whoever finds the port can send what is no HTTP: it is answered, and no error of ours."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


class _Quiet(logging.StreamHandler[TextIO]):
    """Writes lines; when one can't be written it says nothing, where logging would dump it."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Drop the record: logging's own answer prints its arguments to standard error."""


class _Line(logging.Formatter):
    def __init__(self, secrets: Sequence[str], *, plain: bool) -> None:
        super().__init__()
        forms = {
            form
            for secret in secrets
            if len(secret) >= _LEAST_SECRET
            for form in (secret, quote(secret, safe=""), quote_plus(secret))
        }
        # Longest first: a secret that is part of another must not leave the rest of it behind.
        longest = sorted(forms, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, longest))) if longest else None
        self._plain = plain

    def format(self, record: logging.LogRecord) -> str:
        """One line of what the record may say."""
        said = {name: self._clean(value) for name, value in facts(record).items()}
        if not self._plain:
            return json.dumps(said)
        at, level, event = (str(said.pop(name)) for name in ("at", "level", "event"))
        rest = " ".join(f"{name}={value}" for name, value in said.items())
        return f"{at[11:19]} {level:<7} {event} {rest}"

    def _clean(self, value: Scalar) -> str | int | float | None:
        if value is None or isinstance(value, int):
            return value
        if isinstance(value, float):
            return round(value, 6) if value - value == 0 else str(value)
        text = value.isoformat() if isinstance(value, datetime) else str(value)
        if self._secrets:
            text = self._secrets.sub("[secret]", text)
        text = _ADDRESS.sub("[address]", text)
        if "://" in text:  # a link to an invoice opens it for whoever has it
            return "[link]"
        return text if _WORD.fullmatch(text) else "[text]"


def facts(record: logging.LogRecord) -> dict[str, Scalar]:
    """What a record says, not redacted yet; no words of a library's and no error's message."""
    ours = record.name == _OURS or record.name.startswith(f"{_OURS}.")
    fields: dict[str, Scalar] | None = getattr(record, "fields", None) if ours else None
    said: dict[str, Scalar] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "event": "library" if fields is None else record.msg,
        "case": _case.get(),
    }
    if fields is None:
        said |= {"logger": record.name, "where": f"{record.module}:{record.lineno}"}
    else:
        said |= fields
    if record.exc_info and record.exc_info[1]:
        said |= _error(record.exc_info[1])
    return said


def causes(error: BaseException) -> list[BaseException]:
    """An error, what caused it, and what caused that."""
    chain = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) and len(chain) < _CAUSES:
        chain.append(cause)
    return chain


def _error(error: BaseException) -> dict[str, Scalar]:
    """An error's kind, its cause's, and where it began; its message may quote anything."""
    chain = causes(error)
    traced = [one for one in chain if one.__traceback__]
    frames = traceback.extract_tb(traced[-1].__traceback__)[-_FRAMES:] if traced else []
    said: dict[str, Scalar] = {"error": "<".join(type(one).__name__ for one in chain)}
    if frames:
        places = (f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames)
        said["where"] = ">".join(places)
    if isinstance(error, OutsideTrouble):
        said["code"] = error.code
    return said
