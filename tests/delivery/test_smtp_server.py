"""Smtp against a real server: what it takes, encrypts and refuses."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiosmtpd import smtp as daemons

from bot.delivery.smtp import Smtp, server
from bot.errors import Misconfigured, SendFailed
from tests.delivery.letters import mail
from tests.delivery.wire import at, sent, wire


@pytest.fixture
def certificate() -> ssl.SSLContext:
    """Made for these tests, signed by nobody, used on loopback only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).with_name("loopback.pem"))
    return context


class Kept:
    """Keeps every message that came whole."""

    def __init__(self) -> None:
        self.envelopes: list[daemons.Envelope] = []

    async def handle_DATA(  # noqa: N802
        self, _server: object, _session: object, envelope: daemons.Envelope
    ) -> str:
        self.envelopes.append(envelope)
        return "250 2.0.0 Ok: queued as 77"


def knows(*asked: object) -> daemons.AuthResult:
    login = asked[-1]
    good = isinstance(login, daemons.LoginPassword) and login.password == b"p@ss:w/rd"
    return daemons.AuthResult(success=good, handled=False)


@asynccontextmanager
async def daemon(
    tls: ssl.SSLContext | None = None, *, login: bool = False, utf8: bool = False
) -> AsyncIterator[tuple[int, Kept]]:
    kept = Kept()

    def served() -> daemons.SMTP:
        return daemons.SMTP(
            kept,
            tls_context=tls,
            require_starttls=tls is not None,
            authenticator=knows if login else None,
            auth_required=login,
            enable_SMTPUTF8=utf8,
        )

    running = await asyncio.get_running_loop().create_server(served, "127.0.0.1", 0)
    try:
        yield running.sockets[0].getsockname()[1], kept
    finally:
        running.close()


async def test_a_real_server_gets_the_letter_byte_for_byte() -> None:
    async with daemon() as (port, kept):
        receipt = await sent(port)
    assert receipt.id == "2.0.0 Ok: queued as 77"
    (envelope,) = kept.envelopes
    assert envelope.mail_from == "billing@acme.test"
    assert envelope.rcpt_tos == ["camille@example.com"]
    content = envelope.content
    assert isinstance(content, bytes)
    assert b"Hello Camille,\r\n.hidden dot\r\n..two\r\n" in content
    assert b"Message-ID: <send.case_1.1@acme.test>\r\n" in content


async def test_a_password_is_shown_to_a_server_that_encrypts(certificate: ssl.SSLContext) -> None:
    async with daemon(certificate, login=True) as (port, kept):
        url = f"smtp://anna%40acme.test:p%40ss%3Aw%2Frd@127.0.0.1:{port}"
        await Smtp(server(url)).send(mail())
    assert len(kept.envelopes) == 1


async def test_a_wrong_password_is_our_fault_and_not_the_customers(
    certificate: ssl.SSLContext,
) -> None:
    async with daemon(certificate, login=True) as (port, kept):
        with pytest.raises(SendFailed) as failed:
            await Smtp(at(port, user="anna", password="wrong")).send(mail())
    assert failed.value.code.startswith("auth_535")
    assert not failed.value.permanent
    assert kept.envelopes == []


async def test_a_local_part_beyond_ascii_needs_a_server_that_takes_it(
    certificate: ssl.SSLContext,
) -> None:
    letter = mail(recipient="josé@example.com")
    async with daemon(certificate, utf8=True) as (port, kept):
        await sent(port, letter)
    assert kept.envelopes[0].rcpt_tos == ["josé@example.com"]
    async with daemon() as (port, kept):
        with pytest.raises(SendFailed) as failed:
            await sent(port, letter)
    assert (failed.value.code, failed.value.permanent) == ("smtputf8", True)
    assert kept.envelopes == []


# 127.1 is our own machine, too, but is not written as a near address: it is treated as far away.


async def test_a_password_never_crosses_bare() -> None:
    async with wire() as line:
        with pytest.raises(SendFailed) as failed:
            await Smtp(at(line.port, host="127.1", user="anna", password="secret")).send(mail())
    assert failed.value.code == "not_offered"
    assert not any(command.startswith("AUTH") for command in line.commands)


async def test_a_far_server_must_prove_who_it_is(certificate: ssl.SSLContext) -> None:
    async with daemon(certificate, login=True) as (port, kept):
        with pytest.raises(SendFailed) as failed:
            await Smtp(at(port, host="127.1", user="anna", password="p@ss:w/rd")).send(mail())
    assert (failed.value.code, failed.value.permanent) == ("tls", False)
    assert kept.envelopes == []


async def test_starttls_is_used_when_it_is_offered(certificate: ssl.SSLContext) -> None:
    async with daemon(certificate) as (port, kept):
        await sent(port)
    assert len(kept.envelopes) == 1


async def test_smtps_is_encrypted_from_the_first_byte(certificate: ssl.SSLContext) -> None:
    kept = Kept()
    loop = asyncio.get_running_loop()
    running = await loop.create_server(lambda: daemons.SMTP(kept), "127.0.0.1", 0, ssl=certificate)
    port = running.sockets[0].getsockname()[1]
    await Smtp(server(f"smtps://127.0.0.1:{port}")).send(mail())
    running.close()
    assert len(kept.envelopes) == 1


def test_the_address_of_a_server_is_read() -> None:
    read = server("smtp://anna%40acme.test:a%2Fb@mail.acme.test")
    assert read == at(587, host="mail.acme.test", user="anna@acme.test", password="a/b")
    assert server("smtps://mail.acme.test").port == 465
    assert server("smtp://mail.acme.test:2525").port == 2525


@pytest.mark.parametrize(
    "url",
    ["", "smtp://", "http://x", "smtp://u:secret@h:x", "smtp://u:s@h:99999", "smtp://u:secret@[h"],
)
def test_a_bad_mail_url_is_refused_without_repeating_its_password(url: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        server(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "must"),
    [
        ("smtp://u:p@mail.acme.test", True),
        ("smtp://u:p@8.8.8.8", True),
        ("smtp://u:p@10.0.0.7", False),
        ("smtp://u:p@localhost", False),
        ("smtp://u:p@[::1]", False),
        ("smtps://u:p@mail.acme.test", False),
        ("smtp://mail.acme.test", False),
    ],
)
def test_a_password_crosses_the_internet_only_encrypted(url: str, must: bool) -> None:
    assert server(url).must_encrypt is must
