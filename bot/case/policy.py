"""What the operator decided, as far as the life of a case depends on it."""

from dataclasses import dataclass
from datetime import time, timedelta

from bot.case.money import Money


@dataclass(frozen=True, kw_only=True)
class TenureRule:
    """VIP when a customer for `years` and an invoice of at least `amount`."""

    years: int
    amount: Money


@dataclass(frozen=True, kw_only=True)
class SegmentRules:
    """Who is a VIP. Thresholds are per currency and never compared across."""

    amounts: tuple[Money, ...] = ()
    lifetimes: tuple[Money, ...] = ()
    plans: frozenset[str] = frozenset()
    tenures: tuple[TenureRule, ...] = ()
    metadata: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, kw_only=True)
class SendingHours:
    """When a letter may leave, on the customer's own clock; weekday 0 is Monday.

    `opens` may be later than `closes`: then the window runs over midnight.
    """

    opens: time
    closes: time
    weekdays: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Everything `step` may ask. `hours` None means always. `zone` is an IANA name."""

    version: int = 1
    rules: SegmentRules = SegmentRules()
    sender: str
    test_recipient: str | None = None
    languages: tuple[str, ...] = ("en", "es", "fr")
    locale: str = "en"
    zone: str = "UTC"
    hours: SendingHours | None = None
    undo: timedelta = timedelta(seconds=30)
    auto_send: bool = False
    after_retry: bool = False
    paused: bool = False
    cadence: tuple[timedelta, ...] = (timedelta(days=3), timedelta(days=7), timedelta(days=14))
    round_length: timedelta = timedelta(days=28)
    budget: timedelta = timedelta(hours=48)
    answer_within: timedelta = timedelta(hours=24)
    vip_clock: timedelta = timedelta(hours=4)
    checkout: timedelta = timedelta(hours=1)
