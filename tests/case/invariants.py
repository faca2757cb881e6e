"""What must hold after every step, whatever happened: each a question about one step."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.case.decisions import scrubbed
from bot.case.effects import HandOver
from bot.case.events import AnyEvent, Bounced, Delivered, Looked, NotSent, Rerouted
from bot.case.facts import nameless
from bot.case.ids import POLICY
from bot.case.letter import wordless
from bot.case.model import Case, State, Why
from bot.case.now import Now
from bot.case.policy import Policy
from bot.case.question import basis_for
from bot.case.steps import Step
from bot.case.think import tells_otherwise

DECIDED = {State.APPROVED, State.SENDING, State.UNCLEAR}
WRITING = {State.DRAFTING, State.IN_REVIEW, State.APPROVED}
MOST_LETTERS = 4


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One step that was taken."""

    before: Case
    event: AnyEvent
    step: Step
    policy: Policy

    @property
    def after(self) -> Case:
        return self.step.case

    @property
    def now(self) -> Now:
        return Now(
            case=self.after, standing=self.step.standing, policy=self.policy, at=self.event.at
        )

    @property
    def hand_over(self) -> HandOver | None:
        found = [one for one in self.step.effects if isinstance(one, HandOver)]
        return found[0] if found else None


def nothing_leaves_but_from_approved_by_a_last_look(taken: Taken) -> bool:
    return taken.hand_over is None or (
        taken.before.state is State.APPROVED
        and isinstance(taken.event, Looked)
        and taken.event.revision == taken.before.revision == taken.hand_over.revision
    )


def nothing_leaves_but_what_was_approved(taken: Taken) -> bool:
    present = basis_for(taken.after, taken.now.owed, taken.policy)
    return taken.hand_over is None or (
        taken.before.basis == taken.after.basis
        and not tells_otherwise(taken.after, present)
        and taken.before.letter == taken.after.letter
        and taken.before.seen == taken.after.seen
        and taken.before.approved_by is not None
        and (taken.before.approved_by != POLICY or taken.policy.auto_send)
    )


def policy_lets_only_a_cases_first_letter_go(taken: Taken) -> bool:
    case = taken.after
    first = case.revision == case.notice == 1 and not case.doubts
    return first or not (case.by_itself or case.approved_by == POLICY)


def what_goes_by_itself_stands_in_slack_first(taken: Taken) -> bool:
    lets_go = taken.after.approved_by == POLICY != taken.before.approved_by
    card = [one for one in taken.after.shown if one.ask == taken.after.ask]
    return not lets_go or (taken.before.by_itself and bool(card) and taken.after.seen is not None)


def nothing_leaves_without_money_owed(taken: Taken) -> bool:
    return taken.hand_over is None or bool(taken.now.owed)


def nothing_leaves_to_a_vip_a_holder_of_quiet_or_while_paused(taken: Taken) -> bool:
    quiet = taken.after.not_before is not None and taken.after.not_before > taken.event.at
    hindered = taken.after.vip or taken.after.held or taken.after.replied or taken.after.disputed
    return taken.hand_over is None or not (hindered or quiet or taken.policy.paused)


def nothing_leaves_after_a_newer_hint(taken: Taken) -> bool:
    hinted, event = taken.before.hinted_at, taken.event
    return (
        taken.hand_over is None
        or hinted is None
        or (isinstance(event, Looked) and hinted <= event.facts.read_at)
    )


def nothing_leaves_beyond_the_budget(taken: Taken) -> bool:
    hand_over, since = taken.hand_over, taken.event.at - taken.policy.budget
    return hand_over is None or not any(
        one.at > since and one.key != hand_over.key for one in taken.step.standing.contacts
    )


def what_did_not_leave_uses_up_no_budget(taken: Taken) -> bool:
    event, handed = taken.event, taken.before.handed
    if not isinstance(event, NotSent) or event.revision != handed:
        return True
    if taken.before.state is State.UNCLEAR:  # after a restore it may have left nevertheless
        return True
    key = HandOver(case_id=taken.before.id, revision=handed).key
    return key not in {one.key for one in taken.step.standing.contacts}


def readings_only_get_newer(taken: Taken) -> bool:
    before, after = taken.before.facts, taken.after.facts
    return before is None or after is None or before.read_at <= after.read_at


def a_vip_stays_one_until_a_person_says_otherwise(taken: Taken) -> bool:
    lost = taken.before.vip and not taken.after.vip
    return not lost or isinstance(taken.event, Rerouted)


def an_approver_stands_exactly_while_decided(taken: Taken) -> bool:
    return (taken.after.approved_by is not None) == (taken.after.state in DECIDED)


def a_hand_over_is_known_only_in_flight_or_after_the_end(taken: Taken) -> bool:
    return taken.after.handed is None or taken.after.state in {
        State.SENDING,
        State.UNCLEAR,
        State.CLOSED,
    }


def in_flight_a_hand_over_is_known(taken: Taken) -> bool:
    return taken.after.handed is not None or taken.after.state not in {
        State.SENDING,
        State.UNCLEAR,
    }


def a_closed_case_stays_closed(taken: Taken) -> bool:
    return taken.before.state is not State.CLOSED or taken.after.state is State.CLOSED


def a_closed_case_has_no_alarm(taken: Taken) -> bool:
    return taken.after.state is not State.CLOSED or taken.after.wake is None


def quiet_means_quiet(taken: Taken) -> bool:
    snoozed = taken.after.not_before is not None and taken.after.not_before > taken.event.at
    return taken.after.state not in WRITING or not (taken.after.held or snoozed)


def a_vip_is_not_written_to(taken: Taken) -> bool:
    return taken.after.state not in WRITING or not taken.after.vip


def at_most_four_letters_a_round(taken: Taken) -> bool:
    return taken.after.sent <= MOST_LETTERS


def only_a_delivery_counts(taken: Taken) -> bool:
    counts = taken.after.sent == taken.before.sent + 1
    proof = isinstance(taken.event, Delivered | Bounced) or getattr(taken.event, "arrived", False)
    return not counts or proof


def a_refusal_changes_nothing(taken: Taken) -> bool:
    return taken.step.refused is None or (taken.before == taken.after and not taken.step.effects)


def revisions_and_questions_only_rise(taken: Taken) -> bool:
    before, after = taken.before, taken.after
    follows = max(before.revision + 1, after.revisions_from)  # after a restore some are left out
    one_more_question = before.ask <= after.ask <= before.ask + 1
    return after.revision in {before.revision, follows} and one_more_question


def a_question_has_its_words_and_facts(taken: Taken) -> bool:
    asked = taken.after.state is State.IN_REVIEW or taken.after.state in DECIDED
    return not asked or (taken.after.letter is not None and taken.after.basis is not None)


def a_revision_has_one_text_and_one_basis(taken: Taken) -> bool:
    before, after = taken.before, taken.after
    if before.revision != after.revision or before.letter is None or after.bare:
        return True
    return (before.letter, before.basis) == (after.letter, after.basis)


def no_old_reading_ends_a_case(taken: Taken) -> bool:
    ended = taken.before.state is not State.CLOSED and taken.after.state is State.CLOSED
    facts, hinted = taken.after.facts, taken.after.hinted_at
    if not ended or taken.after.why in {Why.EXHAUSTED, Why.ERASED, Why.STOPPED}:
        return True
    return facts is not None and (hinted is None or hinted <= facts.read_at)


def what_is_given_up_stays_quiet(taken: Taken) -> bool:
    """A case that ends with money owed mutes those invoices."""
    ended = taken.before.state is not State.CLOSED and taken.after.state is State.CLOSED
    return not ended or not taken.now.owed


def a_wait_has_an_end(taken: Taken) -> bool:
    """An alarm, or a reading on its way, or an incident that somebody will end."""
    case, before = taken.after, taken.before
    if case.state is not State.WAITING or case.wake is not None or case.held:
        return True
    reading = any(effect.key.startswith("gather/") for effect in taken.step.effects)
    read_for_already = before.state is State.WAITING and before.wake is None
    return case.why is Why.FACTS or reading or read_for_already


def what_was_forgotten_stays_forgotten(taken: Taken) -> bool:
    """Whatever comes later, no word and no name is in the case; what counts of it may be."""
    case = taken.after
    if not case.bare:
        return not taken.before.bare
    letters = [one for one in (case.letter, *case.earlier) if one is not None]
    return (
        scrubbed(taken.now).case == case
        and all(one == wordless(one) for one in letters)
        and (case.facts is None or case.facts == nameless(case.facts))
        and (case.facts is None or case.why is not Why.ERASED)
    )


def every_state_has_what_it_needs(taken: Taken) -> bool:
    case = taken.after
    needs_alarm = {State.APPROVED, State.UNCLEAR}
    return case.state not in needs_alarm or case.wake is not None


INVARIANTS: tuple[Callable[[Taken], bool], ...] = (
    nothing_leaves_but_from_approved_by_a_last_look,
    nothing_leaves_but_what_was_approved,
    policy_lets_only_a_cases_first_letter_go,
    what_goes_by_itself_stands_in_slack_first,
    nothing_leaves_without_money_owed,
    nothing_leaves_to_a_vip_a_holder_of_quiet_or_while_paused,
    nothing_leaves_after_a_newer_hint,
    nothing_leaves_beyond_the_budget,
    what_did_not_leave_uses_up_no_budget,
    readings_only_get_newer,
    a_vip_stays_one_until_a_person_says_otherwise,
    an_approver_stands_exactly_while_decided,
    a_hand_over_is_known_only_in_flight_or_after_the_end,
    in_flight_a_hand_over_is_known,
    a_closed_case_stays_closed,
    a_closed_case_has_no_alarm,
    quiet_means_quiet,
    a_vip_is_not_written_to,
    at_most_four_letters_a_round,
    only_a_delivery_counts,
    a_refusal_changes_nothing,
    revisions_and_questions_only_rise,
    a_question_has_its_words_and_facts,
    a_revision_has_one_text_and_one_basis,
    no_old_reading_ends_a_case,
    what_is_given_up_stays_quiet,
    a_wait_has_an_end,
    what_was_forgotten_stays_forgotten,
    every_state_has_what_it_needs,
)


def broken(before: Case, event: AnyEvent, step: Step, policy: Policy) -> list[str]:
    """The names of the invariants that this step breaks."""
    taken = Taken(before=before, event=event, step=step, policy=policy)
    return [rule.__name__ for rule in INVARIANTS if not rule(taken)]
