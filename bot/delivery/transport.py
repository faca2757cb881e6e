"""How a letter leaves: what every provider is given, and the two ways in which it may fail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail ready to leave, for exactly one recipient.

    `message_id` is ours, with its angle brackets; `sender` is MAIL_FROM as written; `language` a
    BCP 47 tag; `date` when it was handed over.
    """

    message_id: str
    sender: str
    reply_to: str | None
    recipient: str
    subject: str
    text: str
    html: str
    language: str
    date: datetime


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What the provider calls a mail that it took."""

    id: str


class Transport(Protocol):
    """A provider. It never tries again by itself: whether to is the machine's decision."""

    async def send(self, mail: Mail) -> Receipt:
        """Hand the mail over and return the provider's receipt.

        Raises SendFailed when the mail was certainly not taken (`permanent`: this address will
        never take one) and SendUnclear when nobody can know.
        """

    async def found(self, key: str) -> Receipt | None:
        """The provider's own name for the mail of this hand-over, if it says that it has it.

        None when it does not know it, can't be asked, or does not answer: which proves nothing.
        """

    async def try_out(self) -> None:
        """Go as far as one can without a mail; raises SendFailed, as `send` would.

        Its code is `may_not_send` where the provider knows us, and has not let us send.
        """
