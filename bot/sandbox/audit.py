"""Holds delivered bytes, the cards' blocks, Stripe and the journal against each other. Pure.

Nothing is taken from what the bot remembers of a letter: the words compared are those that stand
in Slack and those that a mail server was given.
"""

import html
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.case.model import State, Why
from bot.sandbox.evidence import Card, Drawn, Evidence, Sent
from bot.sandbox.readings import letters
from bot.sandbox.slack import render_blocks
from bot.store.journal import Entry
from bot.words import say, words

LOCALE = "en"  # the town's


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A claim with its figures, and whatever contradicts it."""

    claim: str
    complaints: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether nothing contradicts it."""
        return not self.complaints


def audit(evidence: Evidence) -> tuple[Finding, ...]:
    """Every check, each with its complaints."""
    mails, cases = len(evidence.mails), len(evidence.stories)
    rows = sum(len(one.entries) for one in evidence.stories)
    checks: tuple[tuple[str, Callable[[Evidence], Iterator[str]]], ...] = (
        (f"{len(evidence.failed)} failed invoices: each stands on a card", _unseen),
        (f"{mails} mails: each leads to a revision that one person approved", _unapproved),
        (f"{mails} mails: what was approved is what stood on the card pressed", _unlike_pressed),
        (f"{mails} mails: subject, text and HTML say what the card says", _unlike_card),
        (f"{mails} mails: each counted once as delivered, and none besides", _miscounted),
        (f"{mails} mails: none to a VIP, and all to the test address", _misdirected),
        (f"{mails} mails: none after its invoice was paid", _late),
        (f"{cases} cards: each ends as the journal ends", _unlike_journal),
        (f"{cases} cases, {rows} journal rows: every chain is whole", _broken),
    )
    return tuple(Finding(claim=claim, complaints=tuple(check(evidence))) for claim, check in checks)


def _unseen(evidence: Evidence) -> Iterator[str]:
    if not evidence.failed:
        yield "Stripe has told of no failure."
    shown = json.dumps([drawn.blocks for card in evidence.cards for drawn in card.versions])
    for invoice in evidence.failed:
        if f"invoices/{invoice}" not in shown:
            yield f"No card leads to {invoice}."


def _unapproved(evidence: Evidence) -> Iterator[str]:
    for sent in evidence.mails:
        people = [entry.who for entry in _approvals(evidence, sent)]
        if len(people) != 1 or not people[0].startswith("slack:"):
            yield f"{sent.name} was approved by {', '.join(people) or 'nobody'}."


def _unlike_pressed(evidence: Evidence) -> Iterator[str]:
    for sent in evidence.mails:
        drawn = _pressed(evidence, sent)
        marks = {press.seen for press in drawn.presses} if drawn else set()
        for entry in _approvals(evidence, sent):
            if not any(mark and (entry.seen or "").startswith(mark) for mark in marks):
                yield f"{sent.name}: no card was drawn with the mark that the journal keeps."


def _unlike_card(evidence: Evidence) -> Iterator[str]:
    for sent in evidence.mails:
        card = _card(evidence, sent)
        if card is None:
            yield f"{sent.name} has no card."
            continue
        approved = [drawn for drawn in card.versions if _is_of(drawn, sent)]
        for blocks in (*(drawn.blocks for drawn in approved[-1:]), card.now):
            yield from (f"{sent.name}: {wrong}" for wrong in _differences(sent, blocks))


def _differences(sent: Sent, blocks: list[dict[str, object]]) -> Iterator[str]:
    subject, *body = letters(blocks) if blocks else [""]
    text = "\n".join(body)
    link = sent.mail.link() if sent.invoice else "-"
    mailed = sent.mail.text_part().replace(link, say(LOCALE, "link.kind"))
    if subject != say(LOCALE, "card.subject", subject=sent.mail.subject):
        yield "its subject is not the card's."
    if _as_read(mailed) != _as_read(text):
        yield "its text is not the card's."
    if not _in_order(_bare(text), iter(_bare(_seen(sent.mail.html_part())))):
        yield "its HTML does not say what the card says."
    if set(re.findall(r'href="([^"]*)"', sent.mail.html_part())) != {html.escape(link)}:
        yield "its HTML leads elsewhere than its text."


def _miscounted(evidence: Evidence) -> Iterator[str]:
    told: Counter[tuple[str | None, int]] = Counter(
        (story.case, entry.revision_before)
        for story in evidence.stories
        for entry in story.entries
        if entry.event == "Delivered"
    )
    came: Counter[tuple[str | None, int]] = Counter(
        (sent.case, sent.revision) for sent in evidence.mails
    )
    for case, revision in told.keys() | came.keys():
        if (told[case, revision], came[case, revision]) != (1, 1):
            yield (
                f"{case}, revision {revision}: {came[case, revision]} mails came, "
                f"the journal says {told[case, revision]}."
            )


def _misdirected(evidence: Evidence) -> Iterator[str]:
    personal = {card.case for card in evidence.cards if card.channel == evidence.vip_channel}
    for sent in evidence.mails:
        if sent.case in personal:
            yield f"{sent.name} went to a VIP."
        if sent.mail.recipients != (evidence.test_address,):
            yield f"{sent.name} went to {', '.join(sent.mail.recipients)}."
        if str(sent.mail.message["To"]) != evidence.test_address:
            yield f"{sent.name} is addressed to {sent.mail.message['To']}."


def _late(evidence: Evidence) -> Iterator[str]:
    for sent in evidence.mails:
        if sent.invoice not in evidence.failed:
            yield f"{sent.name} is about no failed invoice."
        paid = evidence.paid.get(sent.invoice)
        if paid and sent.at > paid:
            yield f"{sent.name} is of {sent.at:%H:%M:%S}; the invoice was paid {paid:%H:%M:%S}."


def _unlike_journal(evidence: Evidence) -> Iterator[str]:
    for story in evidence.stories:
        cards = [card for card in evidence.cards if card.case == story.case]
        if not cards:
            yield f"{story.case} has no card."
            continue
        last, drawn = story.entries[-1], cards[-1].versions[-1]
        if last.state_after == State.CLOSED and drawn.presses:
            yield f"{story.case} is closed, and its card still has buttons."
        if not any(_says(key, drawn) for key in _endings(last)):
            yield f"{story.case}: its card does not say that it is {last.state_after}."
        owed = not evidence.paid.keys() & _invoices(cards)
        if (last.why_after == Why.RECOVERED) is owed:
            yield f"{story.case}: journal and Stripe disagree whether it was paid."


def _broken(evidence: Evidence) -> Iterator[str]:
    for story in evidence.stories:
        if story.breaks:
            yield f"{story.case}: the chain breaks at {', '.join(map(str, story.breaks))}."


def _approvals(evidence: Evidence, sent: Sent) -> list[Entry]:
    return [
        entry
        for story in evidence.stories
        for entry in story.entries
        if (story.case, entry.revision_before) == (sent.case, sent.revision)
        and entry.event == "Approved"
        and entry.refused is None
        and entry.state_after == State.APPROVED
    ]


def _card(evidence: Evidence, sent: Sent) -> Card | None:
    """The message on which this mail's revision could be pressed."""
    found = (card for card in evidence.cards if any(_is_of(one, sent) for one in card.versions))
    return next(found, None)


def _pressed(evidence: Evidence, sent: Sent) -> Drawn | None:
    card = _card(evidence, sent)
    drawn = [one for one in card.versions if _is_of(one, sent)] if card else []
    return drawn[-1] if drawn else None


def _is_of(drawn: Drawn, sent: Sent) -> bool:
    return any((one.case_id, one.revision) == (sent.case, sent.revision) for one in drawn.presses)


def _endings(last: Entry) -> tuple[str, ...]:
    """The sentences with which a card may end when the journal ends so."""
    if last.state_after == State.BY_HAND:
        return (f"status.{last.why_after}", "status.taken", "status.contacted")
    if (last.state_after, last.why_after) == (State.WAITING, Why.NEXT_NOTICE):
        return ("status.sent", "status.rejected")
    return (f"status.{last.why_after or last.state_after}",)


def _says(key: str, drawn: Drawn) -> bool:
    parts = re.split(r"\{\w+\}", words(LOCALE).get(key, "\0"))
    sentence = re.compile(".+?".join(map(re.escape, parts)))
    sections = (block for block in drawn.blocks if block["type"] == "section")
    return any(sentence.search(render_blocks([block])) for block in sections)


def _invoices(cards: list[Card]) -> set[str]:
    shown = json.dumps([drawn.blocks for card in cards for drawn in card.versions])
    return set(re.findall(r"/invoices/(\w+)", shown))


def _as_read(text: str) -> list[str]:
    """Its lines; a card has plain spaces where a mail keeps an amount from breaking apart."""
    return [" ".join(line.split()) for line in text.strip().splitlines()]


def _seen(page: str) -> str:
    """The words of an HTML page, without what its head holds."""
    body = page.partition("<body")[2]
    return html.unescape(re.sub(r"<[^>]+>", " ", f"<{body}"))


def _bare(text: str) -> list[str]:
    return text.replace(say(LOCALE, "link.kind"), " ").split()


def _in_order(wanted: list[str], given: Iterator[str]) -> bool:
    return all(word in given for word in wanted)
