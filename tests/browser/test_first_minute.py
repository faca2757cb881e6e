"""The guided minute: a stranger presses three times and has seen the whole product."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from bot.case.model import State, Why
from bot.sandbox.page import cast
from tests.browser.chrome import needs_chromium
from tests.browser.conftest import opened_desk
from tests.browser.desk import PATIENCE, Desk, Visitor

pytestmark = [needs_chromium, pytest.mark.asyncio(loop_scope="session")]

AOIFE = cast.AOIFE.name


@pytest_asyncio.fixture(loop_scope="session")
async def desk(browser: Browser, migrated_url: str) -> AsyncIterator[Desk]:  # noqa: ARG001 - first
    """One on each database, whose story nobody has begun."""
    async with opened_desk(migrated_url) as found:
        yield found


async def test_a_stranger_approves_opens_the_mail_and_pays(visitor: Visitor) -> None:
    desk, guide = visitor.desk, visitor.page.get_by_role("region", name="Your first minute")

    card = visitor.card(AOIFE)
    await visitor.sees("Press Approve", within=guide)
    await visitor.presses("Approve", within=card)
    await visitor.sees("Approved by", within=card)

    await visitor.sees("Look at the mail", within=guide)
    await visitor.mailbox.get_by_role("button", name="unread").click()
    await visitor.sees("Hello Aoife,", within=visitor.letter)
    (mail,) = desk.mails(AOIFE)
    assert "€49.00" in mail.text_part()

    await visitor.letter.get_by_role("link").first.click()
    await visitor.presses("Pay €49.00", within=visitor.letter)
    await visitor.sees("Thank you, Aoife", within=visitor.letter)
    await visitor.sees("That is the whole product", within=guide)
    await visitor.sees("Paid", within=card)
    await expect(card.get_by_role("button")).to_have_count(0)

    case = await desk.case(AOIFE)
    assert (case.state, case.why) == (State.CLOSED, Why.RECOVERED)
    assert desk.mails(AOIFE) == [mail]


async def test_the_guide_finds_its_way_after_a_reload_and_through_a_second_story(
    visitor: Visitor,
) -> None:
    guide = visitor.page.get_by_role("region", name="Your first minute")
    step = guide.locator("[aria-current=step]")
    await visitor.presses("Approve", within=visitor.card(AOIFE))
    await visitor.mailbox.get_by_role("button", name="unread").click()
    await expect(step).to_contain_text("Follow the link and pay", timeout=PATIENCE)
    await visitor.page.reload()
    await expect(step).to_contain_text("Follow the link and pay", timeout=PATIENCE)
    await visitor.presses("Show me", within=guide)
    letter = visitor.mailbox.get_by_role("button", name="Hello Aoife")
    await expect(letter).to_be_focused(timeout=PATIENCE)
    await letter.click()
    await visitor.letter.get_by_role("link").first.click()
    await visitor.presses("Pay €49.00", within=visitor.letter)

    await visitor.presses("Start again", within=guide)
    await visitor.presses("Approve", within=visitor.card(AOIFE))
    await expect(step).to_contain_text("move the clock on until then", timeout=PATIENCE)
    await visitor.presses("+ 1 week")
    await expect(step).to_contain_text("It has just arrived", timeout=PATIENCE)
    assert len(visitor.desk.mails(AOIFE)) == 2
