"""Cards live: whatever changes is on every message about it, wherever that stands."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.case.model import State, Why
from bot.review import actions
from bot.sandbox.slack import Fault, Message
from bot.sandbox.town import Houses
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
from tests.journeys.stories import DAY, Json, Story

HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """What happens, what the newest card then says, and whether a letter can still be approved.

    `ends`: no message of the case offers anything any more, and all say so.
    """

    happens: Callable[[Story, Json], object]
    says: str
    offers: tuple[str, ...] = ()
    ends: bool = False


FACTS = {
    "paid": Fact(happens=lambda s, i: s.world.pay(i), says="Paid, ", ends=True),
    "voided": Fact(happens=lambda s, i: s.world.void(i), says="The invoice was voided", ends=True),
    "cancelled": Fact(
        happens=lambda s, i: s.world.cancel_subscription(_subscription(i)),
        says="The subscription ended",
        ends=True,
    ),
    "disputed": Fact(
        happens=lambda s, i: s.world.dispute(i),
        says="disputed a payment",
        offers=(actions.STOP,),
    ),
    "new attempt": Fact(
        happens=lambda s, i: s.world.fail_payment(i, decline_code="insufficient_funds"),
        says="$49.00 · attempt 2",
        offers=(actions.APPROVE,),
    ),
    "new invoice": Fact(
        happens=lambda s, i: s.world.fail_payment(_subscription(i)),
        says="$98.00",
        offers=(actions.APPROVE,),
    ),
    "amount": Fact(
        happens=lambda s, i: s.world.pay_partly(i, 1000),
        says="$39.00",
        offers=(actions.APPROVE,),
    ),
    "address": Fact(
        happens=lambda s, i: s.world.change_email(i["customer"], None),
        says="No letter can be sent to this customer",
        offers=(actions.STOP,),
    ),
}


def _subscription(invoice: Json) -> str:
    found: str = invoice["parent"]["subscription_details"]["subscription"]
    return found


def messages(story: Story) -> list[Message]:
    """Every message about the one case, the oldest first."""
    return sorted(story.town.cards() + story.town.vip_cards(), key=lambda one: float(one.ts))


def assert_shows(story: Story, fact: Fact) -> None:
    *older, newest = messages(story)
    assert fact.says in story.card(newest)
    assert set(fact.offers) <= set(story.buttons(newest))
    for one in older:
        assert story.buttons(one) == []
        assert "Chloé Martin" in story.card(one)
    if not fact.ends:
        return
    assert story.buttons(newest) == []
    for one in older:
        assert fact.says in story.card(one)
        assert "stands further down" not in story.card(one)


@ONE_DATABASE  # on both, further down: the same facts, each told of by cards that were kept
@pytest.mark.parametrize("what", FACTS)
@pytest.mark.parametrize("asked_again", [0, 2], ids=["first card", "with older cards"])
async def test_each_fact_that_changes_is_on_every_card(
    story: Story, what: str, asked_again: int
) -> None:
    fact = FACTS[what]
    invoice = await story.failed()
    for _ in range(asked_again):
        await story.town.later(DAY + HOUR)
    assert len(messages(story)) == 1 + asked_again
    fact.happens(story, invoice)
    await story.town.settle()
    assert_shows(story, fact)


ON_A_VIP = {
    "disputed": "A payment of this customer is disputed.",
    "new invoice": "failed to pay $98.00",
    "amount": "failed to pay $39.00",
    "address": "Stripe has no e-mail address for this customer.",
}


@ONE_DATABASE
@pytest.mark.parametrize("what", FACTS)
async def test_each_fact_that_changes_is_on_a_vips_thread(build: Towns, what: str) -> None:
    fact = FACTS[what]
    async with build(VIP_PLANS="Team") as story:
        invoice = await story.failed()
        fact.happens(story, invoice)
        await story.town.settle()
        (card,) = story.town.vip_cards()
        assert card.versions, "it was drawn again"
        if fact.ends:
            assert fact.says in story.card(card)
            assert story.buttons(card) == []
            assert fact.says in story.thread(card)[-1]
        else:
            assert ON_A_VIP.get(what, "URGENT") in story.card(card)
            assert {actions.TAKE, actions.CONTACTED} <= set(story.buttons(card))
            assert actions.APPROVE not in story.buttons(card)


async def test_older_cards_cost_two_calls_each_at_the_end_and_none_afterwards(
    story: Story,
) -> None:
    invoice = await story.failed()
    for _ in range(3):
        await story.town.later(DAY + HOUR)
    *older, _ = messages(story)
    before = len(story.town.slack.state.calls)
    story.world.pay(invoice)
    await story.town.settle()
    made = story.town.slack.state.calls[before:]
    redrawn = [one.args["ts"] for one in made if one.method == "chat.update"]
    read = [one for one in made if one.method == "conversations.history"]
    assert [redrawn.count(one.ts) for one in older] == [1] * len(older)
    assert len(read) == len(older)


async def test_money_that_comes_after_the_end_is_on_every_card_too(story: Story) -> None:
    invoice = await story.failed(email=None)
    await story.town.later(DAY)
    await story.press(actions.STOP)
    story.world.pay(invoice)
    await story.town.settle()
    assert (await story.case(invoice)).why is Why.STOPPED
    for one in messages(story):
        assert story.card(one).count("It was paid since.") == 1


async def test_a_letters_own_card_keeps_its_words_when_the_money_comes_after_the_next(
    story: Story,
) -> None:
    invoice = await story.failed()
    await story.approve()
    await story.town.later(4 * DAY)
    first, second = messages(story)
    assert story.buttons(first) == []
    assert actions.APPROVE in story.buttons(second)
    story.world.pay(invoice)
    await story.town.settle()
    assert "Sent to " in story.card(first)
    assert "Paid, " in story.card(first)
    assert "Paid, " in story.card(second)


async def test_a_deleted_card_is_posted_anew_at_the_next_change(story: Story) -> None:
    invoice = await story.failed()
    story.newest().deleted = True
    story.world.pay_partly(invoice, 1000)
    await story.town.settle()
    (card,) = messages(story)
    assert "$39.00" in story.card(card)
    assert actions.APPROVE in story.buttons(card)


async def test_a_card_posted_anew_is_posted_once_though_the_answer_was_lost(story: Story) -> None:
    invoice = await story.failed()
    story.newest().deleted = True
    story.town.slack.fault("chat.postMessage", Fault(drop=True))
    story.world.pay_partly(invoice, 1000)
    await story.town.settle()
    await story.town.later(timedelta(minutes=1))
    assert len(messages(story)) == 1


async def test_a_card_deleted_while_the_bot_was_away_is_posted_anew(
    build: Towns, standing: Houses
) -> None:
    async with build(among=standing) as story:
        invoice = await story.failed()
        story.newest().deleted = True
    async with build(among=standing) as story:
        story.world.pay(invoice)
        await story.town.settle()
        (card,) = story.town.cards()
        assert "Paid, " in story.card(card)
        assert story.buttons(card) == []


async def test_a_deleted_vip_message_comes_back_with_its_thread(build: Towns) -> None:
    async with build(VIP_PLANS="Team") as story:
        invoice = await story.failed()
        for one in story.town.slack.messages(story.town.vip.id):
            one.deleted = True
        story.world.pay_partly(invoice, 1000)
        await story.town.settle()
        (card,) = story.town.vip_cards()
        assert "failed to pay $39.00" in story.card(card)
        assert "Account manager: @Priya Nair." in story.thread(card)[0]
        story.world.pay(invoice)
        await story.town.settle()
        assert "Paid, " in story.thread(card)[-1]
        assert len(story.thread(card)) == 2


async def test_a_card_of_a_channel_that_was_left_goes_on_in_the_new_one(
    build: Towns, standing: Houses
) -> None:
    async with build(among=standing) as story:
        invoice = await story.failed()
    standing.review.is_archived = True
    new = standing.slack.add_channel("billing-two", members=[standing.people.maya])
    async with build(among=standing, REVIEW_CHANNEL=new.id) as story:
        story.world.pay_partly(invoice, 1000)
        await story.town.settle()
        (card,) = story.town.slack.messages(new.id)
        assert "$39.00" in story.card(card)
        assert actions.APPROVE in story.buttons(card)


@ONE_DATABASE
@pytest.mark.parametrize("opened", ["public", "shared"])
async def test_a_channel_opened_to_others_is_told_nothing_more_until_it_is_closed_again(
    story: Story, opened: str
) -> None:
    invoice = await story.failed()
    room = story.town.review
    room.is_private, room.is_ext_shared = opened == "shared", opened == "shared"
    await story.town.later(timedelta(minutes=6))
    card = story.newest()
    before = story.card(card)
    story.world.pay_partly(invoice, 1000)
    await story.town.settle()
    assert story.card(card) == before
    answer = await story.press(actions.APPROVE)
    assert answer.status == 200
    assert (await story.case(invoice)).state is State.IN_REVIEW
    room.is_private, room.is_ext_shared = True, False
    await story.town.later(timedelta(hours=2))
    assert "$39.00" in story.card(card)


@ONE_DATABASE
async def test_a_vip_channel_opened_to_others_is_told_nothing_more(build: Towns) -> None:
    async with build(VIP_PLANS="Team") as story:
        invoice = await story.failed()
        story.town.vip.is_private = False
        await story.town.later(timedelta(minutes=6))
        await story.press(actions.TAKE, who=story.people.priya)
        story.world.pay(invoice)
        await story.town.settle()
        (card,) = story.town.vip_cards()
        assert "URGENT" in story.card(card)
        assert len(story.thread(card)) == 1
        assert (await story.case(invoice)).taken_by is None
        story.town.vip.is_private = True
        await story.town.later(timedelta(hours=2))
        assert "Paid, " in story.card(card)
