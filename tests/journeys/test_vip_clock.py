"""Nobody forgets a VIP: the thread reminds, then tells the channel, and people hand over."""

from datetime import timedelta

from bot.case.model import State, Why
from bot.review import actions
from bot.sandbox.slack import Fault, Message, User
from bot.sandbox.town import Town
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
from tests.journeys.stories import MINUTE, Story

HOUR = timedelta(hours=1)
# From 13:00 in Paris, four working hours later: noon of the fixtures, on the company's clock.
OFFICE = {"TIMEZONE": "Europe/Paris", "SENDING_HOURS": "09:00-18:00 mon-fri"}
REMINDER = "Still nobody has taken this customer on"
FOR_ALL = "Nobody has taken Chloé Martin on yet, a VIP whose payment of $900.00 failed."


def said_to_all(town: Town) -> list[Message]:
    """The replies that the VIP channel shows, too."""
    return [one for one in town.slack.messages(town.vip.id) if one.broadcast]


async def hands_over(story: Story, to: User, *, by: User | None = None, note: str = "") -> None:
    await story.opens(actions.HAND_OVER, who=by)
    await story.submits(who=by, owner=to.id, note=note)


@ONE_DATABASE
async def test_a_vip_whom_nobody_takes_is_reminded_of_and_then_told_to_the_channel(
    build: Towns,
) -> None:
    async with build(**OFFICE) as story:
        await story.failed(amount=90000)
        await story.town.later(4 * HOUR - MINUTE)
        assert len(story.thread()) == 1
        await story.town.later(MINUTE)
        assert "Account manager: @Priya Nair. " + REMINDER in story.thread()[-1]
        assert said_to_all(story.town) == []
        await story.town.later(4 * HOUR)  # 21:00: everybody is at home
        assert len(story.thread()) == 2
        await story.town.later(15 * HOUR)  # noon of the next day
        assert FOR_ALL in story.thread()[-1]
        (told,) = said_to_all(story.town)
        assert FOR_ALL in told.text
        await story.town.later(timedelta(days=20))
        assert len(story.thread()) == 3
        assert "<!channel>" not in story.thread()[-1]


@ONE_DATABASE
async def test_who_took_a_vip_on_is_asked_once_and_whoever_was_contacted_is_left_alone(
    story: Story,
) -> None:
    await story.failed(amount=90000)
    await story.press(actions.TAKE)
    await story.town.later(timedelta(days=7))
    assert len(story.thread()) == 2
    assert "@Maya Okafor has had this customer since" in story.thread()[-1]
    await story.press(actions.CONTACTED)
    await story.failed(amount=90000, name="Ana Torres", email="ana@example.es")
    await story.press(actions.CONTACTED)
    await story.town.later(timedelta(days=7))
    assert len(story.thread()) == 1


@ONE_DATABASE
async def test_no_reminder_comes_after_the_payment(story: Story) -> None:
    invoice = await story.failed(amount=90000)
    story.world.pay(invoice)
    await story.town.settle()
    await story.town.later(timedelta(days=7))
    assert len(story.thread()) == 2
    assert "Paid, " in story.thread()[-1]


async def test_a_crash_between_a_reminder_and_its_record_reminds_nobody_twice(
    story: Story,
) -> None:
    await story.failed(amount=90000)
    story.town.slack.fault("chat.postMessage", Fault(drop=True))
    await story.town.later(4 * HOUR)
    await story.town.later(MINUTE)
    story.town.slack.fault("chat.postMessage", Fault(drop=True))
    await story.town.later(20 * HOUR)
    await story.town.later(MINUTE)
    assert [REMINDER in one for one in story.thread()] == [False, True, False]
    assert len(said_to_all(story.town)) == 1


@ONE_DATABASE
async def test_a_vip_is_handed_over_to_a_colleague_who_gets_time_of_their_own(
    story: Story,
) -> None:
    invoice = await story.failed(amount=90000)
    await story.press(actions.TAKE)
    await hands_over(story, story.people.tom, note="speaks French")
    assert story.thread()[-1] == (
        "@Maya Okafor handed this over to @Tom Berger: it is yours now, please get in touch with "
        "them in person. Their note: “speaks French”."
    )
    assert "@Maya Okafor handed this over to @Tom Berger" in story.card()
    assert "Account manager: @Tom Berger." in story.card()
    assert actions.TAKE in story.buttons()
    assert (await story.case(invoice)).owner == story.people.tom.id
    await story.town.later(4 * HOUR)
    assert f"Account manager: @Tom Berger. {REMINDER}" in story.thread()[-1]
    await story.press(actions.TAKE, who=story.people.tom)
    assert "@Tom Berger has got it" in story.card()


@ONE_DATABASE
async def test_the_next_case_of_the_customer_asks_whom_they_were_handed_over_to(
    story: Story,
) -> None:
    subscription = story.subscribed(amount=90000)
    for owner in (story.people.tom, None):
        invoice = story.world.fail_payment(story.world.renew(subscription, amount=90000))
        await story.town.settle()
        if owner:
            await hands_over(story, owner)
            story.world.pay(invoice)
            await story.town.settle()
    assert len(story.town.vip_cards()) == 2
    assert "Account manager: @Tom Berger. Please contact this customer" in story.thread()[0]
    assert "handed this over" not in story.card()
    story.people.tom.deleted = True
    await story.town.later(4 * HOUR)
    assert (
        "Account manager: @Priya Nair. This customer was handed over to @Tom" in story.thread()[1]
    )


@ONE_DATABASE
async def test_a_vip_is_handed_over_only_to_whom_sees_it_and_works_here(story: Story) -> None:
    outside = story.town.slack.add_user("lee", real_name="Lee Chan")
    guest, maya = story.people.guest, story.people.maya
    story.town.vip.members.append(guest.id)
    await story.failed(amount=90000)
    await story.opens(actions.HAND_OVER)
    for person, complaint in (
        (guest, "Only a colleague with an account of this workspace"),
        (story.town.slack.state.users[story.town.slack.state.bot_user], "no guest, no bot"),
        (outside, "They are not in the channel of the VIPs"),
        (maya, "That is you"),
    ):
        await story.submits(owner=person.id)
        assert complaint in story.errors()["owner"]
    assert len(story.thread()) == 1
    story.town.vip.members.append(outside.id)
    await story.submits(owner=outside.id)
    assert "@Maya Okafor handed this over to @Lee Chan" in story.thread()[-1]


@ONE_DATABASE
async def test_an_account_manager_hands_over_and_a_stale_modal_hands_nothing_over(
    story: Story,
) -> None:
    priya, tom = story.people.priya, story.people.tom
    await story.failed(amount=90000)
    await hands_over(story, tom, by=priya)
    assert "@Priya Nair handed this over to @Tom Berger" in story.card()
    await story.opens(actions.HAND_OVER, who=tom)
    await story.press(actions.CONTACTED)
    await story.submits(who=tom, owner=priya.id, note="my words")
    assert "this customer is nobody’s to hand over any more" in story.modal(tom)
    assert "@Maya Okafor contacted the customer" in story.modal(tom)
    assert "my words" in story.modal(tom)
    assert len(story.thread()) == 2


async def test_a_reviewer_decides_to_write_instead_and_it_holds_for_the_customer(
    story: Story,
) -> None:
    subscription = story.subscribed(amount=90000)
    invoice = story.world.fail_payment(subscription)
    await story.town.settle()
    (vip,) = story.town.vip_cards()
    await story.press(actions.WRITE_INSTEAD, who=story.people.priya)
    assert "Only members of the review channel decide here" in story.whispers(story.people.priya)[0]
    assert (await story.case(invoice)).why is Why.VIP
    late = story.finger_on(actions.WRITE_INSTEAD, who=story.people.tom)
    await story.press(actions.WRITE_INSTEAD)
    assert [story.asks(one) for one in story.town.cards()] == [True]
    assert "@Maya Okafor decided to write to this customer instead" in story.thread(vip)[-1]
    assert story.buttons(vip) == []
    await story.send(late)
    assert "decided already" in story.whispers(story.people.tom)[0]
    await story.approve()
    assert len(story.mailed()) == 1
    story.world.pay(invoice)
    await story.town.settle()
    assert "Paid, " in story.thread(vip)[-1]
    story.world.fail_payment(story.world.renew(subscription, amount=90000))
    await story.town.settle()
    assert len(story.town.vip_cards()) == 1
    assert (await story.case(invoice)).state is State.IN_REVIEW
