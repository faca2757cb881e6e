from dataclasses import replace
from datetime import datetime

import pytest

from bot.case.effects import HandOver
from bot.case.events import Delivered, Differed, NotSent, Unclear
from bot.case.ids import CaseId, InvoiceId
from bot.case.letter import Basis
from bot.case.money import Money
from bot.delivery.handover import KEPT, Handed, Letterhead, hands_over
from bot.delivery.transport import Mail, Receipt
from bot.errors import SendFailed, SendUnclear
from bot.words.reading import Reader
from tests.delivery.letters import LINK, NOON, basis, invoice, sending

HEAD = Letterhead(
    company="Acme",
    reply_to="help@acme.test",
    link_allowed=lambda link: link.startswith("https://invoice.stripe.com/"),
)


class Noon:
    def now(self) -> datetime:
        return NOON

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(f"a hand-over waits for nothing, not {seconds} s")


class Post:
    """A transport that takes every mail, or fails as it is told."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.mails: list[Mail] = []
        self.trouble = trouble

    async def send(self, mail: Mail) -> Receipt:
        if self.trouble is not None:
            raise self.trouble
        self.mails.append(mail)
        return Receipt(id="queued as 1")


async def handed(
    post: Post,
    facts: Basis | None = None,
    links: dict[str, str] | None = None,
    *,
    seen: str | None = None,
) -> Handed:
    known = {"in_1": LINK} if links is None else links
    effect = HandOver(
        case_id=CaseId("case_1"),
        revision=3,
        links={InvoiceId(invoice): link for invoice, link in known.items()},
    )
    case = replace(sending(facts or basis()), seen=seen)
    return await hands_over(post, HEAD, Noon())(case, None, effect)


def fingerprint_of(facts: Basis, company: str = "Acme") -> str:
    """What a card that was drawn from these facts says of itself."""
    letter = sending(facts).letter
    assert letter is not None
    return Reader(company=company, link="[page]").fingerprint(letter, facts)


async def test_an_approved_letter_is_mailed_once_with_our_own_id() -> None:
    post = Post()
    told = await handed(post)
    assert told == Delivered(
        at=NOON, revision=3, receipt="queued as 1", recipient="camille@example.com"
    )
    (mail,) = post.mails
    assert mail.message_id == "<send.case_1.3@acme.test>"
    assert mail.reply_to == "help@acme.test"
    assert mail.subject == "Your payment to Acme"
    assert LINK in mail.text


@pytest.mark.parametrize("facts", [basis(), basis(invoice(1), invoice(2))])
async def test_what_was_approved_to_the_letter_leaves(facts: Basis) -> None:
    post = Post()
    told = await handed(post, facts, seen=fingerprint_of(facts))
    assert isinstance(told, Delivered)
    assert len(post.mails) == 1


@pytest.mark.parametrize(
    "approved",
    [
        fingerprint_of(replace(basis(), recipient="eve@example.com")),
        fingerprint_of(replace(basis(), sender="Eve <eve@acme.test>")),
        fingerprint_of(replace(basis(), first_name="Eve")),
        fingerprint_of(replace(basis(), link="pay_page")),
        fingerprint_of(basis(invoice(2))),
        fingerprint_of(basis(invoice(1), invoice(2))),
        fingerprint_of(basis(invoice(1, remaining=Money(minor=4901, currency="eur")))),
        fingerprint_of(basis(invoice(1, remaining=Money(minor=4900, currency="usd")))),
        fingerprint_of(basis(invoice(1, status="uncollectible"))),
        fingerprint_of(basis(), company="Apex"),
    ],
)
async def test_a_letter_that_is_not_the_one_that_was_approved_does_not_leave(
    approved: str,
) -> None:
    post = Post()
    assert await handed(post, seen=approved) == Differed(at=NOON, revision=3)
    assert post.mails == []


async def test_several_invoices_lead_to_the_oldest_ones_page() -> None:
    post = Post()
    newer = LINK.replace("test_a", "test_b")
    await handed(post, basis(invoice(1), invoice(2)), {"in_2": newer, "in_1": LINK})
    assert LINK in post.mails[0].text
    assert newer not in post.mails[0].text


@pytest.mark.parametrize(
    ("links", "code"),
    [
        ({}, "no_link"),
        ({"in_2": LINK}, "no_link"),
        ({"in_1": "https://invoice.stripe.com.evil.test/i"}, "foreign_link"),
        ({"in_1": "https://invoice.stripe.com@evil.test/i"}, "foreign_link"),
        ({"in_1": ""}, "foreign_link"),
    ],
)
async def test_without_a_page_of_stripes_nothing_leaves(links: dict[str, str], code: str) -> None:
    post = Post()
    told = await handed(post, links=links)
    assert told == NotSent(at=NOON, revision=3, permanent=False, code=code)
    assert post.mails == []


async def test_test_mode_without_a_test_address_mails_nobody() -> None:
    post = Post()
    told = await handed(post, basis(recipient=None))
    assert told == Delivered(at=NOON, revision=3, receipt=KEPT, recipient=None)
    assert post.mails == []


@pytest.mark.parametrize("permanent", [True, False])
async def test_what_was_certainly_not_taken_is_not_sent(permanent: bool) -> None:
    told = await handed(Post(SendFailed("rcpt_550", permanent=permanent)))
    assert told == NotSent(at=NOON, revision=3, permanent=permanent, code="rcpt_550")


@pytest.mark.parametrize("trouble", [SendUnclear("?"), TimeoutError()])
async def test_what_nobody_knows_is_unclear(trouble: Exception) -> None:
    assert await handed(Post(trouble)) == Unclear(at=NOON, revision=3)


async def test_a_letter_that_cannot_be_filled_does_not_leave() -> None:
    post = Post()
    case = sending(replace(basis(), sender="not an address"))
    effect = HandOver(case_id=case.id, revision=3, links={InvoiceId("in_1"): LINK})
    told = await hands_over(post, HEAD, Noon())(case, None, effect)
    assert told == NotSent(at=NOON, revision=3, permanent=False, code="mail_invalid")
    assert post.mails == []
