"""The plain story: a payment fails, a person approves, a letter leaves, the money comes."""

from datetime import timedelta

import pytest

from bot.case.model import State, Why
from bot.review import actions
from bot.sandbox.stripe_ledger import Event
from bot.sandbox.stripe_versions import VERSIONS
from bot.sandbox.stripe_webhooks import Endpoint
from bot.sandbox.town import TEST_MAIL_TO, WEBHOOK_SECRET
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
from tests.journeys.stories import DAY, UNDO, Story

PEOPLE = {
    "fr": ({"name": "Chloé Martin", "country": "FR"}, "Bonjour Chloé,", "49,00 €"),
    "es": ({"name": "Lucía Fernández", "country": "ES"}, "Hola, Lucía:", "49,00 €"),
    "en": ({"name": "Ada Lovelace", "country": "GB"}, "Hello Ada,", "€49.00"),
}


@pytest.mark.parametrize("language", PEOPLE)
async def test_a_failed_payment_becomes_an_approved_letter_and_is_paid(
    story: Story, language: str
) -> None:
    who, greeting, amount = PEOPLE[language]
    invoice = await story.failed(
        **who, locales=[language], paid=6, currency="eur", email="customer@example.com"
    )

    assert "insufficient" not in story.card()
    assert "[Approve] [Edit] [Reject] [Wait for retry]" in story.card()
    assert greeting in story.card()
    await story.press(actions.APPROVE)
    assert "Approved by @Maya Okafor" in story.card()
    assert story.mailed() == []  # the undo window still runs

    await story.town.later(UNDO)
    (mail,) = story.town.mails()
    text = story.mailed()[0]
    assert mail.recipients == (TEST_MAIL_TO,)
    assert text.startswith(greeting)
    assert amount in text
    assert mail.message["Content-Language"] == language
    assert mail.message["Reply-To"] == "help@northwind.example"
    assert mail.link().endswith(f"/invoice/{invoice['id']}")
    assert f"Sent to {TEST_MAIL_TO}" in story.card()

    story.world.pay(invoice)
    await story.town.settle()
    case = await story.case(invoice)
    assert (case.state, case.why) == (State.CLOSED, Why.RECOVERED)
    assert "Paid, " in story.card()
    assert story.buttons() == []
    assert await story.town.memory.journal_breaks(case.id) == []
    assert len(story.town.cards()) == 1


@ONE_DATABASE
async def test_what_is_mailed_is_what_stood_on_the_card(story: Story) -> None:
    await story.failed(paid=2)
    (shown,) = [part for part in story.card().split("---") if "Bonjour" in part]
    await story.approve()
    mail = story.town.mails()[0]
    said = shown[shown.index("Bonjour") :].strip()
    assert said.replace("[Stripe’s payment page]", mail.link()) == story.mailed()[0].strip()
    assert f"Subject: {mail.subject}" in shown
    assert mail.link() in mail.html_part()


@ONE_DATABASE
@pytest.mark.parametrize("version", VERSIONS)
async def test_every_version_of_an_endpoint_ends_in_the_same_card(
    story: Story, version: str
) -> None:
    [endpoint] = story.town.stripe.webhooks.endpoints
    old = Endpoint(url=endpoint.url, secrets=endpoint.secrets, version=version)
    story.town.stripe.webhooks.endpoints[:] = [old]
    await story.failed(paid=3)
    card = story.card()
    assert card.startswith("Chloé Martin · $49.00 · attempt 1")
    assert "*There was not enough money on the card.* It may pass by itself." in card
    assert "Team · customer since" in card
    assert "paid so far $147.00" in card
    assert story.asks()


async def test_doubled_and_reordered_events_end_in_one_card(story: Story) -> None:
    invoice = story.world.fail_payment(story.subscribed(), decline_code="expired_card")
    events = story.town.stripe.take()
    for event in [*reversed(events), *events]:
        await story.town.stripe.deliver(event, times=2)
        await story.town.idle()
    await story.town.settle()
    assert len(story.town.cards()) == 1
    assert len(await story.cases(invoice)) == 1
    assert (await story.case(invoice)).revision == 1


async def test_two_endpoints_that_tell_the_same_make_one_card(build: Towns) -> None:
    async with build(STRIPE_WEBHOOK_SECRET=f"{WEBHOOK_SECRET},whsec_second") as story:
        [first] = story.town.stripe.webhooks.endpoints
        second = Endpoint(url=first.url, secrets=["whsec_second"], version=VERSIONS[0])
        story.town.stripe.listen(second)
        invoice = await story.failed()
        assert {one.status for one in story.town.stripe.webhooks.deliveries} == {200}
        assert len(story.town.cards()) == 1
        assert len(await story.cases(invoice)) == 1


async def test_late_news_of_a_failure_that_was_paid_meanwhile_shows_nothing(story: Story) -> None:
    subscription = story.subscribed()
    invoice = story.world.fail_payment(subscription)
    story.world.pay(invoice)
    await story.town.settle()
    assert story.town.cards() == []
    assert (await story.case(invoice)).why is Why.NOTHING_OWED


async def test_a_retry_of_a_known_failure_opens_no_second_card(story: Story) -> None:
    invoice = await story.failed()
    await story.town.later(timedelta(hours=2))
    story.world.fail_payment(invoice, decline_code="insufficient_funds")
    await story.town.settle()
    assert len(story.town.cards()) == 1
    assert "attempt 2" in story.card()


async def test_the_second_notice_is_a_new_message_with_the_second_letter(story: Story) -> None:
    await story.failed()
    first = story.newest()
    await story.approve()
    await story.town.later(3 * DAY)
    second = story.newest()
    assert second.ts != first.ts
    assert "a newer message about this customer" in story.card(first)
    assert story.buttons(first) == []
    assert story.asks(second)
    assert (await story.case(second_invoice(story))).notice == 2
    await story.approve()
    one, two = story.town.mails()
    assert one.text_part() != two.text_part()
    assert one.message["Message-ID"] != two.message["Message-ID"]


async def test_a_rejected_notice_is_skipped_and_the_next_one_comes(story: Story) -> None:
    await story.failed()
    await story.rejects()
    assert "@Maya Okafor gets in touch with the customer" in story.card()
    assert "Next notice: " in story.card()
    await story.town.later(3 * DAY)
    assert story.mailed() == []
    assert len(story.town.cards()) == 2
    await story.approve()
    assert len(story.mailed()) == 1


async def test_four_letters_without_an_answer_end_it_on_day_28(story: Story) -> None:
    invoice = await story.failed()
    for wait in (3, 4, 7, 14):
        await story.approve()
        await story.town.later(wait * DAY)
    assert len(story.mailed()) == 4
    case = await story.case(invoice)
    assert (case.state, case.why) == (State.CLOSED, Why.EXHAUSTED)
    assert "The time for reminders is over" in story.card()
    story.world.fail_payment(invoice)  # Stripe's next retry of the same invoice
    await story.town.settle()
    assert len(await story.cases(invoice)) == 1
    assert len(story.mailed()) == 4


def second_invoice(story: Story) -> Event:
    [invoice] = story.world.tables["invoice"].values()
    return invoice
