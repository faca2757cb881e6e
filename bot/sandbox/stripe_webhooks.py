"""Webhooks as Stripe sends them: signed, in the endpoint's own API version, again until 2xx.

https://docs.stripe.com/webhooks#verify-manually
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp

from bot import addresses
from bot.sandbox import stripe_refusals as refusals
from bot.sandbox.stripe_api import Api
from bot.sandbox.stripe_ledger import PLATFORM, Event
from bot.sandbox.stripe_objects import Json
from bot.sandbox.stripe_params import Params
from bot.sandbox.stripe_versions import TODAY, exists_in

# The events a Dunning Desk endpoint is set up for.
EVENTS_TAKEN = frozenset(
    {
        "charge.dispute.created",
        "customer.deleted",
        "customer.subscription.deleted",
        "customer.subscription.paused",
        "customer.subscription.updated",
        "customer.updated",
        "invoice.marked_uncollectible",
        "invoice.overdue",
        "invoice.paid",
        "invoice.payment_action_required",
        "invoice.payment_failed",
        "invoice.payment_succeeded",
        "invoice.updated",
        "invoice.voided",
        "invoice_payment.paid",
        "payment_method.attached",
        "payment_method.automatically_updated",
        "radar.early_fraud_warning.created",
    }
)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where events go. Several secrets: the time of a rotation; empty `events`: all of them.

    One that is not `enabled` is told of nothing, and stays on the list.
    """

    url: str
    secrets: Sequence[str]
    version: str = TODAY
    events: frozenset[str] = EVENTS_TAKEN
    connected: bool = True
    enabled: bool = True
    livemode: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict)

    def takes(self, event: Event) -> bool:
        """Whether this endpoint is told of that event."""
        ours = self.connected or event.home.account == PLATFORM
        named = not self.events or event.type in self.events
        return self.enabled and ours and named and exists_in(event.type, self.version)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One POST and its answer; status 0 when the connection failed, with the reason as body."""

    event: str
    type: str
    url: str
    status: int
    body: str

    @property
    def accepted(self) -> bool:
        """Whether the receiver answered 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 - what 2xx means


def signature(body: bytes, secrets: Sequence[str], at: int, *, scheme: str = "v1") -> str:
    """The Stripe-Signature header: `t=…,v1=…`, one v1 for each secret; `at` in Unix seconds."""
    signed = str(at).encode() + b"." + body
    marks = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={at}", *(f"{scheme}={mark}" for mark in marks)])


@dataclass(kw_only=True)
class Webhooks:
    """The sender. `deliveries` keeps every attempt in order."""

    api: Api
    endpoints: list[Endpoint] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    session: aiohttp.ClientSession | None = None
    _accepted: set[tuple[str, str]] = field(default_factory=set)

    def pending(self, event: Event) -> int:
        """How many endpoints have not accepted this event yet."""
        told = [endpoint for endpoint in self.endpoints if endpoint.takes(event)]
        return sum((event.id, endpoint.url) not in self._accepted for endpoint in told)

    def listed(self) -> list[Json]:
        """The endpoints as Stripe lists them: https://docs.stripe.com/api/webhook_endpoints."""
        return [_shown(number, one) for number, one in enumerate(self.endpoints)]

    def made(self, params: Params, livemode: bool) -> Json:
        """A new endpoint, with its secret: https://docs.stripe.com/api/webhook_endpoints/create."""
        for name in params.keys() - _CREATED_WITH:
            raise refusals.unknown_parameter(name)
        made = Endpoint(
            url=_reachable(params, livemode),
            secrets=[f"whsec_{secrets.token_hex(16)}"],
            version=str(params.get("api_version") or self.api.default_version),
            events=_events(params),
            connected=params.get("connect") == "true",
            livemode=livemode,
            metadata=dict(params.get("metadata") or {}),
        )
        self.endpoints.append(made)
        return _shown(len(self.endpoints) - 1, made) | {"secret": made.secrets[0]}

    def body(self, event: Event, endpoint: Endpoint) -> bytes:
        """The exact bytes that endpoint gets."""
        shown = self.api.envelope(event, endpoint.version)
        return json.dumps(shown, indent=2, ensure_ascii=False).encode()

    async def deliver(self, event: Event, endpoint: Endpoint, *, tries: int = 1) -> Delivery:
        """Send one event to one endpoint until it answers 2xx, at most `tries` times, unwaiting."""
        delivery = await self._post(event, endpoint)
        for _ in range(tries - 1):
            if delivery.accepted:
                break
            delivery = await self._post(event, endpoint)
        return delivery

    async def _post(self, event: Event, endpoint: Endpoint) -> Delivery:
        body = self.body(event, endpoint)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(body, endpoint.secrets, self.api.world.now()),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        status, answer = await self._send(endpoint.url, body, headers)
        delivery = Delivery(
            event=event.id, type=event.type, url=endpoint.url, status=status, body=answer
        )
        self.deliveries.append(delivery)
        if delivery.accepted:
            self._accepted.add((event.id, endpoint.url))
        return delivery

    async def _send(self, url: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        if self.session is None:
            return 0, "the sender is not started"
        try:
            async with self.session.post(
                url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                return answer.status, await answer.text()
        except (aiohttp.ClientError, TimeoutError) as error:
            return 0, str(error) or type(error).__name__


_CREATED_WITH = frozenset(
    {"url", "enabled_events", "api_version", "description", "metadata", "connect", "expand"}
)


def _shown(number: int, one: Endpoint) -> Json:
    """An endpoint as it is listed: without its secret."""
    return {
        "id": f"we_sandbox_{number}",
        "object": "webhook_endpoint",
        "api_version": one.version,
        "enabled_events": sorted(one.events) or ["*"],
        "livemode": one.livemode,
        "metadata": dict(one.metadata),
        "status": "enabled" if one.enabled else "disabled",
        "url": one.url,
    }


def _reachable(params: Params, livemode: bool) -> str:
    """The address, which Stripe wants public, and by https where money is real."""
    if "url" not in params:
        raise refusals.missing_parameter("url")
    url = str(params["url"])
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise refusals.bad_value("url", "Invalid URL: Must be a valid URL", "url_invalid")
    if addresses.private(parts.hostname):
        text = "Invalid URL: URL must be publicly accessible"
        raise refusals.bad_value("url", text, "url_invalid")
    if livemode and parts.scheme != "https":
        text = "Invalid URL: In live mode the URL must begin with https"
        raise refusals.bad_value("url", text, "url_invalid")
    return url


def _events(params: Params) -> frozenset[str]:
    asked = params.get("enabled_events")
    if not isinstance(asked, list) or not asked:
        raise refusals.missing_parameter("enabled_events")
    if unknown := set(asked) - EVENTS_TAKEN - {"*"}:
        text = f"Invalid enabled_events: {min(unknown)}"
        raise refusals.bad_value("enabled_events", text)
    return frozenset() if "*" in asked else frozenset(map(str, asked))
