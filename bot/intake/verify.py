"""Bytes and a header in, a trusted event out, or a refusal. No I/O.

Follows https://docs.stripe.com/webhooks#verify-manually, and is stricter than Stripe's own library:
a signature from the future is refused as well as an old one.
"""

import hmac
import re
from collections.abc import Sequence
from datetime import datetime

from bot.errors import RequestRefused
from bot.intake.envelope import Envelope, opened

TOLERANCE = 300  # seconds, both ways; Stripe's own default

_STAMP = re.compile(r"[0-9]{1,12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def verify(body: bytes, header: str, secrets: Sequence[str], now: datetime) -> Envelope:
    """The event in `body`, which one of `secrets` signed within 300 s of `now`.

    Raises RequestRefused: 401 when the signature is not good, 400 when what it signs is not usable.
    """
    stamp, digests = _signature(header)
    if abs(now.timestamp() - int(stamp)) > TOLERANCE:
        raise RequestRefused(401, "The signature is too old, or from the future.")
    if not _signed(body, stamp, digests, secrets):
        raise RequestRefused(401, "The signature does not fit.")
    return opened(body)


def _signature(header: str) -> tuple[str, list[bytes]]:
    """The time and every `v1` of a header; other schemes are passed over, as Stripe asks."""
    pairs = [part.strip().partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in pairs if name == "t"]
    digests = [value for name, _, value in pairs if name == "v1" and _DIGEST.fullmatch(value)]
    if len(stamps) != 1 or not _STAMP.fullmatch(stamps[0]) or not digests:
        raise RequestRefused(401, "There is no usable Stripe-Signature.")
    return stamps[0], [digest.encode() for digest in digests]


def _signed(body: bytes, stamp: str, digests: list[bytes], secrets: Sequence[str]) -> bool:
    """Whether any digest is any secret's; every pair is compared, whatever came before."""
    message = stamp.encode() + b"." + body
    fits = False
    for secret in secrets:
        expected = hmac.new(secret.encode(), message, "sha256").hexdigest().encode()
        for digest in digests:
            fits |= hmac.compare_digest(expected, digest)
    return fits
