"""What Stripe tells the bot: as it should, spoilt as was chosen, and when it tries again."""

from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest

from bot.sandbox.page.cast import AOIFE, KUWAITI
from bot.sandbox.stripe_versions import FLAT, TODAY
from tests.sandbox.page.shop import Shop, shop

HOUR = timedelta(hours=1)
RETRY = timedelta(days=3)
FAILURE = ["invoice.payment_failed", "invoice.updated", "customer.subscription.updated"]


@pytest.fixture
async def stage() -> AsyncIterator[Shop]:
    async with shop() as found:
        yield found


# How the bot hears of it.


async def test_twice_is_every_event_twice_in_a_row(stage: Shop) -> None:
    await stage.chooses(way="twice")
    await stage.fails()

    assert stage.ear.types() == [kind for kind in FAILURE for _ in range(2)]
    assert len({event["id"] for event in stage.ear.heard}) == len(FAILURE)


async def test_late_is_when_an_hour_of_the_clock_has_passed(stage: Shop) -> None:
    await stage.chooses(way="late")
    await stage.fails()
    await stage.hop(HOUR - timedelta(minutes=1))
    too_soon = stage.ear.types()
    await stage.hop(timedelta(minutes=1))
    await stage.hop(HOUR)

    assert too_soon == []
    assert stage.ear.types() == FAILURE


async def test_in_the_wrong_order_is_with_the_next_events_and_the_newest_first(
    stage: Shop,
) -> None:
    await stage.chooses(way="reversed")
    await stage.fails()
    before = stage.ear.types()
    await stage.does("pay")

    assert before == []
    created = [event["id"] for event in stage.ear.heard]
    assert created == sorted(created, reverse=True)
    assert stage.ear.types()[-len(FAILURE) :] == FAILURE[::-1]
    assert "invoice.paid" in stage.ear.types()


async def test_what_waited_goes_with_the_next_events_whatever_was_chosen_since(
    stage: Shop,
) -> None:
    await stage.chooses(way="reversed")
    await stage.fails()
    await stage.chooses(way="as_it_should")
    await stage.does("void")

    assert stage.ear.types()[: len(FAILURE)] == FAILURE[::-1]
    assert stage.ear.types()[-1] == "invoice.voided"


async def test_lost_is_never_though_stripe_lists_it(stage: Shop) -> None:
    await stage.chooses(way="lost")
    await stage.fails()
    await stage.chooses(way="as_it_should")
    await stage.hop(2 * HOUR)

    assert stage.ear.types() == []
    listed = [event.type for event in stage.desk.houses.stripe.world.events]
    assert "invoice.payment_failed" in listed


async def test_another_version_is_that_of_later_events_only(stage: Shop) -> None:
    await stage.chooses(way="late")
    await stage.fails()
    await stage.chooses(way="as_it_should", version=FLAT)
    await stage.does("void")
    await stage.hop(HOUR)

    told = {event["type"]: event for event in stage.ear.heard}
    assert told["invoice.voided"]["api_version"] == FLAT
    assert "subscription" in told["invoice.voided"]["data"]["object"]
    assert told["invoice.payment_failed"]["api_version"] == TODAY


async def test_what_the_bot_did_not_take_comes_again_an_hour_later(stage: Shop) -> None:
    stage.ear.status = 503
    await stage.fails()
    stage.ear.status = 200
    stage.ear.heard.clear()
    await stage.hop(HOUR)

    assert stage.ear.types() == FAILURE


async def test_what_the_bot_did_not_take_comes_again_as_soon_as_it_is_back(stage: Shop) -> None:
    stage.ear.status = 503
    await stage.fails()
    stage.ear.status = 200
    stage.ear.heard.clear()
    for glad in stage.desk.bot.on_up * 2:
        await glad()

    assert stage.ear.types() == FAILURE


async def test_what_fails_while_the_bot_comes_back_need_not_wait_either(stage: Shop) -> None:
    post, stripe = stage.desk.post, stage.desk.houses.stripe

    async def refuses_while_it_comes_back() -> int:
        stage.ear.answer = None
        await post.again(stripe)
        return 503

    stage.ear.answer = refuses_while_it_comes_back
    await stage.fails()

    assert stage.ear.types() == [FAILURE[0], *FAILURE]
    assert post.held == []


async def test_a_payment_on_the_page_behind_the_link_goes_the_same_road(stage: Shop) -> None:
    await stage.fails()
    await stage.chooses(way="lost")
    stage.ear.heard.clear()
    link = f"{stage.desk.houses.stripe.api_base}/invoice/{stage.bill(AOIFE)['id']}"
    async with aiohttp.ClientSession() as browser, browser.post(link) as page:
        assert page.ok

    assert stage.row(AOIFE)["status"] == "paid"
    assert stage.ear.types() == []


async def test_the_last_deliveries_are_shown_with_what_became_of_them(stage: Shop) -> None:
    await stage.fails()
    stage.ear.status = 500
    await stage.does("void")
    await stage.chooses(way="lost")
    await stage.does("dispute", KUWAITI)

    log = [(line["type"], line["outcome"]) for line in stage.screen()["webhooks"]["log"]]
    assert log[0] == ("charge.dispute.created", "lost")
    assert log[1] == ("invoice.voided", 500)
    assert ("invoice.payment_failed", 200) in log


# Stripe tries again by itself.


async def test_as_the_clock_passes_the_planned_moment_stripe_tries_again_for_the_same_reason(
    stage: Shop,
) -> None:
    await stage.fails(reason="insufficient_funds")
    await stage.hop(RETRY - HOUR)
    before = stage.row(AOIFE)["attempt"]
    await stage.hop(HOUR)

    row = stage.row(AOIFE)
    assert (before, row["attempt"], row["reason"]) == (1, 2, "insufficient_funds")
    assert stage.ear.types().count("invoice.payment_failed") == 2


@pytest.mark.parametrize("reason", ["expired_card", "authentication_required", "debit_returned"])
async def test_stripe_stops_trying_when_its_schedule_ends(stage: Shop, reason: str) -> None:
    await stage.fails(reason=reason)
    for _ in range(6):
        await stage.hop(RETRY)

    row = stage.row(AOIFE)
    assert (row["attempt"], row["next_attempt"]) == (4, None)


@pytest.mark.parametrize("ending", ["pay", "void", "uncollectible", "cancel"])
async def test_stripe_does_not_try_again_what_has_ended(stage: Shop, ending: str) -> None:
    await stage.fails()
    await stage.does(ending)
    stage.ear.heard.clear()
    await stage.hop(RETRY)

    assert stage.ear.types() == []
