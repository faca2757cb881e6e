from datetime import UTC, datetime

import pytest

from bot.case.decline import MEANINGS, DeclineClass, Meaning, family_of, meaning
from bot.case.facts import Decline, Invoice, InvoiceStatus, Payment
from bot.case.ids import InvoiceId
from bot.case.letter import Family


def invoice(payment: Payment | None = None, *, attempt: int = 1, number: int = 1) -> Invoice:
    return Invoice(
        id=InvoiceId(f"in_{number}"),
        number=None,
        status=InvoiceStatus.OPEN,
        currency="eur",
        total=4900,
        paid=0,
        remaining=4900,
        attempt=attempt,
        created=datetime(2026, 11, 2, tzinfo=UTC),
        payment=payment,
    )


def declined(
    decline_code: str | None, *, code: str = "card_declined", advice: str | None = None
) -> Invoice:
    decline = Decline(code=code, decline_code=decline_code, advice_code=advice)
    return invoice(Payment(decline=decline))


def told(one: Invoice) -> Meaning:
    return meaning(one.payment, one)


@pytest.mark.parametrize(
    ("code", "kind", "family"),
    [
        ("insufficient_funds", DeclineClass.SOFT, Family.SOFT),
        ("withdrawal_count_limit_exceeded", DeclineClass.SOFT, Family.SOFT),
        ("expired_card", DeclineClass.NEEDS_CUSTOMER, Family.NEEDS_NEW_CARD),
        ("invalid_expiry_year", DeclineClass.NEEDS_CUSTOMER, Family.NEEDS_NEW_CARD),
        ("authentication_required", DeclineClass.NEEDS_CUSTOMER, Family.AUTHENTICATION),
        ("transaction_not_allowed", DeclineClass.TERMINAL, Family.REFUSED),
        ("revocation_of_all_authorizations", DeclineClass.TERMINAL, Family.REFUSED),
        ("stolen_card", DeclineClass.TERMINAL, Family.REFUSED),
        ("do_not_honor", DeclineClass.UNKNOWN, Family.UNKNOWN),
        ("a_code_of_next_year", DeclineClass.UNKNOWN, Family.UNKNOWN),
        (None, DeclineClass.UNKNOWN, Family.UNKNOWN),
    ],
)
def test_a_code_has_a_class_and_a_family(
    code: str | None, kind: DeclineClass, family: Family
) -> None:
    found = told(declined(code))
    assert (found.kind, found.family) == (kind, family)


def test_the_issuers_word_goes_before_the_general_code() -> None:
    assert told(declined("lost_card", code="expired_card")).family is Family.REFUSED


def test_a_code_without_the_issuers_word_still_means_something() -> None:
    assert told(declined(None, code="expired_card")).family is Family.NEEDS_NEW_CARD


def test_waiting_helps_with_soft_and_unknown_refusals_only() -> None:
    helped = {one.kind for one in MEANINGS.values() if one.retry_helps}
    helpless = {one.kind for one in MEANINGS.values() if not one.retry_helps}
    assert helped == {DeclineClass.SOFT, DeclineClass.UNKNOWN}
    assert helpless == {DeclineClass.NEEDS_CUSTOMER, DeclineClass.TERMINAL}


def test_no_retry_is_hoped_for_when_the_issuer_advises_against_it() -> None:
    assert not told(declined("generic_decline", advice="do_not_try_again")).retry_helps
    assert told(declined("generic_decline", advice="try_again_later")).retry_helps


def test_what_a_customer_must_not_learn_is_marked_and_worded_as_any_refusal() -> None:
    secret = {code for code, one in MEANINGS.items() if one.secret}
    suspicious = {code for code, one in MEANINGS.items() if one.suspicious}
    assert suspicious == {"fraudulent", "merchant_blacklist", "highest_risk_level"}
    assert secret == suspicious | {"lost_card", "stolen_card", "pickup_card"}
    assert {MEANINGS[code].family for code in secret} == {Family.REFUSED}


def test_a_payment_that_waits_for_the_customer_is_no_refusal() -> None:
    found = told(invoice(Payment(needs_action=True)))
    assert (found.kind, found.family) == (DeclineClass.NEEDS_CUSTOMER, Family.AUTHENTICATION)


def test_a_new_try_that_waits_for_the_customer_takes_no_suspicion_away() -> None:
    decline = Decline(code="card_declined", decline_code="fraudulent")
    assert told(invoice(Payment(needs_action=True, decline=decline))).suspicious


@pytest.mark.parametrize("payment", [None, Payment()])
def test_an_overdue_invoice_that_nobody_tried_to_collect_was_not_refused(
    payment: Payment | None,
) -> None:
    assert told(invoice(payment, attempt=0)).family is Family.NOT_TRIED


def test_a_try_without_a_reason_is_unknown() -> None:
    assert told(invoice(None, attempt=2)).family is Family.UNKNOWN


def test_two_invoices_are_written_about_together_whatever_their_reasons() -> None:
    assert family_of((invoice(number=1), invoice(number=2))) is Family.SEVERAL_INVOICES
    assert family_of((declined("expired_card"),)) is Family.NEEDS_NEW_CARD
    assert family_of(()) is Family.UNKNOWN
