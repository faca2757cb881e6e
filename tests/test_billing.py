"""Billing against the sandbox's Stripe, over HTTP."""

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from bot.billing import Billing
from bot.case.facts import InvoiceStatus
from bot.case.ids import InvoiceId
from bot.case.money import Money
from bot.errors import BillingTrouble
from bot.sandbox.stripe import LIVE_KEY, TEST_KEY, Stripe
from bot.sandbox.stripe_ledger import PLATFORM, Home

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


class StillClock:
    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
async def stripe(clock: StillClock) -> AsyncIterator[Stripe]:
    server = Stripe(clock)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def billing(stripe: Stripe, clock: StillClock) -> AsyncIterator[Billing]:
    made = Billing(TEST_KEY, clock=clock, base=stripe.api_base, retries=0, timeout=60)
    yield made
    await made.close()


def failed(stripe: Stripe, **why: str) -> InvoiceId:
    customer = stripe.world.add_customer(name="Marie Dupont", email="marie@acme.example")
    subscription = stripe.world.subscribe(customer, "Team", currency="eur")
    return InvoiceId(stripe.world.fail_payment(subscription, **why)["id"])


async def trouble_of(billing: Billing, invoice: str = "in_1") -> BillingTrouble:
    with pytest.raises(BillingTrouble) as caught:
        await billing.read_invoice(InvoiceId(invoice), "")
    return caught.value


async def test_one_call_reads_an_invoice_with_all_that_hangs_on_it(
    stripe: Stripe, billing: Billing
) -> None:
    found = await billing.read_invoice(failed(stripe, decline_code="expired_card"), "")
    assert [call.path for call in stripe.calls] == [f"/v1/invoices/{found.invoice.id}"]
    assert (found.invoice.status, found.invoice.remaining) == (InvoiceStatus.OPEN, 4900)
    payment = found.invoice.payment
    assert payment is not None
    assert payment.decline is not None
    assert payment.decline.decline_code == "expired_card"
    assert payment.card is not None
    assert payment.card.last_four == "4242"
    assert found.customer.email == "marie@acme.example"
    assert found.invoice.subscription is not None
    assert found.invoice.subscription.status == "past_due"
    assert found.link is not None
    assert found.link.startswith(stripe.api_base)


async def test_a_link_to_a_host_nobody_named_is_dropped_and_told(
    clock: StillClock, caplog: pytest.LogCaptureFixture
) -> None:
    stripe = Stripe(clock, pages_base="https://pay.acme.example")
    await stripe.start()
    invoice = failed(stripe)
    named = frozenset({"pay.acme.example"})
    for hosts, expected in ((frozenset[str](), None), (named, "https://pay.acme.example")):
        billing = Billing(TEST_KEY, clock=clock, base=stripe.api_base, link_hosts=hosts)
        found = await billing.read_invoice(invoice, "")
        await billing.close()
        assert (found.link or "").startswith(expected or "")
        assert (found.link is None) == (expected is None)
    await stripe.stop()
    assert [(one.message, one.__dict__["host"]) for one in caplog.records] == [
        ("link_host_refused", "pay.acme.example")
    ]


async def test_a_plans_name_is_asked_for_once_an_hour(
    stripe: Stripe, billing: Billing, clock: StillClock
) -> None:
    product = (await billing.read_invoice(failed(stripe), "")).product
    assert product is not None
    stripe.calls.clear()
    assert [await billing.product_name(product, "") for _ in range(2)] == ["Team", "Team"]
    assert len(stripe.calls) == 1
    clock.at += timedelta(minutes=61)
    stripe.world.find(product)["name"] = "Team\u202e 2\n"
    assert await billing.product_name(product, "") == "Team 2"


async def test_a_key_that_may_not_read_products_costs_only_the_plans_name(
    stripe: Stripe, clock: StillClock
) -> None:
    may = {"rak_invoice_read", "rak_customer_read"}
    may |= {"rak_subscription_read", "rak_payment_intent_read"}
    key = stripe.restrict("rk_test_narrow", may)
    billing = Billing(key, clock=clock, base=stripe.api_base, retries=0)
    found = await billing.read_invoice(failed(stripe), "")
    assert found.product is not None
    assert await billing.product_name(found.product, "") is None
    assert await billing.product_name("prod_gone", "") is None
    await billing.close()


async def test_all_that_was_paid_is_summed_per_currency(stripe: Stripe, billing: Billing) -> None:
    customer = stripe.world.add_customer(created=NOON - timedelta(days=900))
    stripe.world.past_paid(stripe.world.subscribe(customer, "Team"), count=3)
    euro = stripe.world.subscribe(customer, "Extra", currency="eur", amount=100)
    stripe.world.past_paid(euro, count=2)
    stripe.world.past_paid(euro, count=1, amount=0)
    stripe.world.fail_payment(euro)
    found = await billing.paid_history(customer["id"], "")
    assert set(found.lifetime) == {
        Money(minor=3 * 4900, currency="usd"),
        Money(minor=200, currency="eur"),
    }
    assert (found.paid_invoices, found.whole) == (5, True)
    assert found.first_paid_at == NOON - timedelta(days=90)


async def test_a_long_history_is_paged_through(stripe: Stripe, billing: Billing) -> None:
    customer = stripe.world.add_customer()
    stripe.world.past_paid(stripe.world.subscribe(customer), count=101, amount=1)
    found = await billing.paid_history(customer["id"], "")
    assert found.lifetime == (Money(minor=101, currency="usd"),)
    assert len(stripe.calls) == 2


async def test_a_history_without_end_is_at_least_that(clock: StillClock) -> None:
    calls = []

    async def endless(request: web.Request) -> web.Response:
        calls.append(request.query.get("starting_after"))
        paid = {"object": "invoice", "id": f"in_{len(calls)}", "amount_paid": 5, "currency": "usd"}
        paid |= {"created": 1_700_000_000, "status_transitions": {"paid_at": None}}
        page = {"object": "list", "data": [paid], "has_more": True, "url": "/v1/invoices"}
        return web.json_response(page)

    runner, base = await serving(endless)
    billing = Billing(TEST_KEY, clock=clock, base=base)
    found = await billing.paid_history("cus_1", "")
    await billing.close()
    await runner.cleanup()
    assert (len(calls), found.paid_invoices, found.whole) == (50, 50, False)
    assert calls[:3] == [None, "in_1", "in_2"]


async def test_a_charge_leads_to_its_customer(stripe: Stripe, billing: Billing) -> None:
    invoice = stripe.world.find(failed(stripe))
    charge = stripe.world.charge_of(invoice)
    assert await billing.resolve_charge(charge["id"], "") == invoice["customer"]


async def test_the_account_answers_for_the_key(billing: Billing) -> None:
    assert await billing.account() == PLATFORM


async def test_a_connected_account_is_asked_for_its_own(stripe: Stripe, billing: Billing) -> None:
    account = stripe.world.connect("Shop")
    customer = stripe.world.add_customer(home=Home(account=account))
    invoice = InvoiceId(stripe.world.fail_payment(stripe.world.subscribe(customer))["id"])
    assert (await billing.read_invoice(invoice, account)).customer.id == customer["id"]
    assert (await trouble_of(billing, invoice)).code == "resource_missing"
    assert [call.account for call in stripe.calls] == [account, PLATFORM]


async def test_what_stripe_does_not_know_is_missing_for_good(billing: Billing) -> None:
    trouble = await trouble_of(billing, "in_nowhere")
    assert (trouble.code, trouble.permanent) == ("resource_missing", True)


async def test_the_other_mode_is_never_taken_for_a_deletion(
    stripe: Stripe, clock: StillClock
) -> None:
    live = Billing(LIVE_KEY, clock=clock, base=stripe.api_base, retries=0)
    trouble = await trouble_of(live, failed(stripe))
    await live.close()
    assert (trouble.code, trouble.permanent) == ("wrong_mode", True)


@pytest.mark.parametrize(
    ("key", "code"), [("sk_test_wrong", "authentication"), ("rk_test_bare", "permission")]
)
async def test_a_key_that_may_not_is_told_for_good(
    stripe: Stripe, clock: StillClock, key: str, code: str
) -> None:
    stripe.restrict("rk_test_bare", [])
    billing = Billing(key, clock=clock, base=stripe.api_base, retries=0)
    trouble = await trouble_of(billing, failed(stripe))
    await billing.close()
    assert (trouble.code, trouble.permanent) == (code, True)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("500", "http_500"),
        ("429", "rate_limited"),
        ("drop", "connection"),
        ("garbage", "unreadable"),
    ],
)
async def test_trouble_that_passes_may_be_tried_again(
    stripe: Stripe, billing: Billing, kind: str, code: str
) -> None:
    invoice = failed(stripe)
    stripe.fault(kind, times=2)  # aiohttp asks once more by itself when a connection drops
    trouble = await trouble_of(billing, invoice)
    stripe.heal()
    assert (trouble.code, trouble.permanent) == (code, False)
    assert (await billing.read_invoice(invoice, "")).invoice.id == invoice


async def test_an_answer_that_never_comes_is_a_timeout(stripe: Stripe, clock: StillClock) -> None:
    billing = Billing(TEST_KEY, clock=clock, base=stripe.api_base, retries=0, timeout=0.05)
    stripe.fault("timeout")
    trouble = await trouble_of(billing, failed(stripe))
    await billing.close()
    assert (trouble.code, trouble.permanent) == ("timeout", False)


async def test_nobody_listening_is_a_lost_connection(clock: StillClock) -> None:
    async def nobody(_: web.Request) -> web.Response:
        return web.Response()

    runner, base = await serving(nobody)
    await runner.cleanup()
    billing = Billing(TEST_KEY, clock=clock, base=base, retries=0)
    trouble = await trouble_of(billing)
    await billing.close()
    assert (trouble.code, trouble.permanent) == ("connection", False)


async def test_stripes_wish_to_wait_is_passed_on(clock: StillClock) -> None:
    async def busy(_: web.Request) -> web.Response:
        error = {"error": {"type": "invalid_request_error", "message": "Slow down"}}
        return web.json_response(error, status=429, headers={"Retry-After": "7"})

    trouble = await trouble_at(busy, clock)
    assert (trouble.code, trouble.permanent, trouble.retry_after) == ("rate_limited", False, 7)


async def test_a_redirect_is_never_followed(clock: StillClock) -> None:
    reached = []

    async def away(request: web.Request) -> web.Response:
        reached.append(request.path)
        raise web.HTTPFound("/elsewhere")

    trouble = await trouble_at(away, clock)
    assert trouble.code == "connection"
    assert reached == ["/v1/invoices/in_1"]


async def test_an_answer_cut_in_two_is_a_lost_connection(clock: StillClock) -> None:
    async def half(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b'{"id": "in_1", "customer_name": "Marie')
        if request.transport is not None:
            request.transport.close()
        return response

    trouble = await trouble_at(half, clock)
    assert (trouble.code, trouble.permanent) == ("connection", False)


async def test_an_answer_of_another_shape_is_unreadable(clock: StillClock) -> None:
    async def strange(_: web.Request) -> web.Response:
        return web.json_response({"object": "invoice", "id": "in_1", "status": "open"})

    trouble = await trouble_at(strange, clock)
    assert (trouble.code, trouble.permanent) == ("unreadable", True)


async def test_nothing_of_a_customer_reaches_a_log_or_an_error(
    stripe: Stripe, billing: Billing, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await billing.read_invoice(failed(stripe), "")
    assert "marie" not in caplog.text.lower()
    stripe.fault("garbage")
    trouble = await trouble_of(billing)
    assert "upstream" not in str(trouble)
    assert trouble.__cause__ is None
    assert trouble.__suppress_context__


async def serving(answer: object) -> tuple[web.AppRunner, str]:
    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


async def trouble_at(answer: object, clock: StillClock) -> BillingTrouble:
    runner, base = await serving(answer)
    billing = Billing(TEST_KEY, clock=clock, base=base, retries=0, timeout=60)
    try:
        return await trouble_of(billing)
    finally:
        await billing.close()
        await runner.cleanup()


async def test_events_come_in_pages_and_by_type(stripe: Stripe, billing: Billing) -> None:
    for _ in range(101):
        failed(stripe)
    since = NOON - timedelta(hours=1)
    first = await billing.events(["invoice.payment_failed"], since)
    rest = await billing.events(["invoice.payment_failed"], since, first.after)
    assert (len(first.entries), len(rest.entries), rest.after) == (100, 1, None)
    found = [one["id"] for one in (*first.entries, *rest.entries)]
    ours = [one.id for one in stripe.world.events if one.type == "invoice.payment_failed"]
    assert found == ours[::-1]
    none = await billing.events(["invoice.payment_failed"], NOON + timedelta(seconds=1))
    assert none.entries == ()


async def test_an_open_invoice_says_whether_it_failed_and_when_it_was_tried(
    stripe: Stripe, billing: Billing, clock: StillClock
) -> None:
    tried = failed(stripe)
    stripe.world.renew(stripe.world.subscribe(stripe.world.add_customer()))
    mailed = stripe.world.send_invoice(stripe.world.add_customer(), 900, days=3)
    stripe.world.pay(failed(stripe))
    clock.at += timedelta(days=2)
    stripe.world.fail_payment(tried)
    page = await billing.open_invoices()
    assert page.after is None
    assert [one.id for one in page.entries if one.failed(clock.at)] == [tried]
    late = [one.id for one in page.entries if one.failed(NOON + timedelta(days=3))]
    assert late == [mailed["id"], tried]
    assert await billing.last_try(tried) == clock.at
    assert await billing.last_try(InvoiceId(mailed["id"])) is None


@pytest.mark.parametrize(
    "page",
    [
        {"data": [{"id": "in_1"}], "has_more": False},
        {"data": [], "has_more": True},  # an end that is none
        {"data": None, "has_more": False},
    ],
    ids=["entries without fields", "more after nothing", "no list"],
)
async def test_a_list_of_a_strange_shape_is_unreadable(
    page: dict[str, object], clock: StillClock
) -> None:
    async def strange(_: web.Request) -> web.Response:
        return web.json_response(page)

    runner, base = await serving(strange)
    odd = Billing(TEST_KEY, clock=clock, base=base, retries=0)
    with pytest.raises(BillingTrouble, match="unreadable"):
        await odd.open_invoices()
    await odd.close()
    await runner.cleanup()
