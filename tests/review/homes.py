"""A Home with nothing on it, and one with all that there can be."""

from dataclasses import replace
from datetime import timedelta

from bot.case.credit import Credit
from bot.case.ids import CaseId
from bot.case.model import Case, Shown, State
from bot.case.money import Money
from bot.case.pause import Held, Pause
from bot.ledger import Queue, Stats
from bot.review.home import Facts
from tests.review.stories import ANNE, NOW, REVIEW, STORIES, VIP

URL = "https://acme.slack.com/archives/C1/p1"
MONTH = NOW - timedelta(days=30)


def money(**sums: int) -> tuple[Money, ...]:
    return tuple(Money(minor=minor, currency=currency) for currency, minor in sums.items())


def named(case: Case, name: str) -> Case:
    return replace(case, id=CaseId(name), shown=(Shown(ask=1, channel="C1", ts="1.0"),))


WAITING = (
    named(VIP, "mine"),
    named(STORIES["vip_handed_over"], "nobodys"),
    named(REVIEW, "letter"),
    named(STORIES["unclear"], "doubt"),
    named(STORIES["replied"], "replied"),
)
EMPTY = Facts(
    queue=Queue(waiting=0, oldest=None, at_stake=(), states={}, first=()),
    paused=(),
    stats=Stats(
        since=MONTH,
        failed=0,
        recovered=0,
        open=0,
        lost=0,
        by={},
        at_failure=(),
        back=(),
        back_by={},
        still_open=(),
    ),
    health="Everything works.",
    urls={},
)
FULL = Facts(
    queue=Queue(
        waiting=27,
        oldest=NOW - timedelta(days=2),
        at_stake=money(eur=394900, jpy=4900, usd=12000),
        states={State.IN_REVIEW: 20, State.BY_HAND: 6, State.UNCLEAR: 1, State.WAITING: 40},
        first=WAITING,
    ),
    paused=(
        Pause(
            what=Held.SENDING,
            until=NOW + timedelta(hours=2),
            reason="checkout is *being* repaired",
            by=ANNE,
            at=NOW,
        ),
    ),
    stats=Stats(
        since=MONTH,
        failed=120,
        recovered=70,
        open=40,
        lost=10,
        by={Credit.RETRY: 30, Credit.LETTER: 35, Credit.PERSON: 5},
        at_failure=money(eur=980000, jpy=120000),
        back=money(eur=512345, jpy=80000),
        back_by={
            Credit.RETRY: money(eur=200000),
            Credit.LETTER: money(eur=212345, jpy=80000),
            Credit.PERSON: money(eur=100000),
        },
        still_open=money(eur=394900, jpy=4900),
    ),
    health="2 things need a look.",
    urls={case.id: URL for case in WAITING[1:]},
    mine=frozenset({CaseId("mine")}),
)
HOMES = {"home_empty": EMPTY, "home_full": FULL}
