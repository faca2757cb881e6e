"""A VIP never gets a mail: a thread tags who looks after them, and is told how it ended."""

from datetime import timedelta

import pytest

from bot.case.model import State, Why
from bot.review import actions
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
from tests.journeys.stories import Story

pytestmark = ONE_DATABASE

URGENT = "URGENT: VIP customer Chloé Martin failed to pay $900.00. Please contact them personally."

# What is offered from when somebody took them on until they were contacted.
IN_HAND = [actions.CONTACTED, actions.HAND_OVER, actions.WRITE_INSTEAD]


@pytest.mark.parametrize(
    ("settings", "fields", "reason"),
    [
        ({}, {"amount": 90000}, "An invoice of $900.00 reaches the limit of $500.00."),
        ({"VIP_PLANS": "Gold"}, {"plan": "Gold"}, "The plan Gold is on the list."),
        ({"VIP_LTV": "100 USD"}, {"paid": 3}, "$147.00 paid in all reaches the limit of $100.00."),
        ({"VIP_TENURE": "1 years and 40 USD"}, {"paid": 14}, "A customer for 1 years or more"),
        (
            {"VIP_METADATA": "tier=enterprise"},
            {"metadata": {"tier": "enterprise"}},
            "The customer’s data says tier=enterprise.",
        ),
    ],
    ids=["amount", "plan", "lifetime", "tenure", "metadata"],
)
async def test_each_rule_makes_a_vip_and_says_why(
    build: Towns, settings: dict[str, str], fields: dict[str, object], reason: str
) -> None:
    async with build(**settings) as story:
        invoice = await story.failed(**fields)
        assert reason in story.card()
        assert story.town.cards() == []
        assert len(story.town.vip_cards()) == 1
        assert (await story.case(invoice)).why is Why.VIP


async def test_a_vips_card_in_test_mode_speaks_of_no_mail(story: Story) -> None:
    await story.failed(amount=90000)
    assert "Test mode." in story.card()
    assert "Mail goes only to" not in story.card()


async def test_a_threshold_is_never_compared_across_currencies(story: Story) -> None:
    await story.failed(amount=90000, currency="jpy")
    assert story.asks()
    assert "No VIP amount is set for JPY, so the amount was not looked at." in story.card()


async def test_a_vips_thread_opens_with_the_urgent_line_and_tags_the_default_owner(
    story: Story,
) -> None:
    await story.failed(amount=90000)
    assert story.card().startswith(URGENT)
    assert "URGENT: VIP customer Chloé Martin failed to pay $900.00." in story.newest().text
    assert story.buttons() == [actions.TAKE, *IN_HAND]
    assert "Account manager: @Priya Nair." in story.thread()[0]


@pytest.mark.parametrize("where", ["metadata", "subscription_metadata"])
@pytest.mark.parametrize("how", ["id", "email"])
async def test_the_account_manager_of_the_metadata_is_tagged(
    story: Story, where: str, how: str
) -> None:
    named = story.people.tom.id if how == "id" else "tom@northwind.example"
    await story.failed(amount=90000, **{where: {"account_manager": named}})
    assert "Account manager: @Tom Berger." in story.thread()[0]


async def test_a_manager_whom_slack_does_not_know_is_named_and_the_default_owner_asked(
    story: Story,
) -> None:
    await story.failed(amount=90000, metadata={"account_manager": "gone@northwind.example"})
    assert "Account manager: @Priya Nair." in story.thread()[0]
    assert "names gone＠northwind.example, who is not in this Slack" in story.thread()[0]


async def test_somebody_takes_a_vip_on_and_contacts_them(story: Story) -> None:
    invoice = await story.failed(amount=90000)
    await story.press(actions.TAKE)
    assert "@Maya Okafor has got it" in story.card()
    assert story.buttons() == IN_HAND
    await story.press(actions.CONTACTED, who=story.people.tom)
    assert "@Tom Berger contacted the customer" in story.card()
    assert story.buttons() == []
    await story.town.later(timedelta(days=20))
    assert story.mailed() == []
    assert story.town.model.requests == []  # nobody wrote words either
    assert (await story.case(invoice)).state is State.BY_HAND


async def test_a_vips_payment_is_told_in_the_thread(story: Story) -> None:
    invoice = await story.failed(amount=90000)
    story.world.pay(invoice)
    await story.town.settle()
    assert "Paid, " in story.thread()[-1]
    assert "Paid, " in story.card()
    assert "URGENT" not in story.card()
    assert len(story.thread()) == 2
    assert story.buttons() == []


async def test_a_vip_stays_one_when_a_part_is_paid(story: Story) -> None:
    invoice = await story.failed(amount=60000)
    story.world.pay_partly(invoice, 30000)
    await story.town.settle()
    assert (await story.case(invoice)).why is Why.VIP
    assert "$300.00" in story.card()
    assert len(story.town.vip_cards()) == 1


async def test_a_standard_customer_who_becomes_a_vip_moves_to_the_vip_channel(
    story: Story,
) -> None:
    subscription = story.subscribed()
    story.world.fail_payment(subscription)
    await story.town.settle()
    old = story.newest()
    story.world.fail_payment(story.world.renew(subscription, amount=90000))
    await story.town.settle()
    assert len(story.town.vip_cards()) == 1
    assert story.buttons(old) == []
    assert story.mailed() == []


async def test_an_account_manager_takes_a_vip_on_without_being_a_reviewer(story: Story) -> None:
    await story.failed(amount=90000)
    await story.press(actions.TAKE, who=story.people.priya)
    assert "@Priya Nair has got it" in story.card()
    await story.failed()
    await story.press(actions.APPROVE, who=story.people.priya)  # letters stay the reviewers'
    assert actions.APPROVE in story.buttons()
