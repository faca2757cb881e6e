"""Have a letter written, and check it: a letter always comes, if need be a reviewed fixed one."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from logging import ERROR

from bot.case.effects import Draft
from bot.case.events import Drafted
from bot.case.letter import Author, Brief, Family, FixedBecause, Letter
from bot.case.model import Case
from bot.case.standing import CustomerRecord
from bot.clock import Clock
from bot.drafting import guard
from bot.drafting.asking import ask_about
from bot.drafting.prompt import Ask
from bot.drafting.writing import LEFT_ALONE, Words, Writer, fixed_because
from bot.errors import ModelTrouble
from bot.log import tell
from bot.words.fixed import fixed

# A card comes within a minute: with the 20 s that a call may take, and the way to Slack.
PATIENCE = timedelta(seconds=35)

Drafts = Callable[[Case, CustomerRecord, Draft], Awaitable[Drafted | None]]


def drafts(writer: Writer | None, clock: Clock, *, company: str) -> Drafts:
    """The performer of Draft; without a writer every letter is a fixed one.

    It raises nothing that a model could cause. May be repeated: each time costs a call. A draft
    that has waited for long is not asked for at all.
    """

    async def draft(case: Case, known: CustomerRecord, effect: Draft) -> Drafted | None:
        if case.brief is None:  # nothing is asked for any more
            return None
        now = clock.now()
        if writer is not None and _waited_long(effect, now):
            letter = _fixed(case.brief, FixedBecause.SLOW)
        else:
            ask = ask_about(case, case.brief, known, now)
            letter = await _letter(writer, ask, case.brief, company)
        _tell(effect, letter)
        return Drafted(at=clock.now(), revision=effect.revision, letter=letter)

    return draft


def _waited_long(effect: Draft, now: datetime) -> bool:
    """In a burst the model's slots are taken; who waits for one still gets a card in time."""
    return effect.since is not None and now - effect.since > PATIENCE


async def _letter(writer: Writer | None, ask: Ask, brief: Brief, company: str) -> Letter:
    if writer is None:
        return _fixed(brief, FixedBecause.NO_MODEL)
    try:
        return _checked(await writer.write(ask), brief, company)
    except ModelTrouble as trouble:
        if trouble.code != LEFT_ALONE:
            tell("model_trouble", trouble=trouble.code)
        return _fixed(brief, fixed_because(trouble))
    except Exception as error:  # noqa: BLE001 - told here; a mistake of ours must not cost a letter
        tell("draft_broke", level=ERROR, error=error)
        return _fixed(brief, FixedBecause.UNUSABLE)


def _checked(words: Words, brief: Brief, company: str) -> Letter:
    """The model's words, or the fixed letter with the names of the rules that they break."""
    # An endpoint that ignores the schema sends a body alone: the reviewed subject fits it.
    subject = words.subject or fixed(brief.family, brief.notice, brief.locale).subject
    violations = guard.check(
        subject,
        words.body,
        locale=brief.locale,
        author=Author.MODEL,
        company=company,
        several=brief.family is Family.SEVERAL_INVOICES,
    )
    if not violations:
        return Letter(subject=subject, body=words.body, locale=brief.locale, by=Author.MODEL)
    rules = tuple(dict.fromkeys(violation.rule.value for violation in violations))
    return _fixed(brief, FixedBecause.REFUSED, rules)


def _fixed(brief: Brief, because: FixedBecause, rules: tuple[str, ...] = ()) -> Letter:
    reviewed = fixed(brief.family, brief.notice, brief.locale)
    return replace(reviewed, fixed_because=because, rules=rules)


def _tell(effect: Draft, letter: Letter) -> None:
    tell(
        "drafted",
        revision=effect.revision,
        by=letter.by.value,
        because=letter.fixed_because.value if letter.fixed_because else None,
        rules=",".join(letter.rules) or None,
    )
