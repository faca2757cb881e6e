"""Prints how light and how quick the sandbox's page is, in a real Chromium: `make page`."""

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.async_api import Browser, Page

from bench.figure import Bound, Figure, lines
from bot.sandbox.page.cast import CAST, ENTERPRISE
from bot.sandbox.page.opening import opened
from bot.sandbox.page.serve import Site
from tests.browser.chrome import ABSENT, chromium, found

ROUNDS = 3
VIEWS = 5
SETTINGS = {"LOCALE": "en"}

# Milliseconds from a navigation to the first thing drawn, and what was sent for it.
VIEW = """async () => {
    await new Promise((drawn) =>
        new PerformanceObserver(drawn).observe({ type: "paint", buffered: true }));
    const all = ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind));
    const painted = performance.getEntriesByType("paint")[0].startTime;
    const sum = (name) => all.reduce((total, one) => total + one[name], 0);
    return [painted, sum("transferSize"), sum("decodedBodySize"), all.length];
}"""
# Milliseconds from a press to one more message in the channel, by the browser's own clock.
PRESS = """(button) => new Promise((resolve) => {
    const count = () => document.querySelectorAll("article h3").length;
    const before = count(), began = performance.now();
    new MutationObserver((_, watch) => {
        if (count() === before) return;
        watch.disconnect();
        resolve(performance.now() - began);
    }).observe(document.body, { childList: true, subtree: true });
    button.click();
})"""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Milliseconds and bytes."""

    bare: list[float]
    painted: list[float]
    sent: float
    unpacked: float
    files: float
    cards: list[float]
    in_slack: list[float]


async def look() -> Seen:
    """Look at a page of our own, again and again; every card is the first of its case."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'desk.sqlite3'}"
        async with opened(url, settings=SETTINGS) as site, chromium() as browser:
            bare, painted = [], []
            for _ in range(VIEWS):
                bare.append((await _viewed(browser, f"{site.url}/static/icon.svg"))[0])
                view = await _viewed(browser, site.url)
                painted.append(view[0])
            _, sent, unpacked, files = view
            cards, in_slack = await _failed(await browser.new_page(), site)
    return Seen(
        bare=bare,
        painted=painted,
        sent=sent,
        unpacked=unpacked,
        files=files,
        cards=cards,
        in_slack=in_slack,
    )


async def _viewed(browser: Browser, url: str) -> list[float]:
    """A first visit: nothing is kept from one before."""
    page = await browser.new_page()
    await page.goto(url)
    if not url.endswith(".svg"):
        await page.get_by_role("region", name="Slack").wait_for()
    found: list[float] = await page.evaluate(VIEW)
    await page.close()
    return found


async def _failed(page: Page, site: Site) -> tuple[list[float], list[float]]:
    """For every customer who gets a card, and once more after they have paid."""
    houses, people = site.desk.houses, [one for one in CAST if one is not ENTERPRISE]
    stripe = page.get_by_role("region", name="Stripe")
    await page.goto(site.url)
    await page.get_by_role("article").first.wait_for()
    cards, in_slack = [], []
    for _ in range(ROUNDS):
        for person in people:
            await _all_paid(site)
            row = stripe.get_by_role("button", name=person.name).first
            if await row.get_attribute("aria-expanded") == "false":
                await row.click()
            button = stripe.get_by_role("button", name="Let a payment fail", exact=True)
            began = houses.clock.now()
            cards.append(await button.evaluate(PRESS))
            posted = houses.slack.calls("chat.postMessage")[-1].at
            in_slack.append((posted - began).total_seconds() * 1000)
    return cards, in_slack


async def _all_paid(site: Site) -> None:
    """Everybody has paid, and the bot knows: the next failure begins a case."""
    stripe = site.desk.houses.stripe
    for invoice in stripe.world.tables["invoice"].values():
        if invoice["status"] == "open":
            stripe.world.pay(invoice)
    await stripe.tell()


def figures(found: Seen) -> Iterator[Figure]:
    """Each with what it is held against."""
    most = Bound.AT_MOST
    yield Figure(
        name="sent for the first view",
        value=found.sent / 1000,
        unit="kB",
        bound=most,
        limit=150,
        base=f"{found.unpacked / 1000:.0f} kB unpacked, {found.files:.0f} requests",
    )
    yield Figure(
        name="from a visit to the first paint, median",
        value=median(found.painted),
        unit="ms",
        base=f"one icon by itself {median(found.bare):.0f} ms",
    )
    for name, value in (("median", median(found.cards)), ("worst", max(found.cards))):
        yield Figure(
            name=f"from the press to the card on the page, {name} of {len(found.cards)}",
            value=value / 1000,
            unit="s",
            bound=most,
            limit=1,
            base=f"until the bot posted it {median(found.in_slack) / 1000:.2f} s",
        )


def main() -> int:
    """Print the table; nothing fails for being slow."""
    if not found():
        sys.exit(f"Nothing was measured: {ABSENT}.")
    print("The sandbox's page", *lines(figures(asyncio.run(look()))), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
