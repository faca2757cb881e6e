"""What changed between the letter that somebody saw and the one in question: old → new. Pure.

It speaks of what is approved and of nothing else; every line is mrkdwn, with foreign text in it
made harmless.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from bot.case.letter import Basis, BasisInvoice
from bot.foreign_text import clip, one_line
from bot.review.foreign import address, inert
from bot.words import say, words
from bot.words.numbers import amount

_MOST: Final = 10  # lines: what is told privately is read at a glance
_LEAD, _SHOWN = 30, 140  # of a text: what stands before the first difference, and how much in all


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A letter as a reviewer read it: its facts, and the text with the kind of link in it."""

    basis: Basis
    subject: str
    text: str


def differences(old: Reading, new: Reading, locale: str) -> tuple[str, ...]:
    """A line for everything that is another by now, the facts first; none if nothing is."""
    lines = (
        *_addresses(old.basis, new.basis, locale),
        *_invoices(old.basis.invoices, new.basis.invoices, locale),
        *_words(old, new, locale),
    )
    return lines[:_MOST]


def _addresses(old: Basis, new: Basis, locale: str) -> Iterator[str]:
    nobody = say(locale, "card.to_nobody")
    to = [address(one.recipient) if one.recipient else nobody for one in (old, new)]
    yield from _line(locale, "to", *to)
    yield from _line(locale, "sender", address(old.sender), address(new.sender))


def _invoices(
    old: tuple[BasisInvoice, ...], new: tuple[BasisInvoice, ...], locale: str
) -> Iterator[str]:
    before, after = {one.id: one for one in old}, {one.id: one for one in new}
    for one in old:
        if one.id not in after:
            yield say(locale, "change.left", invoice=_number(one), amount=_sum(locale, one))
    for one in new:
        if one.id not in before:
            yield say(locale, "change.joined", invoice=_number(one), amount=_sum(locale, one))
        else:
            yield from _invoice(before[one.id], one, locale, alone=len(old) == len(new) == 1)


def _invoice(old: BasisInvoice, new: BasisInvoice, locale: str, *, alone: bool) -> Iterator[str]:
    pairs = {
        "amount": (_sum(locale, old), _sum(locale, new)),
        "status": (_status(locale, old), _status(locale, new)),
    }
    for what, (before, after) in pairs.items():
        if alone:
            yield from _line(locale, what, before, after)
        else:
            yield from _line(locale, "invoice", before, after, invoice=_number(new))


def _words(old: Reading, new: Reading, locale: str) -> Iterator[str]:
    yield from _line(locale, "subject", *_around(old.subject, new.subject))
    yield from _line(locale, "link", inert(old.basis.link), inert(new.basis.link))
    yield from _line(locale, "text", *_around(old.text, new.text))


def _line(locale: str, what: str, old: str, new: str, **more: str) -> Iterator[str]:
    if old != new:
        yield say(locale, f"change.{what}", old=old, new=new, **more)


def _around(old: str, new: str) -> tuple[str, str]:
    """Both from shortly before the place where they begin to differ."""
    before, after = one_line(old), one_line(new)
    if before == after:
        return "", ""
    pairs = zip(before, after, strict=False)
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    start = before.rfind(" ", 0, max(0, alike - _LEAD)) + 1
    lead = "… " if start else ""
    return lead + inert(before[start:], _SHOWN), lead + inert(after[start:], _SHOWN)


def _number(invoice: BasisInvoice) -> str:
    return inert(invoice.number or invoice.id)


def _sum(locale: str, invoice: BasisInvoice) -> str:
    return inert(amount(locale, invoice.remaining))


def _status(locale: str, invoice: BasisInvoice) -> str:
    known = words(locale).get(f"invoice.{invoice.status}")
    return known or inert(clip(invoice.status, 40))
