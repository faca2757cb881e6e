"""A filled letter as a mail: headers that can't be bent, a text and an HTML part. No I/O.

There is no Auto-Submitted header (RFC 3834): a person approved these words and waits for an
answer, and help desks, where many an accounts department reads its mail, put automatic mail aside.
"""

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from bot.delivery.transport import Mail
from bot.foreign_text import one_line
from bot.words.filling import Filled, split_sender
from bot.words.fixed import letter_words


def message_id(key: str, sender: str) -> str:
    """Our own Message-ID for a hand-over's key, at the sender's domain: the same each time.

    Raises ValueError for a key or sender that it can't be made of.
    """
    local = local_part(key)
    domain = ascii_address(split_sender(sender)[1]).rpartition("@")[2]
    if not re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*", local):
        raise ValueError("this key can't be a Message-ID")
    return f"<{local}@{domain}>"


def local_part(key: str) -> str:
    """What a provider can be asked for: of the Message-ID, the part that the key alone makes."""
    return key.replace("/", ".")


def ascii_address(address: str) -> str:
    """Exactly one valid address; its domain in ASCII. Raises ValueError for anything else.

    The local part keeps its letters: only the mail server knows whether it takes them.
    """
    try:
        valid = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as broken:
        raise ValueError("this is not one valid address") from broken
    return f"{valid.local_part}@{valid.ascii_domain}"


def message(mail: Mail) -> EmailMessage:
    """The mail with its headers; raises ValueError when an address is not exactly one."""
    made = EmailMessage(policy=SMTP)
    made["Message-ID"] = mail.message_id
    made["Date"] = mail.date
    made["From"] = _mailbox(mail.sender)
    made["To"] = _address(mail.recipient)
    if mail.reply_to:
        made["Reply-To"] = _mailbox(mail.reply_to)
    made["Subject"] = one_line(mail.subject)
    # Quoted-printable passes every server unchanged, and so does a signature over it.
    made.set_content(mail.text, cte="quoted-printable")
    made.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    made["Content-Language"] = mail.language  # last: earlier, it would move into the text part
    return made


def html(filled: Filled, locale: str, company: str) -> str:
    """The letter as one quiet column: inline styles, no image, nothing that reports back."""
    pieces = [_paragraph(filled.greeting)]
    for text in filled.paragraphs:
        pieces += _with_button(text, filled.link, letter_words(locale)["frame.button"])
    pieces += [_list(filled.lines)] if filled.lines else []
    pieces.append(_paragraph(filled.sign_off))
    return _template("letter").substitute(
        language=escape(locale.replace("_", "-")),
        subject=escape(filled.subject),
        company=escape(one_line(company)),
        content="\n".join(pieces),
    )


def _mailbox(written: str) -> Address:
    name, address = split_sender(written)
    return _address(address, name)


def _address(address: str, name: str = "") -> Address:
    local, _, domain = ascii_address(address).rpartition("@")
    return Address(display_name=name, username=local, domain=domain)


def _with_button(text: str, link: str, label: str) -> list[str]:
    """A paragraph, with the link in it drawn as a button below the words that lead to it."""
    before, found, after = text.partition(link)
    if not found:
        return [_paragraph(text)]
    pieces = [_paragraph(before.strip()), _button(link, label), _paragraph(after.strip())]
    return [piece for piece in pieces if piece]


def _paragraph(text: str) -> str:
    if not text:
        return ""
    return _template("paragraph").substitute(text=escape(text).replace("\n", "<br>"))


def _button(link: str, label: str) -> str:
    host = urlsplit(link).netloc.rpartition("@")[2]
    return _template("button").substitute(link=escape(link), label=escape(label), host=escape(host))


def _list(lines: tuple[str, ...]) -> str:
    items = "".join(_template("line").substitute(text=escape(line)) for line in lines)
    return _template("list").substitute(lines=items)


@cache
def _template(name: str) -> Template:
    return Template(files("bot.delivery").joinpath("html", f"{name}.html").read_text("utf-8"))
