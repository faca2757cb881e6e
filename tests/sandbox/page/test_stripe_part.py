"""The page's Stripe: customers of every kind, what can be done, and how the bot hears of it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest

from bot.sandbox.page.cast import (
    AOIFE,
    CAST,
    ENTERPRISE,
    HOSTILE,
    JAPANESE,
    KUWAITI,
    LONG_STANDING,
    NO_EMAIL,
    Character,
    customer_of,
)
from bot.sandbox.page.desk import NotNow
from bot.sandbox.page.serve import Site
from bot.sandbox.page.stripe_reasons import REASONS
from bot.sandbox.page.stripe_standing import HINDRANCES
from bot.sandbox.page.words import LANGUAGES, words
from tests.sandbox.page.shop import NOON, Shop, shop

STATUSES = ("paid", "failed", "in_part", "void", "uncollectible", "disputed", "cancelled")
FAILURE = ["invoice.payment_failed", "invoice.updated", "customer.subscription.updated"]


@pytest.fixture
async def stage() -> AsyncIterator[Shop]:
    async with shop() as found:
        yield found


# Who is there.


async def test_the_cast_stands_paid_up_and_nobody_is_told_of_its_history(stage: Shop) -> None:
    rows = stage.screen()["customers"]

    assert [row["name"] for row in rows] == [who.name for who in CAST]
    assert {row["status"] for row in rows} == {"paid"}
    assert stage.desk.houses.stripe.take() == []


async def test_everybody_has_paid_for_as_long_as_they_have_been_there(stage: Shop) -> None:
    world = stage.desk.houses.stripe.world
    paid = [bill for bill in world.tables["invoice"].values() if bill["status"] == "paid"]

    for who in CAST:
        assert sum(bill["customer"] == stage.of(who) for bill in paid) == who.months
    assert stage.row(LONG_STANDING)["since"] < (NOON - timedelta(days=6 * 365)).timestamp()


async def test_the_enterprise_names_its_account_manager_as_the_bot_reads_it(stage: Shop) -> None:
    customer = customer_of(stage.desk, ENTERPRISE)

    assert customer["metadata"]["account_manager"] == stage.desk.houses.people.priya.email


async def test_a_hostile_name_and_a_missing_address_reach_the_page_as_they_are(
    stage: Shop,
) -> None:
    assert stage.row(HOSTILE)["name"] == HOSTILE.name
    assert HOSTILE.name.isprintable()
    assert stage.row(NO_EMAIL)["email"] is None


# A payment fails.


@pytest.mark.parametrize("who", CAST, ids=lambda who: who.name)
async def test_the_payment_of_every_kind_of_customer_can_fail(stage: Shop, who: Character) -> None:
    await stage.fails(who)

    row, bill = stage.row(who), stage.bill(who)
    assert (row["status"], row["attempt"], row["owed"]) == ("failed", 1, who.amount)
    assert (bill["currency"], bill["amount_remaining"]) == (who.currency, who.amount)
    assert stage.ear.types() == FAILURE


@pytest.mark.parametrize("reason", REASONS)
async def test_every_reason_is_the_one_that_stripe_then_shows(stage: Shop, reason: str) -> None:
    await stage.fails(reason=reason)

    assert stage.row(AOIFE)["reason"] == reason
    if not REASONS[reason].confirms:
        assert stage.error(AOIFE)["decline_code"] == REASONS[reason].decline_code


async def test_a_bank_that_wants_a_confirmation_has_refused_nothing(stage: Shop) -> None:
    await stage.fails(reason="authentication_required")

    assert stage.error(AOIFE) is None
    assert "invoice.payment_action_required" in stage.ear.types()


async def test_an_expired_card_shows_a_month_that_has_passed(stage: Shop) -> None:
    await stage.fails(reason="expired_card")

    card = stage.error(AOIFE)["payment_method"]["card"]
    assert (card["exp_month"], card["exp_year"]) == (10, 2026)


async def test_a_returned_debit_was_no_card_and_a_refused_card_is_one_again(
    stage: Shop,
) -> None:
    await stage.fails(reason="debit_returned")
    debited = stage.error(AOIFE)["payment_method"]
    await stage.fails(reason="do_not_honor")
    charged = stage.error(AOIFE)["payment_method"]

    assert (debited["type"], charged["type"]) == ("sepa_debit", "card")
    assert charged["card"]["last4"] == AOIFE.card.last4


async def test_failing_again_is_the_next_attempt_at_the_same_bill(stage: Shop) -> None:
    await stage.fails()
    first = stage.bill(AOIFE)["id"]
    await stage.fails(reason="insufficient_funds")

    assert stage.bill(AOIFE)["id"] == first
    assert stage.row(AOIFE)["attempt"] == 2


async def test_after_it_is_paid_the_next_failure_is_about_a_new_bill(stage: Shop) -> None:
    await stage.fails()
    first = stage.bill(AOIFE)["id"]
    await stage.does("pay")
    await stage.fails()

    assert stage.bill(AOIFE)["id"] != first
    assert stage.row(AOIFE)["attempt"] == 1


# What else can be done.


@pytest.mark.parametrize(
    ("act", "status", "event"),
    [
        ("pay", "paid", "invoice.paid"),
        ("pay_half", "in_part", "invoice_payment.paid"),
        ("void", "void", "invoice.voided"),
        ("uncollectible", "uncollectible", "invoice.marked_uncollectible"),
        ("cancel", "cancelled", "customer.subscription.deleted"),
    ],
)
async def test_what_is_done_about_a_failed_bill_is_shown_and_told(
    stage: Shop, act: str, status: str, event: str
) -> None:
    await stage.fails()
    await stage.does(act)

    assert stage.row(AOIFE)["status"] == status
    assert event in stage.ear.types()


async def test_a_paid_bill_can_be_disputed(stage: Shop) -> None:
    await stage.does("dispute")

    assert stage.row(AOIFE)["status"] == "disputed"
    assert stage.ear.types() == ["charge.dispute.created"]


@pytest.mark.parametrize("who", [AOIFE, JAPANESE, KUWAITI], ids=lambda who: who.currency)
async def test_half_of_a_bill_is_what_its_currency_can_show(stage: Shop, who: Character) -> None:
    await stage.fails(who)
    await stage.does("pay_half", who)

    row = stage.row(who)
    assert row["owed"] == who.amount - who.amount // 20 * 10
    assert row["owed"] % 10 == 0  # Stripe takes no other amounts with three decimals


@pytest.mark.parametrize(
    ("before", "act", "sentence"),
    [
        ((), "pay", "stripe.nothing_owed"),
        ((), "pay_half", "stripe.nothing_owed"),
        ((), "void", "stripe.nothing_owed"),
        ((), "uncollectible", "stripe.not_open"),
        (("fail",), "dispute", "stripe.nothing_charged"),
        (("fail", "void"), "pay", "stripe.nothing_owed"),
        (("fail", "void"), "void", "stripe.nothing_owed"),
        (("fail", "void"), "dispute", "stripe.nothing_charged"),
        (("fail", "uncollectible"), "uncollectible", "stripe.not_open"),
        (("dispute",), "dispute", "stripe.disputed_already"),
        (("cancel",), "cancel", "stripe.cancelled_already"),
        (("cancel",), "fail", "stripe.never_charged"),
    ],
)
async def test_what_makes_no_sense_now_is_refused_with_its_reason_and_changes_nothing(
    stage: Shop, before: tuple[str, ...], act: str, sentence: str
) -> None:
    for earlier in before:
        await (stage.fails() if earlier == "fail" else stage.does(earlier))
    heard, row = list(stage.ear.heard), stage.row(AOIFE)

    with pytest.raises(NotNow) as refused:
        await (stage.fails() if act == "fail" else stage.does(act))

    assert refused.value.key == row["not_now"][act] == sentence
    assert (stage.ear.heard, stage.row(AOIFE)) == (heard, row)


async def test_whatever_is_not_refused_beforehand_can_be_done(stage: Shop) -> None:
    for act in set(HINDRANCES) - {"fail"}:
        for who in CAST:
            if act not in stage.row(who)["not_now"]:
                await stage.does(act, who)
                assert stage.row(who)["status"] != "failed"
                await stage.hop(timedelta(0))


# The front door.


async def test_the_page_fails_a_payment_and_hears_why_it_cannot(stage: Shop) -> None:
    site = Site(stage.desk)
    await site.start()
    who = {"viewer": stage.desk.first_viewer, "customer": stage.of(AOIFE)}
    headers = {"Origin": site.url}
    try:
        async with aiohttp.ClientSession(site.url, headers=headers) as browser:
            failed = await browser.post("/do/stripe/fail", json=who | {"reason": "expired_card"})
            unknown = await browser.post("/do/stripe/fail", json=who | {"reason": "<b>"})
            nobody = await browser.post("/do/stripe/pay", json=who | {"customer": ["x"]})
            no_way = await browser.post("/do/stripe/webhooks", json=who | {"way": "by pigeon"})
            disputed = await browser.post("/do/stripe/dispute", json=who)
            problem = (await disputed.json())["problem"]
    finally:
        await site.stop()

    assert [one.status for one in (failed, unknown, nobody, no_way)] == [200, 400, 400, 400]
    assert problem == {"key": "stripe.nothing_charged", "with": {}}
    assert stage.row(AOIFE)["attempt"] == 1


@pytest.mark.parametrize("language", LANGUAGES)
async def test_everything_that_the_screen_names_has_a_word(stage: Shop, language: str) -> None:
    seen = stage.screen()
    needed = {f"reason_{reason}" for reason in seen["reasons"]}
    needed |= {f"way_{way}" for way in seen["webhooks"]["ways"]}
    needed |= {f"way_hint_{way}" for way in seen["webhooks"]["ways"]}
    needed |= {f"status_{status}" for status in STATUSES}

    assert needed <= words(language)["stripe"].keys()
