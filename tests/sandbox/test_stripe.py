"""The sandbox's Stripe reads, refuses and tells as the real one does."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Unpack

import aiohttp
import pytest
import stripe
from aiohttp import web

from bot.sandbox.stripe import LIVE_KEY, TEST_KEY, Stripe
from bot.sandbox.stripe_ledger import Home
from bot.sandbox.stripe_objects import Json
from bot.sandbox.stripe_shop import TermsFields
from bot.sandbox.stripe_webhooks import Endpoint

Sdk = Callable[..., stripe.StripeClient]

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
EVERYTHING = [
    "payments.data.payment.payment_intent",
    "customer",
    "parent.subscription_details.subscription",
]


class StillClock:
    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Bot:
    """A receiver of webhooks that answers what it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, str]] = []
        self.answers: list[int] = []

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((await request.read(), request.headers["Stripe-Signature"]))
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    def events(self) -> list[Json]:
        return [json.loads(body) for body, _ in self.got]


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
async def server(clock: StillClock) -> AsyncIterator[Stripe]:
    server = Stripe(clock)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def bot(server: Stripe) -> AsyncIterator[Bot]:
    bot = Bot()
    app = web.Application()
    app.router.add_post("/stripe/webhook", bot.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/stripe/webhook"
    server.listen(Endpoint(url=url, secrets=["whsec_1"]))
    yield bot
    await runner.cleanup()


@pytest.fixture
async def sdk(server: Stripe) -> AsyncIterator[Sdk]:
    made: list[stripe.AIOHTTPClient] = []

    def client(key: str = TEST_KEY) -> stripe.StripeClient:
        http = stripe.AIOHTTPClient(timeout=60)
        made.append(http)
        return stripe.StripeClient(key, http_client=http, base_addresses={"api": server.api_base})

    yield client
    for http in made:
        await http.close_async()


async def get(
    server: Stripe, path: str, key: str | None = TEST_KEY, **headers: str
) -> tuple[int, Json]:
    sent = ({"Authorization": f"Bearer {key}"} if key else {}) | headers
    async with (
        aiohttp.ClientSession() as session,
        session.get(server.api_base + path, headers=sent) as answer,
    ):
        return answer.status, await answer.json()


def error_of(answer: tuple[int, Json]) -> tuple[int, str, str | None, str | None]:
    status, body = answer
    error = body["error"]
    return status, error["message"], error.get("code"), error.get("param")


def subscribed(server: Stripe, **terms: Unpack[TermsFields]) -> Json:
    customer = server.world.add_customer(name="Ada", email="ada@example.com", locales=["fr"])
    return server.world.subscribe(customer, "Team", metadata={"tier": "gold"}, **terms)


# Reading.


async def test_one_call_reads_invoice_payment_card_customer_and_subscription(
    server: Stripe, sdk: Sdk
) -> None:
    subscription = subscribed(server)
    failed = server.world.fail_payment(
        subscription, code="expired_card", decline_code="expired_card"
    )
    invoice = await sdk().v1.invoices.retrieve_async(failed["id"], {"expand": EVERYTHING})
    payment = invoice.payments.data[0]
    error = payment.payment.payment_intent.last_payment_error
    assert (payment.is_default, error.code, error.payment_method.card.last4) == (
        True,
        "expired_card",
        "4242",
    )
    assert (invoice.customer.email, invoice.customer.preferred_locales) == (
        "ada@example.com",
        ["fr"],
    )
    details = invoice.parent.subscription_details
    assert (details.subscription.id, details.metadata.tier) == (subscription["id"], "gold")
    assert (invoice.status, invoice.amount_remaining, invoice.attempt_count) == ("open", 4900, 1)


async def test_references_stay_ids_and_payments_stay_away_until_expanded(server: Stripe) -> None:
    failed = server.world.fail_payment(subscribed(server))
    _, invoice = await get(server, f"/v1/invoices/{failed['id']}")
    assert isinstance(invoice["customer"], str)
    assert "payments" not in invoice
    assert not {"subscription", "charge", "payment_intent", "paid"} & set(invoice)
    price = invoice["lines"]["data"][0]["pricing"]["price_details"]
    assert price["price"].startswith("price_")


async def test_lists_are_newest_first_and_expand_through_data(server: Stripe, sdk: Sdk) -> None:
    subscription = subscribed(server)
    server.world.past_paid(subscription, count=3)
    last = server.world.fail_payment(subscription)
    listed = await sdk().v1.invoices.list_async(
        {"customer": subscription["customer"], "limit": 2, "expand": ["data.customer"]}
    )
    assert (listed.data[0].id, listed.has_more) == (last["id"], True)
    assert listed.data[0].customer.name == "Ada"
    rest = await sdk().v1.invoices.list_async({"starting_after": listed.data[1].id})
    assert [i.status for i in rest.data] == ["paid", "paid"]


async def test_lists_are_filtered_by_status_subscription_and_moment(
    server: Stripe, sdk: Sdk
) -> None:
    subscription = subscribed(server)
    server.world.past_paid(subscription, count=3)
    failed = server.world.fail_payment(subscription)
    asked = {"status": "open", "subscription": subscription["id"]}
    found = await sdk().v1.invoices.list_async(asked)
    assert [i.id for i in found.data] == [failed["id"]]
    since = int((NOON - timedelta(days=45)).timestamp())
    found = await sdk().v1.invoices.list_async({"created": {"gte": since}})
    assert len(found.data) == 2


async def test_the_invoice_of_a_payment_is_found_by_its_payment_intent(
    server: Stripe, sdk: Sdk
) -> None:
    failed = server.world.fail_payment(subscribed(server))
    charge = server.world.charge_of(failed)
    intent = charge["payment_intent"]
    found = await sdk().v1.invoice_payments.list_async(
        {"payment": {"type": "payment_intent", "payment_intent": intent}}
    )
    assert [p.invoice for p in found.data] == [failed["id"]]


@pytest.mark.parametrize("expand", [[], ["latest_charge", "customer"]])
async def test_every_kind_of_object_can_be_read(
    server: Stripe, sdk: Sdk, expand: list[str]
) -> None:
    subscription = subscribed(server)
    paid = server.world.pay(server.world.renew(subscription))
    charge = server.world.charge_of(paid)
    dispute = server.world.dispute(paid)
    v1 = sdk().v1
    price = subscription["items"]["data"][0]["price"]
    assert (await v1.subscriptions.retrieve_async(subscription["id"])).status == "active"
    assert (await v1.products.retrieve_async(price["product"])).name == "Team"
    assert (await v1.prices.retrieve_async(price["id"])).unit_amount == 4900
    assert (await v1.charges.retrieve_async(charge["id"])).paid is True
    intent = await v1.payment_intents.retrieve_async(charge["payment_intent"], {"expand": expand})
    assert intent.status == "succeeded"
    assert (await v1.disputes.retrieve_async(dispute["id"])).charge == charge["id"]
    assert (await v1.accounts.retrieve_current_async()).id == "acct_sandbox"


async def test_a_deleted_customer_answers_that_it_is_deleted(server: Stripe, sdk: Sdk) -> None:
    subscription = subscribed(server)
    server.world.delete_customer(subscription["customer"])
    status, body = await get(server, f"/v1/customers/{subscription['customer']}")
    assert (status, body) == (
        200,
        {"id": subscription["customer"], "object": "customer", "deleted": True},
    )
    gone = await sdk().v1.subscriptions.retrieve_async(subscription["id"])
    assert gone.status == "canceled"


async def test_events_are_listed_by_type_and_by_whether_they_were_delivered(
    server: Stripe, bot: Bot, sdk: Sdk
) -> None:
    server.world.fail_payment(subscribed(server))
    await server.tell()
    lost = server.world.change_email(next(iter(server.world.tables["customer"])), "b@example.com")
    server.take()
    failed = await sdk().v1.events.list_async({"types": ["invoice.payment_failed"]})
    assert [e.type for e in failed.data] == ["invoice.payment_failed"]
    undelivered = await sdk().v1.events.list_async({"delivery_success": False})
    assert [e.data.object.id for e in undelivered.data] == [lost["id"]]
    assert bot.got


async def test_events_older_than_thirty_days_are_gone(
    server: Stripe, clock: StillClock, sdk: Sdk
) -> None:
    server.world.fail_payment(subscribed(server))
    clock.at += timedelta(days=31)
    assert (await sdk().v1.events.list_async()).data == []


async def test_a_portal_session_has_a_link_that_opens(server: Stripe, sdk: Sdk) -> None:
    customer = server.world.add_customer(name="Ada")
    session = await sdk().v1.billing_portal.sessions.create_async(
        {"customer": customer["id"], "flow_data": {"type": "payment_method_update"}}
    )
    async with aiohttp.ClientSession() as http, http.get(session.url) as page:
        assert page.status == 200


async def test_a_connected_account_sees_its_own_objects_only(server: Stripe, sdk: Sdk) -> None:
    account = server.world.connect("Other")
    theirs = server.world.add_customer(home=Home(account=account), name="Theirs")
    server.world.add_customer(name="Ours")
    found = await sdk().v1.customers.list_async(options={"stripe_account": account})
    assert [c.id for c in found.data] == [theirs["id"]]
    assert server.calls[-1].account == account


# Refusing.


async def test_no_key_is_refused(server: Stripe) -> None:
    status, message, *_ = error_of(await get(server, "/v1/invoices", key=None))
    assert status == 401
    assert "You did not provide an API key" in message


async def test_an_unknown_key_is_refused(sdk: Sdk) -> None:
    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key provided: sk_test_"):
        await sdk("sk_test_wrong").v1.invoices.list_async()


async def test_a_restricted_key_is_refused_what_it_may_not(server: Stripe, sdk: Sdk) -> None:
    key = server.restrict("rk_test_few", ["rak_invoice_read"])
    failed = server.world.fail_payment(subscribed(server))
    await sdk(key).v1.invoices.retrieve_async(failed["id"])
    with pytest.raises(stripe.PermissionError, match="rak_customer_read"):
        await sdk(key).v1.customers.retrieve_async(failed["customer"])
    with pytest.raises(stripe.PermissionError, match="rak_customer_read"):
        await sdk(key).v1.invoices.retrieve_async(failed["id"], {"expand": ["customer"]})
    with pytest.raises(stripe.PermissionError, match="rak_customer_portal_write"):
        await sdk(key).v1.billing_portal.sessions.create_async({"customer": "cus_1"})


async def test_an_unknown_account_is_refused(server: Stripe) -> None:
    answer = await get(server, "/v1/invoices", **{"Stripe-Account": "acct_nobody"})
    assert error_of(answer)[::2] == (403, "account_invalid")


async def test_an_unknown_id_is_refused(server: Stripe) -> None:
    answer = error_of(await get(server, "/v1/invoices/in_none"))
    assert answer == (404, "No such invoice: 'in_none'", "resource_missing", "id")


async def test_a_live_object_is_refused_to_a_test_key(server: Stripe, sdk: Sdk) -> None:
    live = server.world.add_customer(home=Home(livemode=True), name="Ada")
    with pytest.raises(stripe.InvalidRequestError, match="a similar object exists in live mode"):
        await sdk().v1.customers.retrieve_async(live["id"])
    assert (await sdk(LIVE_KEY).v1.customers.retrieve_async(live["id"])).livemode is True


async def test_expansion_deeper_than_four_levels_is_refused(server: Stripe) -> None:
    failed = server.world.fail_payment(subscribed(server))
    deep = "payments.data.payment.payment_intent.latest_charge"
    status, message, *_ = error_of(
        await get(server, f"/v1/invoices/{failed['id']}?expand[]={deep}")
    )
    assert (status, message.startswith("You cannot expand more than 4 levels")) == (400, True)


@pytest.mark.parametrize("field", ["subscription", "payment_intent", "number", "payments.x"])
async def test_expansion_of_what_is_no_reference_is_refused(server: Stripe, field: str) -> None:
    failed = server.world.fail_payment(subscribed(server))
    answer = error_of(await get(server, f"/v1/invoices/{failed['id']}?expand[]={field}"))
    assert answer[:2] == (400, f"This property cannot be expanded ({field}).")


async def test_a_list_is_expanded_through_data_only(server: Stripe) -> None:
    assert error_of(await get(server, "/v1/invoices?expand[]=customer"))[0] == 400


async def test_an_unknown_parameter_is_refused(server: Stripe) -> None:
    answer = error_of(await get(server, "/v1/invoices?colour=red"))
    assert answer == (400, "Received unknown parameter: colour", "parameter_unknown", "colour")


@pytest.mark.parametrize("limit", ["0", "101", "ten"])
async def test_a_limit_out_of_range_is_refused(server: Stripe, limit: str) -> None:
    answer = error_of(await get(server, f"/v1/invoices?limit={limit}"))
    assert (answer[0], answer[2], answer[3]) == (400, "parameter_invalid_integer", "limit")


async def test_an_unknown_status_is_refused(server: Stripe) -> None:
    assert error_of(await get(server, "/v1/invoices?status=late"))[0] == 400


async def test_a_list_for_an_unknown_customer_is_refused(server: Stripe) -> None:
    answer = error_of(await get(server, "/v1/invoices?customer=cus_none"))
    assert (answer[0], answer[2], answer[3]) == (400, "resource_missing", "customer")


async def test_a_page_after_an_unknown_id_is_refused(server: Stripe) -> None:
    answer = error_of(await get(server, "/v1/invoices?starting_after=in_none"))
    assert (answer[0], answer[3]) == (400, "starting_after")


async def test_more_than_twenty_event_types_are_refused(server: Stripe) -> None:
    asked = "&".join(f"types[]=a.{n}" for n in range(21))
    assert error_of(await get(server, f"/v1/events?{asked}"))[0] == 400


async def test_an_unknown_version_is_refused(server: Stripe) -> None:
    answer = await get(server, "/v1/invoices", **{"Stripe-Version": "1999-01-01"})
    assert error_of(answer)[:2] == (400, "Invalid Stripe API version: 1999-01-01")


async def test_an_unknown_address_is_refused(server: Stripe) -> None:
    status, message, *_ = error_of(await get(server, "/v1/secrets"))
    assert (status, message.startswith("Unrecognized request URL (GET: /v1/secrets)")) == (
        404,
        True,
    )


async def test_a_portal_session_without_a_customer_is_refused(sdk: Sdk) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Missing required param: customer"):
        await sdk().v1.billing_portal.sessions.create_async({})


async def test_an_idempotency_key_with_other_parameters_is_refused(
    server: Stripe, sdk: Sdk
) -> None:
    customer = server.world.add_customer()
    sessions = sdk().v1.billing_portal.sessions
    options = {"idempotency_key": "once"}
    first = await sessions.create_async({"customer": customer["id"]}, options)
    again = await sessions.create_async({"customer": customer["id"]}, options)
    assert first.id == again.id
    with pytest.raises(stripe.IdempotencyError):
        await sessions.create_async({"customer": customer["id"], "locale": "fr"}, options)


# Trouble.


async def test_the_rate_limit_is_answered_with_429(server: Stripe, sdk: Sdk) -> None:
    server.fault("429")
    with pytest.raises(stripe.RateLimitError):
        await sdk().v1.invoices.list_async()
    assert (await sdk().v1.invoices.list_async()).data == []


async def test_trouble_at_stripe_is_answered_with_500_on_the_named_path_only(
    server: Stripe, sdk: Sdk
) -> None:
    server.fault("500", path="/v1/invoices")
    assert (await sdk().v1.events.list_async()).data == []
    with pytest.raises(stripe.APIError, match="unknown error"):
        await sdk().v1.invoices.list_async()
    assert [call.status for call in server.calls] == [200, 500]


async def test_garbage_is_no_json(server: Stripe, sdk: Sdk) -> None:
    server.fault("garbage")
    with pytest.raises(stripe.APIError, match="Invalid response body"):
        await sdk().v1.invoices.list_async()


async def test_a_dropped_connection_is_an_error_of_the_connection(server: Stripe, sdk: Sdk) -> None:
    server.fault("drop", times=2)  # aiohttp itself asks a second time
    with pytest.raises(stripe.APIConnectionError):
        await sdk().v1.invoices.list_async()


async def test_a_call_that_is_never_answered_ends_with_the_server(server: Stripe, sdk: Sdk) -> None:
    server.fault("timeout")
    asked = asyncio.ensure_future(sdk().v1.invoices.list_async())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(asked), 0.05)
    await server.stop()
    with pytest.raises(stripe.StripeError):
        await asked


async def test_a_slow_answer_takes_the_clock_s_time(
    server: Stripe, clock: StillClock, sdk: Sdk
) -> None:
    server.fault("slow", seconds=7)
    await sdk().v1.invoices.list_async()
    assert clock.at == NOON + timedelta(seconds=7)


async def test_trouble_nobody_knows_is_refused(server: Stripe) -> None:
    with pytest.raises(ValueError, match="no such trouble"):
        server.fault("boredom")


# Telling.


async def test_an_event_is_signed_with_every_secret_of_the_endpoint(
    server: Stripe, bot: Bot
) -> None:
    url = server.webhooks.endpoints[0].url
    server.webhooks.endpoints = [Endpoint(url=url, secrets=["whsec_old", "whsec_new"])]
    server.world.fail_payment(subscribed(server))
    await server.tell()
    body, header = bot.got[0]
    stamp, *marks = header.split(",")
    assert stamp == f"t={int(NOON.timestamp())}"
    for secret, mark in zip(["whsec_old", "whsec_new"], marks, strict=True):
        signed = stamp.removeprefix("t=").encode() + b"." + body
        assert mark == "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


async def test_the_sdk_accepts_the_signature_of_a_delivery_made_now(
    server: Stripe, bot: Bot, clock: StillClock
) -> None:
    clock.at = datetime.now(UTC)
    server.world.fail_payment(subscribed(server))
    await server.tell()
    body, header = bot.got[0]
    event = stripe.Webhook.construct_event(body, header, "whsec_1")
    assert event.type == "invoice.payment_failed"


async def test_a_declined_renewal_makes_the_events_stripe_makes(server: Stripe, bot: Bot) -> None:
    server.world.fail_payment(subscribed(server))
    await server.tell()
    assert [e["type"] for e in bot.events()] == [
        "invoice.payment_failed",
        "invoice.updated",
        "customer.subscription.updated",
    ]


async def test_a_payment_makes_the_events_stripe_makes(server: Stripe, bot: Bot) -> None:
    failed = server.world.fail_payment(subscribed(server))
    server.take()
    server.world.pay(failed)
    await server.tell()
    assert [e["type"] for e in bot.events()] == [
        "invoice_payment.paid",
        "invoice.updated",
        "invoice.paid",
        "invoice.payment_succeeded",
        "customer.subscription.updated",
    ]
    assert bot.events()[2]["data"]["object"]["amount_remaining"] == 0


@pytest.mark.parametrize("version", ["2020-08-27", "2024-06-20"])
async def test_old_endpoints_get_the_flat_shape(server: Stripe, bot: Bot, version: str) -> None:
    url = server.webhooks.endpoints[0].url
    server.webhooks.endpoints = [Endpoint(url=url, secrets=["whsec_1"], version=version)]
    subscription = subscribed(server)
    failed = server.world.fail_payment(subscription)
    await server.tell()
    event = bot.events()[0]
    invoice = event["data"]["object"]
    assert event["api_version"] == version
    assert (invoice["subscription"], invoice["paid"]) == (subscription["id"], False)
    assert invoice["charge"] == server.world.charge_of(failed)["id"]
    assert invoice["payment_intent"].startswith("pi_")
    assert invoice["lines"]["data"][0]["price"]["unit_amount"] == 4900
    assert not {"parent", "customer_account"} & set(invoice)
    assert ("effective_at" in invoice) is (version == "2024-06-20")


@pytest.mark.parametrize("version", ["2025-03-31.basil", "2026-10-28.endive"])
async def test_new_endpoints_get_the_new_shape(server: Stripe, bot: Bot, version: str) -> None:
    url = server.webhooks.endpoints[0].url
    server.webhooks.endpoints = [Endpoint(url=url, secrets=["whsec_1"], version=version)]
    subscription = subscribed(server)
    server.world.fail_payment(subscription)
    await server.tell()
    invoice = bot.events()[0]["data"]["object"]
    details = invoice["parent"]["subscription_details"]
    assert details == {"metadata": {"tier": "gold"}, "subscription": subscription["id"]}
    assert "paid" not in invoice
    assert ("customer_account" in invoice) is version.endswith("endive")


async def test_a_refused_delivery_is_repeated_until_it_is_accepted(
    server: Stripe, bot: Bot
) -> None:
    bot.answers = [500, 503, 200]
    server.world.change_email(subscribed(server)["customer"], "b@example.com")
    [delivery] = await server.tell(tries=5)
    assert (delivery.accepted, len(bot.got)) == (True, 3)


async def test_taken_events_can_be_lost_doubled_and_reordered(server: Stripe, bot: Bot) -> None:
    server.world.pay(server.world.fail_payment(subscribed(server)))
    events = server.take()
    for event in reversed(
        [e for e in events if e.type in {"invoice.payment_failed", "invoice.paid"}]
    ):
        await server.deliver(event, times=2)
    assert [e["type"] for e in bot.events()] == ["invoice.paid"] * 2 + [
        "invoice.payment_failed"
    ] * 2
    assert await server.tell() == []


async def test_a_receiver_that_is_away_is_a_failed_delivery(server: Stripe) -> None:
    server.listen(Endpoint(url="http://127.0.0.1:9/", secrets=["whsec_1"]))
    server.world.change_email(subscribed(server)["customer"], "b@example.com")
    [delivery] = await server.tell(tries=1)
    assert (delivery.status, delivery.accepted) == (0, False)


async def test_events_of_a_connected_account_name_it(server: Stripe, bot: Bot) -> None:
    account = server.world.connect("Other")
    customer = server.world.add_customer(home=Home(account=account, livemode=True))
    server.world.fail_payment(server.world.subscribe(customer))
    await server.tell()
    assert {(e["account"], e["livemode"]) for e in bot.events()} == {(account, True)}


# The world.


async def test_the_first_try_with_the_stripe_cli_has_no_subscription_and_no_email(
    server: Stripe, bot: Bot
) -> None:
    invoice = server.world.stripe_trigger()
    await server.tell()
    assert (invoice["parent"], invoice["customer_email"], invoice["billing_reason"]) == (
        None,
        None,
        "manual",
    )
    assert (invoice["amount_due"], invoice["next_payment_attempt"]) == (2000, None)
    assert [e["type"] for e in bot.events()] == [
        "payment_method.attached",
        "invoice.payment_failed",
        "invoice.updated",
    ]


async def test_the_next_attempt_may_be_told_by_a_later_update(server: Stripe, bot: Bot) -> None:
    server.world.fail_payment(subscribed(server), told_later=True)
    await server.tell()
    failed, updated, _ = bot.events()
    assert failed["data"]["object"]["next_payment_attempt"] is None
    later = int((NOON + timedelta(days=3)).timestamp())
    assert updated["data"]["object"]["next_payment_attempt"] == later


async def test_a_manual_retry_counts_no_attempt(server: Stripe) -> None:
    invoice = server.world.fail_payment(subscribed(server))
    again = server.world.fail_payment(invoice, manual=True)
    assert (again["id"], again["attempt_count"]) == (invoice["id"], 1)
    assert server.world.fail_payment(invoice)["attempt_count"] == 2


async def test_a_bank_that_wants_a_confirmation_refuses_nothing(server: Stripe, bot: Bot) -> None:
    invoice = server.world.require_action(subscribed(server))
    intent = server.world.find(
        server.world.payments_of(invoice["id"])[0]["payment"]["payment_intent"]
    )
    assert (intent["status"], intent["last_payment_error"]) == ("requires_action", None)
    await server.tell()
    assert "invoice.payment_action_required" in {e["type"] for e in bot.events()}


async def test_parts_and_credits_lower_what_remains(server: Stripe) -> None:
    invoice = server.world.fail_payment(subscribed(server))
    server.world.pay_partly(invoice, 1000)
    server.world.credit_note(invoice, 900)
    assert (invoice["amount_paid"], invoice["amount_remaining"], invoice["status"]) == (
        1000,
        3000,
        "open",
    )
    server.world.credit_note(invoice, 3000)
    assert (invoice["status"], invoice["amount_remaining"]) == ("paid", 0)


async def test_a_bill_can_end_without_being_paid(server: Stripe, bot: Bot) -> None:
    subscription = subscribed(server)
    void, lost = server.world.renew(subscription), server.world.renew(subscription)
    server.world.void(void)
    server.world.mark_uncollectible(lost)
    server.world.cancel_subscription(subscription)
    await server.tell()
    assert [(void["status"]), lost["status"], subscription["status"]] == [
        "void",
        "uncollectible",
        "canceled",
    ]
    types = [e["type"] for e in bot.events() if e["type"] != "invoice.updated"]
    assert types == [
        "invoice.voided",
        "invoice.marked_uncollectible",
        "customer.subscription.deleted",
    ]


async def test_a_dispute_and_a_fraud_warning_name_the_charge_only(server: Stripe, bot: Bot) -> None:
    paid = server.world.pay(server.world.renew(subscribed(server)))
    server.take()
    server.world.dispute(paid)
    server.world.early_fraud_warning(paid)
    await server.tell()
    for event in bot.events():
        thing = event["data"]["object"]
        assert thing["charge"] == server.world.charge_of(paid)["id"]
        assert not {"customer", "invoice"} & set(thing)


async def test_an_invoice_that_is_mailed_waits_for_its_due_date(server: Stripe, bot: Bot) -> None:
    customer = server.world.add_customer(name="Ada")
    invoice = server.world.overdue(server.world.send_invoice(customer, 500, currency="jpy"))
    await server.tell()
    assert (invoice["collection_method"], invoice["next_payment_attempt"]) == (
        "send_invoice",
        None,
    )
    assert [e["type"] for e in bot.events()] == ["invoice.overdue"]


async def test_an_invoice_keeps_the_email_it_was_finalized_with(server: Stripe) -> None:
    invoice = server.world.fail_payment(subscribed(server))
    server.world.change_email(invoice["customer"], "new@example.com")
    assert invoice["customer_email"] == "ada@example.com"


async def test_the_first_invoice_of_a_subscription_says_so(server: Stripe) -> None:
    customer = server.world.add_customer(name="Ada")
    invoice = server.world.fail_payment(server.world.first_invoice(customer))
    assert invoice["billing_reason"] == "subscription_create"


async def test_an_invoice_of_nothing_is_paid_without_a_charge(server: Stripe, bot: Bot) -> None:
    invoice = server.world.pay(server.world.renew(subscribed(server), amount=0))
    await server.tell()
    assert (invoice["status"], server.world.payments_of(invoice["id"])) == ("paid", [])
    assert "invoice.payment_succeeded" in {e["type"] for e in bot.events()}


async def test_an_invoice_noted_as_paid_elsewhere_has_no_successful_charge(
    server: Stripe, bot: Bot
) -> None:
    failed = server.world.fail_payment(subscribed(server))
    server.take()
    server.world.pay(failed, out_of_band=True)
    await server.tell()
    assert server.world.charge_of(failed)["paid"] is False
    types = {e["type"] for e in bot.events()}
    assert ("invoice.paid" in types, "invoice.payment_succeeded" in types) == (True, False)


async def test_a_customer_who_left_takes_their_subscriptions_along(
    server: Stripe, bot: Bot
) -> None:
    failed = server.world.fail_payment(subscribed(server))
    server.take()
    server.world.delete_customer(failed["customer"])
    await server.tell()
    types = [e["type"] for e in bot.events()]
    assert types == ["customer.subscription.deleted", "invoice.updated", "customer.deleted"]
    assert failed["next_payment_attempt"] is None


# The customer's page.


async def test_a_customer_pays_by_the_link_and_the_bot_hears_of_it(
    server: Stripe, bot: Bot, sdk: Sdk
) -> None:
    failed = server.world.fail_payment(subscribed(server, amount=1500, currency="kwd"))
    server.take()
    url = (await sdk().v1.invoices.retrieve_async(failed["id"])).hosted_invoice_url
    async with aiohttp.ClientSession() as http:
        async with http.get(url) as page:
            assert "Payer 1,500\u00a0KWD" in await page.text()
        assert failed["status"] == "open"
        async with http.post(url) as page:
            assert "Cette facture est payée." in await page.text()
    assert "invoice.paid" in {e["type"] for e in bot.events()}


async def test_a_link_expires_and_a_fresh_one_opens(
    server: Stripe, clock: StillClock, sdk: Sdk
) -> None:
    failed = server.world.fail_payment(subscribed(server))
    old = (await sdk().v1.invoices.retrieve_async(failed["id"])).hosted_invoice_url
    clock.at += timedelta(days=31)
    new = (await sdk().v1.invoices.retrieve_async(failed["id"])).hosted_invoice_url
    async with aiohttp.ClientSession() as http:
        async with http.get(old) as page:
            assert page.status == 410
        async with http.get(new) as page:
            assert page.status == 200
    clock.at += timedelta(days=120)
    assert (await sdk().v1.invoices.retrieve_async(failed["id"])).hosted_invoice_url is None


async def test_links_can_stand_on_another_host(clock: StillClock) -> None:
    server = Stripe(clock, pages_base="https://invoice.stripe.com/i")
    await server.start()
    failed = server.world.fail_payment(subscribed(server))
    _, body = await get(server, f"/v1/invoices/{failed['id']}")
    await server.stop()
    assert body["hosted_invoice_url"].startswith("https://invoice.stripe.com/i/invoice/in_")
