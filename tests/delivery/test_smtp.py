import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiosmtpd import smtp as daemons

from bot.delivery.smtp import Server, Smtp, server
from bot.delivery.transport import Mail, Receipt
from bot.errors import Misconfigured, SendFailed, SendUnclear
from tests.delivery.letters import mail
from tests.delivery.wire import DROP, SILENCE, wire


def at(port: int, **changes: object) -> Server:
    known: dict[str, object] = {
        "host": "127.0.0.1",
        "port": port,
        "user": None,
        "password": None,
        "tls_first": False,
    }
    return Server(**(known | changes))  # type: ignore[arg-type]


async def sent(port: int, letter: Mail | None = None, deadline: float = 5.0) -> Receipt:
    return await Smtp(at(port), deadline=deadline).send(letter or mail())


@pytest.fixture
def certificate() -> ssl.SSLContext:
    """Made for these tests, signed by nobody, used on loopback only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).with_name("loopback.pem"))
    return context


# A real server


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


# Before the final dot: certainly not sent


@pytest.mark.parametrize("step", ["connect", "ehlo", "mail", "rcpt", "data", "body"])
async def test_a_line_that_breaks_before_the_dot_did_not_send(step: str) -> None:
    async with wire(**{step: DROP}) as line:
        # A body that is cut off may look like a dot that is not answered; never like a success.
        with pytest.raises(SendUnclear if step == "body" else SendFailed):
            await sent(line.port)
    assert line.complete == 0


@pytest.mark.parametrize("step", ["connect", "ehlo", "mail", "rcpt", "data"])
async def test_a_silence_before_the_dot_did_not_send(step: str) -> None:
    async with wire(**{step: SILENCE}) as line:
        with pytest.raises(SendFailed) as failed:
            await sent(line.port, deadline=0.2)
    assert failed.value.code == "timeout"
    assert not failed.value.permanent
    assert line.complete == 0


@pytest.mark.parametrize(
    ("step", "answer", "code"),
    [
        ("connect", "554 5.7.1 no mail from you", "greeting_554_5.7.1"),
        ("connect", "421 busy", "greeting_421"),
        ("mail", "550 5.7.1 sender billing@acme.test is not yours", "mail_550_5.7.1"),
        ("mail", "451 later", "mail_451"),
        ("data", "554 5.5.1 no valid recipients", "data_554_5.5.1"),
        ("data", "452 4.3.1 disk full", "data_452_4.3.1"),
        ("rcpt", "450 4.2.1 greylisted", "rcpt_450_4.2.1"),
        ("rcpt", "421 4.7.0 try again", "rcpt_421_4.7.0"),
        ("rcpt", "552 5.2.2 mailbox full", "rcpt_552_5.2.2"),
        ("rcpt", "550 5.7.1 listed at a blocklist", "rcpt_550_5.7.1"),
        ("rcpt", "550 relay not permitted", "rcpt_550"),
        ("rcpt", "550-Rejected because 192.0.2.1 is in a\r\n550 black list", "rcpt_550"),
        ("rcpt", "554 5.7.1 <camille@example.com>: Relay access denied", "rcpt_554_5.7.1"),
        ("rcpt", "503 bad sequence", "rcpt_503"),
        ("rcpt", "530 5.7.0 authentication required", "rcpt_530_5.7.0"),
    ],
)
async def test_a_refusal_that_is_not_the_mailboxs_may_be_tried_again(
    step: str, answer: str, code: str
) -> None:
    async with wire(**{step: answer}) as line:
        with pytest.raises(SendFailed) as failed:
            await sent(line.port)
    assert (failed.value.code, failed.value.permanent) == (code, False)
    assert line.complete == 0


@pytest.mark.parametrize(
    "answer",
    [
        "550 5.1.1 <camille@example.com>: user unknown",
        "550-5.1.1 The account does not exist.\r\n550 5.1.1 Please check for typos.",
        "550 No such user here",
        "551 user not local",
        "553 5.1.3 not an address",
        "550 5.2.1 mailbox disabled",
    ],
)
async def test_a_mailbox_that_is_not_there_never_will_be(answer: str) -> None:
    async with wire(rcpt=answer) as line:
        with pytest.raises(SendFailed) as failed:
            await sent(line.port)
    assert failed.value.permanent
    assert "@" not in failed.value.code


async def test_nobody_listening_is_a_failure_that_passes() -> None:
    async with wire() as line:
        port = line.port
    with pytest.raises(SendFailed) as failed:
        await sent(port)
    assert (failed.value.code, failed.value.permanent) == ("connect", False)


@pytest.mark.parametrize(
    "recipient",
    [
        "a@example.com, b@example.com",
        "a@example.com\r\nRCPT TO:<b@example.com>",
        "",
        "a",
        "<a@b.test>",
    ],
)
async def test_what_is_not_exactly_one_address_is_never_dialled(recipient: str) -> None:
    async with wire() as line:
        with pytest.raises(SendFailed) as failed:
            await sent(line.port, mail(recipient=recipient))
    assert (failed.value.code, failed.value.permanent) == ("recipient_invalid", True)
    assert line.commands == []


# From the final dot on: only the server knows


async def test_a_server_that_dies_on_the_dot_leaves_it_unclear() -> None:
    async with wire(dot=DROP) as line:
        with pytest.raises(SendUnclear):
            await sent(line.port)
    assert line.complete == 1


async def test_a_server_that_says_nothing_to_the_dot_leaves_it_unclear() -> None:
    async with wire(dot=SILENCE) as line:
        with pytest.raises(SendUnclear):
            await sent(line.port, deadline=0.3)
    assert line.complete == 1


@pytest.mark.parametrize("answer", ["hello?", "399 hm", "354 go on"])
async def test_an_answer_to_the_dot_that_makes_no_sense_leaves_it_unclear(answer: str) -> None:
    async with wire(dot=answer) as line:
        with pytest.raises(SendUnclear):
            await sent(line.port)


@pytest.mark.parametrize(
    ("answer", "code", "permanent"),
    [
        ("451 4.3.0 later", "data_451_4.3.0", False),
        ("554 5.7.1 looks like spam", "data_554_5.7.1", False),
        ("550 message refused", "data_550", False),
        ("550 5.1.1 user unknown", "data_550_5.1.1", True),
    ],
)
async def test_a_refused_dot_was_certainly_not_taken(
    answer: str, code: str, permanent: bool
) -> None:
    async with wire(dot=answer) as line:
        with pytest.raises(SendFailed) as failed:
            await sent(line.port)
    assert (failed.value.code, failed.value.permanent) == (code, permanent)


@pytest.mark.parametrize("goodbye", [DROP, SILENCE, "500 no"])
async def test_a_bad_goodbye_spoils_nothing(goodbye: str) -> None:
    async with wire(quit=goodbye) as line:
        receipt = await sent(line.port)
    assert receipt.id == "2.0.0 Ok: queued as 4F2A"


async def test_one_letter_is_one_connection_and_one_recipient() -> None:
    async with wire() as line:
        await sent(line.port)
    verbs = [command.split()[0] for command in line.commands]
    assert verbs[:4] == ["EHLO", "MAIL", "RCPT", "DATA"]
    assert line.complete == 1


# MAIL_URL


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
