"""The set-up page in a real browser, which says of its own where a form comes from."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.chrome import needs_chromium
from tests.setup.scene import waiting

pytestmark = [needs_chromium, pytest.mark.asyncio(loop_scope="session")]


async def test_a_person_opens_the_link_chooses_by_name_and_posts_a_test_card(
    browser: Browser, tmp_path: Path
) -> None:
    async with waiting(tmp_path) as scene:
        context = await browser.new_context(viewport={"width": 390, "height": 844})
        page = await context.new_page()
        refused: list[str] = []
        page.on("console", lambda said: refused.append(said.text))
        await page.goto(f"{scene.url}{scene.link}")
        await page.get_by_role("button", name="Begin").click()
        await expect(page).to_have_url(f"{scene.url}/setup")
        await page.get_by_label("#billing-review").check()
        await page.get_by_role("button", name="Use this channel").click()
        await page.get_by_role("group", name="approve").get_by_label("Maya Okafor").check()
        await page.get_by_role("button", name="Show the lines").click()
        maya, room = scene.around.people.maya.id, scene.around.review.id
        await expect(page.get_by_text(f"REVIEW_CHANNEL={room} APPROVERS={maya}")).to_be_visible()
        await page.get_by_role("button", name="Post a test card").click()
        await expect(page.get_by_role("heading", name="Done.")).to_be_visible()
        assert len(scene.around.slack.messages(room)) == 1
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert (wide, refused) == (390, [])
        await context.close()
