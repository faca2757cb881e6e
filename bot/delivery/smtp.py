"""Mail by SMTP: certain that a letter did not leave, or honest that nobody knows.

The border is the dot that ends the message (RFC 5321, 4.1.1.4). Until it is written the server
has nothing to deliver: every trouble is SendFailed. Once it is written only the server's answer
to it tells: without one it is SendUnclear.
"""

import asyncio
import re
from collections.abc import Awaitable
from dataclasses import dataclass
from email.policy import SMTP, SMTPUTF8
from ipaddress import ip_address
from ssl import SSLError
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib.protocol import normalize_message_line_endings

from bot.delivery.mail import ascii_address, message
from bot.delivery.transport import Mail, Receipt
from bot.errors import Misconfigured, SendFailed, SendUnclear
from bot.foreign_text import one_line
from bot.words.filling import split_sender

DEADLINE = 60.0  # seconds, for everything from the look-up of the host to the last answer
START_INPUT = 354
TAKEN = range(200, 300)
REFUSED = range(400, 600)
# Which mailbox, not which mail or whose server, is at fault: RFC 3463 and the IANA registry of
# enhanced status codes. A full or a greylisting mailbox is not: it may take the next one.
MAILBOX_STATUS = re.compile(r"^5\.(1\.(1|2|3|6|10)|2\.1)(?=\s|$)")
ANY_STATUS = re.compile(r"^[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")
MAILBOX_CODES = frozenset({550, 551, 553})
# What servers without those codes say when it is us whom they refuse, and not the mailbox.
ABOUT_US = re.compile(
    r"relay|block|black|spam|denied|deny|policy|polic|auth|spf|dkim|dmarc|reputation|listed|sender",
    re.IGNORECASE,
)
STAGES = (
    (aiosmtplib.SMTPConnectResponseError, "greeting"),
    (aiosmtplib.SMTPHeloError, "helo"),
    (aiosmtplib.SMTPAuthenticationError, "auth"),
    (aiosmtplib.SMTPSenderRefused, "mail"),
    (aiosmtplib.SMTPRecipientRefused, "rcpt"),
    (aiosmtplib.SMTPDataError, "data"),
)
RECEIPT_LENGTH = 200


@dataclass(frozen=True, kw_only=True)
class Server:
    """A mail server as MAIL_URL names it. `tls_first`: encrypted from the first byte (smtps)."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls_first: bool

    @property
    def must_encrypt(self) -> bool:
        """Whether STARTTLS may not be missing: a password never crosses the open internet bare."""
        return self.user is not None and not self.tls_first and not _is_near(self.host)


def server(url: str) -> Server:
    """Read `smtp://user:pass@host:587` or `smtps://…`; user and password are percent-encoded.

    Raises Misconfigured with a sentence that does not repeat the URL: it holds the password.
    """
    unusable = Misconfigured(("MAIL_URL must look like smtp://user:password@host:587.",))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise unusable from None
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise unusable
    tls_first = parts.scheme == "smtps"
    return Server(
        host=parts.hostname,
        port=port or (465 if tls_first else 587),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls_first=tls_first,
    )


class Smtp:
    """A transport that opens one connection for each letter and never tries twice."""

    def __init__(self, at: Server, *, deadline: float = DEADLINE) -> None:
        self._at = at
        self._deadline = deadline

    async def send(self, mail: Mail) -> Receipt:
        """Hand one mail over; the receipt is the server's own line. See Transport.send."""
        client = _client(self._at)
        ends = asyncio.get_running_loop().time() + self._deadline
        try:
            await _sure(_transmit(client, mail), ends)
            # From here to the writing of the dot nothing is awaited.
            if not client.is_connected:
                raise SendFailed("dropped")
            return await _finish(client, ends)
        finally:
            _leave(client)

    async def found(self, key: str) -> Receipt | None:  # noqa: ARG002
        """SMTP has no question for what was taken before. See Transport.found."""
        return None

    async def try_out(self) -> None:
        """Greet, encrypt, log in, and leave. See Transport.try_out."""
        client = _client(self._at)
        try:
            await _sure(_greet(client), asyncio.get_running_loop().time() + self._deadline)
        finally:
            _leave(client)


async def _greet(client: aiosmtplib.SMTP) -> None:
    await client.connect()
    await client.noop()


async def _sure(doing: Awaitable[None], ends: float) -> None:
    """Something before the final dot; raises SendFailed for whatever goes wrong."""
    try:
        async with asyncio.timeout_at(ends):
            await doing
    except aiosmtplib.SMTPRecipientRefused as refusal:
        raise SendFailed(_code(refusal), permanent=_is_about_the_mailbox(refusal)) from None
    except aiosmtplib.SMTPResponseException as refusal:
        raise SendFailed(_code(refusal)) from None
    except TimeoutError:
        raise SendFailed("timeout") from None
    except (aiosmtplib.SMTPException, OSError) as trouble:
        raise SendFailed(_trouble(trouble)) from None
    except ValueError:  # last: a bad certificate is an OSError and a ValueError
        raise SendFailed("mail_invalid") from None


async def _transmit(client: aiosmtplib.SMTP, mail: Mail) -> None:
    recipient = _recipient(mail)
    await client.connect()
    content, options = await _content(client, mail, recipient)
    await client.mail(_sender(mail), options=options, encoding="utf-8")
    await client.rcpt(recipient, encoding="utf-8")
    answer = await client.execute_command(b"DATA")
    if answer.code != START_INPUT:
        raise aiosmtplib.SMTPDataError(answer.code, answer.message)
    _write(client, content)


async def _finish(client: aiosmtplib.SMTP, ends: float) -> Receipt:
    """Write the final dot and hear what the server says to it."""
    try:
        async with asyncio.timeout_at(ends):
            answer = await client.execute_command(b".")
    except (aiosmtplib.SMTPException, OSError):  # a timeout is an OSError, too
        raise SendUnclear("the server did not answer whether it took the letter") from None
    if answer.code in TAKEN:
        return Receipt(id=one_line(answer.message)[:RECEIPT_LENGTH])
    if answer.code in REFUSED:
        permanent = MAILBOX_STATUS.match(answer.message) is not None
        refusal = aiosmtplib.SMTPDataError(answer.code, answer.message)
        raise SendFailed(_code(refusal), permanent=permanent)
    raise SendUnclear("the server's answer says neither yes nor no")


def _client(at: Server) -> aiosmtplib.SMTP:
    """STARTTLS is used when it is offered, and demanded where a password would cross bare."""
    return aiosmtplib.SMTP(
        hostname=at.host,
        port=at.port,
        username=at.user,
        password=at.password,
        use_tls=at.tls_first,
        start_tls=False if at.tls_first else (True if at.must_encrypt else None),
        # Where mail may even go bare, a certificate that nobody signed is no worse.
        validate_certs=not _is_near(at.host),
        timeout=None,
    )


async def _content(client: aiosmtplib.SMTP, mail: Mail, recipient: str) -> tuple[bytes, list[str]]:
    """The message as it crosses the wire, without the final dot; and what MAIL must announce."""
    made = message(mail)
    if recipient.isascii() and _sender(mail).isascii():
        return _stuffed(made.as_bytes(policy=SMTP)), []
    await client.noop()  # greets the server, if STARTTLS made it forget us
    if not client.supports_extension("smtputf8"):
        raise SendFailed("smtputf8", permanent=not recipient.isascii())
    return _stuffed(made.as_bytes(policy=SMTPUTF8)), ["SMTPUTF8"]


def _stuffed(content: bytes) -> bytes:
    """A dot that begins a line is doubled: RFC 5321, 4.5.2."""
    return re.sub(rb"(?m)^\.", b"..", normalize_message_line_endings(content))


def _write(client: aiosmtplib.SMTP, content: bytes) -> None:
    if client.protocol is None:
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")
    client.protocol.write(content)


def _leave(client: aiosmtplib.SMTP) -> None:
    """Say goodbye without waiting for the answer: it could only spoil what is already known."""
    if client.protocol is not None and client.is_connected:
        client.protocol.write(b"QUIT\r\n")
    client.close()


def _sender(mail: Mail) -> str:
    return ascii_address(split_sender(mail.sender)[1])


def _recipient(mail: Mail) -> str:
    try:
        return ascii_address(mail.recipient)
    except ValueError:
        raise SendFailed("recipient_invalid", permanent=True) from None


def _is_near(host: str) -> bool:
    """Whether this is our own machine, or an address of a private network written out."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_private
    except ValueError:
        return False


def _is_about_the_mailbox(refusal: aiosmtplib.SMTPResponseException) -> bool:
    """Whether a refused RCPT says that this mailbox will never take mail.

    Careful, because the address is then never written to again: a server that refuses *us* with a
    550 must not cost us a customer.
    """
    if ANY_STATUS.match(refusal.message):
        return MAILBOX_STATUS.match(refusal.message) is not None
    return refusal.code in MAILBOX_CODES and not ABOUT_US.search(refusal.message)


def _code(refusal: aiosmtplib.SMTPResponseException) -> str:
    """Where and with which numbers the server refused; its words may hold addresses."""
    stage = next((name for kind, name in STAGES if isinstance(refusal, kind)), "smtp")
    status = ANY_STATUS.match(refusal.message)
    return "_".join([stage, str(refusal.code), *([status[0]] if status else [])])


def _trouble(trouble: Exception) -> str:
    """One word for a failure that is no answer of the server."""
    if isinstance(trouble, SSLError) or isinstance(trouble.__cause__, SSLError):
        return "tls"
    if isinstance(trouble, aiosmtplib.SMTPServerDisconnected):
        return "dropped"
    if isinstance(trouble, OSError):
        return "connect"
    return "not_offered"  # STARTTLS or AUTH, and we need it
