"""What a counterpart's own objects say, in words for a terminal. Pure: state in, text out."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from bot.sandbox.model_words import task_of
from bot.sandbox.slack import Message, render_blocks
from bot.sandbox.slack_state import Json
from bot.sandbox.stripe_ledger import Event
from bot.sandbox.stripe_pages import amount_text
from bot.sandbox.stripe_world import World
from bot.store.journal import Entry

# Of all that Stripe tells, what a reader of the story wants to hear of.
TOLD = frozenset({"invoice.payment_failed", "invoice.paid", "invoice.voided"})
# https://docs.slack.dev/messaging/formatting-message-text#date-formatting
_DATE = re.compile(r"<!date\^(\d+)\^([^|^>]+)(?:\^[^|>]*)?\|[^>]*>")

Names = Mapping[str, str]


def told(event: Event, world: World) -> str:
    """An event about an invoice: whose, how much, and why it failed."""
    invoice = event.object
    customer = world.find(invoice["customer"])
    who = customer.get("name") or customer.get("email") or customer["id"]
    parts = [who, amount_text(invoice["amount_due"], invoice["currency"])]
    if event.type == "invoice.payment_failed":
        parts += [f"attempt {invoice['attempt_count']}", why_failed(event, world)]
    return f"{event.type}: {', '.join(part for part in parts if part)}."


def why_failed(event: Event, world: World) -> str:
    """The bank's word for the refusal that this event tells of."""
    charge = world.objects.get(str(event.aside.get("charge")), {})
    return str((charge.get("outcome") or {}).get("reason") or charge.get("failure_code") or "")


def subscriber(customer: Json, price: Json, product: Json) -> str:
    """Who subscribes to what, as Stripe has it."""
    each = price["recurring"]["interval"]
    amount = amount_text(price["unit_amount"], price["currency"])
    return f"{customer['name']} · {product['name']}, {amount} a {each}"


def reachable(customer: Json) -> str:
    """Where and in which language a customer can be written to, as Stripe has it."""
    languages = ", ".join(customer["preferred_locales"]) or "none"
    country = (customer["address"] or {}).get("country") or "unknown"
    address = customer["email"] or "none"
    return f"E-mail: {address}. Languages: {languages}. Country: {country}."


def asked(request: Json) -> str:
    """What the model was told of a customer: everything but the rules, which are always alike."""
    task = task_of(request["messages"])
    shown = ("reason", "attempt", "tenure", "paid", "locale")
    facts = "; ".join(f"{key}: {task[key]}" for key in shown if task.get(key))
    return f"It is asked for a letter, and told: {facts}."


def page_says(page: str) -> str:
    """The words of a page of the sandbox's Stripe."""
    body = page.partition("<main>")[2].partition("</main>")[0]
    return " · ".join(re.findall(r">([^<>]+)<", body))


def pressed(sent: bytes, names: Names) -> tuple[str, str]:
    """Who pressed what, read from the bytes that reached the bot."""
    payload = json.loads(parse_qs(sent.decode())["payload"][0])
    action = payload["actions"][0]
    return names.get(payload["user"]["id"], "?"), str(action["text"]["text"])


def whole(blocks: list[Json], names: Names, now: datetime) -> str:
    """All of a message as a person in UTC reads it."""
    return render_blocks(dated(blocks, now), names)


def brief(message: Message, names: Names, now: datetime) -> list[str]:
    """A card without its letter and its small print."""
    kept, dividers = [], 0
    for block in message.blocks:
        if block["type"] == "divider":
            dividers += 1
        elif dividers == 1 and _ends_a_letter(message.blocks):
            # Beside the letter stands who wrote it; the envelope has a middle dot.
            if block["type"] == "context" and " · " not in render_blocks([block]):
                kept.append(block)
        elif block["type"] != "context":
            kept.append(block)
    return whole(kept, names, now).splitlines()


def news(message: Message, names: Names, now: datetime) -> list[str]:
    """What the last change of a message added: sentences and buttons, not the small print."""
    before = message.versions[-1].blocks if message.versions else []
    old = whole(before, names, now).splitlines()
    shown = [block for block in message.blocks if block["type"] in {"section", "actions", "header"}]
    lines = whole(shown, names, now).splitlines()
    # A line that only lost its end, such as a recommendation, is not news.
    return [line for line in lines if not any(one.startswith(line) for one in old)]


def path_of(entries: list[Entry]) -> str:
    """The states a case went through, by its journal."""
    states = [entries[0].state_before]
    for entry in entries:
        if entry.state_after != states[-1]:
            states.append(entry.state_after)
    why = entries[-1].why_after
    return " → ".join(states).replace("_", " ") + (f" ({why.replace('_', ' ')})" if why else "")


def dated(part: Any, now: datetime) -> Any:  # noqa: ANN401 - any depth of JSON
    """Blocks with their moments written as Slack shows them, to somebody in UTC."""
    if isinstance(part, dict):
        return {key: dated(value, now) for key, value in part.items()}
    if isinstance(part, list):
        return [dated(value, now) for value in part]
    return _DATE.sub(lambda found: _moment(found, now), part) if isinstance(part, str) else part


def letters(blocks: list[Json]) -> Iterator[str]:
    """The sections between a card's two lines: the subject, then the text in one piece or more."""
    dividers = 0
    for block in blocks:
        dividers += block["type"] == "divider"
        if dividers == 1 and block["type"] == "section" and _ends_a_letter(blocks):
            yield render_blocks([block])


def _ends_a_letter(blocks: list[Json]) -> bool:
    return [block["type"] for block in blocks].count("divider") > 1


def _moment(found: re.Match[str], now: datetime) -> str:
    at = datetime.fromtimestamp(int(found[1]), UTC)
    days = {now.date(): "today", now.date() + timedelta(days=1): "tomorrow"}
    filled = {
        "{date_short_pretty} {time}": f"{days.get(at.date(), f'{at:%b} {at.day}')} at {at:%H:%M}",
        "{time_secs}": f"{at:%H:%M:%S}",
    }
    return filled.get(found[2], f"{at:%Y-%m-%d %H:%M} UTC")
