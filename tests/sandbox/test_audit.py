"""The audit must be able to fail: each test bends one thing in a real town and sees it complain."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from bot.sandbox import story
from bot.sandbox.audit import audit
from bot.sandbox.clock import MovableClock
from bot.sandbox.evidence import collected
from bot.sandbox.play import open_rooms
from bot.sandbox.slack import Message
from bot.sandbox.terminal import Screen
from bot.sandbox.town import Town, town
from bot.sandbox.witness import Witness
from bot.store.tables import journal, journal_texts
from tests.databases import SqliteFiles

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
async def played(sqlite_files: SqliteFiles, tmp_path: Path) -> AsyncIterator[Town]:
    """A town in which a French customer got a mail and paid, and a VIP was called."""
    with sqlite_files.migrated(tmp_path) as url, (tmp_path / "story").open("w") as out:
        async with town(url, MovableClock(NOON)) as built:
            open_rooms(built)
            screen = Screen(out, colour=False)
            stage = story.Stage(built, screen, Witness(built, screen))
            await story.approved(stage)
            await story.vip(stage)
            yield built


async def complaints(built: Town) -> list[str]:
    return [line for one in audit(await collected(built)) for line in one.complaints]


def bend_mail(built: Town, old: bytes, new: bytes) -> None:
    [mail] = built.mails()
    assert old in mail.raw
    built.mailbox.mails[:] = [replace(mail, raw=mail.raw.replace(old, new, 1))]


def bend_card(message: Message, old: str, new: str) -> None:
    def bent(part: object) -> object:
        if isinstance(part, dict):
            return {key: bent(value) for key, value in part.items()}
        if isinstance(part, list):
            return [bent(one) for one in part]
        return part.replace(old, new) if isinstance(part, str) else part

    blocks = [bent(block) for block in message.blocks]
    assert blocks != message.blocks
    message.blocks = blocks  # type: ignore[assignment]


async def test_an_honest_town_has_nothing_to_complain_of(played: Town) -> None:
    findings = audit(await collected(played))
    assert [one.complaints for one in findings if not one.agrees] == []
    assert len(findings) == 9


BENT_MAILS = (
    (b"encaisser", b"encaissez", "its text is not the card's"),
    (b"Subject: Une", b"Subject: Unx", "its subject is not the card's"),
    (b'href=3D"http', b'href=3D"ftp', "its HTML leads elsewhere"),
    (b"To: test-mail", b"To: rest-mail", "is addressed to"),
    (b"<send.case_", b"<send.case_x", "was approved by nobody"),
    (b".1@northwind", b".2@northwind", "was approved by nobody"),
    (b"Date: Wed, 18 Nov 2026 12:", b"Date: Wed, 18 Nov 2026 13:", "the invoice was paid"),
)


async def test_a_byte_of_a_mail_that_changed_is_found(played: Town) -> None:
    [mail] = played.mails()
    for old, new, complaint in BENT_MAILS:
        bend_mail(played, old, new)
        assert complaint in " ".join(await complaints(played))
        played.mailbox.mails[:] = [mail]
    before, mark, page = mail.raw.partition(b"text/html")
    assert b"encaisser" in page
    bent = before + mark + page.replace(b"encaisser", b"encaissez", 1)
    played.mailbox.mails[:] = [replace(mail, raw=bent)]
    assert ["HTML" in one for one in await complaints(played)] == [True, True]


async def test_a_mail_that_came_twice_or_not_at_all_or_to_the_wrong_people_is_found(
    played: Town,
) -> None:
    [mail], [vip] = played.mails(), played.vip_cards()
    played.mailbox.mails[:] = [mail, mail]
    assert "2 mails came, the journal says 1." in " ".join(await complaints(played))
    played.mailbox.mails[:] = []
    assert "0 mails came, the journal says 1." in " ".join(await complaints(played))
    case = vip.metadata["event_payload"]["case"].encode() if vip.metadata else b""
    to_vip = re.sub(rb"case_\w+", case, mail.raw, count=1)
    played.mailbox.mails[:] = [mail, replace(mail, raw=to_vip)]
    assert "went to a VIP" in " ".join(await complaints(played))
    played.mailbox.mails[:] = [replace(mail, recipients=("chloe.martin@example.fr",))]
    assert "went to chloe.martin@example.fr" in " ".join(await complaints(played))


BENT_CARDS = (
    ("encaisser", "encaissez", "its text is not the card's"),
    ("Subject: ", "Subject: Re: ", "its subject is not the card's"),
    ("Paid, ", "Unpaid, ", "does not say that it is closed"),
)


async def test_a_word_or_a_button_of_a_card_that_changed_is_found(played: Town) -> None:
    [card] = played.cards()
    whole = card.blocks
    for old, new, complaint in BENT_CARDS:
        bend_card(card, old, new)
        assert complaint in " ".join(await complaints(played))
        card.blocks = whole
    card.blocks = whole + [one for one in card.versions[0].blocks if one["type"] == "actions"]
    assert "still has buttons" in " ".join(await complaints(played))


async def test_a_card_that_is_gone_is_missed(played: Town) -> None:
    [card] = played.cards()
    card.metadata = None
    found = " ".join(await complaints(played))
    assert "has no card" in found
    assert "No card leads to" in found


BENT_ROWS = (
    ("who", "policy", "was approved by policy"),
    ("seen", "0" * 64, "no card was drawn with the mark"),
    ("refused", "stale", "was approved by nobody"),
    ("state_after", "closed", "was approved by nobody"),
)


async def test_an_altered_approval_is_found_by_its_sense_and_by_its_chain(played: Town) -> None:
    approval = journal.c.event == "Approved"
    database = played.parts.database
    for column, value, complaint in BENT_ROWS:
        async with database.begin() as link:
            kept = (await link.execute(select(journal.c[column]).where(approval))).scalar_one()
            await link.execute(update(journal).where(approval).values({column: value}))
        found = " ".join(await complaints(played))
        assert complaint in found
        assert "the chain breaks at" in found
        async with database.begin() as link:
            await link.execute(update(journal).where(approval).values({column: kept}))
    assert await complaints(played) == []


async def test_an_altered_word_and_a_dropped_row_of_the_journal_are_found(played: Town) -> None:
    database = played.parts.database
    async with database.begin() as link:
        row = journal_texts.c.sequence == 4
        await link.execute(update(journal_texts).where(row).values(body="{}"))
    broken = await complaints(played)
    assert [one.partition(": ")[2] for one in broken] == ["the chain breaks at 4."] * 2
    async with database.begin() as link:
        row = journal.c.event == "Delivered"
        await link.execute(delete(journal).where(row))
    found = " ".join(await complaints(played))
    assert "1 mails came, the journal says 0." in found


async def test_an_invoice_that_stripe_has_as_unpaid_is_found(played: Town) -> None:
    world = played.stripe.world
    [failed, *_] = [one for one in world.events if one.type == "invoice.payment_failed"]
    world.find(failed.object)["status_transitions"]["paid_at"] = None
    assert "disagree whether it was paid" in " ".join(await complaints(played))
