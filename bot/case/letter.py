"""A letter, its revisions, its placeholders, its hash."""

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum

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
    took their place.
    """

    subject: str
    body: str
    locale: str
    by: Author
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
    """The facts in a letter: when one changes, what was approved is no longer what would be sent.

    `recipient` is None only in test mode without a test address: then nothing is mailed.
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


def fingerprint(letter: Letter, basis: Basis) -> str:
    """SHA-256, as hex, over all that a person approves: the words and every fact filled in."""
    seen = {"subject": letter.subject, "body": letter.body, "basis": asdict(basis)}
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def locale_for(wishes: tuple[str, ...], languages: tuple[str, ...], fallback: str) -> str:
    """The first wished locale (BCP 47, as Stripe's `preferred_locales`) that the team can read.

    Where there is none it is `fallback`, the company's own language, if the team can read that.
    """
    for wish in wishes:
        language = wish.replace("_", "-").split("-")[0].lower()
        if language in languages:
            return language
    return fallback if fallback in languages else languages[0]
