"""No worker runs: the process that answers says so in the channel."""

from bot.words import say
from tests.journeys.stories import MINUTE, Story
from tests.journeys.test_first_day import got


async def test_without_a_worker_the_channel_hears_that_work_is_late(story: Story) -> None:
    await story.town.parts.worker.stop()
    story.world.fail_payment(story.subscribed())
    await story.town.stripe.tell()

    while not story.town.cards():
        story.town.clock.move(MINUTE)
        await got(f"{story.town.url}/healthz")
    (line,) = story.town.cards()
    assert story.card(line) == say("en", "watch.late")
    assert (await got(f"{story.town.url}/readyz"))[0] == 503
