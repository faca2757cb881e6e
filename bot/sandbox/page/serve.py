"""The page's server: static files, what changes as it changes, and what visitors do.

It listens on 127.0.0.1 alone, and answers only to its own name: a page from elsewhere that finds
the port can neither read nor act (https://owasp.org/www-community/attacks/csrf, DNS rebinding).
"""

import asyncio
import base64
import hashlib
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from bot.sandbox.page.desk import Desk, Json, Nonsense, NotNow, Part
from bot.sandbox.page.parts import PARTS
from bot.sandbox.page.words import words
from bot.sandbox.slack import User

STATIC = Path(__file__).parent / "static"
GLANCE = 0.05  # seconds between two looks at whether something changed
# While nothing does, looks grow rarer: a tab that is left open costs next to nothing.
RARER = 1.25
RAREST = 0.25
BODY_BYTES = 64 * 1024
TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
}
ALWAYS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LOG = logging.getLogger(__name__)


class Site:
    """The routes of one desk. `url` is known once it is started."""

    def __init__(self, desk: Desk, parts: Mapping[str, Part] = PARTS) -> None:
        self.desk = desk
        self.url = ""
        self.parts = parts
        self.glance = GLANCE
        # Only what is there can be asked for, so that no path leads anywhere else.
        self._files = {
            path.relative_to(STATIC).as_posix(): path
            for path in STATIC.rglob("*")
            if path.suffix in TYPES
        }
        self._broken: dict[str, str] = {}
        self._closing = False
        self._stirred = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0 takes a free one."""
        app = web.Application(client_max_size=BODY_BYTES, middlewares=[self._own_name_only])
        app.on_response_prepare.append(_always)
        app.router.add_get("/", self._index)
        app.router.add_get("/static/{path:.+}", self._file)
        app.router.add_get("/words/{language}", self._words)
        app.router.add_get("/live", self._live)
        app.router.add_post("/do/{part}/{act}", self._do)
        app.router.add_get("/{part}/{id}/{document}", self._document)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Close the port and whatever is open. Idempotent."""
        self._closing = True
        self._stir()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @web.middleware
    async def _own_name_only(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        port = self.url.rpartition(":")[2]
        if request.host not in {f"127.0.0.1:{port}", f"localhost:{port}"}:
            raise web.HTTPForbidden(text="This page answers to 127.0.0.1 only.")
        if request.method != "GET" and request.headers.get("Origin") != f"http://{request.host}":
            raise web.HTTPForbidden(text="Only the page itself may do this.")
        return await handler(request)

    async def _index(self, _: web.Request) -> web.Response:
        text = (STATIC / "index.html").read_text("utf-8")
        policy = {"Content-Security-Policy": _policy(text)}
        return _packed(web.Response(text=text, content_type="text/html", headers=policy))

    async def _file(self, request: web.Request) -> web.Response:
        path = self._files.get(request.match_info["path"])
        if path is None:
            raise web.HTTPNotFound
        kind = TYPES[path.suffix]
        return _packed(web.Response(body=path.read_bytes(), content_type=kind, charset="utf-8"))

    async def _document(self, request: web.Request) -> web.Response:
        part = self.parts.get(request.match_info["part"])
        shelf = part.documents.get(request.match_info["document"]) if part else None
        if shelf is None:
            raise web.HTTPNotFound
        try:
            found = shelf(self.desk, request.match_info["id"])
        except LookupError:
            raise web.HTTPNotFound from None
        policy = {"Content-Security-Policy": found.policy}
        return web.Response(text=found.html, content_type="text/html", headers=policy)

    async def _words(self, request: web.Request) -> web.Response:
        return _packed(web.json_response(words(request.match_info["language"])))

    async def _live(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: each holds the parts that changed, whole."""
        try:
            viewer = self.desk.viewer(request.query.get("viewer") or self.desk.first_viewer)
        except KeyError:
            raise web.HTTPNotFound from None
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        shown: dict[str, str] = {}
        pause = self.glance
        with suppress(ConnectionError):
            # Whoever left has no transport any more; nothing else would tell while nothing changes.
            while not self._closing and request.transport is not None:
                stirred = self._stirred  # what is done from here on is not on these screens
                now = {name: self._screen(name, viewer) for name in self.parts}
                news = [f'"{name}":{text}' for name, text in now.items() if shown.get(name) != text]
                if news:
                    await response.write(f"data:{{{','.join(news)}}}\n\n".encode())
                shown = now
                with suppress(TimeoutError):
                    await asyncio.wait_for(stirred.wait(), pause)
                eager = news or stirred.is_set()
                pause = self.glance if eager else min(pause * RARER, RAREST)
        return response

    def _stir(self) -> None:
        """Let everybody who looks look now."""
        self._stirred.set()
        self._stirred = asyncio.Event()

    def _screen(self, name: str, viewer: User) -> str:
        """A part as JSON; one that can't be drawn says so in its place and takes no other along."""
        try:
            text = json.dumps(self.parts[name].screen(self.desk, viewer))
        except Exception as error:
            if self._broken.get(name) != repr(error):
                self._broken[name] = repr(error)
                LOG.exception("the part %s can't be drawn", name)
            return '{"broken":true}'
        self._broken.pop(name, None)
        return text

    async def _do(self, request: web.Request) -> web.Response:
        """One act: `{"viewer": …, …}` in; `{"problem": {"key", "with"}}` out when it can't be."""
        part = self.parts.get(request.match_info["part"])
        act = part.acts.get(request.match_info["act"]) if part else None
        if act is None:
            raise web.HTTPNotFound
        viewer, given = self._asked(await request.read())
        try:
            return web.json_response(await act(self.desk, viewer, given) or {})
        except Nonsense as wrong:
            raise web.HTTPBadRequest(text=str(wrong)) from None
        except NotNow as why:
            return web.json_response({"problem": {"key": why.key, "with": why.values}})
        finally:
            self._stir()

    def _asked(self, body: bytes) -> tuple[User, Json]:
        """Who does it, and with what; 400 for anything but an object with a known viewer."""
        try:
            given = json.loads(body)
            if not isinstance(given, dict):
                raise web.HTTPBadRequest
            # A page that nobody was chosen on looks through the first one's eyes, as /live does.
            viewer = self.desk.viewer(str(given.pop("viewer") or self.desk.first_viewer))
        except (ValueError, KeyError, RecursionError):
            raise web.HTTPBadRequest from None
        return viewer, given


def _packed(response: web.Response) -> web.Response:
    """Sent compressed to whoever takes it so."""
    response.enable_compression()
    return response


async def _always(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(ALWAYS)


def _policy(text: str) -> str:
    """What the page may load; its import map, the one script inside it, is named by its digest."""
    inline = re.findall(r"<script type=\"importmap\">(.*?)</script>", text, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in inline]
    own = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src 'self' {own}; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; frame-src 'self' http://127.0.0.1:*; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )
