"""What a person may type to find a case: folded, so that case, accents and spaces don't matter."""

import unicodedata
from enum import StrEnum
from itertools import islice

from bot.case.model import Case

LONGEST = 320  # an e-mail address can be no longer
MOST_WORDS = 6  # of a name, from each of which it can be found


class Kind(StrEnum):
    """What a term is."""

    EMAIL = "email"
    NUMBER = "number"  # of an invoice, as its reader has it
    NAME = "name"
    REST = "rest"  # a name from its second word on, from its third …


Term = tuple[Kind, str]


def folded(text: str) -> str:
    """As it is compared: without case, accents, signs that can't be seen, or double spaces."""
    bare = (one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    seen = "".join(one if one.isprintable() else " " for one in bare)
    return " ".join(seen.casefold().split())[:LONGEST]


def terms(case: Case) -> frozenset[Term]:
    """Everything that this case can be found by; nothing once it is erased."""
    if case.facts is None:
        return frozenset()
    customer = case.facts.customer
    name = folded(customer.name or "")
    found = [
        (Kind.EMAIL, folded(customer.email or "")),
        (Kind.EMAIL, folded(customer.recipient or "")),
        (Kind.NAME, name),
        *((Kind.REST, rest) for rest in _rests(name)),
        *((Kind.NUMBER, folded(one.number or "")) for one in case.facts.invoices),
    ]
    return frozenset((kind, term) for kind, term in found if term)


def _rests(name: str) -> list[str]:
    words = name.split()
    return [" ".join(words[first:]) for first in islice(range(1, len(words)), MOST_WORDS)]
