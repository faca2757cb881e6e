"""Who may see the set-up page: whoever has the link out of the log, first, for half an hour.

docs/decisions/0015-a-link-in-the-log.md
"""

import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.clock import Clock

LIFE: Final = timedelta(minutes=30)
_BYTES: Final = 32
_GUEST: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class Admission:
    """One link, made with it, and its first visitor. Nothing of it is ever written down.

    `key` signs the visitor's cookie: with one that outlives the process, so does the visit, for
    setting what was missing starts the program again.
    """

    def __init__(self, clock: Clock, key: str | None) -> None:
        self._clock = clock
        self._until = clock.now() + LIFE
        self._key = hashlib.sha256(b"setup:" + (key or secrets.token_hex(_BYTES)).encode()).digest()
        self._token = b""
        self._guest: str | None = None

    def token(self) -> str:
        """The secret of a new link, told once; only its digest stays."""
        made = secrets.token_urlsafe(_BYTES)
        self._token = _digest(made)
        return made

    def is_over(self) -> bool:
        """Whether the link has had its half hour."""
        return self._clock.now() >= self._until

    def knows(self, token: str) -> bool:
        """Whether this is the link's secret."""
        return bool(self._token) and hmac.compare_digest(self._token, _digest(token))

    def is_free_for(self, cookie: str) -> bool:
        """Whether nobody came yet, or this visitor did."""
        return self._guest is None or self._guest == guest_of(cookie)

    def admitted(self, token: str, cookie: str) -> str | None:
        """The cookie of a visitor who may stay; None for who may not. Pressing twice is no harm."""
        guest = guest_of(cookie)
        if guest is None or self.is_over() or not self.knows(token):
            return None
        if not self.is_free_for(cookie):
            return None
        self._guest = guest
        return self._signed(guest, int(self._until.timestamp()))

    def until(self, cookie: str) -> datetime | None:
        """Until when the bearer of this cookie may stay; None when not at all."""
        guest, _, rest = cookie.partition(".")
        end = rest.partition(".")[0]
        if not cookie.isascii() or not end.isdigit() or len(end) > len(str(2**40)):
            return None
        if not hmac.compare_digest(self._signed(guest, int(end)).encode(), cookie.encode()):
            return None
        if not self.is_free_for(cookie):  # who began with a newer link is the one visitor
            return None
        found = datetime.fromtimestamp(int(end), UTC)
        return found if self._clock.now() < found else None

    def _signed(self, guest: str, end: int) -> str:
        mark = hmac.new(self._key, f"{guest}.{end}".encode(), hashlib.sha256).hexdigest()
        return f"{guest}.{end}.{mark}"


def new_guest() -> str:
    """The cookie of a visitor who has not begun: it opens nothing."""
    return secrets.token_urlsafe(_BYTES)


def guest_of(cookie: str) -> str | None:
    """Who bears a cookie, begun or not; None when it is none of ours."""
    guest = cookie.partition(".")[0]
    return guest if _GUEST.fullmatch(guest) else None


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()
