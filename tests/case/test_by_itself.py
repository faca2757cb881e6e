"""AUTO_SEND=first-notice: what leaves without a person, what does not, and who can stop it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.case.doubts import is_strange
from bot.case.effects import HandOver, Show
from bot.case.facts import Decline, Invoice, InvoiceStatus, Payment, Subscription
from bot.case.ids import POLICY as BY_POLICY
from bot.case.model import Doubt, State
from bot.case.money import Money
from bot.case.policy import Policy, SegmentRules
from bot.case.standing import Contact, Standing, Verdict
from tests.case.life import ANA, MAYA, NOON, POLICY, SEEN, Life, invoice

DAY = timedelta(days=1)
AUTO = replace(POLICY, auto_send=True)
TEAM = Subscription(id="sub_1", status="past_due", plan="Team")


def owed(number: str = "in_1", remaining: int = 4900, **more: Any) -> Invoice:
    """An ordinary invoice of a subscription."""
    return invoice(number, remaining, **{"subscription": TEAM} | more)


def declined(code: str) -> Payment:
    return Payment(decline=Decline(code="card_declined", decline_code=code))


def drafted(
    *invoices: Invoice, policy: Policy = AUTO, standing: Standing | None = None, **customer: Any
) -> Life:
    """Words have come for a first letter; its card does not stand yet."""
    life = Life(policy, standing or Standing())
    return life.failed().read(*(invoices or (owed(),)), **customer).drafted()


def test_an_ordinary_first_letter_is_approved_by_policy_once_its_card_stands() -> None:
    life = drafted()
    assert (life.case.state, life.case.by_itself) == (State.IN_REVIEW, True)
    life.posted()
    assert (life.case.state, life.case.approved_by) == (State.APPROVED, BY_POLICY)
    assert (life.case.seen, life.asks_for(Show)) == (SEEN, True)
    assert life.case.wake == life.at + AUTO.undo
    assert life.alarm().looked(owed()).asks_for(HandOver)


def test_the_next_notice_is_a_persons_and_says_nothing_of_it() -> None:
    life = drafted().posted().alarm().looked(owed()).delivered().alarm().read(owed()).drafted()
    assert (life.case.state, life.case.by_itself) == (State.IN_REVIEW, False)
    assert life.case.doubts == ()


def test_without_auto_send_every_letter_is_a_persons() -> None:
    life = drafted(policy=POLICY).posted()
    assert (life.case.state, life.case.by_itself) == (State.IN_REVIEW, False)


def test_a_picture_of_other_words_approves_nothing() -> None:
    life = drafted()
    life.case = replace(life.case, ask=1)
    older = life.posted().case
    assert older.approved_by == BY_POLICY
    life = drafted().hinted().read(owed(remaining=1000)).posted()
    assert (life.case.state, life.case.doubts) == (State.IN_REVIEW, (Doubt.AGAIN,))


def test_undo_brings_it_to_a_person_and_it_never_goes_by_itself_again() -> None:
    for life in (drafted(), drafted().posted()):
        ask = life.case.ask
        life.undone().posted()
        assert (life.case.state, life.case.undone_by) == (State.IN_REVIEW, ANA)
        assert life.case.ask == ask
        soft = owed(payment=declined("insufficient_funds"))
        life.hinted().read(soft).drafted().posted()
        assert (life.case.state, life.case.by_itself) == (State.IN_REVIEW, False)
        assert Doubt.AGAIN in life.case.doubts
        assert life.approved().case.approved_by == ANA


def test_undo_of_what_was_never_to_go_by_itself_is_refused() -> None:
    assert drafted(policy=POLICY).undone().step.refused == "stale"


def test_switched_off_it_asks_a_person_in_a_new_message() -> None:
    waits = drafted()
    waits.policy = POLICY
    waits.posted()
    assert (waits.case.state, waits.case.by_itself) == (State.IN_REVIEW, False)
    assert waits.case.wake is not None
    approved = drafted().posted()
    ask = approved.case.ask
    approved.alarm().policy = POLICY
    approved.looked(owed())
    assert (approved.case.state, approved.case.approved_by) == (State.IN_REVIEW, None)
    assert (approved.case.ask, approved.case.doubts) == (ask + 1, ())


def test_a_change_after_policy_approved_asks_a_person_who_was_not_asked_before() -> None:
    life = drafted().posted()
    ask = life.case.ask
    life.hinted().read(owed(remaining=1000))
    assert (life.case.state, life.case.ask) == (State.IN_REVIEW, ask + 1)
    assert life.case.doubts == (Doubt.AGAIN,)


def test_what_was_held_back_or_put_off_meanwhile_asks_a_person_and_says_why() -> None:
    for life in (drafted(), drafted().posted()):
        life.held().released().read(owed())
        assert (life.case.state, life.case.doubts) == (State.IN_REVIEW, (Doubt.AGAIN,))
        assert life.posted().case.by_itself is False


def test_policys_approval_runs_out_like_a_persons() -> None:
    life = drafted().posted().alarm().alarm()
    assert (life.case.state, life.case.doubts) == (State.IN_REVIEW, (Doubt.AGAIN,))


def test_what_became_doubtful_since_policy_approved_waits_for_a_person() -> None:
    ends = owed(subscription=replace(TEAM, ends_at=NOON + 3 * DAY))
    life = drafted().posted().alarm().looked(ends)
    assert (life.case.state, life.case.doubts) == (State.IN_REVIEW, (Doubt.ENDING,))
    assert life.posted().case.approved_by is None
    life = drafted().posted().alarm()
    contacts = (Contact(key="another-case:1", address="ana@example.com", at=life.at),)
    life.step = replace(life.step, standing=replace(life.standing, contacts=contacts))
    life.looked(owed())
    assert (life.case.state, life.case.doubts) == (State.IN_REVIEW, (Doubt.RECENT,))


DOUBTFUL: dict[Doubt, Invoice] = {
    Doubt.NO_REASON: owed(payment=declined("a_code_of_tomorrow")),
    Doubt.SECRET: owed(payment=declined("stolen_card")),
    Doubt.PARTLY_PAID: owed(remaining=1000),
    Doubt.SEND_INVOICE: owed(automatic=False),
    Doubt.NO_SUBSCRIPTION: owed(subscription=None),
    Doubt.ENDING: owed(subscription=replace(TEAM, ends_at=NOON + DAY)),
    Doubt.UNCOLLECTIBLE: owed(status=InvoiceStatus.UNCOLLECTIBLE),
    Doubt.OLD: owed(created=NOON - 15 * DAY),
    Doubt.STRANGE_TEXT: owed(subscription=replace(TEAM, plan="Team (see acme.example.com)")),
}


@pytest.mark.parametrize("doubt", DOUBTFUL)
def test_what_is_odd_about_an_invoice_waits_for_a_person(doubt: Doubt) -> None:
    assert doubt in drafted(DOUBTFUL[doubt]).case.doubts


def test_what_is_odd_about_a_case_or_a_customer_waits_for_a_person() -> None:
    other = Contact(key="send/case_0/1", address=MAYA, at=NOON - timedelta(hours=1))
    no_yen = SegmentRules(amounts=(Money(minor=50_000, currency="usd"),))
    by_hand = Life(AUTO).failed().read(owed(), recipient=None).snoozed(DAY).alarm().read(owed())
    found = {
        Doubt.SEVERAL: drafted(owed(), owed("in_2")),
        Doubt.TOUCHED: by_hand.drafted(),
        Doubt.OVERRULED: drafted(standing=Standing(override=Verdict.STANDARD)),
        Doubt.RECENT: drafted(standing=Standing(contacts=(other,))),
        Doubt.NO_THRESHOLD: drafted(policy=replace(AUTO, rules=no_yen)),
        Doubt.STRANGE_TEXT: drafted(name="Ada <https://evil.example>"),
    }
    for doubt, life in found.items():
        assert life.case.doubts == (doubt,)
        assert life.posted().case.state is State.IN_REVIEW
    life = Life(AUTO)
    life.case = replace(life.case, restored_at=life.at)  # opened anew after a restore
    assert life.failed().read(owed()).drafted().case.doubts == (Doubt.RESTORED,)
    life = Life(AUTO)
    life.case = replace(life.case, key=replace(life.case.key, livemode=False))
    assert life.failed().read(owed()).drafted().case.doubts == (Doubt.NOWHERE,)


def test_every_doubt_has_its_example() -> None:
    of_cases = {Doubt.SEVERAL, Doubt.TOUCHED, Doubt.OVERRULED, Doubt.RECENT, Doubt.NO_THRESHOLD}
    assert {*DOUBTFUL, *of_cases, Doubt.NOWHERE, Doubt.AGAIN, Doubt.RESTORED} == set(Doubt)


def test_names_of_people_companies_and_plans_are_not_strange() -> None:
    for name in ("Zoë O’Brien-Núñez", "Müller & Co. KG", "株式会社", "J. R. Smith", "Team – 49 €"):
        assert not is_strange(name)
    for name in ("www.evil.example", "a@b.example", "{amount}", "Ada\u202e", "😀", "x" * 61, "…"):
        assert is_strange(name)
