"""The sandbox's mailbox: a real SMTP server on loopback that keeps what it accepted, byte for byte.

RFC 5321; authentication by RFC 4954 (PLAIN and LOGIN).
"""

import asyncio
import re
import warnings
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_RULES
from typing import TYPE_CHECKING

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from bot.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Sequence

STAGES = frozenset({"MAIL", "RCPT", "DATA", "END"})
ACCEPTED = "250 OK"


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One delivered mail: when it came, the envelope, the exact bytes, the message they hold."""

    at: datetime
    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The parsed message, with its headers decoded."""
        parsed = message_from_bytes(self.raw, _class=EmailMessage, policy=SMTP_RULES)
        assert isinstance(parsed, EmailMessage)  # noqa: S101 - what the policy makes
        return parsed

    @property
    def subject(self) -> str:
        """The decoded subject."""
        return str(self.message["Subject"])

    def text_part(self) -> str:
        """The plain text; empty when there is none."""
        return self._part("plain")

    def html_part(self) -> str:
        """The HTML; empty when there is none."""
        return self._part("html")

    def link(self) -> str:
        """The first link of the text; LookupError when there is none."""
        found = re.search(r"https?://[^\s<>\"]+", self.text_part())
        if found is None:
            raise LookupError("the mail has no link")
        return found[0]

    def _part(self, kind: str) -> str:
        part = self.message.get_body(preferencelist=(kind,))
        return str(part.get_content()) if part is not None else ""


@dataclass(kw_only=True)
class Fault:
    """Trouble to come at a stage; `answer` None: the connection drops; `times` None: for good."""

    stage: str
    answer: str | None
    times: int | None
    accepts: bool
    seconds: float


class Mailbox:
    """Owns the server: `start()`, `stop()`; `port` is set by the start, `mails` is what came.

    `on_kept` is awaited when a mail is kept and its sender does not know it yet.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        login: tuple[str, str] | None = None,
        largest: int = 1024 * 1024,
        most_recipients: int | None = None,
    ) -> None:
        """`login`: the user and password everyone must give; `largest`: bytes of a mail."""
        self.clock = clock
        self.mails: list[Mail] = []
        self.port = 0
        self.on_kept: Callable[[], Awaitable[None]] | None = None
        self._login = login
        self._largest = largest
        self._most_recipients = most_recipients
        self._faults: list[Fault] = []
        self._server: asyncio.Server | None = None
        self._sessions: list[SMTP] = []

    @property
    def url(self) -> str:
        """What MAIL_URL is set to."""
        who = f"{self._login[0]}:{self._login[1]}@" if self._login else ""
        return f"smtp://{who}127.0.0.1:{self.port}"

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0 takes a free one."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the port and every open connection. Idempotent."""
        if self._server is None:
            return
        self._server.close()
        for session in self._sessions:
            _drop(session)
        await self._server.wait_closed()
        self._server = None

    def refuse(self, stage: str, answer: str, *, times: int | None = 1) -> None:
        """Answer so at a stage: MAIL, RCPT, DATA (before the text) or END (after the last dot).

        `times` None: until healed.
        """
        self._fault(Fault(stage=stage, answer=answer, times=times, accepts=False, seconds=0))

    def drop(self, stage: str, *, accepts: bool = False, times: int = 1) -> None:
        """Drop the connection at a stage; `accepts`: at END, keep the mail first, say nothing."""
        self._fault(Fault(stage=stage, answer=None, times=times, accepts=accepts, seconds=0))

    def slow(self, stage: str, seconds: float, *, times: int = 1) -> None:
        """Take so many seconds of the clock at a stage, then go on."""
        self._fault(Fault(stage=stage, answer=ACCEPTED, times=times, accepts=True, seconds=seconds))

    def heal(self) -> None:
        """End all trouble."""
        self._faults.clear()

    async def handle_MAIL(  # noqa: N802 - the name and shape aiosmtpd looks for
        self,
        server: SMTP,
        session: Session,  # noqa: ARG002
        envelope: Envelope,
        address: str,
        mail_options: "Sequence[str]",
    ) -> str:
        """The sender."""
        answer = await self._meet("MAIL", server)
        if answer == ACCEPTED:
            envelope.mail_from = address
            envelope.mail_options.extend(mail_options)
        return answer

    async def handle_RCPT(  # noqa: N802 - the name and shape aiosmtpd looks for
        self,
        server: SMTP,
        session: Session,  # noqa: ARG002
        envelope: Envelope,
        address: str,
        rcpt_options: "Sequence[str]",
    ) -> str:
        """A recipient; one more than allowed is refused."""
        answer = await self._meet("RCPT", server)
        if answer != ACCEPTED:
            return answer
        if self._most_recipients is not None and len(envelope.rcpt_tos) >= self._most_recipients:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return ACCEPTED

    async def handle_DATA(  # noqa: N802 - the name aiosmtpd looks for
        self,
        server: SMTP,
        session: Session,  # noqa: ARG002
        envelope: Envelope,
    ) -> str:
        """The whole mail, after its last dot."""
        fault = self._next("END")
        if fault is None or fault.accepts:
            self._keep(envelope)
            if self.on_kept is not None:
                await self.on_kept()
        if fault is None:
            return "250 2.0.0 OK: queued"
        return await self._suffer(fault, server)

    def _keep(self, envelope: Envelope) -> None:
        raw = envelope.original_content or b""
        sender = envelope.mail_from or ""
        to = tuple(envelope.rcpt_tos)
        self.mails.append(Mail(at=self.clock.now(), sender=sender, recipients=to, raw=raw))

    async def _meet(self, stage: str, server: SMTP) -> str:
        fault = self._next(stage)
        return ACCEPTED if fault is None else await self._suffer(fault, server)

    async def _suffer(self, fault: Fault, server: SMTP) -> str:
        if fault.seconds:
            await self.clock.sleep(fault.seconds)
        if fault.answer is None:
            _drop(server)
        return fault.answer or "421 4.3.0 Closing"

    def _fault(self, fault: Fault) -> None:
        if fault.stage not in STAGES:
            raise ValueError(f"no such stage: {fault.stage}")
        self._faults.append(fault)

    def _next(self, stage: str) -> Fault | None:
        for fault in self._faults:
            if fault.stage != stage:
                continue
            if fault.times is None:
                return fault
            if fault.times > 0:
                fault.times -= 1
                return fault
        return None

    def _session(self) -> SMTP:
        with warnings.catch_warnings():
            # aiosmtpd warns of passwords without TLS; on loopback that is the point.
            warnings.simplefilter("ignore", UserWarning)
            session = _Session(
                self,
                data_size_limit=self._largest,
                enable_SMTPUTF8=True,
                hostname="mail.sandbox.invalid",
                auth_required=self._login is not None,
                auth_require_tls=False,
                authenticator=self._authenticate,
            )
        session.mailbox = self
        self._sessions.append(session)
        return session

    def _authenticate(
        self,
        server: SMTP,  # noqa: ARG002
        session: Session,  # noqa: ARG002
        envelope: Envelope,  # noqa: ARG002
        mechanism: str,  # noqa: ARG002
        data: object,
    ) -> AuthResult:
        given = (data.login, data.password) if isinstance(data, LoginPassword) else None
        wanted = tuple(part.encode() for part in self._login) if self._login else None
        return AuthResult(success=wanted is None or given == wanted, handled=False)


class _Session(SMTP):
    """One connection; DATA can be refused before the text, which no hook of aiosmtpd allows."""

    mailbox: Mailbox

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - the name aiosmtpd looks for
        answer = await self.mailbox._meet("DATA", self)  # noqa: SLF001 - one thing in two classes
        if answer == ACCEPTED:
            await super().smtp_DATA(arg)
        else:
            await self.push(answer)


def _drop(session: SMTP) -> None:
    if session.transport is not None:
        session.transport.close()
