"""Rows of tests/data/guard, each set into an otherwise clean letter."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.drafting.guard import Author, Rule, Violation, check

DATA = Path(__file__).parents[1] / "data" / "guard"
LOCALES = ("en", "es", "fr")

_SUBJECT = {
    "en": "A payment is still open",
    "es": "Un pago sigue pendiente",
    "fr": "Un paiement reste en attente",
}
_LINK = {
    "en": "You can pay here: {pay_link}",
    "es": "Puedes pagar aquí: {pay_link}",
    "fr": "Vous pouvez payer ici : {pay_link}",
}
_CLOSE = {
    "en": "If you have a question, just reply to this message.",
    "es": "Si tienes alguna duda, basta con responder a este mensaje.",
    "fr": "Pour toute question, répondez simplement à ce message.",
}
_ESCAPE = re.compile(r"\\(?:([nt])|u([0-9a-f]{4})|U([0-9a-f]{8}))", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Row:
    locale: str
    rule: Rule
    words: str

    def __str__(self) -> str:
        return f"{self.locale} {self.rule}: {self.words}"


@cache
def rows(locale: str, name: str) -> tuple[Row, ...]:
    lines = (DATA / locale / f"{name}.tsv").read_text(encoding="utf-8").split("\n")
    pairs = (line.split("\t", 1) for line in lines if line)
    return tuple(Row(locale=locale, rule=Rule(rule), words=_read(words)) for rule, words in pairs)


def drafts(locale: str, name: str = "drafts") -> list[tuple[str, str]]:
    """Whole letters: subject and body."""
    lines = (DATA / locale / f"{name}.tsv").read_text(encoding="utf-8").split("\n")
    pairs = (line.split("\t", 1) for line in lines if line)
    return [(subject, _read(body)) for subject, body in pairs]


def judged(row: Row) -> tuple[Violation, ...]:
    subject, body = _letter(row)
    return check(subject, body, locale=row.locale, author=Author.MODEL, company="Acme")


def _letter(row: Row) -> tuple[str, str]:
    subject, link, close = (words[row.locale] for words in (_SUBJECT, _LINK, _CLOSE))
    if row.rule is Rule.SUBJECT:
        return row.words, f"{link}\n{close}"
    if row.rule is Rule.LENGTH:
        return subject, row.words
    if row.rule is Rule.PAY_LINK or "{pay_link}" in row.words:
        return subject, f"{row.words}\n{close}"
    return subject, f"{row.words} {link}\n{close}"


def _read(words: str) -> str:
    def sign(found: re.Match[str]) -> str:
        if found[1]:
            return {"n": "\n", "t": "\t"}[found[1]]
        return chr(int(found[2] or found[3], 16))

    return _ESCAPE.sub(sign, words)
