from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.case.facts import Customer, Facts, Invoice, InvoiceStatus, Subscription
from bot.case.ids import Actor, InvoiceId
from bot.case.money import Money
from bot.case.policy import SegmentRules, TenureRule
from bot.case.segment import judge, whole_years
from bot.case.standing import Because, Reason, Standing, Verdict

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOBODY = Standing()


def money(minor: int, currency: str = "usd") -> Money:
    return Money(minor=minor, currency=currency)


def invoice(total: int = 4900, currency: str = "usd", **more: object) -> Invoice:
    return Invoice(
        id=InvoiceId(f"in_{total}{currency}"),
        number=None,
        status=InvoiceStatus.OPEN,
        currency=currency,
        total=total,
        paid=0,
        remaining=total,
        attempt=1,
        created=NOW,
        **more,
    )


def on_plan(*prices: str, plan: str | None = None) -> Invoice:
    subscription = Subscription(id="sub_1", status="past_due", plan=plan, prices=prices)
    return invoice(subscription=subscription)


def verdict(
    *invoices: Invoice, rules: SegmentRules, standing: Standing = NOBODY, **customer: object
) -> tuple[Verdict, tuple[Reason, ...]]:
    facts = Facts(read_at=NOW, customer=Customer(id="cus_1", **customer), invoices=invoices)
    return judge(facts, invoices, standing, rules)


AMOUNTS = SegmentRules(amounts=(money(50_000), money(45_000, "eur")))


def test_an_invoice_of_the_threshold_makes_a_vip() -> None:
    assert verdict(invoice(50_000), rules=AMOUNTS) == (
        Verdict.VIP,
        (Reason(because=Because.AMOUNT, amount=money(50_000), limit=money(50_000)),),
    )


def test_one_cent_less_does_not_and_the_figures_are_kept() -> None:
    assert verdict(invoice(49_999), rules=AMOUNTS) == (
        Verdict.STANDARD,
        (Reason(because=Because.AMOUNT, amount=money(49_999), limit=money(50_000)),),
    )


def test_small_invoices_are_never_added_up() -> None:
    found, (reason,) = verdict(invoice(30_000), invoice(30_001), rules=AMOUNTS)
    assert found is Verdict.STANDARD
    assert reason.amount == money(30_001)


def test_the_whole_invoice_counts_even_when_part_of_it_is_paid() -> None:
    partly = replace(invoice(60_000), paid=50_000, remaining=10_000)
    assert verdict(partly, rules=AMOUNTS)[0] is Verdict.VIP


def test_a_threshold_is_never_compared_across_currencies() -> None:
    found, reasons = verdict(invoice(9_000_000, "jpy"), rules=AMOUNTS)
    assert found is Verdict.STANDARD
    missing = Reason(because=Because.NO_THRESHOLD, amount=money(9_000_000, "jpy"))
    assert reasons == (missing,)


def test_each_currency_has_its_own_rule() -> None:
    found, reasons = verdict(invoice(45_000, "eur"), invoice(100, "chf"), rules=AMOUNTS)
    assert found is Verdict.VIP
    assert {one.because for one in reasons} == {Because.AMOUNT, Because.NO_THRESHOLD}


def test_lifetime_value_is_compared_per_currency() -> None:
    rules = SegmentRules(lifetimes=(money(2_000_000),))
    paid = (money(1_999_999), money(5_000_000, "eur"))
    assert verdict(invoice(), rules=rules, lifetime=paid)[0] is Verdict.STANDARD
    found, (reason,) = verdict(invoice(), rules=rules, lifetime=(money(2_000_000),))
    assert (found, reason.because) == (Verdict.VIP, Because.LIFETIME)


@pytest.mark.parametrize("listed", ["price_1", "prod_1", "enterprise-yearly", "Enterprise"])
def test_a_plan_is_named_by_price_product_lookup_key_or_whole_name(listed: str) -> None:
    one = on_plan("price_1", "prod_1", "enterprise-yearly", plan="Enterprise")
    assert verdict(one, rules=SegmentRules(plans=frozenset({listed}))) == (
        Verdict.VIP,
        (Reason(because=Because.PLAN, name=listed),),
    )


@pytest.mark.parametrize("name", ["Enterprise Lite", "enterprise", "Not Enterprise"])
def test_a_products_name_is_compared_whole(name: str) -> None:
    rules = SegmentRules(plans=frozenset({"Enterprise"}))
    assert verdict(on_plan("price_9", plan=name), rules=rules) == (
        Verdict.STANDARD,
        (Reason(because=Because.NO_RULE),),
    )


TENURE = SegmentRules(tenures=(TenureRule(years=2, amount=money(30_000)),))


def test_a_long_tenure_counts_together_with_an_amount() -> None:
    since = datetime(2024, 11, 23, tzinfo=UTC)
    reason = Reason(because=Because.TENURE, amount=money(30_000), limit=money(30_000), years=2)
    assert verdict(invoice(30_000), rules=TENURE, since=since) == (Verdict.VIP, (reason,))


@pytest.mark.parametrize(
    ("since", "total", "currency"),
    [
        (datetime(2024, 11, 24, tzinfo=UTC), 30_000, "usd"),
        (datetime(2019, 1, 1, tzinfo=UTC), 29_999, "usd"),
        (datetime(2019, 1, 1, tzinfo=UTC), 30_000, "eur"),
        (None, 30_000, "usd"),
    ],
)
def test_tenure_or_amount_alone_is_not_enough(
    since: datetime | None, total: int, currency: str
) -> None:
    assert verdict(invoice(total, currency), rules=TENURE, since=since)[0] is Verdict.STANDARD


def test_a_year_is_whole_on_its_birthday_and_for_a_leap_day_the_day_after() -> None:
    leap = datetime(2024, 2, 29, tzinfo=UTC)
    assert whole_years(leap, datetime(2025, 2, 28, tzinfo=UTC)) == 0
    assert whole_years(leap, datetime(2025, 3, 1, tzinfo=UTC)) == 1
    assert whole_years(leap, datetime(2028, 2, 29, tzinfo=UTC)) == 4


def test_only_the_value_an_operator_listed_counts() -> None:
    rules = SegmentRules(metadata=frozenset({("tier", "enterprise")}))
    listed = (("tier", "enterprise"),)
    found, (reason,) = verdict(invoice(), rules=rules, metadata=listed)
    assert (found, reason.because, reason.name) == (
        Verdict.VIP,
        Because.METADATA,
        "tier=enterprise",
    )
    claims = (("tier", "Enterprise"), ("segment", "enterprise"))
    assert verdict(invoice(), rules=rules, metadata=claims)[0] is Verdict.STANDARD


@pytest.mark.parametrize("word", list(Verdict))
def test_a_persons_word_wins_both_ways(word: Verdict) -> None:
    who = Actor("slack:T1:U1")
    standing = Standing(override=word, override_by=who)
    for total in (100, 900_000):
        assert verdict(invoice(total), rules=AMOUNTS, standing=standing) == (
            word,
            (Reason(because=Because.OVERRIDE, name=who),),
        )


def test_every_rule_that_spoke_is_kept() -> None:
    rules = replace(AMOUNTS, plans=frozenset({"price_1"}), metadata=frozenset({("tier", "gold")}))
    one = replace(on_plan("price_1"), total=70_000)
    _, reasons = verdict(one, rules=rules, metadata=(("tier", "gold"),))
    assert [one.because for one in reasons] == [Because.AMOUNT, Because.PLAN, Because.METADATA]


def test_without_any_rule_nobody_is_a_vip_and_the_reason_says_so() -> None:
    nobody = (Verdict.STANDARD, (Reason(because=Because.NO_RULE),))
    assert verdict(invoice(10**9), rules=SegmentRules()) == nobody
