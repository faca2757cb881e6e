"""Makes docs/images, by playing in the sandbox's page: python -m docs.make_screenshots.

It needs a Chromium on the PATH. Pictures differ a little from machine to machine, by its fonts, so
nothing checks whether they are current: make them anew when the page has changed.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Locator, Page

from bot.sandbox.page import cast
from bot.sandbox.page.opening import opened
from tests.browser.chrome import ABSENT, chromium, found
from tests.browser.desk import Desk, Visitor

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 400_000
SIZE = (1440, 900)
SHARP = 2  # pixels of the picture to one of the page
SETTINGS = {"UNDO_SECONDS": "0", "LOCALE": "en"}


async def main() -> int:
    """The exit code: 1 when a picture is too heavy for a README; SystemExit without a browser."""
    if found() is None:
        sys.exit(f"No pictures were made: {ABSENT}.")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'desk.sqlite3'}"
        async with (
            opened(url, settings=SETTINGS) as site,
            Desk.of(site, url) as desk,
            chromium() as browser,
        ):
            await _play(await _visitor(browser, desk))
    return max(map(_weighed, sorted(IMAGES.glob("*.png"))))


async def _visitor(browser: Browser, desk: Desk) -> Visitor:
    width, height = SIZE
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=SHARP,
        color_scheme="light",
        reduced_motion="reduce",
        locale="en-GB",
    )
    visitor = Visitor(await context.new_page(), desk)
    await visitor.opens_the_page()
    return visitor


async def _play(visitor: Visitor) -> None:
    """The story that the pictures tell, each taken when it is at its best."""
    aoife = visitor.card(cast.AOIFE.name)
    await aoife.get_by_role("button", name="Approve").wait_for()
    await _photograph(aoife, "card")

    await visitor.presses("Approve", within=aoife)
    await visitor.desk.mail(cast.AOIFE.name)
    await visitor.mailbox.get_by_role("button", name="unread").click()
    await visitor.letter.get_by_role("link").first.wait_for()
    await _photograph(visitor.mailbox, "mail")

    await visitor.fails(cast.LONG_STANDING.name)
    margaret = visitor.card(cast.LONG_STANDING.name)
    await margaret.get_by_role("button", name="Approve").wait_for()
    await _photograph(visitor.page, "page")

    await visitor.presses("Edit", within=margaret)
    await visitor.modal.get_by_label("Text").fill(
        "The payment of [amount] did not go through. Just reply with your new card number, or "
        "pay here: [pay link]"
    )
    await visitor.presses("Save", within=visitor.modal)
    await visitor.sees("we never ask for that", within=visitor.modal)
    await _photograph(visitor.modal, "modal")
    await visitor.presses("Cancel", within=visitor.modal)

    await visitor.fails(cast.ENTERPRISE.name)
    await visitor.enters("vip-accounts")
    vip = visitor.card(f"URGENT: VIP customer {cast.ENTERPRISE.name}")
    await visitor.presses("I’ve got it", within=vip)
    await visitor.sees("@Maya Okafor has got it", within=vip)
    await vip.get_by_role("button", name="repl").click()
    await _photograph(visitor.slack, "vip-thread")

    await visitor.enters("Dunning Desk")
    await visitor.sees("What waits for a person", within=visitor.slack)
    await _photograph(visitor.slack, "home")


async def _photograph(what: Locator | Page, name: str) -> None:
    """As sharp as a README may carry."""
    picture = await what.screenshot(animations="disabled")
    if len(picture) > MOST_BYTES:
        picture = await what.screenshot(animations="disabled", scale="css")
    (IMAGES / f"{name}.png").write_bytes(picture)


def _weighed(picture: Path) -> int:
    size = picture.stat().st_size
    sys.stdout.write(f"{picture.relative_to(ROOT)}: {size // 1000} kB\n")
    return int(size > MOST_BYTES)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
