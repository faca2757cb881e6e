"""What the customer's pages look like: small, in the customer's language, without a script. Pure.

Customers' names and plans are text, whatever is in them.
"""

import base64
import hashlib
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from babel.dates import format_skeleton

from bot.case.money import Money
from bot.customer import country_language, first_name
from bot.sandbox.stripe_objects import Json
from bot.words.numbers import amount

_HERE = Path(__file__)
WORDS: Mapping[str, Mapping[str, str]] = tomllib.loads(
    _HERE.with_name("stripe_pages.toml").read_text("utf-8")
)
STYLE = _HERE.with_name("stripe_pages.css").read_text("utf-8")
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors http://127.0.0.1:* http://localhost:*"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def to_pay(customer: Json, invoice: Json, plan: str | None, *, was_declined: bool) -> str:
    """What is owed, and the button that pays it."""
    say = _Speech(customer)
    owed = _money(say, invoice, "amount_remaining")
    since = format_skeleton("MMMd", _moment(invoice), locale=say.language)
    company = " · ".join(one for one in (invoice["account_name"], plan) if one)
    note = _note(say) if was_declined else ""
    return _page(
        say,
        f'<div class="sum"><h1>{escape(company)}</h1><p class="big">{escape(owed)}</p>'
        f'<p class="small">{say("invoice_since", number=invoice["number"], day=since)}</p></div>'
        f'{note}<form method="post"><label for="card">{say("card")}</label>'
        '<span class="pick"><select id="card" name="card">'
        f'<option value="works">{say("works")}</option>'
        f'<option value="declined">{say("declined")}</option></select></span>'
        f"<button>{say('pay', amount=owed)}</button></form>",
    )


def paid(customer: Json, invoice: Json) -> str:
    """Thanks, by the name that one would be greeted by."""
    say = _Speech(customer)
    name = first_name(customer.get("metadata", {}).get("first_name"), customer.get("name"))
    thanks = say("thanks", name=name) if name else say("thanks_nobody")
    sum_ = escape(_money(say, invoice, "amount_paid"))
    return _page(
        say,
        f'<span class="mark" aria-hidden="true">✓</span><h1>{thanks}</h1><p>{say("paid")}</p>'
        f'<p class="soft">{say("invoice", number=invoice["number"])}<br>{sum_}</p>',
    )


def refused(customer: Json, why: str) -> str:
    """Why there is nothing to do here: `void`, `expired` or `unknown`."""
    say = _Speech(customer)
    return _page(
        say,
        f'<span class="mark not" aria-hidden="true">–</span><h1>{say(why)}</h1>'
        f'<p class="soft">{say(f"{why}_help")}</p>',
    )


def portal(customer: Json, card: Json, *, is_saved: bool) -> str:
    """The card on file, and the button that saves another."""
    say = _Speech(customer)
    shown = f"{card['brand'].title()} •••• {card['last4']}"
    saved = f'<p role="status">{say("saved")}</p>' if is_saved else ""
    return _page(
        say,
        f'<div class="sum"><h1>{say("portal")}</h1><p>{say("on_file", card=shown)}</p></div>'
        f'{saved}<form method="post"><button>{say("save")}</button></form>',
    )


class _Speech:
    """A customer's language, and its words ready for a page: filled, then escaped."""

    def __init__(self, customer: Json) -> None:
        country = (customer.get("address") or {}).get("country")
        asked = (*customer.get("preferred_locales", ()), *country_language(country))
        known = (tag[:2].lower() for tag in asked if tag[:2].lower() in WORDS)
        self.language = next(known, "en")

    def __call__(self, key: str, **values: Any) -> str:  # noqa: ANN401 - what it is filled with
        return escape(WORDS[self.language][key].format(**values))


def _note(say: _Speech) -> str:
    return f'<p class="note" role="alert"><b>{say("refused")}</b>{say("refused_help")}</p>'


def _page(say: _Speech, content: str) -> str:
    return (
        f'<!doctype html><html lang="{say.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{say("title")}</title>'
        f"<style>{STYLE}</style></head>"
        f'<body><main>{content}<p class="small">{say("sandbox")}</p></main></body></html>'
    )


def _money(say: _Speech, invoice: Json, field: str) -> str:
    return amount(say.language, Money(minor=invoice[field], currency=invoice["currency"]))


def _moment(invoice: Json) -> datetime:
    at = invoice["due_date"] or invoice["status_transitions"]["finalized_at"]
    return datetime.fromtimestamp(at, UTC)
