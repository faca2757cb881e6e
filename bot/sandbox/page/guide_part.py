"""The guided first minute: which step it is follows from the world, never from what was pressed."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.review.actions import APPROVE, UNDO
from bot.sandbox.page import mail_part, stripe_part
from bot.sandbox.page.cast import AOIFE, customer_of
from bot.sandbox.page.desk import Desk, Json, NotNow, Part
from bot.sandbox.slack import Message, User

AT_ONCE = timedelta(minutes=1)  # no sooner does an approved letter count as one that waits
REASON = "expired_card"  # why her payment fails: the kind that only the customer can mend

# The step that each standing belongs to, and what it aims at: a name that elements bear.
STEPS: Mapping[str, tuple[str, str | None]] = {
    "starting": ("failed", None),
    "failed": ("failed", None),
    "approve": ("approve", APPROVE),
    "leaving": ("mail", None),
    "waiting": ("mail", "day"),
    "decided": ("approve", None),
    "mail": ("mail", "mail"),
    "pay": ("pay", "paylink"),
    "end": ("end", None),
    "ended": ("ended", None),
}


def screen(desk: Desk, viewer: User) -> Json:
    """The step that comes next, the word of its hint, and what it aims at."""
    standing = _standing(desk, viewer)
    step, aim = STEPS[standing]
    review = desk.houses.review.id
    return {"step": step, "hint": standing, "aim": aim, "customer": AOIFE.name, "channel": review}


async def open_page(desk: Desk, _: User, given: Mapping[str, Any]) -> None:
    """{language}: the bot speaks it from now on, and the first page starts the story."""
    await desk.speak(str(given.get("language")))
    if not desk.begun:
        desk.begun = True  # her bill is there before anything else can run
        await _fail(desk)


async def again(desk: Desk, _: User, __: Mapping[str, Any]) -> None:
    """Her next payment fails; NotNow while the last one is open."""
    if _invoice(desk)["status"] == "open":
        raise NotNow("guide.still_open")
    await _fail(desk)


PART = Part(screen=screen, acts={"open": open_page, "again": again})


async def _fail(desk: Desk) -> None:
    await stripe_part.fail(desk, customer_of(desk, AOIFE)["id"], REASON)


def _invoice(desk: Desk) -> Json:
    """Her latest bill, as a living object: the cast enters with a history of them."""
    world, customer = desk.houses.stripe.world, customer_of(desk, AOIFE)["id"]
    bills = world.tables["invoice"].values()
    return next(one for one in reversed(bills) if one["customer"] == customer)


def _standing(desk: Desk, viewer: User) -> str:
    invoice = _invoice(desk)
    match invoice["status"]:
        case "paid":
            return "end" if desk.begun else "starting"
        case "open":
            return _mailed(desk, viewer, invoice) or _carded(desk, invoice["created"])
        case _:
            return "ended"


def _mailed(desk: Desk, viewer: User, invoice: Json) -> str | None:
    seen = [
        mail["seen"]
        for mail in mail_part.screen(desk, viewer)["mails"]
        if mail["person"]["id"] == invoice["customer"] and mail["at"] >= invoice["created"] * 1000
    ]
    return ("pay" if any(seen) else "mail") if seen else None


def _carded(desk: Desk, since: int) -> str:
    card = _card(desk, since)
    if card is None:
        return "failed"
    pressable = _actions(card.blocks)
    if APPROVE in pressable:
        return "approve"
    approved = UNDO in pressable or any(UNDO in _actions(one.blocks) for one in card.versions)
    if not approved:
        return "decided"
    return "waiting" if _is_held(desk) else "leaving"


def _is_held(desk: Desk) -> bool:
    """Whether her letter leaves later, as one does that comes at night or soon after the last."""
    soon = desk.houses.clock.now() + AT_ONCE
    hers = (one for one in desk.plans if (one.who, one.what) == (AOIFE.name, "sending"))
    return any(one.at > soon for one in hers)


def _card(desk: Desk, since: int) -> Message | None:
    """Her card about that bill: the latest that names her, since it was made (Unix seconds)."""
    for message in reversed(desk.houses.slack.state.messages):
        if float(message.ts) < since:
            return None
        named = AOIFE.name in message.text and message.channel == desk.houses.review.id
        if named and message.thread_ts is None and not message.deleted:
            return message
    return None


def _actions(blocks: list[Json]) -> set[str]:
    return {one.get("action_id", "") for block in blocks for one in block.get("elements", ())}
