"""The page's mailbox: what customers got, on their phones and as it was sent.

In test mode every letter goes to one address; whose letter it is, its pay link tells.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from bot.customer import first_name
from bot.foreign_text import one_line
from bot.sandbox.mailbox import Mail
from bot.sandbox.page.desk import Desk, Document, Json, NotNow, Part
from bot.sandbox.slack import User

HEADERS = ("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Content-Language")
PREVIEW = 140  # characters: two lines on a phone
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'"
)


def screen(desk: Desk, viewer: User) -> Json:  # noqa: ARG001 - a mailbox looks the same to all
    """Every mail, the newest first, and whose phones they came to."""
    mails = [
        {**_letter(mail), "person": _person(desk, mail), "seen": _id(mail) in desk.seen}
        for mail in reversed(desk.houses.mailbox.mails)
    ]
    return {"mails": mails, "unread": sum(not mail["seen"] for mail in mails)}


async def open_(desk: Desk, viewer: User, given: Mapping[str, Any]) -> None:  # noqa: ARG001
    """The customer reads a mail; NotNow when it is not there. Idempotent."""
    name = str(given.get("id"))
    try:
        _find(desk, name)
    except LookupError:
        raise NotNow("mail.gone") from None
    desk.seen.add(name)


def html(desk: Desk, name: str) -> Document:
    """A mail's HTML part, byte for byte, in a frame that can run and fetch nothing."""
    return Document(html=_find(desk, name).html_part(), policy=POLICY)


PART = Part(screen=screen, acts={"open": open_}, documents={"html": html})


@lru_cache(maxsize=1000)
def _letter(mail: Mail) -> Json:
    """What a mail holds; parsed once, because the screen is made many times a second."""
    message = mail.message
    text = mail.text_part()
    return {
        "id": _id(mail),
        "at": int(mail.at.timestamp() * 1000),
        "sender": _sender(mail),
        "language": str(message["Content-Language"] or ""),
        "subject": mail.subject,
        "preview": " ".join(text.split())[:PREVIEW],
        "headers": [[name, str(message[name])] for name in HEADERS if message[name]],
        "text": text,
    }


@lru_cache(maxsize=1000)
def _id(mail: Mail) -> str:
    """The Message-ID without its brackets: it stands in addresses."""
    return str(mail.message["Message-ID"]).strip().strip("<>")


def _sender(mail: Mail) -> str:
    """Who wrote, as a phone lists it: by name, else by address."""
    first = mail.message["From"].addresses[0]
    return str(first.display_name or first.addr_spec)


def _find(desk: Desk, name: str) -> Mail:
    for mail in desk.houses.mailbox.mails:
        if _id(mail) == name:
            return mail
    raise LookupError(name)


def _person(desk: Desk, mail: Mail) -> Json:
    """Whose phone it is: the customer behind the pay link, else the envelope's recipient."""
    invoice = desk.houses.stripe.world.tables.get("invoice", {}).get(_invoice_id(mail))
    if invoice is None:
        address = mail.recipients[0]
        return {"id": address, "name": address, "called": address}
    name = one_line(invoice["customer_name"] or "") or invoice["customer_email"]
    name = name or invoice["customer"]
    return {"id": invoice["customer"], "name": name, "called": first_name(None, name) or name}


@lru_cache(maxsize=1000)
def _invoice_id(mail: Mail) -> str:
    try:
        path = urlsplit(mail.link()).path
    except (LookupError, ValueError):
        return ""
    found = re.fullmatch(r".*/invoice/(in_\w+)", path)
    return found[1] if found else ""
