"""Somebody opens the Home, and reads there what waits, what came back and whether all is well."""

from datetime import timedelta

from bot.review import actions
from bot.review.home import LISTED
from bot.sandbox.slack import Fault, User, render_text
from bot.sandbox.slack_views import home_of
from tests.databases import ONE_DATABASE
from tests.journeys.stories import Story, readable, until


async def home(story: Story, who: User) -> str:
    """What a person reads after opening their Home."""
    published = len(story.town.slack.calls("views.publish"))
    answer = await story.town.passing(story.town.slack.open_home(who.id))
    assert answer.problem is None, answer
    await until(lambda: len(story.town.slack.calls("views.publish")) > published)
    await until(lambda: story.town.slack.calls("views.publish")[-1].status is not None)
    view = home_of(story.town.slack.state, who.id)
    return readable(render_text(view, story.names)) if view else ""


@ONE_DATABASE
async def test_no_crowd_of_letters_hides_a_vip_from_the_home(story: Story) -> None:
    for number in range(LISTED):
        subscription = story.subscribed(name=f"Ben {number}", email=f"ben{number}@example.com")
        story.world.fail_payment(subscription, decline_code="insufficient_funds")
    await story.town.settle()
    await story.failed(amount=90000)
    seen = (await home(story, story.people.maya)).replace("*", "")
    assert "VIPs that nobody has taken on\n• Chloé Martin · $900.00" in seen
    assert "… and 1 more" in seen


@ONE_DATABASE
async def test_an_account_manager_who_reviews_no_letters_sees_the_vips_and_nothing_else(
    story: Story,
) -> None:
    priya = story.people.priya
    assert "No VIP waits for somebody" in await home(story, priya)
    await story.failed(name="Ben Ito", email="ben@example.com")
    await story.failed(amount=90000)
    seen = (await home(story, priya)).replace("*", "")
    assert "VIPs that you look after\n• Chloé Martin · $900.00" in seen
    assert "Ben Ito" not in seen
    assert "Failed" not in seen


@ONE_DATABASE
async def test_the_home_tells_what_waits_and_what_came_back_in_each_persons_words(
    story: Story,
) -> None:
    maya, tom, priya = story.people.maya, story.people.tom, story.people.priya
    assert "Nothing waits for a person." in await home(story, maya)
    await story.failed(amount=90000)
    paid = await story.failed(name="Ana Torres", email="ana@example.es")
    await story.failed(name="Ben Ito", email="ben@example.com")
    story.world.pay(paid)
    await story.town.settle()
    seen = await home(story, maya)
    assert "2 cases wait for a person" in seen
    assert "VIPs that nobody has taken on\n• Chloé Martin · $900.00" in seen.replace("*", "")
    assert "Letters to decide about\n• Ben Ito · $49.00" in seen.replace("*", "")
    assert "At stake: $949.00" in seen
    assert "Recovered: 1 of 3, 33% ($49.00)" in seen
    assert "Recovered is a case of this time" in seen
    assert "Everything works." in seen
    assert "/dunning help" in seen
    tom.locale = "fr-FR"
    assert "Messages à décider" in await home(story, tom)
    story.town.review.members.append(priya.id)
    assert "VIPs that you look after\n• Chloé Martin" in (await home(story, priya)).replace("*", "")


@ONE_DATABASE
async def test_a_vip_that_was_taken_and_not_contacted_is_back_among_what_waits(
    story: Story,
) -> None:
    maya, tom = story.people.maya, story.people.tom
    await story.failed(amount=90000)
    await story.press(actions.TAKE, who=tom)
    assert "Nothing waits for a person." in await home(story, tom)
    await story.town.later(timedelta(days=3))
    seen = (await home(story, tom)).replace("*", "")
    assert "One case waits for a person" in seen
    assert "VIPs that you look after\n• Chloé Martin" in seen
    seen = (await home(story, maya)).replace("*", "")
    assert "took on and has not contacted yet\n• Chloé Martin" in seen
    assert "nobody has taken on" not in seen
    await story.press(actions.CONTACTED, who=tom)
    assert "Nothing waits for a person." in await home(story, tom)


@ONE_DATABASE
async def test_who_may_not_decide_sees_no_figures_and_a_slack_that_refuses_breaks_nothing(
    story: Story,
) -> None:
    await story.failed()
    seen = await home(story, story.people.guest)
    assert "You aren’t one of them yet" in seen
    assert "$" not in seen
    story.town.slack.fault("views.publish", Fault(error="invalid_arguments"))
    assert await home(story, story.people.maya) == ""
    await story.press(actions.APPROVE)
    assert "1 approved" in await home(story, story.people.maya)
