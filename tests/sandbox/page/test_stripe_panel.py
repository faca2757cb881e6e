"""The customers' panel in a real browser: read by its names, pressed by its keys."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Route, expect

from bot.sandbox.page.cast import HOSTILE, JAPANESE, KUWAITI, SPANISH
from bot.sandbox.page.parts import PARTS
from bot.sandbox.page.serve import Site
from tests.browser.chrome import needs_chromium
from tests.sandbox.page.shop import Shop, shop

pytestmark = [needs_chromium, pytest.mark.asyncio(loop_scope="session")]


@dataclass(frozen=True, kw_only=True)
class Tab:
    """Somebody looks at the panel."""

    shop: Shop
    panel: Locator

    def row(self, name: str) -> Locator:
        return self.panel.get_by_role("button").filter(has_text=name)

    async def open(self, name: str) -> None:
        await self.row(name).press("Enter")
        await expect(self.row(name)).to_have_attribute("aria-expanded", "true")


@pytest_asyncio.fixture(loop_scope="session")
async def tab(browser: Browser) -> AsyncIterator[Tab]:
    async with shop() as found:
        found.desk.ready.set()
        site = Site(found.desk, {"stripe": PARTS["stripe"]})
        await site.start()
        try:
            page = await browser.new_page(
                locale="en", timezone_id="UTC", viewport={"width": 1440, "height": 900}
            )
            await page.goto(site.url)
            yield Tab(shop=found, panel=page.get_by_role("region", name="Stripe"))
            await page.close()
        finally:
            await site.stop()


async def test_amounts_have_the_decimals_of_their_currency_and_names_are_text(tab: Tab) -> None:
    await expect(tab.row(JAPANESE.name)).to_contain_text("Team · ¥3,900 · Tokyo")
    await expect(tab.row(KUWAITI.name)).to_contain_text(
        "Team · KWD\N{NO-BREAK SPACE}14.500 · Kuwait"
    )
    await expect(tab.row(HOSTILE.name)).to_be_visible()


async def test_one_customer_is_open_at_a_time_and_keys_suffice_to_fail_a_payment(tab: Tab) -> None:
    await tab.open(KUWAITI.name)
    await tab.open(SPANISH.name)
    await expect(tab.row(KUWAITI.name)).to_have_attribute("aria-expanded", "false")

    await tab.panel.get_by_label("The next payment fails because").select_option(
        "Insufficient funds"
    )
    await tab.panel.get_by_role("button", name="Let a payment fail").press("Enter")

    await expect(tab.row(SPANISH.name)).to_contain_text("Failed ×1")
    await expect(tab.panel.get_by_role("button", name="Fail again")).to_be_visible()
    assert tab.shop.row(SPANISH)["reason"] == "insufficient_funds"


async def test_what_cannot_be_done_now_can_be_reached_and_says_why(tab: Tab) -> None:
    await tab.open(SPANISH.name)
    void = tab.panel.get_by_role("button", name="Void")
    await expect(void).to_be_disabled()
    await void.press("Enter")

    await expect(tab.panel.get_by_role("status")).to_have_text(
        "Nothing is owed: let a payment fail first."
    )


async def test_what_the_bot_will_not_hear_of_at_once_is_said(tab: Tab) -> None:
    await tab.panel.get_by_text("Webhooks").click()
    await tab.panel.get_by_label("Delivery").select_option("Lost")
    await tab.open(SPANISH.name)
    await tab.panel.get_by_role("button", name="Let a payment fail").press("Enter")

    await expect(tab.panel.get_by_role("status")).to_contain_text("The bot isn’t told")
    await expect(tab.panel.get_by_role("listitem").filter(has_text="→ lost")).to_have_count(3)
    assert tab.shop.ear.heard == []


async def test_whoever_presses_before_the_customers_came_gets_the_form_with_them(
    tab: Tab,
) -> None:
    page, came = tab.panel.page, asyncio.Event()

    async def hold(route: Route) -> None:
        await came.wait()
        await route.continue_()

    await page.route("**/live?*", hold)
    await page.reload()
    await tab.panel.get_by_role("button", name="Add a customer").press("Enter")
    came.set()

    await expect(tab.row(JAPANESE.name)).to_be_visible()
    form = tab.panel.get_by_role("form", name="Add a customer")
    await expect(form.get_by_label("Name")).to_be_focused()


async def test_a_newcomer_is_refused_at_the_wrong_field_and_then_stands_open(tab: Tab) -> None:
    await tab.panel.get_by_role("button", name="Add a customer").press("Enter")
    form = tab.panel.get_by_role("form", name="Add a customer")
    await expect(form.get_by_label("Name")).to_be_focused()
    await form.get_by_label("Name").fill("<b>Ines</b>")
    await form.get_by_label("Amount a month").fill("4,999")
    await form.get_by_role("button", name="Add").press("Enter")
    amount = form.get_by_label("Amount a month")
    await expect(amount).to_be_focused()
    await expect(amount).to_have_attribute("aria-invalid", "true")

    await amount.fill("4,99")
    await amount.press("Enter")

    row = tab.row("<b>Ines</b>")
    await expect(row).to_have_attribute("aria-expanded", "true")
    await expect(row).to_contain_text("Solo · €4.99 · has no e-mail")
    await expect(form).to_have_count(0)
