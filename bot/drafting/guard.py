"""No letter reaches a customer, or is even offered for approval, that breaks a rule found here.

The letter is judged as words with placeholders, before any fact is filled in. Pure: the rules
that speak a language live as data in rules/, those that do not in shape.py.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.case.letter import Author
from bot.drafting import shape
from bot.drafting.folding import fold
from bot.drafting.rulebook import Language, Rule, language, locales
from bot.drafting.sentences import sentences
from bot.drafting.tongue import foreign_words

__all__ = ["Author", "Rule", "Violation", "check"]


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A rule that is broken, in the subject or the body, and the words that break it."""

    rule: Rule
    field: str
    found: str


# A person may promise and urge; these they may not, whoever they are.
STOPS_A_PERSON = frozenset(
    {Rule.CARD_DATA, Rule.DECLINE_SECRET, Rule.PAY_LINK, Rule.PLACEHOLDER, Rule.LINK}
)
# Of these the ones that are words; a person may write them in another language than the letter's.
_IN_ANY_LANGUAGE = (Rule.CARD_DATA, Rule.DECLINE_SECRET)


def check(  # noqa: PLR0913 - a letter, and who speaks to whom about what
    subject: str,
    body: str,
    *,
    locale: str,
    author: Author,
    company: str,
    several: bool = False,
) -> tuple[Violation, ...]:
    """Every rule that the letter breaks, each at most once a field.

    A model must obey all rules. A person is stopped by `STOPS_A_PERSON` only, and of the link
    only when it is missing; a foreign link may stand once they confirm it, which is the
    caller's business. Words that stop a person do so in whatever language they are written: a
    model is refused for another language already. `company` is the company's own name as
    configured: written out, its dots, digits and capitals are nobody's link, figure or shout.
    `several`: the letter is about several invoices and may not speak of one plan, card or invoice.

    Raises:
        LookupError: no rules exist for the locale's language.
    """
    rules = language(locale)
    if author is Author.MODEL and (too_long := _far_too_long(subject, body)):
        return too_long
    found = [
        *_subject(subject, rules),
        *_body(body, author, rules),
        *_either("subject", subject, rules, company, several=several),
        *_either("body", body, rules, company, several=several),
    ]
    if author is Author.PERSON:
        found = [violation for violation in found if violation.rule in STOPS_A_PERSON]
        found += [*_in_any_language("subject", subject), *_in_any_language("body", body)]
    return _once_a_field(found)


def stopped(  # noqa: PLR0913 - as above
    subject: str,
    body: str,
    *,
    locale: str,
    company: str,
    several: bool = False,
    confirmed: frozenset[str] = frozenset(),
) -> tuple[Violation, ...]:
    """What keeps a person's words from being saved: only what must never leave.

    Every foreign link is named by itself, unless they confirmed exactly that one. Of our facts
    only the company's name may stand in a subject: nothing else is filled in there.

    Raises:
        LookupError: no rules exist for the locale's language.
    """
    found = check(
        subject, body, locale=locale, author=Author.PERSON, company=company, several=several
    )
    others = (violation for violation in found if violation.rule is not Rule.LINK)
    misplaced = shape.fact_in_subject(subject)
    told = any(one.rule is Rule.PLACEHOLDER and one.field == "subject" for one in found)
    return (
        *others,
        *_unconfirmed("subject", subject, locale, company, confirmed),
        *_unconfirmed("body", body, locale, company, confirmed),
        *([_misplaced(misplaced)] if misplaced and not told else []),
    )


def _unconfirmed(
    field: str, text: str, locale: str, company: str, confirmed: frozenset[str]
) -> Iterator[Violation]:
    links = shape.foreign_links(_without(company, text), language(locale).abbreviations)
    for link in dict.fromkeys(links):
        if link not in confirmed:
            yield Violation(rule=Rule.LINK, field=field, found=link)


def _misplaced(placeholder: str) -> Violation:
    return Violation(rule=Rule.PLACEHOLDER, field="subject", found=placeholder)


def _once_a_field(found: list[Violation]) -> tuple[Violation, ...]:
    first: dict[tuple[Rule, str], Violation] = {}
    for violation in found:
        first.setdefault((violation.rule, violation.field), violation)
    return tuple(first.values())


def _far_too_long(subject: str, body: str) -> tuple[Violation, ...]:
    """Ends the check before ten megabytes meet a pattern; so nothing else is looked for."""
    if shape.measured_subject(subject) > shape.MAX_BODY:
        return (Violation(rule=Rule.SUBJECT, field="subject", found=subject[: shape.MAX_SUBJECT]),)
    if len(body) > shape.MAX_BODY:
        return (Violation(rule=Rule.LENGTH, field="body", found=body[: shape.MAX_SUBJECT]),)
    return ()


def _subject(subject: str, rules: Language) -> Iterator[Violation]:
    if found := shape.ill_formed_subject(subject):
        yield Violation(rule=Rule.SUBJECT, field="subject", found=found)
    elif not subject.strip():
        yield Violation(rule=Rule.SUBJECT, field="subject", found="")
    elif found := rules.phrases[Rule.SUBJECT].found_in(fold(subject)):
        yield Violation(rule=Rule.SUBJECT, field="subject", found=found)


def _body(body: str, author: Author, rules: Language) -> Iterator[Violation]:
    written = sentences(body, rules.abbreviations)
    if not 0 < len(written) <= shape.MAX_SENTENCES:
        extra = written[shape.MAX_SENTENCES] if written else ""
        yield Violation(rule=Rule.LENGTH, field="body", found=extra)
    judge = shape.misplaced_pay_link if author is Author.MODEL else shape.missing_pay_link
    if found := judge(body):
        yield Violation(rule=Rule.PAY_LINK, field="body", found=found)


def _either(
    field: str, text: str, rules: Language, company: str, *, several: bool
) -> Iterator[Violation]:
    """What holds in the subject as in the body."""
    for rule, found in _signs(text, _without(company, text), rules, several=several):
        if found:
            yield Violation(rule=rule, field=field, found=found)
    for sentence in sentences(text, rules.abbreviations):
        folded = fold(sentence)
        if found := foreign_words(_without(company, sentence), rules):
            yield Violation(rule=Rule.LANGUAGE, field=field, found=found)
        for rule, phrases in rules.phrases.items():
            if rule is not Rule.SUBJECT and (found := phrases.found_in(folded)):
                yield Violation(rule=rule, field=field, found=found)


def _in_any_language(field: str, text: str) -> Iterator[Violation]:
    for rules in map(language, locales()):
        for sentence in map(fold, sentences(text, rules.abbreviations)):
            for rule in _IN_ANY_LANGUAGE:
                if found := rules.phrases[rule].found_in(sentence):
                    yield Violation(rule=rule, field=field, found=found)


def _signs(
    text: str, anonymous: str, rules: Language, *, several: bool
) -> Iterator[tuple[Rule, str | None]]:
    yield Rule.PLACEHOLDER, shape.unknown_placeholder(text, several=several)
    yield Rule.CONTROL, shape.control_character(text)
    yield Rule.MARKUP, shape.markup(anonymous)
    yield Rule.SHOUTING, shape.shouting(anonymous, rules.acronyms)
    yield Rule.DIGITS, shape.digit(anonymous)
    yield Rule.LINK, shape.foreign_link(anonymous, rules.abbreviations)


def _without(company: str, text: str) -> str:
    if not company.strip():
        return text
    return re.sub(rf"(?<![\w.@/-]){re.escape(company)}(?![\w@/-])(?!\.\w)", "{company}", text)
