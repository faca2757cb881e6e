"""A letter with its facts: every placeholder filled once, every value cleaned.

The phrases around a fact are data (words/letters/<locale>.toml), so that no sentence breaks when
the fact is missing. What is filled in is never read again: a plan named `{card}` stays so.
"""

import re
from dataclasses import dataclass

from bot.case.letter import Basis, BasisInvoice, Letter
from bot.case.money import totals
from bot.foreign_text import clip, one_line
from bot.words.fixed import letter_words
from bot.words.numbers import amount, amounts

PLACEHOLDER = re.compile(r"\{(\w+)\}")
# Where a phrase is the first word of a sentence, judged by the letter's own words before it.
SENTENCE_START = re.compile(r"(^|\n|[.!?…][\"”»’)]*\s)[\s\"“«‘(¿¡]*$")
ABBREVIATED = re.compile(r"\b(e\.g|i\.e|p\. ?ex|p\. ?ej)\.\s*$", re.IGNORECASE)
# A link ends at a space: what touches it would become part of it, signs that end a phrase apart.
BEFORE_LINK = re.compile(r"(?:^|[\s(\[\"'“‘«<])$")
AFTER_LINK = re.compile(r"[.,;:!?…)\]\"'”’»>]*(?:\s|$)")
VALUE_LENGTH = 80  # a name, plan or number longer than this is not one that helps a reader


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A letter as its reader sees it. `lines` list several invoices, oldest first."""

    subject: str
    greeting: str
    paragraphs: tuple[str, ...]
    lines: tuple[str, ...]
    sign_off: str
    link: str


def fill(letter: Letter, basis: Basis, *, company: str, sender: str, link: str) -> Filled:
    """The letter with these facts; `sender` is MAIL_FROM as written, `link` a page or its stand-in.

    The basis has its invoices oldest first, and at least one. Raises KeyError for a placeholder
    that is not one of ours, or that may not stand in a subject: the guard lets none through.
    """
    words = letter_words(letter.locale)
    company = one_line(company)
    values = _values(letter.locale, basis, company, link)
    phrases = _phrases(words, basis.invoices[0])
    body = _filled(letter.body.strip(), values, phrases)
    return Filled(
        subject=one_line(_filled(letter.subject, {"company": company}, {})),
        greeting=_greeting(words, basis.first_name),
        paragraphs=tuple(line.strip() for line in body.split("\n") if line.strip()),
        lines=_lines(words, letter.locale, basis.invoices),
        sign_off=_sign_off(words, company, sender),
        link=link,
    )


def each_value(locale: str, basis: Basis, *, company: str, link: str) -> dict[str, str]:
    """What each placeholder becomes in the middle of a sentence, by its name."""
    phrases = _phrases(letter_words(locale), basis.invoices[0])
    return _values(locale, basis, one_line(company), link) | phrases


def plain(filled: Filled) -> str:
    """The whole letter as text, its parts a blank line apart."""
    parts = (filled.greeting, *filled.paragraphs, "\n".join(filled.lines), filled.sign_off)
    return "\n\n".join(part for part in parts if part)


def clipped(text: str | None) -> str:
    """A foreign value, cleaned and no longer than people read; "" when nothing is left."""
    return clip(one_line(text or ""), VALUE_LENGTH)


def split_sender(sender: str) -> tuple[str, str]:
    """MAIL_FROM's display name ("" when there is none) and address."""
    name, bracket, rest = sender.rpartition("<")
    if not bracket:
        return "", sender.strip()
    return one_line(name).strip('"').strip(), rest.strip().removesuffix(">").strip()


def _filled(text: str, values: dict[str, str], phrases: dict[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name == "pay_link":
            return _apart(values[name], text[: found.start()], text[found.end() :])
        if name not in phrases:
            return values[name]
        before = text[: found.start()]
        starts = SENTENCE_START.search(before) and not ABBREVIATED.search(before)
        return _capitalised(phrases[name]) if starts else phrases[name]

    return PLACEHOLDER.sub(value, text)


def _apart(link: str, before: str, after: str) -> str:
    left = "" if BEFORE_LINK.search(before) else " "
    right = "" if AFTER_LINK.match(after) else " "
    return f"{left}{link}{right}"


def _capitalised(phrase: str) -> str:
    return phrase[:1].upper() + phrase[1:]


def _values(locale: str, basis: Basis, company: str, link: str) -> dict[str, str]:
    return {"company": company, "pay_link": link, "amount": _total(locale, basis)}


def _total(locale: str, basis: Basis) -> str:
    return amounts(locale, totals(one.remaining for one in basis.invoices))


def _phrases(words: dict[str, str], invoice: BasisInvoice) -> dict[str, str]:
    return {
        "plan": _plan(words, invoice),
        "card": _card(words, invoice),
        "invoice": _invoice(words, invoice),
    }


def _plan(words: dict[str, str], invoice: BasisInvoice) -> str:
    if not invoice.subscribed:
        return words["phrases.plan_none"]
    name = clipped(invoice.plan)
    return words["phrases.plan"].format(name=name) if name else words["phrases.plan_unknown"]


def _card(words: dict[str, str], invoice: BasisInvoice) -> str:
    brand, _, last_four = clipped(invoice.card).rpartition(" ")
    if brand and re.fullmatch(r"[0-9]{4}", last_four):
        return words["phrases.card"].format(brand=brand, last_four=last_four)
    by_card = invoice.method == "card" or (invoice.method is None and invoice.card)
    return words["phrases.card_unknown" if by_card else "phrases.card_other"]


def _invoice(words: dict[str, str], invoice: BasisInvoice) -> str:
    number = clipped(invoice.number)
    return (
        words["phrases.invoice"].format(number=number)
        if number
        else words["phrases.invoice_unknown"]
    )


def _lines(
    words: dict[str, str], locale: str, invoices: tuple[BasisInvoice, ...]
) -> tuple[str, ...]:
    """One line an invoice, when there are several."""
    if len(invoices) == 1:
        return ()
    return tuple(
        words["frame.invoice_line"].format(
            invoice=_capitalised(_invoice(words, one)), amount=amount(locale, one.remaining)
        )
        for one in invoices
    )


def _greeting(words: dict[str, str], first_name: str | None) -> str:
    name = clipped(first_name)
    return (
        words["frame.greeting"].format(first_name=name) if name else words["frame.greeting_no_name"]
    )


def _sign_off(words: dict[str, str], company: str, sender: str) -> str:
    name = split_sender(sender)[0] or words["phrases.sender_unknown"].format(company=company)
    return words["frame.sign_off"].format(sender=name)
