"""Whoever cannot see the page hears what everything is; whoever sees little can read it."""

import re
from typing import Literal, get_args

import pytest
from playwright.async_api import expect

from bot.sandbox.page.cast import AOIFE
from tests.browser.chrome import needs_chromium
from tests.browser.desk import PATIENCE, Visitor

pytestmark = [needs_chromium, pytest.mark.asyncio(loop_scope="session")]

NOTHING = re.compile(r"^\s*$")
Role = Literal["button", "combobox", "link", "switch", "textbox"]
ROLES: tuple[Role, ...] = get_args(Role)

# The texts below the ratio of WCAG 2.2, 1.4.3, over all backgrounds that shine through each other.
# What is disabled is exempt there.
FAINT = """() => {
    const rgba = (colour) => [...colour.match(/[\\d.]+/g).map(Number), 1].slice(0, 4);
    const over = (top, below) => top.map((c, at) => c * top[3] + below[at] * (1 - top[3]));
    const light = (colour) => colour.slice(0, 3)
        .map((c) => c / 255)
        .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
        .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
    const behind = (node) => {
        if (!node) return [255, 255, 255, 1];
        const own = rgba(getComputedStyle(node).backgroundColor);
        return own[3] === 1 ? own : over(own, behind(node.parentElement));
    };
    const ratio = (node) => {
        const back = behind(node);
        const both = [light(over(rgba(getComputedStyle(node).color), back)), light(back)];
        return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
    };
    const faint = (node) => {
        const { fontSize, fontWeight } = getComputedStyle(node);
        const large = parseFloat(fontSize) >= (fontWeight >= 700 ? 18.66 : 24);
        return ratio(node) < (large ? 3 : 4.5);
    };
    const speaks = (node) => [...node.childNodes]
        .some((one) => one.nodeType === Node.TEXT_NODE && one.data.trim());
    return [...document.querySelectorAll("#page *")]
        .filter((node) => speaks(node) && node.checkVisibility() && !node.closest(":disabled"))
        .filter(faint)
        .map((node) => `${ratio(node).toFixed(2)}: ${node.textContent.trim()}`);
}"""


async def test_all_that_can_be_used_has_a_name(visitor: Visitor) -> None:
    await expect(visitor.card(AOIFE.name)).to_be_visible(timeout=PATIENCE)
    await visitor.page.get_by_role("heading", name="Faults").click()
    await visitor.presses("Edit", within=visitor.card(AOIFE.name))
    await expect(visitor.modal).to_be_visible(timeout=PATIENCE)
    for role in ROLES:
        everything = visitor.page.get_by_role(role)
        assert await everything.count()
        nameless = visitor.page.get_by_role(role, name=NOTHING)
        assert await nameless.evaluate_all("all => all.map((one) => one.outerHTML)") == []


async def test_every_word_can_be_read_in_both_themes(visitor: Visitor) -> None:
    card = visitor.card(AOIFE.name)
    await expect(card.get_by_role("button", name="Approve")).to_be_visible(timeout=PATIENCE)
    await visitor.page.emulate_media(reduced_motion="reduce")  # no colour between two colours
    for theme in ("light", "dark"):
        await visitor.page.get_by_label("Appearance").select_option(theme)
        assert await visitor.page.evaluate(FAINT) == []
