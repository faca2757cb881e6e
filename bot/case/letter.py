"""A letter, its revisions, its placeholders, its hash."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.case.ids import Actor
from bot.case.money import Money

PLACEHOLDERS = ("company", "amount", "invoice", "plan", "card", "pay_link")


class Family(StrEnum):
    """What a letter may tell of the reason: one family a set of reviewed letters."""

    NEEDS_NEW_CARD = "needs_new_card"
    SOFT = "soft"
    AUTHENTICATION = "authentication"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    NOT_TRIED = "not_tried"
    SEVERAL_INVOICES = "several_invoices"


class Author(StrEnum):
    """Who wrote a letter's words."""

    MODEL = "model"
    FIXED = "fixed"
    PERSON = "person"


class FixedBecause(StrEnum):
    """Why the reviewed fixed letter took the model's place."""

    NO_MODEL = "no_model"
    SLOW = "slow"
    DOWN = "down"
    UNUSABLE = "unusable"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """Words with placeholders, never with facts.

    `rules` are the guard's names for what was wrong with the model's words when the fixed letter
    took their place; `edited_by` is whose words they are when a person wrote them.
    """

    subject: str
    body: str
    locale: str
    by: Author
    edited_by: Actor | None = None
    fixed_because: FixedBecause | None = None
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Brief:
    """What the words depend on: when it changes, a letter is written anew."""

    notice: int
    family: Family
    locale: str
    note: str = ""
    redraft: int = 0


@dataclass(frozen=True, kw_only=True)
class BasisInvoice:
    """An invoice as a reviewer saw it on the card."""

    id: str
    number: str | None
    status: str
    remaining: Money
    plan: str | None
    subscribed: bool
    card: str | None
    method: str | None


@dataclass(frozen=True, kw_only=True)
class Basis:
    """The facts in a letter: when one that it tells changes, another letter would be sent.

    `recipient` is None only in test mode without a test address: then nothing is mailed. `link` is
    the kind of page that the letter leads to.
    """

    recipient: str | None
    sender: str
    customer_name: str | None
    first_name: str | None
    invoices: tuple[BasisInvoice, ...]
    link: str = "hosted_invoice"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a person was asked about: the words, and the facts they are filled with."""

    letter: Letter
    basis: Basis


@dataclass(frozen=True, kw_only=True)
class HandedOver:
    """A letter that was given to the mail server at `at` (UTC); `asked` is None once erased.

    `key` is the hand-over's, of which our own Message-ID is made.
    """

    key: str
    revision: int
    at: datetime
    approved_by: Actor | None = None
    asked: Asked | None = None


def fingerprint(basis: Basis, subject: str, text: str) -> str:
    """SHA-256, as hex, over all that a person approves, and over nothing else.

    `subject` and `text` are the letter as its reader would get it, with `basis.link` in the link's
    place: so the words of ours around the facts count too.
    """
    seen = {
        "recipient": basis.recipient,
        "sender": basis.sender,
        "subject": subject,
        "text": text,
        "link": basis.link,
        "invoices": [
            [one.id, one.remaining.minor, one.remaining.currency, one.status]
            for one in basis.invoices
        ],
    }
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def wordless(letter: Letter) -> Letter:
    """What counts of a letter: whether it was a person's."""
    return Letter(subject="", body="", locale=letter.locale, by=letter.by)


def told_by(letter: Letter, basis: Basis) -> Basis:
    """The basis without what this letter leaves untold: a change of that changes no letter."""
    named = {name for name in PLACEHOLDERS if f"{{{name}}}" in letter.body}
    several = len(basis.invoices) > 1
    # Plan, card and number in the text are those of the oldest; a list gives each one's number.
    oldest = [_told(one, named, numbered=several) for one in basis.invoices[:1]]
    others = [_told(one, set(), numbered=several) for one in basis.invoices[1:]]
    return replace(basis, customer_name=None, invoices=(*oldest, *others))


def _told(invoice: BasisInvoice, named: set[str], *, numbered: bool) -> BasisInvoice:
    plan, card = "plan" in named, "card" in named
    return replace(
        invoice,
        number=invoice.number if numbered or "invoice" in named else None,
        plan=invoice.plan if plan else None,
        subscribed=plan and invoice.subscribed,
        card=invoice.card if card else None,
        method=invoice.method if card else None,
    )


def locale_for(wishes: tuple[str, ...], languages: tuple[str, ...], fallback: str) -> str:
    """The first wished locale (BCP 47, as Stripe's `preferred_locales`) that the team can read.

    Where there is none it is `fallback`, the company's own language, if the team can read that.
    """
    for wish in wishes:
        language = wish.replace("_", "-").split("-")[0].lower()
        if language in languages:
            return language
    return fallback if fallback in languages else languages[0]
