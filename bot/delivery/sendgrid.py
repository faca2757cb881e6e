"""Mail by SendGrid's API: certain that a letter was not taken, or honest that nobody knows.

The border is the connection. Before one is made nothing can have been taken: SendFailed. After it,
only an answer tells. 202 is a yes. 3xx, 4xx are a no, also when it is our key or our quota that is
refused: nothing about the address, so it is tried again while somebody mends it. 5xx is neither:
SendGrid documents it as an error "when it attempted to process" a valid request, and a proxy in
between says the same of a request that went through. A second mail is worse than a question.

https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send
https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/responses
https://www.twilio.com/docs/sendgrid/api-reference/email-activity/filter-all-messages
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import aiohttp

from bot.delivery.mail import ascii_address, local_part
from bot.delivery.transport import Mail, Receipt
from bot.errors import SendFailed, SendUnclear
from bot.foreign_text import one_line
from bot.words.filling import split_sender

DEADLINE = 60.0  # seconds, from the look-up of the host to the whole answer
BASE = "https://api.sendgrid.com"
ACCEPTED = 202
REFUSED = range(300, 500)
BAD_REQUEST = 400
OUR_NAME = "hand_over"  # the custom argument that the Email Activity can be asked for
OK = 200
SEND_SCOPE = "mail.send"
# How SendGrid's errors name the one address that we write to.
RECIPIENT_FIELD = re.compile(r"personalizations\.0\.to\.0\.email")
RECEIPT = re.compile(r"[!-~]{1,200}")
# The customer must get the very link that was approved, and no picture that reports back.
UNTOUCHED = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
}

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Account:
    """A key, and where the API is."""

    key: str
    base: str = BASE


def account(url: str) -> Account:
    """Read `sendgrid://KEY`, or `sendgrid://KEY@host` for another region or a stand-in.

    The settings have checked it: SendGrid's own hosts are reached by https, others are neighbours.
    """
    parts = urlsplit(url)
    key, _, place = parts.netloc.rpartition("@") if "@" in parts.netloc else (parts.netloc, "", "")
    if not place:
        return Account(key=unquote(key))
    own = (parts.hostname or "").endswith(".sendgrid.com")
    return Account(key=unquote(key), base=f"{'https' if own else 'http'}://{place}")


class SendGrid:
    """A transport that makes one request for each letter and never tries twice."""

    def __init__(self, at: Account, *, deadline: float = DEADLINE) -> None:
        self._at = at
        self._deadline = deadline

    async def send(self, mail: Mail) -> Receipt:
        """Hand one mail over; the receipt is SendGrid's X-Message-Id. See Transport.send."""
        body = _body(mail)
        try:
            status, headers, answer = await self._asked("POST", "/v3/mail/send", body=body)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as trouble:
            raise SendFailed(_trouble(trouble)) from None
        except (aiohttp.ClientError, OSError):  # a timeout is an OSError, too
            raise SendUnclear("SendGrid did not answer whether it took the letter") from None
        if status == ACCEPTED:
            return Receipt(id=_receipt(headers.get("X-Message-Id", "")) or "accepted")
        if status in REFUSED:
            raise SendFailed(f"sendgrid_{status}", permanent=_is_about_the_address(status, answer))
        raise SendUnclear("SendGrid's answer says neither yes nor no")

    async def found(self, key: str) -> Receipt | None:
        """Whether the Email Activity has a mail of this hand-over. See Transport.found.

        It is an add-on that not every account has, and lags by minutes.
        """
        query = {"limit": "2", "query": f"(unique_args['{OUR_NAME}']=\"{local_part(key)}\")"}
        try:
            status, _, answer = await self._asked("GET", "/v3/messages", query=query)
        except (aiohttp.ClientError, OSError):
            return None
        found = answer.get("messages") if status == OK else None
        # More than one is not the answer to our question.
        if not isinstance(found, list) or len(found) != 1 or not isinstance(found[0], dict):
            return None
        receipt = _receipt(found[0].get("msg_id"))
        return Receipt(id=receipt) if receipt else None

    async def try_out(self) -> None:
        """Ask what the key may do. See Transport.try_out.

        https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions
        """
        try:
            status, _, answer = await self._asked("GET", "/v3/scopes")
        except (aiohttp.ClientError, OSError):
            raise SendFailed("connect") from None
        if status != OK:
            raise SendFailed(f"sendgrid_{status}")
        if SEND_SCOPE not in (answer.get("scopes") or ()):
            raise SendFailed("may_not_send")

    async def _asked(
        self,
        method: str,
        path: str,
        *,
        body: Json | None = None,
        query: Mapping[str, str] | None = None,
    ) -> tuple[int, Mapping[str, str], Json]:
        """Status, headers and JSON of the answer: a fresh connection, no redirect, one deadline."""
        limit = aiohttp.ClientTimeout(total=None, connect=self._deadline / 2)
        headers = {"Authorization": f"Bearer {self._at.key}", "Accept": "application/json"}
        url = f"{self._at.base}{path}"
        async with (
            asyncio.timeout(self._deadline),
            aiohttp.ClientSession(timeout=limit, headers=headers) as session,
            session.request(method, url, json=body, params=query, allow_redirects=False) as answer,
        ):
            return answer.status, answer.headers, await _json(answer)


def _body(mail: Mail) -> Json:
    """Raises SendFailed for what can't be a mail."""
    to = {"email": _recipient(mail)}
    try:
        sender = _mailbox(mail.sender)
        reply_to = {"reply_to": _mailbox(mail.reply_to)} if mail.reply_to else {}
    except ValueError:
        raise SendFailed("mail_invalid") from None
    own_name = mail.message_id.strip("<>").rpartition("@")[0]
    return {
        "personalizations": [{"to": [to], "custom_args": {OUR_NAME: own_name}}],
        "from": sender,
        **reply_to,
        "subject": one_line(mail.subject),
        "headers": {"Message-ID": mail.message_id, "Content-Language": mail.language},
        "content": [
            {"type": "text/plain", "value": mail.text},
            {"type": "text/html", "value": mail.html},
        ],
        "tracking_settings": UNTOUCHED,
    }


def _recipient(mail: Mail) -> str:
    try:
        found = ascii_address(mail.recipient)
    except ValueError:
        raise SendFailed("recipient_invalid", permanent=True) from None
    if not found.isascii():  # SendGrid speaks no SMTPUTF8
        raise SendFailed("smtputf8", permanent=True)
    return found


def _mailbox(written: str) -> Json:
    name, address = split_sender(written)
    return {"email": ascii_address(address)} | ({"name": one_line(name)} if name else {})


async def _json(answer: aiohttp.ClientResponse) -> Json:
    """The object in the answer's body; empty for anything else, which decides nothing."""
    try:
        found = await answer.json(content_type=None)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _is_about_the_address(status: int, answer: Json) -> bool:
    """Careful, as the address is then never written to again: only when it alone is named."""
    errors = answer.get("errors") if status == BAD_REQUEST else None
    if not isinstance(errors, list) or not errors:
        return False
    fields = [one.get("field") if isinstance(one, dict) else None for one in errors]
    return all(RECIPIENT_FIELD.fullmatch(str(one)) for one in fields)


def _receipt(said: object) -> str:
    return said if isinstance(said, str) and RECEIPT.fullmatch(said) else ""


def _trouble(trouble: aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError) -> str:
    if isinstance(trouble, aiohttp.ClientSSLError):
        return "tls"
    return "timeout" if isinstance(trouble, TimeoutError) else "connect"
