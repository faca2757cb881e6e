"""GET /setup and its presses: there while settings are missing, for who has the link in the log.

docs/decisions/0015-a-link-in-the-log.md
"""

import re
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from http import HTTPStatus
from logging import WARNING
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from bot import config as settings
from bot.billing import KEY
from bot.clock import Clock
from bot.config import Config
from bot.doctor.finding import Finding, State, refused
from bot.errors import BillingTrouble, RequestRefused
from bot.log import tell
from bot.setup import endpoint, look, pages, posted, trial
from bot.setup.admission import LIFE, Admission, guest_of, new_guest
from bot.setup.bodies import CARD, ENDPOINT, MAIL, Chosen, Shown
from bot.setup.endpoint import address
from bot.setup.pieces import LOOK, to_set, words
from bot.sheet import headers, spoken

PATH: Final = "/setup"
COOKIE: Final = "dunning_setup"
_HEADERS: Final = headers(LOOK, forms=True)
_ID: Final = re.compile(r"[A-Z0-9]{2,24}", re.ASCII)
_ONCE: Final = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)
_HOST: Final = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?", re.ASCII)

_Answer = Callable[[web.Request], Awaitable[web.Response]]


def mount(app: web.Application, config: Config, clock: Clock) -> None:
    """Add the routes, and tell their link at the start.

    When nothing is missing there is no set-up: who comes back to it is led to the first page, which
    says that all is set.
    """
    if not settings.missing(config):
        app.add_routes([web.get(PATH, _led_home)])
        return
    site = Site(config, clock)
    app.add_routes(
        [
            web.get(PATH, site.show),
            web.post(pages.BEGIN, whole(site.begin)),
            web.post(ENDPOINT, site.only_the_visitor(site.make_endpoint)),
            web.post(CARD, site.only_the_visitor(site.post_card)),
            web.post(MAIL, site.only_the_visitor(site.send_mail)),
        ]
    )
    app.cleanup_ctx.append(site.opened)


def whole(answer: _Answer) -> _Answer:
    """A form that did not come whole is refused in one line."""

    async def guarded(request: web.Request) -> web.Response:
        try:
            return await answer(request)
        except RequestRefused as refusal:
            return web.Response(text=str(refusal), status=refusal.status, headers=_HEADERS)

    return guarded


async def _led_home(_request: web.Request) -> web.Response:
    raise web.HTTPSeeOther("/", headers=_HEADERS)


class Site:
    """The pages of one process, and the one link to them."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._admission = Admission(clock, config.secret_key)

    async def opened(self, _app: web.Application) -> AsyncGenerator[None]:
        """The one secret that a log is meant to hold: it opens no door for longer than that."""
        minutes = round(LIFE.total_seconds() / 60)
        path = f"{PATH}?token={self._admission.token()}"
        tell("setup_open", level=WARNING, path=path, minutes=minutes)
        yield

    async def show(self, request: web.Request) -> web.Response:
        """The steps for the visitor, a button for who has the link, a closed door for the rest."""
        locale, cookie = self._locale(request), request.cookies.get(COOKIE, "")
        until = self._admission.until(cookie)
        if until is not None and "token" in request.query:
            raise web.HTTPSeeOther(PATH, headers=_HEADERS)
        if until is not None:
            return _page(pages.steps(await self._seen(request), until))
        if self._admission.is_over():
            return _page(pages.closed(locale, "over"), HTTPStatus.GONE)
        token = request.query.get("token", "")
        if not self._admission.knows(token):
            return _page(pages.closed(locale, "closed"), HTTPStatus.FORBIDDEN)
        if not self._admission.is_free_for(cookie):
            return _page(pages.closed(locale, "taken"), HTTPStatus.FORBIDDEN)
        answer = _page(pages.begin(locale, token))
        if guest_of(cookie) is None:
            _keep(request, answer, new_guest())
        return answer

    async def begin(self, request: web.Request) -> web.Response:
        """The press that binds the link to this visitor."""
        form = await posted.fields(request) if posted.is_ours(request) else {}
        cookie = request.cookies.get(COOKIE, "")
        stays = self._admission.admitted(form.get("token", ""), cookie)
        if stays is None:
            return _page(pages.not_begun(self._locale(request)), HTTPStatus.FORBIDDEN)
        answer = web.HTTPSeeOther(PATH, headers=_HEADERS)
        _keep(request, answer, stays)
        raise answer

    def only_the_visitor(self, answer: _Answer) -> _Answer:
        """Presses of the page's own, by who was let in; everybody else is refused."""

        async def guarded(request: web.Request) -> web.Response:
            let_in = self._admission.until(request.cookies.get(COOKIE, "")) is not None
            if let_in and posted.is_ours(request):
                return await answer(request)
            why = "over" if self._admission.is_over() else "closed"
            return _page(pages.closed(self._locale(request), why), HTTPStatus.FORBIDDEN)

        return whole(guarded)

    async def make_endpoint(self, request: web.Request) -> web.Response:
        """Make Stripe's endpoint, and show its secret this once."""
        locale, form = self._locale(request), await posted.fields(request)
        url, once = address(self._base(request)), form.get("once", "")
        if form.get("address") != url or not _ONCE.fullmatch(once):
            return _page(pages.told(locale, words(locale, "endpoint.unconfirmed"), good=False))
        if not endpoint.has_address(self._config):
            return _page(pages.told(locale, words(locale, "endpoint.live_address"), good=False))
        try:
            made = await endpoint.made(self._config, self._clock, url, once)
        except BillingTrouble as trouble:
            return _page(_refusal(locale, trouble))
        if made.secret is None:
            return _page(pages.told(locale, words(locale, "endpoint.there"), good=False))
        tell("endpoint_made", level=WARNING, place=urlsplit(url).netloc)
        secret = {"STRIPE_WEBHOOK_SECRET": made.secret}
        lines = to_set(locale, secret, on_heroku=self._config.on_heroku)
        said = words(locale, "endpoint.made")
        return _page(pages.told(locale, said, good=True, lines=lines))

    async def post_card(self, request: web.Request) -> web.Response:
        """Post a test card to the channel that was chosen."""
        channel = (await posted.fields(request)).get("channel", "")
        picked = channel if _ID.fullmatch(channel) else self._config.review_channel or ""
        place = urlsplit(self._base(request)).netloc
        found = await trial.card(self._config, self._clock, picked, place)
        locale = self._locale(request)
        return _page(_outcome(locale, found, words(locale, "trial.card_done")))

    async def send_mail(self, request: web.Request) -> web.Response:
        """Send a test mail to the operator."""
        locale, to = self._locale(request), trial.recipient(self._config)
        if not self._config.mail_url or not to:
            return _page(pages.told(locale, words(locale, "trial.mail_later"), good=False))
        found = await trial.mail(self._config, self._clock)
        if found is None:
            said = words(locale, "trial.mail_unclear", address=to)
            return _page(pages.told(locale, said, good=False))
        return _page(_outcome(locale, found, words(locale, "trial.mail_done", address=to)))

    async def _seen(self, request: web.Request) -> Shown:
        asked = request.query
        ids = (one for one in asked.getall("approver", []) if _ID.fullmatch(one))
        manager = asked.get("manager", "")
        return Shown(
            locale=self._locale(request),
            config=self._config,
            sight=await look.looked(self._config, self._clock, picked=asked.get("channel", "")),
            chosen=Chosen(
                approvers=frozenset(ids),
                manager=manager if _ID.fullmatch(manager) else "",
                is_made="made" in asked,
            ),
            base=self._base(request),
            once=secrets.token_urlsafe(16),
        )

    def _base(self, request: web.Request) -> str:
        """Our own address: as set, or as the visitor's browser has it, for them to confirm."""
        if self._config.public_url:
            return self._config.public_url
        host = request.host if _HOST.fullmatch(request.host) else f"localhost:{self._config.port}"
        return f"{'https' if _is_encrypted(request) else 'http'}://{host}"

    def _locale(self, request: web.Request) -> str:
        return spoken(request.headers.get("Accept-Language", ""), self._config.locale)


def _refusal(locale: str, trouble: BillingTrouble) -> str:
    if trouble.code == "authentication":
        found = Finding(name="stripe.key", verdict=refused(KEY, trouble.code))
        return pages.told(locale, "", good=False, finding=found)
    known = trouble.code in {"permission", "url_invalid"}
    key = f"endpoint.{trouble.code if known else 'trouble'}"
    return pages.told(locale, words(locale, key, code=trouble.code), good=False)


def _outcome(locale: str, found: Finding, done: str) -> str:
    if found.verdict.state is State.OK:
        return pages.told(locale, done, good=True)
    return pages.told(locale, "", good=False, finding=found)


def _page(text: str, status: int = HTTPStatus.OK) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", headers=_HEADERS)


def _keep(request: web.Request, answer: web.StreamResponse, value: str) -> None:
    answer.set_cookie(
        COOKIE,
        value,
        path=PATH,
        max_age=round(LIFE.total_seconds()),
        httponly=True,
        samesite="Strict",
        secure=_is_encrypted(request),
    )


def _is_encrypted(request: web.Request) -> bool:
    """As the visitor's browser sees it: Heroku's router speaks plainly to us, and says so."""
    return request.secure or _forwarded(request) == "https"


def _forwarded(request: web.Request) -> str:
    return request.headers.get("X-Forwarded-Proto", "").partition(",")[0].strip().lower()
