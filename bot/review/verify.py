"""Bytes and headers in, nothing out when Slack signed them, else a refusal. No I/O.

https://docs.slack.dev/authentication/verifying-requests-from-slack. Bolt parses before it
verifies and answers 500 to every malformed request: this stands in front of it.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.errors import RequestRefused

LIMIT: Final = 1024 * 1024  # bytes; Slack's largest payload is far smaller
TOLERANCE: Final = 300  # seconds, both ways
_SECONDS: Final = re.compile(r"\d{1,12}", re.ASCII)
_SIGNATURE: Final = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)
_BAD_REQUEST: Final = 400
_UNAUTHORIZED: Final = 401
_TOO_LARGE: Final = 413


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime) -> None:
    """Raise RequestRefused (400, 401 or 413) unless one of our secrets signed these bytes lately.

    Several secrets are good at once, so that one can be replaced without a gap.
    """
    if len(body) > LIMIT:
        raise RequestRefused(_TOO_LARGE, "body too large")
    stamp = headers.get("X-Slack-Request-Timestamp", "")
    given = headers.get("X-Slack-Signature", "")
    if not _SECONDS.fullmatch(stamp) or not _SIGNATURE.fullmatch(given):
        raise RequestRefused(_UNAUTHORIZED, "not signed")
    if abs(now.timestamp() - int(stamp)) > TOLERANCE:
        raise RequestRefused(_UNAUTHORIZED, "timestamp too far off")
    signed = [hmac.compare_digest(sign(one, stamp, body), given) for one in secrets]
    if not any(signed):
        raise RequestRefused(_UNAUTHORIZED, "wrong signature")
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        raise RequestRefused(_BAD_REQUEST, "not UTF-8") from None


def sign(secret: str, stamp: str, body: bytes) -> str:
    """The signature that Slack would send for these bytes."""
    base = b"v0:" + stamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
