"""Give an approved letter to the provider, once, and say what became of it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from logging import WARNING

from bot.case.effects import HandOver
from bot.case.events import Delivered, Differed, NotSent, Unclear
from bot.case.ids import InvoiceId
from bot.case.letter import Basis, fingerprint
from bot.case.model import Case
from bot.clock import Clock
from bot.delivery.mail import html, message_id
from bot.delivery.transport import Mail, Transport
from bot.errors import SendFailed, SendUnclear
from bot.log import tell
from bot.words.filling import fill, plain, split_sender

DEADLINE = 120.0  # seconds; a transport's own is shorter, and knows on which side of it we are
KEPT = "test mode: mailed nowhere"

Handed = Delivered | NotSent | Differed | Unclear
HandsOver = Callable[[Case, object, HandOver], Awaitable[Handed]]


@dataclass(frozen=True, kw_only=True)
class Letterhead:
    """Who writes. `reply_to` as in MAIL_REPLY_TO.

    `link_allowed` says whether a letter's link may lead there: to Stripe's hosts and the
    operator's own.
    """

    company: str
    reply_to: str | None
    link_allowed: Callable[[str], bool]


def hands_over(transport: Transport, head: Letterhead, clock: Clock) -> HandsOver:
    """The performer of HandOver: it reports what happened and never tries again.

    A letter that is not the one that was approved, to the letter, does not leave.
    In test mode without a test address nothing is mailed and the letter counts as delivered.
    """

    async def hand_over(case: Case, _known: object, effect: HandOver) -> Handed:
        at, revision = clock.now(), effect.revision
        try:
            mail = _mail(head, case, effect, at)
            if mail is not None and not _as_approved(mail, case, effect):
                tell("letter_differed", level=WARNING)
                return Differed(at=at, revision=revision)
            receipt = KEPT if mail is None else await _sent(transport, mail)
        except SendFailed as failed:
            permanent, code = failed.permanent, failed.code
            tell("letter_not_sent", level=WARNING, code=code, permanent=permanent)
            return NotSent(at=clock.now(), revision=revision, permanent=permanent, code=code)
        except SendUnclear:
            return Unclear(at=clock.now(), revision=revision)
        recipient = mail.recipient if mail else None
        return Delivered(at=clock.now(), revision=revision, receipt=receipt, recipient=recipient)

    return hand_over


async def _sent(transport: Transport, mail: Mail) -> str:
    try:
        async with asyncio.timeout(DEADLINE):
            return (await transport.send(mail)).id
    except TimeoutError:
        raise SendUnclear("the provider took too long") from None


def _mail(head: Letterhead, case: Case, effect: HandOver, at: datetime) -> Mail | None:
    """The mail, or None when nobody is to get it; raises SendFailed when there is none to make."""
    if case.letter is None or case.basis is None:
        raise SendFailed("no_letter")
    link = _link(case.basis, effect.links, head.link_allowed)
    if case.basis.recipient is None:
        return None
    try:
        sender = case.basis.sender
        written = fill(case.letter, case.basis, company=head.company, sender=sender, link=link)
        own_id = message_id(effect.key, sender)
    except (KeyError, ValueError):
        raise SendFailed("mail_invalid") from None
    return Mail(
        message_id=own_id,
        sender=sender if split_sender(sender)[0] else f"{head.company} <{sender}>",
        reply_to=head.reply_to,
        recipient=case.basis.recipient,
        subject=written.subject,
        text=plain(written) + "\n",
        html=html(written, case.letter.locale, head.company),
        language=case.letter.locale.replace("_", "-"),
        date=at,
    )


def _as_approved(mail: Mail, case: Case, effect: HandOver) -> bool:
    """Whether this very mail, but for its link, is what was approved."""
    if case.seen is None or case.basis is None:
        return True
    link = effect.links[InvoiceId(case.basis.invoices[0].id)]
    text = mail.text.removesuffix("\n").replace(link, case.basis.link)
    facts = replace(case.basis, recipient=mail.recipient)
    return fingerprint(facts, mail.subject, text) == case.seen


def _link(basis: Basis, links: Mapping[InvoiceId, str], allowed: Callable[[str], bool]) -> str:
    """The page of the oldest invoice, at a host we know; raises SendFailed without one."""
    link = links.get(InvoiceId(basis.invoices[0].id))
    if link is None:
        raise SendFailed("no_link")
    if not allowed(link):
        raise SendFailed("foreign_link")
    return link
