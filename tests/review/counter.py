"""Where commands are typed and answered without a Slack and a database, and all that is typed."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.case.events import AnyEvent
from bot.case.ids import CaseId
from bot.case.model import Case
from bot.case.policy import Policy
from bot.doctor.finding import Finding, Verdict, ok, refused, unknown, wrong
from bot.doctor.visits import Visits
from bot.ledger import Queue
from bot.review.channel import Desk
from bot.review.commands import answer
from bot.review.commands.asking import Asking, Checked
from bot.review.deciding import Deciding
from bot.review.stale import Letters
from bot.review.who import Answer
from bot.store.journal import Entry
from tests.review.conftest import PATIENCE, READER, Outcome
from tests.review.shelf import (
    ALL_RULES,
    ANA,
    COUNTED,
    ENTRIES,
    FINE,
    HOTEL,
    PAST,
    PAUSED,
    POLICY,
    URL,
    Shelf,
)
from tests.review.stories import NOW
from tests.sandbox.slack.stage import HandClock

Json = dict[str, Any]


def _finding(name: str, verdict: Verdict) -> Finding:
    return Finding(name=name, verdict=verdict)


WELL = tuple(
    _finding(name, ok()) for name in ("settings", "database.reach", "slack.scopes", "stripe.rights")
)
UNWELL = (
    *WELL,
    _finding("slack.review_channel", refused("REVIEW_CHANNEL", "channel_not_private")),
    _finding("slack.approvers", wrong("out", who="U012AB3CD")),
    _finding("mail.dmarc", wrong("none", domain="acme.example")),
    _finding("stripe.own_mails", unknown("look")),
    _finding("mail.dkim", unknown("anywhere", domain="acme.example")),
)


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass(kw_only=True)
class Everybody:
    """A directory that lets in whoever asks, or nobody, in one language."""

    locale: str = "en"
    why: str | None = None
    known: asyncio.Event = field(default_factory=_set)  # until then Slack does not say who it is

    async def may_decide(self, _user: str, _team: str) -> Answer:
        await self.known.wait()
        return Answer(allowed=self.why is None, why=self.why, locale=self.locale)


@dataclass(kw_only=True)
class Counter:
    """Where commands are typed and answered, without a Slack and a database."""

    shelf: Shelf = field(default_factory=Shelf)
    people: Everybody = field(default_factory=Everybody)
    policy: Policy = POLICY
    wrong: Sequence[tuple[str, str]] = ()
    refused: str | None = None
    writes: bool = True
    rests: datetime | None = None  # until when the model is left alone
    findings: Sequence[Finding] = ()  # the doctor's
    patience: float = PATIENCE
    slack_api: str = "https://slack.com/api/"
    unfinished: set[asyncio.Task[None]] = field(default_factory=set)
    events: list[tuple[CaseId, AnyEvent]] = field(default_factory=list)

    async def asks(self, text: str, **fields: object) -> Json:
        """What Slack is answered."""
        body = {"text": text, "user_id": "U1ANNE", "team_id": "T1", "command": "/dunning"}
        return await answer.answer(body | fields, self.asking())

    def asking(self) -> Asking:
        return Asking(
            deciding=self._deciding(),
            ledger=self.shelf,
            link=self._link,
            journal=self._journal,
            policy=self.policy,
            wrong=lambda: self.wrong,
            examine=self._examined,
            slack_api=self.slack_api,
            model_rests=lambda: self.rests,
        )

    async def _examined(self, locale: str) -> Sequence[Checked]:
        async def visit() -> Sequence[Finding]:
            return self.findings

        return await Visits(visit).told(locale)

    def _deciding(self) -> Deciding:
        clock = HandClock()
        clock.moment = NOW
        return Deciding(
            client=None,
            people=self.people,
            find=self._find,
            happened=self._happened,
            letters=Letters(asked=self._asked, reader=READER, policy=self.policy),
            clock=clock,
            desk=Desk(review="dunning", vip="vips", company="Acme", zone="Europe/Paris"),
            writes=self.writes,
            patience=self.patience,
            unfinished=self.unfinished,
        )

    async def _happened(self, case_id: CaseId, event: AnyEvent) -> Outcome:
        self.events.append((case_id, event))
        return Outcome(refused=self.refused)

    async def _find(self, _case_id: CaseId) -> Case | None:
        return None

    async def _asked(self, _case_id: CaseId, _revision: int) -> None:
        return None

    async def _link(self, room: str, ts: str) -> str:
        return f"{URL}/{room}/p{ts.replace('.', '')}"

    async def _journal(self, _case_id: CaseId) -> Sequence[Entry]:
        return ENTRIES


def commands() -> Mapping[str, tuple[str, Counter]]:
    """Every command and its odd ends, by the name of its golden file: what is typed, and where."""
    nobody = Shelf(found=())
    two = Shelf(found=(ANA, HOTEL))
    gone = Shelf(found=(PAST,))
    free = Shelf(waiting=Queue(waiting=0, oldest=None, at_stake=(), states={}, first=()))
    late = replace(FINE, oldest_due=NOW - timedelta(hours=1), dead=3, parked=1, last_sent_at=None)
    wrong = (("REVIEW_CHANNEL", "is_archived"), ("STRIPE_API_KEY", "strange_code"))
    none = replace(COUNTED, failed=0)
    return {
        "queue": ("queue", Counter(shelf=Shelf(pauses=(PAUSED,)))),
        "queue_alone": ("", Counter(shelf=free)),
        "show": ("show ana@example.com", Counter()),
        "show_unknown": ("show ana@example.com", Counter(shelf=nobody)),
        "show_several": ("show an", Counter(shelf=two)),
        "why": ("why A-12", Counter(shelf=Shelf(pauses=(PAUSED,)))),
        "why_vip": ("why cus_2", Counter(shelf=Shelf(found=(HOTEL,)))),
        "history": ("history", Counter()),
        "stats": ("stats 30d", Counter()),
        "stats_none": ("stats", Counter(shelf=Shelf(counted=none))),
        "pause": ("pause mail server is moving", Counter()),
        "pause_until": ("pause all 2h checkout is being repaired", Counter()),
        "pause_unexplained": ("pause 2h", Counter()),
        "resume": ("resume", Counter(shelf=Shelf(pauses=(PAUSED,)))),
        "resume_nothing": ("resume", Counter()),
        "vip": ("vip Ana Torres", Counter()),
        "vip_later": ("vip Ana Torres", Counter(shelf=gone)),
        "standard": ("standard cus_2", Counter(shelf=Shelf(found=(HOTEL,)))),
        "standard_later": ("standard Ana", Counter(shelf=gone)),
        "stop": ("stop Ana Torres", Counter()),
        "stop_nothing": ("stop Ana Torres", Counter(shelf=gone)),
        "snooze": ("snooze Ana 12h", Counter()),
        "erase": ("erase Ana Torres", Counter()),
        "erase_asked_before": ("erase Ana Torres", Counter(shelf=Shelf(erasing=True))),
        "snooze_over": ("snooze Ana 2026-11-01", Counter()),
        "rules": ("rules", Counter()),
        "rules_all": ("rules", Counter(policy=ALL_RULES)),
        "health": ("health", Counter()),
        "health_wrong": ("health", Counter(shelf=Shelf(counts=late), wrong=wrong, writes=False)),
        "health_model": ("health", Counter(rests=NOW + timedelta(seconds=30))),
        "doctor": ("doctor", Counter(findings=WELL, writes=False)),
        "doctor_wrong": ("doctor", Counter(findings=UNWELL)),
        "help": ("help", Counter()),
        "unknown": ("frobnicate", Counter()),
        "unknown_near": ("queu", Counter()),
    }
