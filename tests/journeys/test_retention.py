"""A case ends; half a year later its words are gone, and all that counts is still there."""

from sqlalchemy import select

from bot.case.credit import Credit
from bot.review import actions
from bot.store.tables import metadata
from tests.journeys.stories import DAY, Story

NAME, ADDRESS, PLAN = "Zéphyrine Quatrebarbes", "zephyrine@canary.example", "Canary plan"
CANARIES = ("canary", "zéphyrine", "zephyrine", "quatrebarbes")
FORGOTTEN = "Its words and names were forgotten 181 days after it closed"


async def everything(story: Story) -> str:
    """Every value of every row of every table."""
    async with story.town.parts.database.read() as link:
        rows = [row for one in metadata.sorted_tables for row in await link.execute(select(one))]
    return "\n".join(str(tuple(row)) for row in rows).lower()


async def test_half_a_year_later_the_words_are_gone_and_what_counts_is_there(story: Story) -> None:
    invoice = await story.failed(name=NAME, email=ADDRESS, plan=PLAN, paid=3)
    late_press = story.finger_on(actions.APPROVE)
    await story.approve()
    await story.commands(f"stop {invoice['customer']}")
    [mail] = story.mailed()
    spoken = [line.lower() for line in mail.split("\n") if len(line) > 40]
    shown, ledger = story.card(), story.town.parts.ledger
    stats = await ledger.stats(story.town.clock.now() - DAY)
    before = await everything(story)
    assert all(one in before for one in CANARIES)
    assert any(one in before for one in spoken)

    await story.town.later(181 * DAY)
    left = await everything(story)
    assert [one for one in (*CANARIES, *spoken) if one in left] == []
    case = await story.case(invoice)
    assert await story.town.memory.journal_breaks(case.id) == []
    assert await ledger.stats(stats.since) == stats

    for verb in ("show", "why"):
        assert FORGOTTEN in await story.commands(f"{verb} {invoice['customer']}")
    await story.send(late_press)
    assert story.whispers()[-1].startswith("This is closed")

    story.world.pay(invoice)
    await story.town.settle()
    paid = await ledger.stats(stats.since)
    assert (paid.recovered, paid.by[Credit.LETTER]) == (1, 1)
    assert not [one for one in CANARIES if one in await everything(story)]
    assert story.card() == shown, "Slack's messages are the workspace's to keep"
    assert await story.town.memory.journal_breaks(case.id) == []
