"""What comes of an edited letter: sentences on its fields, a link to be confirmed, or a fact."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.case.events import AnyEvent, Approved, Edited
from bot.case.ids import Actor
from bot.case.letter import Author, Family, Letter
from bot.case.model import Case
from bot.drafting import guard
from bot.drafting.guard import Rule, Violation
from bot.foreign_text import clip, one_line
from bot.review.foreign import clean_lines
from bot.review.modals import edit, tokens
from bot.review.modals.edit import BODY, MOST_SUBJECT, SUBJECT, Typed
from bot.review.modals.pieces import FIELD
from bot.review.parts import View
from bot.review.stale import Letters
from bot.words import LOCALES

_QUOTED: Final = 80
_MOST_LINKS: Final = 5


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Sentences by field, or links to be confirmed; neither: the words may be saved."""

    errors: dict[str, str]
    links: tuple[str, ...] = ()


def words_of(typed: Typed, case: Case) -> Letter:
    """The letter as it was typed: one line of subject, nothing hidden, placeholders for tokens.

    Raises ValueError when there is no letter that it could take the place of.
    """
    if case.letter is None:
        raise ValueError("there is no letter to edit")
    return Letter(
        subject=tokens.read(one_line(typed.subject)).text,
        body=tokens.read(clean_lines(typed.body).strip()).text,
        locale=case.letter.locale,
        by=Author.PERSON,
    )


def same_words(one: Letter | None, other: Letter) -> bool:
    """Whether two letters say the same, whoever wrote them; blank edges say nothing."""
    if one is None:
        return False
    tidy = (one_line(one.subject), clean_lines(one.body).strip())
    return tidy == (other.subject, other.body)


def is_saved(typed: Typed, case: Case, who: Actor) -> bool:
    """Whether this very press was done before: it came twice."""
    if case.letter is None or not same_words(case.letter, words_of(typed, case)):
        return False
    approved = who in {case.approved_by, case.last_approved_by}
    return approved if typed.approve else case.letter.edited_by == who


async def judged(typed: Typed, case: Case, view: View) -> Verdict:
    """What stands in the way of these words; a person is stopped by little.

    Compiling the rules of a language takes a while the first time, so it is done aside.
    """
    if too_long := _far_too_long(typed, view):
        return Verdict(errors=too_long)
    letter = words_of(typed, case)
    subject, body = tokens.read(one_line(typed.subject)), tokens.read(clean_lines(typed.body))
    found = await asyncio.to_thread(_stopped, letter, case, view.company)
    links = tuple(dict.fromkeys(one.found for one in found if one.rule is Rule.LINK))
    errors: dict[str, list[str]] = {SUBJECT: [], BODY: []}
    for name, unknown in ((SUBJECT, subject.unknown), (BODY, body.unknown)):
        errors[name] += [_unknown(sign, name, case, view) for sign in unknown[:1]]
    for one in found:
        if one.rule is not Rule.LINK and not (errors[one.field] and _is_token(one)):
            errors[one.field].append(_sentence(one, case, view))
    errors[SUBJECT] += [] if letter.subject else [view.say("violation.empty_subject")]
    errors[BODY] += [] if _fits(letter) else [view.say("violation.too_long", most=FIELD)]
    if len(links) > _MOST_LINKS:
        errors[BODY].append(view.say("violation.many_links", most=_MOST_LINKS))
    said = {name: " ".join(sentences) for name, sentences in errors.items() if sentences}
    return Verdict(errors=said) if said else _about_links(links, typed, view)


def event(typed: Typed, case: Case, letters: Letters, who: Actor, at: datetime) -> AnyEvent | None:
    """The fact; None when these words stand already and nothing else is wanted."""
    letter, basis = words_of(typed, case), letters.for_new_words(case)
    if basis is None or (same_words(case.letter, letter) and not typed.approve):
        return None
    if same_words(case.letter, letter):
        return Approved(at=at, who=who, revision=case.revision, seen=letters.fingerprint(case))
    seen = letters.reader.fingerprint(letter, basis) if typed.approve else None
    return Edited(
        at=at, who=who, revision=case.revision, letter=letter, approve=typed.approve, seen=seen
    )


def _stopped(letter: Letter, case: Case, company: str) -> tuple[Violation, ...]:
    several = case.brief is not None and case.brief.family is Family.SEVERAL_INVOICES
    return guard.stopped(
        letter.subject, letter.body, locale=letter.locale, company=company, several=several
    )


def _about_links(links: tuple[str, ...], typed: Typed, view: View) -> Verdict:
    open_ones = [link for link in links if edit.box(link) not in typed.confirmed]
    if not open_ones:
        return Verdict(errors={})
    if all(edit.box(link) in typed.asked for link in open_ones):
        errors = {edit.box(link): view.say("violation.link") for link in open_ones}
        return Verdict(errors=errors)
    return Verdict(errors={}, links=links)


def _sentence(violation: Violation, case: Case, view: View) -> str:
    if _is_token(violation):
        return _unknown(tokens.written(violation.found, view.locale), violation.field, case, view)
    link = tokens.token("pay_link", view.locale)
    found = clip(one_line(violation.found), _QUOTED)
    return view.say(f"violation.{violation.rule}", found=found, token=link)


def _unknown(sign: str, field: str, case: Case, view: View) -> str:
    names = ("company",) if field == SUBJECT else edit.offered(case)
    known = ", ".join(tokens.token(name, view.locale) for name in names)
    return view.say(f"violation.unknown_in_{field}", found=clip(sign, _QUOTED), tokens=known)


def _is_token(violation: Violation) -> bool:
    return violation.rule is Rule.PLACEHOLDER


def _far_too_long(typed: Typed, view: View) -> dict[str, str]:
    """What Slack's own fields would not have taken: no pattern is tried on it."""
    most = {SUBJECT: (typed.subject, MOST_SUBJECT), BODY: (typed.body, FIELD)}
    return {
        name: view.say("violation.too_long", most=limit)
        for name, (text, limit) in most.items()
        if len(text) > limit
    }


def _fits(letter: Letter) -> bool:
    """Whether Slack takes these words into a field, in whatever language they are edited next."""
    return all(len(tokens.written(letter.body, locale)) <= FIELD for locale in LOCALES)
