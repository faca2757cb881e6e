"""What is unusual about an invoice or a customer gets a named sentence and fitting buttons."""

from datetime import timedelta

import pytest

from bot.case.model import State, Why
from bot.review import actions
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
from tests.journeys.stories import UNDO, Story

pytestmark = ONE_DATABASE

FRAUD = {"decline_code": "fraudulent"}


async def test_what_stripe_trigger_sends_makes_a_useful_card(story: Story) -> None:
    invoice = story.world.stripe_trigger()
    await story.town.settle()
    card = story.card()
    assert "$20.00 · attempt 1" in card
    assert "belongs to no subscription, as a test event of Stripe’s does" in card
    assert "Stripe has no e-mail address for this customer." in card
    assert "No letter can be sent to this customer: please find another way." in card
    assert story.buttons() == [actions.STOP]
    assert (await story.case(invoice)).why is Why.NO_ADDRESS


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        (None, "Stripe has no e-mail address for this customer."),
        ("a@example.com, b@example.com", "holds several addresses: put exactly one there"),
        ("not an address", "holds something that is no address"),
    ],
)
async def test_without_one_address_it_is_a_persons_task_until_there_is_one(
    story: Story, email: str | None, sentence: str
) -> None:
    invoice = await story.failed(email=email)
    assert sentence in story.card()
    assert story.buttons() == [actions.STOP]
    await story.press(actions.STOP)
    assert "Stopped by @Maya Okafor" in story.card()
    assert (await story.case(invoice)).why is Why.STOPPED
    assert story.mailed() == []


async def test_a_deleted_customer_gets_a_card_without_a_letter(story: Story) -> None:
    invoice = story.world.fail_payment(story.subscribed())
    story.world.delete_customer(invoice["customer"])
    await story.town.settle()
    assert "Stripe no longer has this customer" in story.card()
    assert story.buttons() == []
    assert (await story.case(invoice)).why is Why.CUSTOMER_GONE


async def test_a_partial_payment_before_approval_changes_the_amount_and_the_revision(
    story: Story,
) -> None:
    invoice = await story.failed(currency="eur")
    stale = story.town.slack.pressing(
        story.people.maya.id, story.newest().channel, story.newest().ts, actions.APPROVE
    )
    story.world.pay_partly(invoice, 1900)
    await story.town.settle()
    assert "Chloé Martin · €30.00" in story.card()
    assert "A part is paid already: only the rest is asked for." in story.card()
    await story.town.slack.send_payload(stale)
    assert "please read the new one" in story.whispers()[-1]
    await story.approve()
    assert "30,00 €" in story.mailed()[0]


async def test_a_partial_payment_after_approval_asks_again(story: Story) -> None:
    invoice = await story.failed(currency="eur")
    await story.press(actions.APPROVE)
    story.world.pay_partly(invoice, 1900)  # nobody told us yet: the last look finds it
    story.town.stripe.take()
    await story.town.later(UNDO)
    assert story.mailed() == []
    assert story.asks()
    assert "30,00 €" in story.card()
    assert len(story.town.cards()) == 1
    await story.approve()
    assert "30,00 €" in story.mailed()[0]


async def test_authentication_is_no_refusal_and_gets_its_own_words(story: Story) -> None:
    story.world.require_action(story.subscribed())
    await story.town.settle()
    assert "The bank wants the customer to confirm the payment." in story.card()
    assert "This is no refusal" in story.card()
    await story.approve()
    assert "confirmer le paiement" in story.mailed()[0]


async def test_a_first_invoice_waits_an_hour_and_is_then_a_persons_choice(story: Story) -> None:
    invoice = story.world.fail_payment(story.world.first_invoice(story.customer()))
    await story.town.settle()
    assert story.town.cards() == []
    await story.town.later(timedelta(hours=1))
    assert "first invoice of a new subscription" in story.card()
    assert story.buttons() == [actions.WRITE, actions.STOP]
    await story.press(actions.WRITE)
    assert story.asks()
    await story.approve()
    assert len(story.mailed()) == 1
    assert (await story.case(invoice)).state is State.WAITING


async def test_a_first_invoice_that_is_paid_within_the_hour_is_never_shown(story: Story) -> None:
    invoice = story.world.fail_payment(story.world.first_invoice(story.customer()))
    await story.town.settle()
    story.world.pay(invoice)
    await story.town.settle()
    await story.town.later(timedelta(hours=2))
    assert story.town.cards() == []
    assert (await story.case(invoice)).state is State.CLOSED


async def test_an_invoice_over_nothing_is_closed_with_a_card_that_says_so(story: Story) -> None:
    invoice = story.world.fail_payment(story.world.renew(story.subscribed(), amount=0))
    await story.town.settle()
    assert "The invoice’s total is zero." in story.card()
    assert story.buttons() == []
    assert (await story.case(invoice)).why is Why.NOTHING_OWED


@pytest.mark.parametrize("code", ["fraudulent", "merchant_blacklist", "highest_risk_level"])
async def test_suspected_fraud_never_gets_a_mail(story: Story, code: str) -> None:
    invoice = await story.failed(why={"decline_code": code})
    assert "Fraud is suspected, and the address may be the fraudster’s." in story.card()
    assert "Bonjour" not in story.card()
    assert story.buttons() == [actions.STOP]
    for _ in range(3):
        await story.town.later(timedelta(days=9))
    assert story.mailed() == []
    assert (await story.case(invoice)).state is State.BY_HAND


@pytest.mark.parametrize("code", ["lost_card", "stolen_card", "pickup_card"])
async def test_a_lost_or_stolen_card_is_a_plain_refusal_to_the_customer(
    story: Story, code: str
) -> None:
    await story.failed(why={"decline_code": code}, locales=["en"])
    assert "The customer must not be told so" in story.card()
    await story.approve()
    told = story.mailed()[0] + story.town.mails()[0].html_part()
    assert not [word for word in ("lost", "stolen", "wants the card") if word in told]


async def test_an_overdue_invoice_that_stripe_mails_itself_says_so(story: Story) -> None:
    invoice = story.world.send_invoice(story.customer(), 12000, currency="eur")
    story.world.overdue(invoice)
    await story.town.settle()
    assert "The invoice is overdue; no card was charged." in story.card()
    assert "Stripe mails this invoice by itself and charges no card" in story.card()
    assert "attempt" not in story.newest().text
    assert "reste en attente" in story.card()
    await story.approve()
    assert "120,00 €" in story.mailed()[0]


async def test_two_invoices_of_one_customer_are_one_card_and_one_letter(story: Story) -> None:
    subscription = story.subscribed(currency="eur")
    first = story.world.fail_payment(subscription)
    await story.town.settle()
    stands = story.newest()
    await story.town.later(timedelta(hours=3))
    second = story.world.fail_payment(subscription)
    await story.town.settle()
    assert [one.ts for one in story.town.cards()] == [stands.ts]
    assert "Chloé Martin · €98.00 · 2 invoices" in story.card()
    await story.approve()
    (letter,) = story.mailed()
    assert "98,00 €" in letter
    assert first["number"] in letter
    assert second["number"] in letter


async def test_a_retry_that_is_past_is_not_promised(story: Story) -> None:
    invoice = story.world.fail_payment(story.subscribed(), decline_code="insufficient_funds")
    invoice["next_payment_attempt"] = int(story.town.clock.now().timestamp()) - 60
    await story.town.settle()
    assert "Stripe tries again" not in story.card()
    assert "Stripe plans no further try" not in story.card()
    assert "let Stripe try first" not in story.card()


async def test_when_stripe_cannot_be_read_the_team_hears_what_to_look_at(build: Towns) -> None:
    async with build(STRIPE_API_KEY="sk_test_of_somebody_else") as story:
        await story.failed()
        await story.town.later(timedelta(seconds=10))
        assert "Stripe could not be read, even after several tries (authentication)" in story.card()


async def test_a_mail_server_that_does_not_answer_is_said_on_the_card_and_in_the_log(
    build: Towns, caplog: pytest.LogCaptureFixture
) -> None:
    async with build(MAIL_URL="smtp://127.0.0.1:1") as story:
        await story.failed()
        await story.approve()
        await story.town.later(timedelta(minutes=6))
        assert "could not be handed to the mail server yet; it is tried again" in story.card()
        assert "there: sends" not in story.card()
    assert "letter_not_sent" in [one.getMessage() for one in caplog.records]
