"""The pages a customer opens from a mail: the hosted invoice with its pay button, the portal."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from html import escape

from aiohttp import web

from bot.sandbox.stripe_links import opens
from bot.sandbox.stripe_objects import Json
from bot.sandbox.stripe_world import World

_ZERO_DECIMAL = frozenset(
    {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg"}
    | {"rwf", "vnd", "vuv", "xaf", "xof", "xpf"}
)
_THREE_DECIMAL = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
_PAYABLE = frozenset({"open", "uncollectible"})
_SENTENCES = {"paid": "This invoice is paid.", "void": "This invoice was voided."}


def pages(world: World, tell: Callable[[], Awaitable[object]]) -> list[web.RouteDef]:
    """The routes; `tell` is awaited after a payment, so that the bot hears of it at once."""

    async def show(request: web.Request) -> web.Response:
        invoice = _invoice(world, request)
        return _page(_invoice_html(invoice, request.path_qs))

    async def pay(request: web.Request) -> web.Response:
        invoice = _invoice(world, request)
        if invoice["status"] in _PAYABLE:
            world.pay(invoice)
            await tell()
        raise web.HTTPSeeOther(request.path_qs)

    async def portal(request: web.Request) -> web.Response:
        if request.match_info["id"] not in world.tables.get("billing_portal.session", {}):
            raise web.HTTPNotFound(text="No such session.")
        return _page("<h1>Your billing details</h1><p>Save another card here.</p>")

    return [
        web.get("/invoice/{id}", show),
        web.post("/invoice/{id}", pay),
        web.get("/portal/{id}", portal),
    ]


def amount_text(amount: int, currency: str) -> str:
    """Minor units as a person reads them: `4900, usd` is `49.00 USD`."""
    places = 0 if currency in _ZERO_DECIMAL else 3 if currency in _THREE_DECIMAL else 2
    return f"{Decimal(amount).scaleb(-places):.{places}f} {currency.upper()}"


def _invoice(world: World, request: web.Request) -> Json:
    invoice = world.tables.get("invoice", {}).get(request.match_info["id"])
    if invoice is None:
        raise web.HTTPNotFound(text="No such invoice.")
    again = request.query.get("again", "0")
    if not again.isdecimal() or not opens(invoice, int(again), world.now()):
        raise web.HTTPGone(text="This link has expired.")
    return invoice


def _invoice_html(invoice: Json, action: str) -> str:
    owed = amount_text(invoice["amount_remaining"], invoice["currency"])
    head = f"<h1>Invoice {escape(invoice['number'])}</h1>"
    if invoice["status"] not in _PAYABLE:
        return f"{head}<p>{_SENTENCES.get(invoice['status'], '')}</p>"
    button = f'<form method="post" action="{escape(action)}"><button>Pay {owed}</button></form>'
    return f"{head}<p>{owed}</p>{button}"


def _page(content: str) -> web.Response:
    text = (
        '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">'
        f"<title>Sandbox payments</title><main>{content}</main></html>"
    )
    return web.Response(text=text, content_type="text/html")
