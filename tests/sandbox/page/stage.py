"""A bare page on which blocks and windows are drawn, and what was done there is read back."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from playwright.async_api import Browser, Locator, Page

from bot.sandbox.page.serve import STATIC
from bot.sandbox.page.words import words

Json = dict[str, Any]

_SCRIPT = """
import { render } from "preact";
import { html, parts, put, speak, useLive } from "/static/live.js";
import { Blocks } from "/static/blocks.js";
import { Modal } from "/static/modal.js";

let answer = {};
const told = (name) => (...given) => {
    window.told.push([name, ...given]);
    return new Promise((done) => window.held ? (window.let_go = () => done(answer)) : done(answer));
};
const press = (block, element, value) =>
    told("press")(block.block_id ?? null, element.action_id, value ?? null);
Object.assign(window, {
    told: [],
    held: false,
    at: (moment) => (parts.clock = { ahead_ms: moment - Date.now() }),
    answers: (one) => (answer = one),
    show: (blocks, more) => put({ blocks, more, modal: null }),
    open_view: (view, errors, more) => put({ blocks: [], modal: view, errors, more }),
});

function Stage() {
    const { blocks = [], modal: view, errors, more } = useLive().here;
    const context = { press, ...more };
    if (!view) return html`<${Blocks} blocks=${blocks} context=${context} />`;
    return html`<${Modal} view=${view} errors=${errors} context=${context}
        onSubmit=${told("submit")} onClose=${told("close")} />`;
}

render(html`<${Stage} />`, document.getElementById("root"));
await speak("en");
window.ready = true;
"""
_READ = """() => [
    document.getElementById("root").innerText,
    ...Array.from(document.querySelectorAll("a"), (one) => one.href),
    ...Array.from(document.querySelectorAll("[role=menuitem]"), (one) => one.textContent),
].join("\\n")"""
_HEAD = re.sub(r"<script type=\"module\".*", "", (STATIC / "index.html").read_text("utf-8"))
_PAGE = f"""{_HEAD.partition("</head>")[0]}<script type="module" src="/stage.js"></script></head>
<body><main id="root" class="scroll"></main></body></html>"""


class Stage:
    """One page. `said` is what a person reads, `told` what their presses came to."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def show(self, *blocks: Json, **context: Any) -> Locator:
        """Draw blocks in the place of whatever stood there."""
        await self.page.evaluate("([blocks, more]) => show(blocks, more)", [blocks, context])
        return self.page.locator("#root")

    async def open(self, view: Json, errors: Json | None = None, **context: Any) -> Locator:
        """Draw a modal, or draw the one that is open anew."""
        given = [view, errors or {}, context]
        await self.page.evaluate("(given) => open_view(...given)", given)
        return self.page.get_by_role("dialog").first

    async def readable(self) -> str:
        """Every word that a person can come to: links with their addresses, menus unfolded."""
        found: str = await self.page.evaluate(_READ)
        return found

    async def clear(self) -> None:
        """Take everything away again."""
        await self.page.evaluate("told.length = 0, answers({}), open_view(null)")

    async def told(self) -> list[list[Any]]:
        """Every press, submission and closing since the last look."""
        found: list[list[Any]] = await self.page.evaluate("told.splice(0)")
        return found


@asynccontextmanager
async def stage(browser: Browser) -> AsyncIterator[Stage]:
    """The bare page, served on loopback. Fails at the end when the page had an error."""
    app = web.Application()
    app.router.add_get("/", _page)
    app.router.add_get("/stage.js", _script)
    app.router.add_get("/words/{language}", _words)
    app.router.add_static("/static", STATIC)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        page = await browser.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(f"http://127.0.0.1:{runner.addresses[0][1]}/")
        await page.wait_for_function("window.ready")
        yield Stage(page)
        assert errors == []
        await page.close()
    finally:
        await runner.cleanup()


async def _page(_: web.Request) -> web.Response:
    return web.Response(text=_PAGE, content_type="text/html")


async def _script(_: web.Request) -> web.Response:
    return web.Response(text=_SCRIPT, content_type="text/javascript")


async def _words(request: web.Request) -> web.Response:
    return web.json_response(words(request.match_info["language"]))
