"""A customer asks to be forgotten: two people agree, and no name is left, here or in Slack."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select, update

from bot.case.effects import Tell
from bot.case.ids import CaseId
from bot.case.model import State, Why
from bot.review import actions
from bot.review.erasure import ERASE, WITHDRAW
from bot.sandbox.slack import Fault, Message, User
from bot.sandbox.town import Houses, Town
from bot.store import outbox, standing
from bot.store import tables as schema
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
from tests.journeys.stories import DAY, DOUBT, UNDO, Story

SOON = timedelta(seconds=3)
LATER = timedelta(minutes=6)
# What only this customer would have brought into a table or a channel.
CANARIES = ("zanzibar", "quagga")
SECRET = {
    "name": "Zanzibar Quagga",
    "email": "zanzibar@quagga.example",
    "metadata": {"tier": "quagga"},
}


async def asked(story: Story, typed: str = "zanzibar@quagga.example") -> Message:
    """Maya asks that they be forgotten; the message that then asks the others."""
    await story.commands(f"erase {typed}")
    await story.town.later(SOON)
    return requests(story.town)[-1]


def requests(town: Town) -> list[Message]:
    marked = [one for one in town.cards() if "erasure" in payload(one)]
    return [one for one in marked if not one.deleted]


def payload(message: Message) -> dict[str, Any]:
    return dict((message.metadata or {}).get("event_payload") or {})


async def agreed(story: Story, message: Message, who: User | None = None) -> None:
    """Tom presses, and all that follows at once is done."""
    await story.press(ERASE, who=who or story.people.tom, on=message)
    for _ in range(4):
        await story.town.later(SOON)


def in_slack(town: Town) -> list[str]:
    """Messages that still name them, but for those that people typed."""
    state = town.slack.state
    ours = (
        one
        for channel in state.channels
        for one in state.in_channel(channel)
        if one.user == state.bot_user
    )
    shown = (json.dumps([one.text, one.blocks, one.metadata]).casefold() for one in ours)
    return [one for one in shown if any(word in one for word in CANARIES)]


async def in_database(town: Town) -> dict[str, str]:
    """Columns in which they are still named, whatever is in them."""
    found: dict[str, str] = {}
    async with town.parts.database.read() as link:
        for table in schema.metadata.sorted_tables:
            for row in (await link.execute(select(table))).mappings():
                for column, value in row.items():
                    if any(word in str(value).casefold() for word in CANARIES):
                        found[f"{table.name}.{column}"] = str(value)[:80]
    return found


async def whole(town: Town) -> bool:
    return [one async for one in town.memory.checked() if one.flaws] == []


async def test_two_people_agree_and_nothing_names_them_any_more(story: Story) -> None:
    # An earlier case with a letter in their language, rewritten by hand and stopped with a note.
    customer = story.customer(**SECRET, country="ES", locales=["es"])
    first = story.world.fail_payment(story.world.subscribe(customer, "Quagga"))
    await story.town.settle()
    await story.edits(body="Hola Zanzibar, [pay link]", subject="Quagga", then="approve")
    await story.town.later(UNDO)
    await story.commands("stop Zanzibar Quagga")
    # A later one, as a VIP, whom somebody handed over with a note and people talked about.
    await story.commands(f"vip {customer['id']}")
    story.world.fail_payment(story.world.subscribe(customer, "Zanzibar"))
    await story.town.settle()
    card = story.town.vip_cards()[-1]
    await story.press(actions.HAND_OVER, who=story.people.priya, on=card)
    await story.submits(who=story.people.priya, owner=story.people.tom.id, note="Ask for Mr Quagga")
    story.town.slack.say(story.people.tom.id, card.channel, "Zanzibar called me", thread_ts=card.ts)
    old, new = await story.cases(first)
    await stuff(story.town, new.id)
    assert set(await in_database(story.town)) >= SURELY
    assert len(in_slack(story.town)) == len(["card", "VIP's", "note", "lost work"])

    await agreed(story, await asked(story))

    assert await in_database(story.town) == {}
    assert in_slack(story.town) == []
    assert await whole(story.town)
    for case in await story.cases(first):
        assert (case.state, case.why) == (State.CLOSED, Why.ERASED)
    assert (await story.town.case(old.id)).sent == 1
    told = story.card(requests(story.town)[-1])
    assert f"{customer['id']} was forgotten: @Maya Okafor asked for it, @Tom Berger agreed" in told
    assert "Somebody wrote one message of their own in this thread." in told
    assert f"/archives/{card.channel}/p{card.ts.replace('.', '')}" in told
    assert "erased by @Tom Berger" in await story.commands(f"show {customer['id']}")
    assert "erased by @Tom Berger" in await story.commands(f"why {customer['id']}")
    assert f"{customer['id']} → erased" in await story.commands("history")
    # The address that refuses mail is still known as such.
    async with story.town.parts.database.read() as link:
        known = await standing.record(
            link, new.key, story.town.clock.now(), address="zanzibar@quagga.example"
        )
    assert known.standing.suppressed == {"zanzibar@quagga.example"}


# Where a customer of this story stands for certain before: else the search proves nothing.
SURELY = {
    *("addresses.address", "cases.body", "contacts.address", "finding.term", "journal_texts.body"),
    "outbox.trouble",
}


async def stuff(town: Town, case: CaseId) -> None:
    """Work for this case that was given up, with its trouble, and an address that refuses mail."""
    now = town.clock.now()
    async with town.parts.database.begin() as link:
        lost = Tell(case_id=case, lost=f"draft/{case}/1")
        told = await outbox.add(link, lost, now=now, owner=None)
        assert told is None
        await link.execute(
            update(schema.outbox).where(schema.outbox.c.case_id == case).values(trouble="quagga")
        )
        address = "zanzibar@quagga.example"
        gone = {"address": address, "suppressed_at": now}
        await link.execute(schema.addresses.delete().where(schema.addresses.c.address == address))
        await link.execute(insert(schema.addresses).values(gone))
    await town.idle()


@ONE_DATABASE
async def test_who_asked_is_not_the_second_person_and_an_answer_is_given_once(
    story: Story,
) -> None:
    await story.failed(**SECRET)
    message = await asked(story, "Zanzibar Quagga")
    assert "@Maya Okafor asks that *Zanzibar Quagga* (cus_" in story.card(message)
    assert story.buttons(message) == [ERASE, WITHDRAW]
    assert "already, " in await story.commands("erase Zanzibar Quagga")
    await story.press(ERASE, on=message)
    assert "somebody else has to agree" in story.whispers()[-1]
    assert in_slack(story.town)
    pressing = [
        story.town.slack.pressing(who.id, message.channel, message.ts, action)
        for who, action in ((story.people.tom, ERASE), (story.people.maya, WITHDRAW))
    ]
    heard = len(story.town.slack.state.ephemerals)
    await story.send_at_once(*pressing)
    assert len(story.town.slack.state.ephemerals) == heard + 1
    await story.send(pressing[0])
    assert "already" in story.town.slack.state.ephemerals[-1].text


@ONE_DATABASE
async def test_guests_and_strangers_decide_nothing_and_a_part_of_a_name_asks_nothing(
    story: Story,
) -> None:
    await story.failed(**SECRET)
    assert "If you mean this customer" in await story.commands("erase Zanz")
    assert "Guests can’t use this command." in await story.commands(
        "erase zanzibar@quagga.example", who=story.people.guest
    )
    assert requests(story.town) == []
    message = await asked(story)
    story.town.slack.state.channels[message.channel].members.append(story.people.guest.id)
    await story.press(ERASE, who=story.people.guest, on=message)
    assert "Guests can’t decide here" in story.whispers(story.people.guest)[-1]
    assert await in_database(story.town)


@ONE_DATABASE
async def test_a_button_that_the_database_forgot_erases_nobody_else(story: Story) -> None:
    await story.failed(name="Somebody Else", email="else@example.com")
    await story.failed(**SECRET)
    old = await asked(story, "else@example.com")
    async with story.town.parts.database.begin() as link:
        await link.execute(delete(schema.erasures))  # a backup was restored from before
    await story.town.later(timedelta(minutes=1))
    new = await asked(story)
    assert payload(new) == payload(old)
    await agreed(story, old)
    assert "too old" in story.whispers(story.people.tom)[-1]
    assert await in_database(story.town)
    await agreed(story, new)
    assert await in_database(story.town) == {}


@ONE_DATABASE
async def test_withdrawn_or_left_alone_for_a_week_nothing_is_erased(story: Story) -> None:
    await story.failed(**SECRET)
    first = await asked(story)
    await story.press(WITHDRAW, on=first)
    await story.town.later(SOON)
    assert "withdrew it" in story.card(first)
    second = await asked(story)
    late = story.town.slack.pressing(story.people.tom.id, second.channel, second.ts, ERASE)
    await story.town.later(7 * DAY)
    assert "Nobody agreed in seven days" in story.card(second)
    assert [story.buttons(one) for one in (first, second)] == [[], []]
    await story.send(late)
    assert "This ran out" in story.whispers(story.people.tom)[-1]
    assert await in_database(story.town)


async def test_a_letter_that_was_approved_does_not_leave_and_the_next_failure_is_a_new_case(
    story: Story,
) -> None:
    customer = story.customer(**SECRET)
    invoice = story.world.fail_payment(story.world.subscribe(customer, "Team"))
    await story.town.settle()
    card = story.newest()
    message = await asked(story)
    edit = story.town.slack.pressing(story.people.maya.id, card.channel, card.ts, actions.EDIT)
    await story.send(edit)
    await story.press(actions.APPROVE, who=story.people.tom, on=card)
    await agreed(story, message)
    await story.town.later(timedelta(hours=1))
    assert story.town.mails() == []
    await story.submits(body="Zanzibar, [pay link]")
    story.world.fail_payment(invoice)  # Stripe's next try for the same invoice
    await story.town.settle()
    [case] = await story.cases(invoice)
    assert (case.why, await in_database(story.town), in_slack(story.town)) == (Why.ERASED, {}, [])
    story.world.fail_payment(story.world.subscribe(customer, "Team"))
    await story.town.settle()
    assert [one.state for one in await story.cases(invoice)] == [State.CLOSED, State.IN_REVIEW]


@ONE_DATABASE
async def test_a_letter_whose_fate_is_unknown_is_asked_about_no_more_and_never_sent_again(
    story: Story,
) -> None:
    invoice = await story.failed(**SECRET)
    card = story.newest()
    message = await asked(story)
    story.town.mailbox.drop("END", accepts=True)
    await story.press(actions.APPROVE, on=card)
    await story.town.later(UNDO)
    doubtful = story.newest()
    assert story.buttons(doubtful) == DOUBT
    again = story.town.slack.pressing(
        story.people.maya.id, doubtful.channel, doubtful.ts, actions.NOT_ARRIVED
    )
    await agreed(story, message)
    await story.send(again)
    await story.town.later(DAY)
    assert "closed" in story.whispers()[-1]
    assert len(story.town.mails()) == 1
    case = await story.case(invoice)
    assert (case.why, case.handed, in_slack(story.town)) == (Why.ERASED, case.revision, [])
    assert await in_database(story.town) == {}


@ONE_DATABASE
async def test_while_slack_is_away_the_database_is_clean_and_slack_follows(story: Story) -> None:
    invoice = await story.failed(**SECRET)
    await story.failed(name="Somebody Else", email="else@example.com")
    others = len(story.town.cards())
    card, many = story.town.cards()[0], 205  # more than a page of Slack's
    for _ in range(many):
        story.town.slack.say(story.people.tom.id, card.channel, "I called", thread_ts=card.ts)
    message = await asked(story)
    await story.press(ERASE, who=story.people.tom, on=message)
    for method in ("chat.update", "conversations.replies", "conversations.history"):
        story.town.slack.fault(method, Fault(status=500), times=None)
    await story.town.later(SOON)
    await story.town.later(LATER)
    assert await in_database(story.town) == {}
    assert in_slack(story.town)
    story.town.slack.faults.clear()
    for _ in range(4):
        await story.town.later(LATER)
    assert in_slack(story.town) == []
    assert "was forgotten" in story.card(message)
    assert f"People wrote {many} messages of their own" in story.card(message)
    assert len(story.town.cards()) == others + 1
    assert "Somebody Else" in str([one.blocks for one in story.town.cards()])
    assert (await story.case(invoice)).why is Why.ERASED


@ONE_DATABASE
async def test_a_busy_slack_is_waited_for_and_what_is_archived_is_told(story: Story) -> None:
    await story.failed(**SECRET, amount=90000)
    card = story.newest()
    message = await asked(story)
    story.town.slack.state.channels[card.channel].is_archived = True
    story.town.slack.fault("conversations.history", Fault(retry_after=30), times=2)
    await agreed(story, message)
    for _ in range(4):
        await story.town.later(LATER)
    told = story.card(requests(story.town)[-1])
    assert "was forgotten" in told
    assert "could not be read or changed" in told
    assert f"/archives/{card.channel}/p{card.ts.replace('.', '')}" in told
    assert not [call for call in story.town.slack.state.calls if call.early]


@ONE_DATABASE
async def test_where_slack_allows_no_edits_the_end_is_a_message_of_its_own(story: Story) -> None:
    await story.failed(**SECRET)
    card, question = story.newest(), await asked(story)
    story.town.slack.fault("chat.update", Fault(error="edit_window_closed"), times=None)
    await agreed(story, question)
    for _ in range(4):
        await story.town.later(LATER)
    told = story.card(requests(story.town)[-1])
    assert "was forgotten" in told
    for left in (card, question):  # they still name them: people have to delete these
        assert f"/p{left.ts.replace('.', '')}" in told
    assert len(requests(story.town)) == len(["question", "agreed", "end"])


async def test_a_bot_that_died_in_the_middle_goes_on_where_it_was(
    build: Towns, standing: Houses
) -> None:
    async with build(among=standing) as story:
        invoice = await story.failed(**SECRET)
        message = await asked(story)
        hung = Fault(hang=True)
        story.town.slack.fault("chat.update", hung, times=None)
        pressing = story.town.slack.press(story.people.tom.id, message.channel, message.ts, ERASE)
        await story.town.passing(pressing)
        story.town.clock.move(SOON)
        await until_erased(story, invoice)
        story.town.parts.worker.patience = 0.01
    standing.slack.faults.clear()
    async with build(among=standing) as story:
        for _ in range(4):
            await story.town.later(LATER)
        assert await in_database(story.town) == {}
        assert in_slack(story.town) == []
        assert len(requests(story.town)) == 1
        assert "was forgotten" in story.card(requests(story.town)[-1])
        assert await whole(story.town)


async def until_erased(story: Story, invoice: dict[str, Any]) -> None:
    while (await story.case(invoice)).why is not Why.ERASED:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0)


@ONE_DATABASE
async def test_nothing_of_them_lies_about_in_the_database_file_either(
    story: Story, migrated_url: str
) -> None:
    await story.failed(**SECRET)
    file = Path(migrated_url.removeprefix("sqlite+aiosqlite:///"))
    assert lying_about(file)
    await agreed(story, await asked(story))
    assert lying_about(file) == []


def lying_about(file: Path) -> list[str]:
    """The files of a SQLite database that hold a word of theirs, used or free."""
    parts = [file, file.with_name(f"{file.name}-wal")]
    held = {one.name: one.read_bytes().lower() for one in parts if one.exists()}
    return [name for name, all_ in held.items() if any(one.encode() in all_ for one in CANARIES)]
