"""A hand-over that nobody finished: a yes of the provider's is proof, nothing else is."""

import asyncio
from datetime import datetime

import pytest

from bot.case.effects import HandOver
from bot.case.events import Delivered, Unclear
from bot.case.ids import CaseId
from bot.delivery.doubt import asks
from bot.delivery.smtp import Smtp, server
from bot.delivery.transport import Mail, Receipt
from tests.delivery.letters import NOON, basis, sending

HAND_OVER = HandOver(case_id=CaseId("case_1"), revision=3)


class Noon:
    def now(self) -> datetime:
        return NOON

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(f"a doubt waits for the provider, not {seconds} s")


class Provider:
    """Knows some hand-overs, and answers when it likes."""

    def __init__(self, *known: str, silent: bool = False) -> None:
        self.known, self.silent = known, silent

    async def send(self, mail: Mail) -> Receipt:
        raise AssertionError(f"a doubt sends nothing, not {mail.message_id}")

    async def found(self, key: str) -> Receipt | None:
        if self.silent:
            await asyncio.Event().wait()
        return Receipt(id="theirs") if key in self.known else None


async def test_what_the_provider_has_was_delivered_with_its_receipt() -> None:
    told = await asks(Provider(HAND_OVER.key), Noon())(sending(basis()), HAND_OVER)
    assert told == Delivered(at=NOON, revision=3, receipt="theirs", recipient="camille@example.com")


@pytest.mark.parametrize(
    "provider", [Provider(), Provider("send/case_1/33"), Provider(silent=True)]
)
async def test_anything_else_is_a_question(provider: Provider) -> None:
    ask = asks(provider, Noon(), patience=0.05)
    assert await ask(sending(basis()), HAND_OVER) == Unclear(at=NOON, revision=3)


async def test_a_mail_server_cannot_be_asked() -> None:
    transport = Smtp(server("smtp://127.0.0.1:1"))
    told = await asks(transport, Noon())(sending(basis()), HAND_OVER)
    assert isinstance(told, Unclear)
