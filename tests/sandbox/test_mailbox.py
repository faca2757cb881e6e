"""The sandbox's mailbox takes mail as a real server does, and refuses what real servers refuse."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import aiosmtplib
import pytest

from bot.sandbox.mailbox import Mailbox


class StillClock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 18, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    mailbox = Mailbox(StillClock())
    await mailbox.start()
    yield mailbox
    await mailbox.stop()


@pytest.fixture
async def guarded() -> AsyncIterator[Mailbox]:
    mailbox = Mailbox(StillClock(), login=("desk", "open sesame"), largest=2000, most_recipients=1)
    await mailbox.start()
    yield mailbox
    await mailbox.stop()


def letter(size: int = 0) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Acme <billing@acme.example>"
    message["To"] = "ada@example.com"
    message["Subject"] = "Votre paiement chez Acmé"
    message["Message-ID"] = "<one@acme.example>"
    message.set_content("Bonjour,\n\nIci : https://invoice.example/i/1\nÀ bientôt" + "x" * size)
    message.add_alternative("<p>Bonjour</p>", subtype="html")
    return message


async def send(mailbox: Mailbox, message: EmailMessage | None = None, **how: object) -> None:
    await aiosmtplib.send(
        message or letter(), hostname="127.0.0.1", port=mailbox.port, timeout=60, **how
    )


LOGIN = {"username": "desk", "password": "open sesame"}


async def test_a_delivered_mail_is_kept_as_it_came(mailbox: Mailbox) -> None:
    await send(mailbox)
    [mail] = mailbox.mails
    assert (mail.sender, mail.recipients) == ("billing@acme.example", ("ada@example.com",))
    assert b"Message-ID: <one@acme.example>\r\n" in mail.raw
    assert mail.subject == "Votre paiement chez Acmé"
    assert "À bientôt" in mail.text_part()
    assert "<p>Bonjour</p>" in mail.html_part()
    assert mail.link() == "https://invoice.example/i/1"


async def test_a_mail_without_a_link_says_so(mailbox: Mailbox) -> None:
    message = letter()
    message.clear_content()
    message.set_content("Nothing here")
    await send(mailbox, message)
    with pytest.raises(LookupError):
        mailbox.mails[0].link()
    assert mailbox.mails[0].html_part() == ""


async def test_the_right_password_opens_it(guarded: Mailbox) -> None:
    await send(guarded, **LOGIN)
    assert len(guarded.mails) == 1
    assert guarded.url.startswith("smtp://desk:open sesame@127.0.0.1:")


@pytest.mark.parametrize("mechanism", ["auth_plain", "auth_login"])
async def test_plain_and_login_are_both_taken(guarded: Mailbox, mechanism: str) -> None:
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=guarded.port)
    async with client:
        answer = await getattr(client, mechanism)("desk", "open sesame")
    assert answer.code == 235


# Refusals.


async def test_mail_without_a_login_is_refused(guarded: Mailbox) -> None:
    with pytest.raises(aiosmtplib.SMTPException) as refused:
        await send(guarded)
    assert refused.value.code == 530
    assert guarded.mails == []


async def test_a_wrong_password_is_refused(guarded: Mailbox) -> None:
    with pytest.raises(aiosmtplib.SMTPAuthenticationError):
        await send(guarded, username="desk", password="guess")


async def test_a_second_recipient_is_refused(guarded: Mailbox) -> None:
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=guarded.port, **LOGIN)
    async with client:
        await client.mail("billing@acme.example")
        await client.rcpt("ada@example.com")
        with pytest.raises(aiosmtplib.SMTPRecipientRefused) as refused:
            await client.rcpt("bob@example.com")
    assert refused.value.code == 452


async def test_a_mail_that_is_too_large_is_refused(guarded: Mailbox) -> None:
    with pytest.raises(aiosmtplib.SMTPResponseException) as refused:
        await send(guarded, letter(size=5000), **LOGIN)
    assert refused.value.code == 552
    assert guarded.mails == []


@pytest.mark.parametrize(
    ("stage", "answer"),
    [
        ("MAIL", "550 5.7.1 Sender refused"),
        ("DATA", "451 4.3.0 Try again later"),
        ("END", "554 5.7.1 Looks like spam"),
        ("END", "452 4.2.2 Mailbox full"),
    ],
)
async def test_a_refusal_comes_at_its_stage(mailbox: Mailbox, stage: str, answer: str) -> None:
    mailbox.refuse(stage, answer)
    with pytest.raises(aiosmtplib.SMTPResponseException) as refused:
        await send(mailbox)
    assert refused.value.code == int(answer[:3])
    assert mailbox.mails == []
    await send(mailbox)
    assert len(mailbox.mails) == 1


async def test_an_unknown_recipient_is_refused(mailbox: Mailbox) -> None:
    mailbox.refuse("RCPT", "550 5.1.1 No such user")
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
        await send(mailbox)
    assert refused.value.recipients[0].code == 550


# Trouble.


@pytest.mark.parametrize(("accepts", "kept"), [(False, 0), (True, 1)])
async def test_the_connection_drops_with_or_without_the_mail(
    mailbox: Mailbox, accepts: bool, kept: int
) -> None:
    mailbox.drop("END", accepts=accepts)
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await send(mailbox)
    assert len(mailbox.mails) == kept


async def test_the_connection_drops_before_the_text(mailbox: Mailbox) -> None:
    mailbox.drop("DATA")
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await send(mailbox)
    assert mailbox.mails == []


async def test_a_slow_server_takes_the_clock_s_time(mailbox: Mailbox) -> None:
    before = mailbox.clock.now()
    mailbox.slow("END", 90)
    await send(mailbox)
    assert mailbox.clock.now() - before == timedelta(seconds=90)
    assert len(mailbox.mails) == 1


async def test_healing_ends_all_trouble(mailbox: Mailbox) -> None:
    mailbox.refuse("RCPT", "550 5.1.1 No such user", times=5)
    mailbox.heal()
    await send(mailbox)
    assert len(mailbox.mails) == 1


async def test_a_stage_nobody_knows_is_refused(mailbox: Mailbox) -> None:
    with pytest.raises(ValueError, match="no such stage"):
        mailbox.refuse("LUNCH", "550 Hungry")


async def test_stopping_closes_connections_that_are_open(mailbox: Mailbox) -> None:
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=mailbox.port)
    await client.connect()
    await asyncio.wait_for(mailbox.stop(), 60)
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await client.noop()
    client.close()
