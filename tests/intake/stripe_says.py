"""What Stripe sends, in our own words: both shapes of an invoice, and its signatures."""

import hmac
import json
from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECRET = "whsec_present"

OLD_INVOICE: dict[str, Any] = {
    "id": "in_old",
    "object": "invoice",
    "customer": "cus_1",
    "customer_email": "ada@example.com",
    "charge": "ch_1",
    "payment_intent": "pi_1",
    "subscription": "sub_1",
    "paid": False,
}
NEW_INVOICE: dict[str, Any] = {
    "id": "in_new",
    "object": "invoice",
    "customer": "cus_1",
    "customer_account": None,
    "parent": {
        "type": "subscription_details",
        "subscription_details": {"subscription": "sub_1", "metadata": {"tier": "gold"}},
    },
}


def event(kind: str, thing: dict[str, Any], **more: object) -> dict[str, Any]:
    return {
        "id": "evt_1",
        "object": "event",
        "api_version": "2020-08-27",
        "created": 1700000000,
        "data": {"object": thing},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    } | more


def body_of(said: object) -> bytes:
    return json.dumps(said, indent=2).encode()


def digest(body: bytes, secret: str, stamp: int | str) -> str:
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, "sha256").hexdigest()


def signature(body: bytes, *secrets: str, at: datetime = NOW) -> str:
    stamp = int(at.timestamp())
    marks = [f"v1={digest(body, secret, stamp)}" for secret in secrets or (SECRET,)]
    return ",".join([f"t={stamp}", *marks, "v0=" + "0" * 64])
