"""The month's judge finds what is wrong: a proof that can't fail would prove nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chaos.month import ledger, month
from chaos.month_judge import Letter, Lived, violations
from chaos.month_people import Approval
from chaos.month_shop import Customer
from chaos.proof import held
from tests.databases import SQLITE

NOON = datetime(2026, 9, 22, 12, tzinfo=UTC)  # a Tuesday: 13:00 in London, 00:00 in Auckland
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("databases", [SQLITE], indirect=True)
async def test_a_bot_that_ignores_the_hours_is_caught(migrated_url: str) -> None:
    lived = await month(migrated_url, customers=5, days=2, settings={"SENDING_HOURS": "always"})
    broken = {rule for rule, where in violations(lived).items() if where}
    assert broken == {"letters outside the hours of the customer's zone"}
    with pytest.raises(AssertionError, match="outside the hours"):
        held(ledger(lived))


def customer(zone: str = "Europe/London", *, vip: bool = False) -> Customer:
    return Customer(id="cus_1", zone=zone, vip=vip, fate="never", subscription={})


def letter(at: datetime = NOON, number: str = "<1@x>") -> Letter:
    return Letter(customer="cus_1", invoice="in_1", at=at, id=number)


def lived(*letters: Letter, who: Customer | None = None, approvals: int = 9) -> Lived:
    given = [Approval(customer="cus_1", at=one.at - HOUR) for one in letters][:approvals]
    return Lived(
        customers={"cus_1": who or customer()},
        letters=letters,
        events=[],
        approvals=given,
        pauses=[],
        opened={},
        forgotten=[],
        still_asking=[],
        seen={},
        ends={},
        steps=0,
    )


LATER = letter(NOON + 49 * HOUR, "<2@x>")
MONTHS = {
    "letters outside the hours of the customer's zone": lived(
        letter(), who=customer("Pacific/Auckland")
    ),
    "letters within 48 hours of the one before": lived(
        letter(), replace(LATER, at=NOON + 2 * HOUR)
    ),
    "letters that came twice": lived(letter(), replace(LATER, id="<1@x>")),
    "letters that nobody approved": lived(letter(), LATER, approvals=1),
    "letters to a VIP": lived(letter(), who=customer(vip=True)),
    "letters while sending was paused": replace(
        lived(letter()), pauses=[(NOON - HOUR, NOON + HOUR)]
    ),
    "failures without a case after 15 minutes": lived(
        who=replace(customer(), failed_at=[NOON], invoices=[{"id": "in_1"}])
    ),
    "cases forgotten": replace(lived(), forgotten=["case_1"]),
    "cards that still ask for what is paid": replace(lived(), still_asking=["1.0"]),
}


@pytest.mark.parametrize("rule", MONTHS)
def test_each_rule_is_broken_by_what_it_forbids(rule: str) -> None:
    assert [name for name, where in violations(MONTHS[rule]).items() if where] == [rule]


def test_a_letter_may_be_faster_on_its_way_than_the_one_before() -> None:
    came = NOON + 48 * HOUR - timedelta(microseconds=47)
    assert not any(violations(lived(letter(), replace(LATER, at=came))).values())


def test_a_month_in_which_nothing_is_wrong_breaks_no_rule() -> None:
    assert not any(violations(lived(letter(), LATER)).values())
