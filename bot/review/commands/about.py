"""rules, health, help: what holds here, whether it works, and what can be asked."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from bot.case.policy import Policy, SegmentRules, SendingHours
from bot.ledger import Counts, Pause
from bot.review import figures
from bot.review.commands.asking import Asking, Person
from bot.review.commands.pieces import answered, bullets, typed
from bot.review.commands.verbs import Verb
from bot.review.foreign import inert
from bot.review.parts import Message, View
from bot.review.setup import Trouble
from bot.words import FALLBACK, words
from bot.words.numbers import amount, amounts, language, listed, weekday

LONGEST_WAIT: Final = timedelta(minutes=5)  # of anything that is due, as readiness has it
_NAMED: Final = 20  # plans, or pairs of metadata
_SETTINGS: Final = (
    *("VIP_AMOUNT", "VIP_LTV", "VIP_PLANS", "VIP_TENURE", "VIP_METADATA", "AUTO_SEND"),
    *("FIRST_NOTICE", "SENDING_HOURS", "UNDO_SECONDS", "LETTER_LANGUAGES"),
)
# One line of health: whether it is as it should be, and the sentence.
Line = tuple[bool, str]


async def rules(asking: Asking, person: Person, _argument: str) -> Message:
    """Who is a VIP, when letters leave, and what else the operator has set."""
    return ruled(asking.policy, person.view)


def ruled(policy: Policy, view: View) -> Message:
    """The rules in sentences, and the settings that they are changed by."""
    named = listed(view.locale, (f"`{one}`" for one in _SETTINGS))
    lines = [*_vips(policy.rules, view), *_letters(policy, view)]
    return answered(
        view.say("rules.title", version=policy.version),
        bullets(lines, len(lines), view),
        [view.say("rules.change", names=named)],
    )


async def health(asking: Asking, person: Person, _argument: str) -> Message:
    """Whether everything works, and what to do where it does not."""
    counts, paused = await asking.ledger.health(), await asking.ledger.paused()
    return checked(counts, paused, asking, person.view)


def checked(counts: Counts, paused: tuple[Pause, ...], asking: Asking, view: View) -> Message:
    """A line for each part; those that need a look come first. What `asking` knows is at hand."""
    lines: list[Line] = [
        (True, view.say("health.database", revision=inert(counts.revision))),
        _queue(counts, paused, view),
        _none(counts.dead, "health.dead", view),
        _none(counts.parked, "health.parked", view),
        _seen(counts, view),
        _left(counts, view),
        *_settings(asking.wrong(), view),
        *[(False, one) for one in figures.pauses(paused, view)],
        *([] if paused else [(True, view.say("health.pause_none"))]),
        _model(asking, view),
        (True, view.say("health.rules", version=asking.policy.version)),
    ]
    told = [
        view.say("health.fine" if fine else "health.wrong", line=line)
        for fine, line in sorted(lines, key=lambda one: one[0])
    ]
    return answered(_verdict([fine for fine, _ in lines], view), bullets(told, len(told), view))


async def help_(_asking: Asking, person: Person, _argument: str) -> Message:
    """Every verb, as this person would type it."""
    return helped(person.view)


def helped(view: View) -> Message:
    """What can be asked and said, in the reader's own words."""
    lines = [
        f"{typed(view, verb, view.say(f'usage.{verb}'))}  {view.say(f'help.{verb}')}"
        for verb in Verb
    ]
    return answered(view.say("help.title"), lines, [view.say("help.customer")])


def _vips(rules: SegmentRules, view: View) -> Iterator[str]:
    if rules.amounts:
        yield view.say("rules.amount", amounts=amounts(view.locale, rules.amounts))
    else:
        yield view.say("rules.amount_none")
    if rules.lifetimes:
        yield view.say("rules.lifetime", amounts=amounts(view.locale, rules.lifetimes))
    if rules.plans:
        yield view.say("rules.plans", plans=_some(sorted(rules.plans), view))
    for one in rules.tenures:
        least = amount(view.locale, one.amount)
        yield view.say("rules.tenure", years=one.years, amount=least)
    if rules.metadata:
        pairs = ["=".join(pair) for pair in sorted(rules.metadata)]
        yield view.say("rules.metadata", pairs=_some(pairs, view))


def _letters(policy: Policy, view: View) -> Iterator[str]:
    yield view.say("rules.auto" if policy.auto_send else "rules.review")
    yield view.say("rules.first_after_retry" if policy.after_retry else "rules.first_at_once")
    yield _hours(policy.hours, view)
    yield view.say(
        "rules.cadence",
        days=listed(view.locale, (str(one.days) for one in policy.cadence)),
        most=len(policy.cadence) + 1,
        end=policy.round_length.days,
    )
    yield view.say(
        "rules.budget",
        hours=int(policy.budget / timedelta(hours=1)),
        undo=int(policy.undo.total_seconds()),
    )
    spoken = listed(view.locale, (language(view.locale, one) for one in policy.languages))
    yield view.say("rules.languages", languages=spoken)


def _hours(hours: SendingHours | None, view: View) -> str:
    if hours is None:
        return view.say("rules.hours_always")
    days = [weekday(view.locale, one) for one in sorted(hours.weekdays)]
    return view.say(
        "rules.hours",
        opens=hours.opens.strftime("%H:%M"),
        closes=hours.closes.strftime("%H:%M"),
        days=listed(view.locale, days),
    )


def _some(names: Sequence[str], view: View) -> str:
    shown = [inert(one) for one in names[:_NAMED]]
    if len(names) > _NAMED:
        shown.append(view.say("command.more", count=len(names) - _NAMED))
    return ", ".join(shown)


def _queue(counts: Counts, paused: tuple[Pause, ...], view: View) -> Line:
    due = counts.oldest_due
    # What a pause holds back is due as well: it says so itself.
    if due is None or paused or view.now - due < LONGEST_WAIT:
        return True, view.say("health.queue")
    return False, view.say("health.queue_late", since=view.when(due))


def _none(count: int, key: str, view: View) -> Line:
    return (False, view.say(f"{key}_some", count=count)) if count else (True, view.say(key))


def _seen(counts: Counts, view: View) -> Line:
    if counts.last_event_at is None:
        return False, view.say("health.event_none")
    return True, view.say("health.event", when=view.when(counts.last_event_at))


def _left(counts: Counts, view: View) -> Line:
    if counts.last_sent_at is None:
        return True, view.say("health.sent_none")
    return True, view.say("health.sent", when=view.when(counts.last_sent_at))


def _model(asking: Asking, view: View) -> Line:
    rests = asking.model_rests()
    if rests is not None:
        return False, view.say("health.model_rests", until=view.when(rests))
    return True, view.say("health.model" if asking.deciding.writes else "health.model_none")


def _settings(wrong: Sequence[Trouble], view: View) -> Iterator[Line]:
    for name, code in wrong:
        known = f"wrong.{code}" in words(FALLBACK)
        why = view.say(f"wrong.{code}" if known else "wrong.other", code=inert(code))
        yield False, view.say("health.setting", name=f"`{name}`", why=why)
    if not wrong:
        yield True, view.say("health.settings")


def _verdict(fine: Sequence[bool], view: View) -> str:
    wrong = len(fine) - sum(fine)
    if not wrong:
        return view.say("health.title_fine")
    return view.say("health.title_wrong_one" if wrong == 1 else "health.title_wrong", count=wrong)
