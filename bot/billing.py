"""The only module that imports stripe: what is owed, why it failed, who this is, a fresh link."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote

import aiohttp
import stripe

from bot.billing_lists import Page, PaidHistory, Unpaid, history, last_try, page_of, unpaid
from bot.billing_reading import EXPAND, InvoiceReading, Json, host_of, link_allowed, reading
from bot.case.ids import InvoiceId
from bot.clock import Clock
from bot.errors import BillingTrouble
from bot.foreign_text import cleaned
from bot.log import tell
from bot.no_redirects import no_redirects

NAME_KEPT = timedelta(hours=1)
NAMES_KEPT = 10_000
PAGE = 100
PAGES = 50
KEY = "STRIPE_API_KEY"
API_VERSION = stripe.api_version  # the library's own: each of its releases is made for one
ONCE = "dunning_desk_once"  # the metadata that tells whose press made an endpoint
KEY_REFUSED = "authentication"
PERMANENT = frozenset({400, 401, 402, 403, 404})

log = logging.getLogger(__name__)


class Billing:
    """Owns the connection to Stripe; make it inside the running loop and `close()` it.

    `troubles` names the key, with Stripe's code, from its refusal until a call succeeds.

    Every method but `make_endpoint` reads only and may be repeated. It takes a connected `account`
    ("" is our own), and raises BillingTrouble: `resource_missing`, `wrong_mode`, `authentication`,
    `permission`, `rate_limited`, `timeout`, `connection`, `unreadable`, or Stripe's own word.
    """

    def __init__(  # noqa: PLR0913 - settings, each with a name
        self,
        key: str,
        *,
        clock: Clock,
        base: str = stripe.DEFAULT_API_BASE,
        link_hosts: frozenset[str] = frozenset(),
        timeout: float = 10,
        retries: int = 2,
    ) -> None:
        # At DEBUG the library logs whole answers: names and addresses.
        logging.getLogger("stripe").setLevel(logging.WARNING)
        self._clock = clock
        self._base = base
        self._link_hosts = link_hosts
        self.troubles: tuple[tuple[str, str], ...] = ()
        self._names: dict[tuple[str, str], tuple[datetime, str | None]] = {}
        self._session = aiohttp.ClientSession(trace_configs=[no_redirects()])
        self._client = stripe.StripeClient(
            key,
            http_client=stripe.AIOHTTPClient(
                timeout=aiohttp.ClientTimeout(total=timeout), session=self._session
            ),
            max_network_retries=retries,
            base_addresses={"api": base},
        )

    async def close(self) -> None:
        """Close the connections. Idempotent."""
        await self._session.close()

    async def read_invoice(self, invoice: InvoiceId, account: str) -> InvoiceReading:
        """One call for the invoice, its payment, customer and subscription.

        The link is None unless its host is Stripe's or one that the operator named.
        """
        raw = await self._read(f"/v1/invoices/{_id(invoice)}", account, expand=list(EXPAND))
        with _of_a_known_shape():
            found = reading(raw)
        return replace(found, link=self._checked(found.link))

    async def product_name(self, product: str, account: str) -> str | None:
        """A product's name, one line, remembered for an hour.

        None when it is gone or the key may not read products: a letter can do without.
        """
        now = self._clock.now()
        until, name = self._names.get((account, product), (now, None))
        if until > now:
            return name
        try:
            name = cleaned((await self._read(f"/v1/products/{_id(product)}", account))["name"])
        except BillingTrouble as trouble:
            if trouble.code not in {"resource_missing", "permission"}:
                raise
            log.warning("product_name_unknown", extra={"code": trouble.code})
            name = None
        if len(self._names) >= NAMES_KEPT:
            self._names.clear()
        self._names[account, product] = (now + NAME_KEPT, name)
        return name

    async def paid_history(self, customer: str, account: str) -> PaidHistory:
        """All paid invoices of a customer, a hundred a call and at most 50 calls, newest first.

        Invoices over nothing (trials, credits) count neither as paid nor as a beginning.
        """
        asked: dict[str, object] = {"status": "paid", "limit": PAGE}
        asked["customer_account" if customer.startswith("acct_") else "customer"] = customer
        paid: list[Json] = []
        for _ in range(PAGES):
            page = await self._page("/v1/invoices", account, **asked)
            paid += page.entries
            asked["starting_after"] = page.after
            if page.after is None:
                break
        return history(paid, whole=page.after is None)

    async def events(
        self, types: Sequence[str], since: datetime, after: str | None = None
    ) -> Page[Json]:
        """Our own account's events of these types (20 at most), as Stripe sends them.

        Newest first, and not older than 30 days: https://docs.stripe.com/api/events/list.
        """
        created = {"gte": int(since.timestamp())}
        asked = {"types": list(types), "created": created, "limit": PAGE}
        return await self._page("/v1/events", "", **asked, starting_after=after)

    async def open_invoices(self, after: str | None = None) -> Page[Unpaid]:
        """Our own account's open invoices, newest first."""
        asked = {"status": "open", "limit": PAGE}
        page = await self._page("/v1/invoices", "", **asked, starting_after=after)
        with _of_a_known_shape():
            return Page(entries=tuple(map(unpaid, page.entries)), after=page.after)

    async def last_try(self, invoice: InvoiceId) -> datetime | None:
        """When a card was last asked to pay one of our own invoices; one call."""
        expand = ["data.payment.payment_intent.latest_charge"]
        page = await self._page("/v1/invoice_payments", "", invoice=invoice, expand=expand)
        with _of_a_known_shape():
            return last_try(page.entries)

    async def resolve_charge(self, charge: str, account: str) -> str | None:
        """The customer a charge belongs to: disputes and fraud warnings name the charge only."""
        found = await self._read(f"/v1/charges/{_id(charge)}", account)
        customer: str | None = found["customer"]
        return customer

    async def account(self) -> str:
        """Our own account's id: proof that the key works."""
        number: str = (await self._read("/v1/account", ""))["id"]
        return number

    async def may_read(self, kind: str) -> bool:
        """Whether the key may read this list, such as `invoices`; one call."""
        try:
            await self._read(f"/v1/{kind}", "", limit=1)
        except BillingTrouble as trouble:
            if trouble.code != "permission":
                raise
            return False
        return True

    async def endpoints(self) -> tuple[Json, ...]:
        """Our own account's webhook endpoints in the key's mode, a hundred at most."""
        return (await self._page("/v1/webhook_endpoints", "", limit=PAGE)).entries

    async def make_endpoint(self, url: str, types: Sequence[str], *, once: str) -> Json:
        """Make an endpoint; only this answer ever holds its `secret`.

        With the same `once` no second one is made within a day, and the same answer given:
        https://docs.stripe.com/api/webhook_endpoints/create.
        """
        made = {"url": url, "enabled_events": list(types), "api_version": API_VERSION}
        named = {"description": "Dunning Desk", "metadata": {ONCE: once}, "idempotency_key": once}
        return await self._call("post", "/v1/webhook_endpoints", "", **made, **named)

    async def undelivered(
        self, types: Sequence[str], since: datetime, until: datetime
    ) -> Page[Json]:
        """Events of these types that some endpoint has not taken, newest first."""
        created = {"gte": int(since.timestamp()), "lte": int(until.timestamp())}
        asked = {"types": list(types), "created": created, "limit": PAGE}
        return await self._page("/v1/events", "", **asked, delivery_success=False)

    async def _page(self, path: str, account: str, **asked: object) -> Page[Json]:
        known = {name: value for name, value in asked.items() if value is not None}
        raw = await self._read(path, account, **known)
        with _of_a_known_shape():
            return page_of(raw)

    async def _read(self, path: str, account: str, **asked: object) -> Json:
        return await self._call("get", path, account, **asked)

    async def _call(self, method: str, path: str, account: str, **asked: object) -> Json:
        """As plain JSON: building the library's own objects takes longer than the call."""
        on = {"stripe_account": account} if account else {}
        try:
            with _in_our_words():
                answer = await self._client.raw_request_async(method, path, **asked, **on)
        except BillingTrouble as trouble:
            if trouble.code == KEY_REFUSED and not account:
                self._noted(((KEY, trouble.code),))
            raise
        self._noted(())
        found: Json = answer.data
        return found

    def _noted(self, troubles: tuple[tuple[str, str], ...]) -> None:
        """A key that was refused is one setting's trouble, however many cases meet it."""
        if troubles != self.troubles:
            self.troubles = troubles
            if troubles:
                tell("stripe_setting_wrong", level=logging.ERROR, name=KEY, code=KEY_REFUSED)
            else:
                tell("stripe_setting_mended", name=KEY, code=KEY_REFUSED)

    def _checked(self, link: str | None) -> str | None:
        if link is None or link_allowed(link, self._link_hosts, self._base):
            return link
        log.warning("link_host_refused", extra={"host": host_of(link)})
        return None


def _id(number: str) -> str:
    """Part of a path, whatever stands in it."""
    return quote(number, safe="")


@contextmanager
def _of_a_known_shape() -> Iterator[None]:
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError) as strange:
        raise BillingTrouble("unreadable", permanent=True) from strange


@contextmanager
def _in_our_words() -> Iterator[None]:
    # `from None`: the library's errors carry whole bodies, which must not reach a log.
    try:
        yield
    except stripe.APIConnectionError as error:
        late = isinstance(error.__cause__, TimeoutError)
        raise BillingTrouble("timeout" if late else "connection") from None
    except stripe.StripeError as error:
        raise _trouble(error) from None
    except TimeoutError:
        # The library guards the headers of an answer, not the reading of its body.
        raise BillingTrouble("timeout") from None
    except aiohttp.ClientError:
        raise BillingTrouble("connection") from None


def _trouble(error: stripe.StripeError) -> BillingTrouble:
    status = error.http_status or 0
    return BillingTrouble(
        _code(error, status),
        permanent=status in PERMANENT and not isinstance(error, stripe.RateLimitError),
        retry_after=_seconds((error.headers or {}).get("Retry-After")),
    )


def _code(error: stripe.StripeError, status: int) -> str:
    match error:
        case stripe.RateLimitError():
            return "rate_limited"
        case stripe.AuthenticationError():
            return "authentication"
        case stripe.PermissionError():
            return "permission"
        # Stripe calls an object of the other mode missing too; a key that was mixed up by the
        # operator must never look as if customers had deleted their invoices.
        case stripe.InvalidRequestError() if "a similar object exists in" in (
            error.user_message or ""
        ):
            return "wrong_mode"
        case stripe.APIError() if status < 400:  # noqa: PLR2004 - not an error's status
            return "unreadable"
    return error.code or f"http_{status}"


def _seconds(header: str | None) -> float | None:
    try:
        return float(header) if header else None
    except ValueError:
        return None
