"""The guide follows the world: whoever did something, and wherever, it knows what comes next."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from email.message import EmailMessage

import pytest

from bot.review.actions import APPROVE, EDIT, UNDO
from bot.sandbox.mailbox import Mail
from bot.sandbox.page import guide_part
from bot.sandbox.page.cast import AOIFE, FRENCH, customer_of, people_town
from bot.sandbox.page.desk import Desk, Json
from bot.sandbox.slack import Message
from tests.sandbox.page.sites import Visit, visit


@pytest.fixture
async def there() -> AsyncIterator[Visit]:
    async with visit(guide=guide_part.PART) as open_site:
        desk = open_site.site.desk
        people_town(desk)
        desk.ready.set()  # no bot: what it would do is done by hand
        yield open_site


async def opens(there: Visit, language: str = "en") -> None:
    answer = await there.do("guide/open", {"viewer": "", "language": language})
    assert answer.status == 200


def step(there: Visit) -> tuple[str, str | None]:
    desk = there.site.desk
    shown = guide_part.screen(desk, desk.houses.people.maya)
    return shown["hint"], shown["aim"]


def bills(desk: Desk) -> list[Json]:
    owed = customer_of(desk, AOIFE)["id"]
    every = desk.houses.stripe.world.tables["invoice"].values()
    return [one for one in every if one["customer"] == owed]


def card(desk: Desk, *actions: str, name: str = AOIFE.name) -> Message:
    slack, review = desk.houses.slack, desk.houses.review
    message = slack.say(slack.state.bot_user, review.id, f"{name} owes €49.00")
    message.blocks = buttons(*actions)
    return message


def buttons(*actions: str) -> list[Json]:
    return [{"type": "actions", "elements": [{"action_id": name} for name in actions]}]


def redraw(message: Message, *actions: str) -> None:
    message.change(at="1.0", text=message.text, blocks=buttons(*actions), metadata=None)


def mail(desk: Desk, name: str) -> None:
    message = EmailMessage()
    message["From"], message["Message-ID"] = "billing@northwind.example", f"<{name}>"
    message["Subject"] = "Your card"
    message.set_content(f"Pay here: http://127.0.0.1/invoice/{bills(desk)[-1]['id']}")
    now = desk.houses.clock.now()
    desk.houses.mailbox.mails.append(
        Mail(at=now, sender="", recipients=("test@northwind.example",), raw=bytes(message))
    )


async def test_a_page_opened_twice_starts_the_story_once(there: Visit) -> None:
    desk = there.site.desk
    before = len(bills(desk))
    assert step(there) == ("starting", None)
    await opens(there)
    await opens(there, "fr")
    assert len(bills(desk)) == before + 1
    assert (bills(desk)[-1]["status"], bills(desk)[-1]["attempt_count"]) == ("open", 1)
    assert desk.language == "fr"
    assert step(there) == ("failed", None)


async def test_a_language_that_nobody_here_speaks_is_english(there: Visit) -> None:
    await opens(there, "fr")
    await opens(there, "xx")
    assert there.site.desk.language == there.site.desk.bot.settings["LOCALE"] == "en"


async def test_the_first_minute_goes_from_the_card_to_the_payment(there: Visit) -> None:
    desk = there.site.desk
    await opens(there)
    drawn = card(desk, APPROVE, EDIT)
    card(desk, APPROVE, name=FRENCH.name)
    assert step(there) == ("approve", "approve")
    redraw(drawn, UNDO)
    assert step(there) == ("leaving", None)
    redraw(drawn)
    assert step(there) == ("leaving", None)
    mail(desk, "one@northwind.example")
    assert step(there) == ("mail", "mail")
    desk.seen.add("one@northwind.example")
    assert step(there) == ("pay", "paylink")
    desk.houses.stripe.world.pay(bills(desk)[-1])
    assert step(there) == ("end", None)


async def test_nothing_has_ended_before_it_began(there: Visit) -> None:
    desk = there.site.desk
    desk.ready.clear()
    maya = desk.houses.people.maya
    opening = asyncio.ensure_future(guide_part.open_page(desk, maya, {"language": "en"}))
    await asyncio.sleep(0)  # it waits for the bot now
    assert not opening.done()
    assert step(there) == ("starting", None)
    desk.ready.set()
    await opening
    assert step(there) == ("failed", None)
    assert bills(desk)[-1]["status"] == "open"


async def test_an_undone_approval_leads_back_to_approve(there: Visit) -> None:
    await opens(there)
    drawn = card(there.site.desk, APPROVE)
    redraw(drawn, UNDO)
    redraw(drawn, APPROVE)
    assert step(there) == ("approve", "approve")


async def test_whoever_decides_otherwise_is_told_how_it_ends(there: Visit) -> None:
    desk = there.site.desk
    await opens(there)
    redraw(card(desk, APPROVE))
    assert step(there) == ("decided", None)
    desk.houses.stripe.world.void(bills(desk)[-1])
    assert step(there) == ("ended", None)


async def test_it_starts_again_only_once_the_last_one_ended(there: Visit) -> None:
    desk = there.site.desk
    await opens(there)
    card(desk, APPROVE)
    mail(desk, "one@northwind.example")
    open_bills = len(bills(desk))
    early = await there.do("guide/again", {"viewer": ""})
    assert (await early.json())["problem"]["key"] == "guide.still_open"
    desk.houses.stripe.world.pay(bills(desk)[-1])
    desk.houses.clock.move(timedelta(days=1))
    late = await there.do("guide/again", {"viewer": ""})
    assert await late.json() == {}
    assert len(bills(desk)) == open_bills + 1
    assert step(there) == ("failed", None)
