"""The pages a customer opens from a mail: the hosted invoice with its pay button, the portal."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

from aiohttp import web

from bot.sandbox import stripe_paper as paper
from bot.sandbox.stripe_links import opens
from bot.sandbox.stripe_objects import Card, Json
from bot.sandbox.stripe_world import World

DECLINED = "declined"  # the value of a form's card, and of the address that tells of it
PAYABLE = frozenset({"open", "uncollectible"})
NEW_CARD = Card(brand="mastercard", last4="4444")

_ZERO_DECIMAL = frozenset(
    {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg"}
    | {"rwf", "vnd", "vuv", "xaf", "xof", "xpf"}
)
_THREE_DECIMAL = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})


def pages(world: World, tell: Callable[[], Awaitable[object]]) -> list[web.RouteDef]:
    """The routes; `tell` is awaited after a payment, so that the bot hears of it at once."""

    async def show(request: web.Request) -> web.Response:
        invoice = _invoice(world, request)
        was_declined = request.query.get("card") == DECLINED
        return _page(_drawn(world, invoice, was_declined=was_declined))

    async def pay(request: web.Request) -> web.Response:
        invoice = _invoice(world, request)
        card = (await request.post()).get("card")
        seen = request.rel_url.without_query_params("card")
        if invoice["status"] in PAYABLE:
            if card == DECLINED:
                world.fail_payment(invoice)
                seen = seen.update_query(card=DECLINED)
            else:
                world.pay(invoice)
            await tell()
        raise web.HTTPSeeOther(seen)

    async def portal(request: web.Request) -> web.Response:
        customer = _customer(world, request)
        card: Json = world.card_of(customer)["card"]
        return _page(paper.portal(customer, card, is_saved=request.query.get("card") == "saved"))

    async def save(request: web.Request) -> web.Response:
        world.attach_card(_customer(world, request), NEW_CARD)
        await tell()
        raise web.HTTPSeeOther(request.rel_url.update_query(card="saved"))

    return [
        web.get("/invoice/{id}", show),
        web.post("/invoice/{id}", pay),
        web.get("/portal/{id}", portal),
        web.post("/portal/{id}", save),
    ]


def amount_text(amount: int, currency: str) -> str:
    """Minor units as the terminal prints them: `4900, usd` is `49.00 USD`."""
    places = 0 if currency in _ZERO_DECIMAL else 3 if currency in _THREE_DECIMAL else 2
    return f"{Decimal(amount).scaleb(-places):.{places}f} {currency.upper()}"


def plan_of(world: World, invoice: Json) -> str | None:
    """What an invoice is for, as a customer calls it; None for one that stands alone."""
    line = invoice["lines"]["data"][0]
    product = world.objects.get(line["pricing"]["price_details"]["product"])
    name: str | None = product["name"] if product else invoice["description"]
    return name


def _drawn(world: World, invoice: Json, *, was_declined: bool) -> str:
    customer = world.find(invoice["customer"])
    if invoice["status"] == "paid":
        return paper.paid(customer, invoice)
    if invoice["status"] not in PAYABLE:
        return paper.refused(customer, "void")
    return paper.to_pay(customer, invoice, plan_of(world, invoice), was_declined=was_declined)


def _invoice(world: World, request: web.Request) -> Json:
    """The invoice of a link; a page that says so when there is none, or none any more."""
    invoice = world.tables.get("invoice", {}).get(request.match_info["id"])
    if invoice is None:
        raise web.HTTPNotFound(**_refusal({}, "unknown"))
    again = request.query.get("again", "0")
    if not again.isdecimal() or not opens(invoice, int(again), world.now()):
        raise web.HTTPGone(**_refusal(world.find(invoice["customer"]), "expired"))
    return invoice


def _customer(world: World, request: web.Request) -> Json:
    session = world.tables.get("billing_portal.session", {}).get(request.match_info["id"])
    if session is None:
        raise web.HTTPNotFound(**_refusal({}, "unknown"))
    return world.find(session["customer"])


def _page(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html", headers=paper.HEADERS)


def _refusal(customer: Json, why: str) -> Json:
    return {
        "text": paper.refused(customer, why),
        "content_type": "text/html",
        "headers": paper.HEADERS,
    }
