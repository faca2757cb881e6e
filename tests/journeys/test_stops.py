"""Whatever ends the debt stops everything, at any moment; the card or the thread says why."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.case.model import State, Why
from bot.review import actions
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
from tests.journeys.stories import UNDO, Json, Story, until

End = Callable[[Story, Json], object]

ENDS: dict[str, tuple[End, Why, str]] = {
    "paid": (lambda s, i: s.world.pay(i), Why.RECOVERED, "Paid, "),
    "paid elsewhere": (
        lambda s, i: s.world.pay(i, out_of_band=True),
        Why.RECOVERED,
        "Paid, ",
    ),
    "voided": (lambda s, i: s.world.void(i), Why.VOIDED, "The invoice was voided"),
    "credited": (
        lambda s, i: s.world.credit_note(i, i["amount_remaining"]),
        Why.WRITTEN_OFF,
        "The invoice was written off",
    ),
    "cancelled": (
        lambda s, i: s.world.cancel_subscription(
            i["parent"]["subscription_details"]["subscription"]
        ),
        Why.SUBSCRIPTION_ENDED,
        "The subscription ended",
    ),
    "disputed": (lambda s, i: s.world.dispute(i), Why.DISPUTED, "disputed a payment"),
    "fraud warning": (
        lambda s, i: s.world.early_fraud_warning(i),
        Why.FRAUD,
        "Fraud is suspected",
    ),
}


async def reach_nothing(_story: Story) -> None:
    """In review: nobody has pressed yet."""


async def approve(story: Story) -> None:
    await story.press(actions.APPROVE)


async def approve_and_send(story: Story) -> None:
    await story.approve()
    await story.town.later(timedelta(minutes=5))


# Every end while somebody is asked; later the same transitions lead there, so some of them.
MOMENTS = [
    *(pytest.param(end, reach_nothing, 0, id=f"{end}, in review") for end in ENDS),
    *(pytest.param(end, approve, 0, id=f"{end}, approved") for end in ("paid", "disputed")),
    *(
        pytest.param(end, approve_and_send, 1, id=f"{end}, after the letter")
        for end in ("paid", "voided", "fraud warning")
    ),
]


@ONE_DATABASE
@pytest.mark.parametrize(("end", "reach", "letters"), MOMENTS)
async def test_what_ends_the_debt_stops_the_letters_and_the_card_says_so(
    story: Story, end: str, reach: Callable[[Story], object], letters: int
) -> None:
    happens, why, sentence = ENDS[end]
    invoice = await story.failed()
    await reach(story)  # type: ignore[misc]
    happens(story, invoice)
    await story.town.settle()
    await story.town.later(timedelta(days=4))
    assert len(story.mailed()) == letters
    case = await story.case(invoice)
    assert case.why is why
    assert case.state in {State.CLOSED, State.BY_HAND}
    assert sentence in story.card()
    assert actions.APPROVE not in story.buttons()


@ONE_DATABASE
@pytest.mark.parametrize("end", ENDS)
async def test_an_approved_letter_does_not_leave_when_the_news_was_lost(
    story: Story, end: str
) -> None:
    happens, why, sentence = ENDS[end]
    invoice = await story.failed()
    await story.press(actions.APPROVE)
    happens(story, invoice)
    if end in {"disputed", "fraud warning"}:
        await story.town.stripe.tell()  # only the event tells of these, in the undo window
    else:
        story.town.stripe.take()
    await story.town.later(UNDO)
    assert story.mailed() == []
    assert (await story.case(invoice)).why is why
    assert sentence in story.card()


@ONE_DATABASE
@pytest.mark.parametrize("end", ["paid", "voided", "cancelled", "disputed"])
async def test_what_ends_while_the_letter_is_written_shows_no_letter(
    story: Story, end: str
) -> None:
    happens, why, _ = ENDS[end]
    story.town.model.fault("slow", seconds=5)
    invoice = story.world.fail_payment(story.subscribed())
    await story.town.stripe.tell()
    await until(lambda: bool(story.town.model.requests))
    happens(story, invoice)
    await story.town.settle()
    assert (await story.case(invoice)).why is why
    assert story.mailed() == []
    assert all(actions.APPROVE not in story.buttons(one) for one in story.town.cards())


async def test_a_payment_while_the_mail_server_has_the_letter_closes_and_counts_it(
    story: Story,
) -> None:
    invoice = await story.failed()
    await story.press(actions.APPROVE)
    story.town.mailbox.slow("END", 5)
    story.town.clock.move(UNDO)
    story.world.pay(invoice)
    await story.town.settle()
    case = await story.case(invoice)
    assert (case.state, case.why) == (State.CLOSED, Why.RECOVERED)
    assert case.sent == len(story.mailed())
    assert await story.town.memory.journal_breaks(case.id) == []


async def test_one_of_two_invoices_paid_leaves_the_other_on_the_card(build: Towns) -> None:
    async with build() as story:
        subscription = story.subscribed()
        first = story.world.fail_payment(subscription)
        story.world.fail_payment(subscription)
        await story.town.settle()
        story.world.pay(first)
        await story.town.settle()
        assert "Chloé Martin · $49.00 · attempt 1" in story.card()
        assert actions.APPROVE in story.buttons()


async def test_a_new_failure_after_the_end_opens_a_new_case_and_card(story: Story) -> None:
    subscription = story.subscribed()
    first = story.world.fail_payment(subscription)
    await story.town.settle()
    story.world.pay(first)
    await story.town.settle()
    await story.town.later(timedelta(days=7))
    story.world.fail_payment(subscription)
    await story.town.settle()
    old, new = await story.cases(first)
    assert (old.state, new.state) == (State.CLOSED, State.IN_REVIEW)
    assert len(story.town.cards()) == 2
    assert "failures in 12 months 1, recovered 1" in story.card()
