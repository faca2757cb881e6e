"""Amounts in minor units with a currency.

Minor units are Stripe's: https://docs.stripe.com/currencies#zero-decimal. Babel prints amounts,
but how far to divide is Stripe's rule, not CLDR's, so the table is ours.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

ZERO_DECIMAL = frozenset(
    {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf"}
    | {"vnd", "vuv", "xaf", "xof", "xpf"}
)
THREE_DECIMAL = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
# ISK and UGX have no decimals in life, but Stripe sends them times one hundred.


@dataclass(frozen=True, kw_only=True)
class Money:
    """So many minor units of a currency (lower-case ISO 4217)."""

    minor: int
    currency: str

    @property
    def major(self) -> Decimal:
        """The amount as people say it, exact: 4900 of eur is 49.00."""
        return Decimal(f"{self.minor}e-{exponent(self.currency)}")


def exponent(currency: str) -> int:
    """How many decimals Stripe's minor units of this currency have."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def of_major(amount: Decimal, currency: str) -> Money:
    """An amount as an operator writes it; raises ValueError when it has finer parts."""
    minor = amount.scaleb(exponent(currency))
    if minor != minor.to_integral_value():
        raise ValueError(f"{amount} has more decimals than {currency.upper()} knows")
    return Money(minor=int(minor), currency=currency)


def totals(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """One sum per currency, never across currencies, in the order they first appear."""
    sums: dict[str, int] = {}
    for amount in amounts:
        sums[amount.currency] = sums.get(amount.currency, 0) + amount.minor
    return tuple(Money(minor=minor, currency=currency) for currency, minor in sums.items())
