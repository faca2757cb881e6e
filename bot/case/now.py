"""The moment at which something happens to a case, and the states it may then be put in."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.case.cadence import working_hours_later
from bot.case.facts import Invoice
from bot.case.ids import POLICY
from bot.case.letter import Brief
from bot.case.model import Case, Doubt, State, Why, next_revision, owed_invoices
from bot.case.policy import Policy
from bot.case.question import basis_for
from bot.case.standing import Standing

IN_FLIGHT = (State.SENDING, State.UNCLEAR)
# Who took a VIP on is asked whether they reached them: not before a working day has gone by.
TAKEN_WAITS = 2


@dataclass(frozen=True, kw_only=True)
class Now:
    """A case with its customer's standing, the operator's policy and the moment."""

    case: Case
    standing: Standing
    policy: Policy
    at: datetime

    @property
    def owed(self) -> tuple[Invoice, ...]:
        """The invoices that may be written about, oldest first."""
        return owed_invoices(self.case, self.standing)

    @property
    def round_ends(self) -> datetime:
        """When nothing more is written, unless another invoice fails."""
        ends = (self.case.joined_at or self.case.opened_at) + self.policy.round_length
        snoozed = self.case.not_before
        return max(ends, snoozed + self.policy.answer_within) if snoozed else ends


def wait(now: Now, why: Why, wake: datetime | None) -> Now:
    """Nothing to do before `wake`."""
    case = replace(undecided(now.case), state=State.WAITING, why=why, wake=wake)
    return replace(now, case=case)


def drafting(now: Now, brief: Brief, *, ask: int | None = None) -> Now:
    """Words are to be written for a new revision."""
    case = undecided(now.case)
    return replace(
        now,
        case=replace(
            case,
            state=State.DRAFTING,
            why=None,
            wake=None,
            revision=next_revision(case),
            brief=brief,
            letter=None,
            basis=None,
            begun=True,
            doubts=(),
            ask=next_ask(now.case) if ask is None else ask,
        ),
    )


def in_review(now: Now, *, revision: int | None = None, ask: int | None = None) -> Now:
    """A person must decide about the letter as it stands: a new revision, unless one is named."""
    case = undecided(now.case)
    return replace(
        now,
        case=replace(
            case,
            state=State.IN_REVIEW,
            why=None,
            wake=None,
            revision=next_revision(case) if revision is None else revision,
            basis=basis_for(now.case, now.owed, now.policy),
            begun=True,
            doubts=case.doubts if now.policy.auto_send else (),
            ask=next_ask(now.case) if ask is None else ask,
        ),
    )


def close(now: Now, reason: Why) -> Now:
    """The last word. Invoices that still owe are muted: Stripe's next retry opens nothing."""
    case = now.case
    unread = case.joined if case.facts is None else ()
    still_owed = frozenset((*unread, *(one.id for one in now.owed)))
    standing = replace(now.standing, muted=now.standing.muted | still_owed)
    approver = case.approved_by if case.state in IN_FLIGHT else case.last_approved_by
    case = replace(
        case,
        state=State.CLOSED,
        why=reason,
        wake=None,
        closed_at=now.at,
        last_approved_by=approver,
    )
    return replace(now, case=undecided(case), standing=standing)


def undecided(case: Case) -> Case:
    """Without an approval: it dies with any change of what was approved.

    Nor with what was said of how the last question came to be asked. What was to go by itself is
    doubtful from then on.
    """
    return replace(
        case,
        undone_by=None,
        undone_at=None,
        by_itself=False,
        overdue=False,
        doubts=(Doubt.AGAIN,) if goes_by_itself(case) else case.doubts,
        differed=False,
        approved_by=None,
        approved_at=None,
        seen=None,
        send_at=None,
        good_until=None,
        send_now=False,
        over_budget=False,
    )


def next_ask(case: Case) -> int:
    """A question that begins anew is a new message in Slack; one that goes on keeps its own.

    About a letter that was to go by itself nobody was asked yet.
    """
    begins = case.state in {State.WAITING, State.BY_HAND} or case.ask == 0
    return case.ask + 1 if begins or goes_by_itself(case) else case.ask


def goes_by_itself(case: Case) -> bool:
    """Whether policy lets the letter in question go, or is about to."""
    return case.by_itself or case.approved_by == POLICY


def vip_alarm(now: Now) -> datetime | None:
    """When a VIP is next to be reminded of, in working hours on the company's clock.

    None once somebody contacted them, and for all that no reminder can hurry.
    """
    case, policy = now.case, now.policy
    if case.why is not Why.VIP or case.contacted_by is not None:
        return None
    span = policy.vip_clock * (TAKEN_WAITS if case.taken_by else 1)
    return working_hours_later(now.at, policy.hours, policy.zone, span)
