"""GET /, /healthz and /readyz: what is missing or wrong, whether the process lives and works.

The first page names settings and never a value: anybody on the internet may read it.
"""

import base64
import hashlib
import html
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from string import Template

from aiohttp import web

from bot.words import FALLBACK, LOCALES, say, words

Check = Callable[[], Awaitable[Mapping[str, bool]]]
Wrong = Sequence[tuple[str, str]]

_STYLE = """
:root { color-scheme: light dark; --ink: #1d1c1d; --soft: #5e5d60; --paper: #fbfaf7;
  --card: #fff; --line: #e4e1d8; --mark: #1f6f4a; }
@media (prefers-color-scheme: dark) { :root { --ink: #ecebe8; --soft: #a9a8a5; --paper: #17181a;
  --card: #1f2124; --line: #34363a; --mark: #6fcf97; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.6 system-ui, sans-serif; }
main { max-width: 38rem; margin: 12vh auto; padding: 0 1.25rem; }
h1 { margin: 0 0 .25rem; font-size: 1.75rem; letter-spacing: -.01em; }
p { margin: .5rem 0; }
.mode, .how { color: var(--soft); font-size: .9375rem; }
ul { margin: 1.5rem 0; padding: 0; list-style: none; background: var(--card);
  border: 1px solid var(--line); border-radius: .75rem; }
li { padding: .75rem 1.1rem; border-top: 1px solid var(--line); }
li:first-child { border-top: 0; }
code { display: block; font: 600 .9375rem/1.5 ui-monospace, monospace; color: var(--mark);
  overflow-wrap: anywhere; }
"""
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HTML = Template("""<!doctype html>
<html lang="$locale">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>$style</style>
</head>
<body>
<main>
<h1>$title</h1>
$body
</main>
</body>
</html>
""")
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_DIGEST}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Language",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_PREFERENCE = re.compile(r"([A-Za-z]{2,3})(?:-[A-Za-z0-9-]+)?(?:;q=([01](?:\.[0-9]{1,3})?))?")


def routes(
    *,
    missing: Sequence[str],
    livemode: bool | None,
    check: Check,
    wrong: Callable[[], Wrong] = tuple,
    locale: str = FALLBACK,
) -> list[web.RouteDef]:
    """The three pages.

    `missing` are names of settings; `livemode` is None while there is no Stripe key; `check`
    answers for each part whether it works, within a second or two; `wrong` has the settings that
    Slack refuses, each with Slack's code; `locale` is for visitors whose
    browser names no language of ours.
    """

    async def first(request: web.Request) -> web.Response:
        wanted = spoken(request.headers.get("Accept-Language", ""), locale)
        text = shown(wanted, missing, livemode, wrong())
        return web.Response(text=text, content_type="text/html", headers=_HEADERS)

    async def alive(_request: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def ready(_request: web.Request) -> web.Response:
        waiting = sorted(name for name, fine in (await check()).items() if not fine)
        status = HTTPStatus.SERVICE_UNAVAILABLE if waiting else HTTPStatus.OK
        return web.json_response({"ready": not waiting, "waiting_for": waiting}, status=status)

    return [web.get("/", first), web.get("/healthz", alive), web.get("/readyz", ready)]


def spoken(header: str, otherwise: str) -> str:
    """Our language that an Accept-Language header likes best (RFC 9110, section 12.5.4)."""
    liked: list[tuple[float, str]] = []
    for part in header.split(","):
        found = _PREFERENCE.fullmatch(part.replace(" ", ""))
        if found and found[1].lower() in LOCALES and float(found[2] or 1) > 0:
            liked.append((float(found[2] or 1), found[1].lower()))
    # Of those liked equally the first one wins: max keeps it.
    return max(liked, key=lambda one: one[0])[1] if liked else otherwise


def shown(locale: str, missing: Sequence[str], livemode: bool | None, wrong: Wrong = ()) -> str:
    """The first page's HTML. Pure."""
    parts = [f"<p>{_say(locale, _state(missing, wrong), count=len(missing))}</p>"]
    if livemode is not None:
        mode = _say(locale, "page.mode_live" if livemode else "page.mode_test")
        parts.append(f'<p class="mode">{mode}</p>')
    rows = [(name, _say(locale, f"page.{name}")) for name in missing]
    rows += [(name, _refused(locale, name, code)) for name, code in wrong]
    if rows:
        items = (f"<li><code>{name}</code> {said}</li>" for name, said in rows)
        parts += ["<ul>", *items, "</ul>"]
    if missing:
        parts.append(f'<p class="how">{_say(locale, "page.how")}</p>')
    title = _say(locale, "page.title")
    return _HTML.substitute(locale=locale, title=title, style=_STYLE, body="\n".join(parts))


def _state(missing: Sequence[str], wrong: Wrong) -> str:
    if not missing:
        return "page.wrong" if wrong else "page.ready"
    return "page.waiting_one" if len(missing) == 1 else "page.waiting"


def _refused(locale: str, name: str, code: str) -> str:
    """What is wrong with a setting: some have one sentence for whatever is said against them."""
    known = (key for key in (f"wrong.{name}", f"wrong.{code}") if key in words(locale))
    return _say(locale, next(known, "wrong.other"), code=code)


def _say(locale: str, key: str, **values: object) -> str:
    return html.escape(say(locale, key, **values))
