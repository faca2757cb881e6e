"""GET /, /healthz and /readyz: what is missing or wrong, whether the process lives and works.

The first page names settings and never a value: anybody on the internet may read it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus

from aiohttp import web

from bot.sheet import STYLE, framed, headers, said, spoken
from bot.words import FALLBACK, say, words

Check = Callable[[], Awaitable[Mapping[str, bool]]]
Wrong = Sequence[tuple[str, str]]

_STYLE = (
    STYLE
    + """ul { margin: 1.5rem 0; padding: 0; list-style: none; background: var(--card);
  border: 1px solid var(--line); border-radius: .75rem; }
li { padding: .75rem 1.1rem; border-top: 1px solid var(--line); }
li:first-child { border-top: 0; }
code { display: block; font: 600 .9375rem/1.5 ui-monospace, monospace; color: var(--mark);
  overflow-wrap: anywhere; }
"""
)
_HEADERS = headers(_STYLE)


def routes(  # noqa: PLR0913 - each by name
    *,
    missing: Sequence[str],
    livemode: bool | None,
    check: Check,
    wrong: Callable[[], Wrong] = tuple,
    mails: bool = True,
    locale: str = FALLBACK,
) -> list[web.RouteDef]:
    """The three pages.

    `missing` are names of settings; `livemode` is None while there is no Stripe key; `check`
    answers for each part whether it works, within a second or two; `wrong` has the settings that
    Slack or Stripe refuses, each with its code; `mails` is False where a test mode has nobody to
    mail to; `locale` is for visitors whose browser names no language of ours.
    """
    look = shared(check)

    async def first(request: web.Request) -> web.Response:
        wanted = spoken(request.headers.get("Accept-Language", ""), locale)
        ailing = () if missing else [name for name, fine in (await look()).items() if not fine]
        text = shown(wanted, missing, livemode, wrong(), ailing=ailing, mails=mails)
        return web.Response(text=text, content_type="text/html", headers=_HEADERS)

    async def alive(_request: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def ready(_request: web.Request) -> web.Response:
        waiting = sorted(name for name, fine in (await look()).items() if not fine)
        status = HTTPStatus.SERVICE_UNAVAILABLE if waiting else HTTPStatus.OK
        return web.json_response({"ready": not waiting, "waiting_for": waiting}, status=status)

    return [web.get("/", first), web.get("/healthz", alive), web.get("/readyz", ready)]


def shared(check: Check) -> Check:
    """One look at a time, begun after it was asked for: any number of strangers cost no more."""
    turn = asyncio.Lock()
    asked = told = 0
    found: Mapping[str, bool] = {}

    async def look() -> Mapping[str, bool]:
        nonlocal asked, told, found
        asked += 1
        mine = asked
        async with turn:
            if told < mine:
                until = asked
                found = await check()
                told = until
            return found

    return look


def shown(  # noqa: PLR0913 - each by name
    locale: str,
    missing: Sequence[str],
    livemode: bool | None,
    wrong: Wrong = (),
    *,
    ailing: Sequence[str] = (),
    mails: bool = True,
) -> str:
    """The first page's HTML; `ailing` are parts that do not work now. Pure."""
    title = say(locale, "page.title")
    parts = [f"<h1>{said(locale, 'page.title')}</h1>"]
    parts.append(f"<p>{said(locale, _state(missing, wrong, ailing), count=len(missing))}</p>")
    if livemode is not None:
        mode = said(locale, "page.mode_live" if livemode else "page.mode_test")
        mute = "" if livemode or mails else f" {said(locale, 'page.mode_mute')}"
        parts.append(f'<p class="mode">{mode}{mute}</p>')
    rows = [(name, said(locale, f"page.{name}")) for name in missing]
    rows += [(name, _refused(locale, name, code)) for name, code in wrong]
    if rows:
        items = (f"<li><code>{name}</code> {words_}</li>" for name, words_ in rows)
        parts += ["<ul>", *items, "</ul>"]
    if missing:
        parts.append(f"<p>{said(locale, 'page.setup')}</p>")
        parts.append(f'<p class="how">{said(locale, "page.how")}</p>')
    return framed(locale, title, "\n".join(parts), _STYLE)


def _state(missing: Sequence[str], wrong: Wrong, ailing: Sequence[str]) -> str:
    if missing:
        return "page.waiting_one" if len(missing) == 1 else "page.waiting"
    if "database" in ailing:
        return "page.no_database"
    if wrong:
        return "page.wrong"
    return "page.unwell" if ailing else "page.ready"


def _refused(locale: str, name: str, code: str) -> str:
    """What is wrong with a setting: some have one sentence for whatever is said against them."""
    known = (key for key in (f"wrong.{name}", f"wrong.{code}") if key in words(locale))
    return said(locale, next(known, "wrong.other"), code=code)
