"""What stands around the parts: who looks, in which language, and what happens when all ends."""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, expect

from bot.sandbox.page.cast import AOIFE
from bot.sandbox.page.desk import Desk, Json, Part
from bot.sandbox.page.serve import Site
from bot.sandbox.slack import User
from tests.browser.chrome import needs_chromium
from tests.browser.conftest import Visitors
from tests.browser.desk import PATIENCE, Visitor, comes_to
from tests.sandbox.page.sites import part, visit

pytestmark = [needs_chromium, pytest.mark.asyncio(loop_scope="session")]

PHONE = {"width": 390, "height": 844}
ENDED = "The sandbox has ended"


async def test_two_people_who_open_the_page_start_one_story(visitors: Visitors) -> None:
    first, second = await visitors(), await visitors()
    for visitor in (first, second):
        await expect(visitor.card(AOIFE.name)).to_have_count(1, timeout=PATIENCE)
        await expect(visitor.slack.get_by_role("article")).to_have_count(1)
    bills = first.desk.houses.stripe.world.tables["invoice"].values()
    (owed,) = [bill for bill in bills if bill["status"] == "open"]
    assert (owed["customer"], owed["attempt_count"]) == (first.desk.customer(AOIFE.name)["id"], 1)


async def test_a_reload_keeps_language_theme_and_person(visitor: Visitor) -> None:
    page = visitor.page
    await visitor.sees("Approve", within=visitor.card(AOIFE.name))  # before French is spoken
    await visitor.becomes("Priya")
    await page.get_by_label("Appearance").select_option("dark")
    await page.get_by_label("Language", exact=True).select_option("fr")
    await visitor.sees("Rien n’est réel ici")
    await page.reload()
    await visitor.sees("Rien n’est réel ici")
    await expect(page.locator("html[lang=fr][data-theme=dark]")).to_have_count(1)
    chosen = page.get_by_label("Vous êtes").locator("option:checked")
    await expect(chosen).to_contain_text("Priya", timeout=PATIENCE)

    other = await page.context.new_page()  # another tab is another person, in the same language
    await other.goto(visitor.desk.url)
    chosen = other.get_by_label("Vous êtes").locator("option:checked")
    await expect(chosen).to_contain_text("Maya", timeout=PATIENCE)


async def test_the_guide_leads_a_phone_to_the_button_and_can_be_put_away(visitor: Visitor) -> None:
    page = visitor.page
    guide = page.get_by_role("region", name="Your first minute")
    await page.set_viewport_size(PHONE)
    await visitor.sees("Press Approve", within=guide)
    approve = visitor.card(AOIFE.name).get_by_role("button", name="Approve")
    await page.get_by_role("button", name="Time", exact=True).click()
    await expect(approve).to_be_hidden()
    await visitor.presses("Show me", within=guide)
    await expect(approve).to_be_focused(timeout=PATIENCE)
    await expect(approve).to_be_in_viewport(ratio=1)

    await visitor.presses("Skip", within=guide)
    await expect(guide).to_have_count(0)
    await page.reload()
    await visitor.presses("Guide")
    await visitor.sees("Press Approve", within=guide)


async def test_a_keyboard_goes_through_the_page_as_it_is_read(visitor: Visitor) -> None:
    page = visitor.page
    await visitor.sees("Press Approve")
    for name in ("Language", "Appearance"):
        await expect(page.get_by_label(name, exact=True)).to_be_visible()
    order = [
        page.get_by_role("link", name="Skip to the workspace"),
        page.get_by_label("Language", exact=True),
        page.get_by_label("Appearance", exact=True),
        page.get_by_role("button", name="Show me"),
        page.get_by_role("button", name="Skip", exact=True),
    ]
    for target in order:
        await page.keyboard.press("Tab")
        await expect(target).to_be_focused()
    await order[0].focus()
    await page.keyboard.press("Enter")
    await expect(visitor.slack).to_be_focused()


async def test_a_page_whose_sandbox_ended_says_so_and_comes_back_with_it(browser: Browser) -> None:
    page = await browser.new_page()
    async with visit() as there:
        await page.goto(there.site.url)
        await expect(page.get_by_role("heading", name="Dunning Desk")).to_be_visible()
        connected = "import('/static/live.js').then((live) => live.here.connected || null)"
        await comes_to(lambda: page.evaluate(connected))
        await there.site.stop()
        await expect(page.get_by_text(ENDED)).to_be_visible(timeout=PATIENCE)
        again = Site(there.site.desk, {"still": part()})
        await again.start(urlsplit(there.site.url).port or 0)
        await expect(page.get_by_text(ENDED)).to_have_count(0, timeout=PATIENCE)
        await again.stop()
    await page.close()


async def test_somebody_who_is_gone_is_looked_through_no_more(browser: Browser) -> None:
    page = await browser.new_page()
    async with visit() as there:
        await page.goto(there.site.url)
        await page.evaluate("sessionStorage.setItem('desk.viewer', 'U0NOBODY')")
        await page.reload()
        seen = "import('/static/live.js').then((live) => live.parts.still?.viewer)"
        assert await comes_to(lambda: page.evaluate(seen)) == there.maya
    await page.close()


async def test_a_part_that_breaks_leaves_the_others_standing(browser: Browser) -> None:
    def breaks(_: Desk, __: User) -> Json:
        raise ZeroDivisionError("a bug")

    def lies(_: Desk, __: User) -> Json:
        return {"mails": 7}

    page = await browser.new_page()
    sick = {"clock": Part(screen=breaks, acts={}), "mail": Part(screen=lies, acts={})}
    async with visit(**sick) as there:
        await page.goto(there.site.url)
        broken = page.get_by_role("alert").filter(has_text="This part has stopped")
        await expect(broken).to_have_count(2, timeout=PATIENCE)
        await expect(page.get_by_label("Language", exact=True)).to_be_visible()
    await page.close()
