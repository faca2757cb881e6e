"""People ask and tell the bot in words; only they read the answer, in their language."""

import json
from datetime import timedelta
from urllib.parse import urlencode

from bot.case.model import State, Why
from bot.review import actions
from bot.sandbox.town import Houses
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
from tests.journeys.stories import DAY, UNDO, Story, readable
from tests.journeys.test_socket_mode import by_socket, is_open

ANA = {"name": "Ana Torres", "email": "ana@example.es", "country": "ES", "locales": ["es"]}
HOUR = timedelta(hours=1)


async def test_the_queue_tells_what_waits_what_is_at_stake_and_where_the_cards_are(
    story: Story,
) -> None:
    assert "Nothing waits for a person." in await story.commands()
    await story.failed(amount=4900)
    card = story.newest()
    await story.failed(**ANA, amount=90000)
    said = await story.commands("queue")
    assert "2 cases wait for a person" in said
    assert "At stake: $949.00." in said
    assert "1 in review and 1 with a person" in said
    [line] = [one for one in said.splitlines() if "Chloé Martin" in one]
    assert line.startswith("• Chloé Martin · $49.00 · attempt 1 · in review · card (")
    assert f"/archives/{card.channel}/p{card.ts.replace('.', '')})" in line
    assert "/dunning help" not in said
    assert "/dunning help" in await story.commands()


async def test_show_and_why_tell_of_a_customer_what_happened_and_what_comes(story: Story) -> None:
    invoice = await story.failed(amount=4900)
    await story.approve()
    by_mail = await story.commands("show chloe@example.fr")
    assert "@Maya Okafor approved the letter → approved" in by_mail
    happened = by_mail.partition("What happened, newest first")[2]
    assert happened.index("took the letter") < happened.index("approved the letter")
    assert await story.commands(f"show {invoice['number']}") == by_mail
    why = await story.commands("why chloé martin")
    assert "The largest invoice, $49.00, stays below the limit of $500.00." in why
    assert "notice 2 of 4 is written for review" in why


async def test_a_pause_holds_what_was_approved_and_resuming_sends_it_once(story: Story) -> None:
    await story.failed()
    assert "Please say why" in await story.commands("pause 2h")
    await story.commands("pause the mail server is moving")
    await story.approve()
    await story.town.later(HOUR)
    assert story.town.mails() == []
    assert "the mail server is moving" in await story.commands("queue")
    assert "Resumed" in await story.commands("resume")
    await story.town.later(UNDO)
    assert len(story.town.mails()) == 1
    assert "Nothing was paused." in await story.commands("resume")


@ONE_DATABASE
async def test_vip_takes_a_letter_in_review_back_and_standard_brings_it_again(
    story: Story,
) -> None:
    invoice = await story.failed()
    finger = story.finger_on(actions.APPROVE)
    assert "Chloé Martin is a VIP now." in await story.commands("vip chloe@example.fr")
    await story.send(finger)
    await story.town.later(UNDO)
    assert story.town.mails() == []
    case = await story.case(invoice)
    assert (case.state, case.why) == (State.BY_HAND, Why.VIP)
    assert "is Standard now" in await story.commands(f"standard {invoice['customer']}")
    await story.approve()
    assert len(story.town.mails()) == 1


async def test_stop_names_the_invoices_and_the_next_failure_of_one_opens_nothing(
    story: Story,
) -> None:
    invoice = await story.failed()
    said = await story.commands("stop Chloé Martin")
    assert f"{invoice['number']} ($49.00)" in said
    assert "Stopped by @Maya Okafor" in story.card()
    story.world.fail_payment(invoice)
    await story.town.settle()
    assert len(await story.cases(invoice)) == 1
    assert "nothing to stop" in await story.commands("stop Chloé Martin")
    assert "from now on" in await story.commands("vip Chloé Martin")


@ONE_DATABASE
async def test_stop_wants_the_whole_name_and_tells_the_command_for_it(story: Story) -> None:
    invoice = await story.failed()
    said = await story.commands("stop chl")
    assert "“chl” is only part of a name" in said
    assert (await story.case(invoice)).state is State.IN_REVIEW
    assert "stopped" in await story.commands(f"stop {invoice['customer']}")


@ONE_DATABASE
async def test_a_vip_who_is_left_alone_is_not_offered_a_letter(story: Story) -> None:
    await story.failed(amount=90000)
    await story.commands("snooze Chloé Martin 2d")
    assert "Quiet until" in story.card()
    assert story.buttons() == []
    assert "Standard now" in await story.commands("standard Chloé Martin")
    said = await story.commands("vip Chloé Martin")
    assert "is a VIP now" in said
    assert "still left alone until Nov 26" in said


@ONE_DATABASE
async def test_a_customer_can_be_a_vip_before_any_payment_failed(story: Story) -> None:
    gold = story.subscribed()
    said = await story.commands(f"vip {gold['customer']}")
    assert f"{gold['customer']} is a VIP from now on" in said
    story.world.fail_payment(gold)
    await story.town.settle()
    assert "URGENT: VIP customer Chloé Martin" in story.card()
    assert "@Maya Okafor decided so." in await story.commands("why chloé")


@ONE_DATABASE
async def test_a_snoozed_customer_is_left_alone_and_then_asked_about_again(story: Story) -> None:
    invoice = await story.failed()
    assert "is left alone until" in await story.commands("snooze chloe@example.fr 2d")
    assert (await story.case(invoice)).why is Why.SNOOZED
    await story.town.later(2 * DAY + HOUR)
    assert story.asks()


async def test_stats_count_what_came_back_and_what_is_still_open(story: Story) -> None:
    paid = await story.failed(amount=4900)
    await story.failed(**ANA, amount=2000)
    await story.approve()
    story.world.pay(paid["id"])
    await story.town.settle()
    said = await story.commands("stats 7d")
    assert "Failed: 2 ($69.00)" in said
    assert "Recovered: 1 of 2, 50% ($49.00)" in said
    assert "Still open: 1 ($20.00)" in said
    assert "Recovered is a case of this time whose invoices were paid" in said
    came = await story.commands("history")
    assert "invoice_payment.paid · Chloé Martin → Standard, closed" in came


@ONE_DATABASE
async def test_each_is_answered_in_the_language_of_their_slack(story: Story) -> None:
    story.people.maya.locale, story.people.tom.locale = "fr-FR", "es-ES"
    assert "Tout fonctionne." not in await story.commands("santé")  # no event has come yet
    await story.failed()
    assert "Tout fonctionne." in await story.commands("santé")
    assert "Un caso espera a una persona" in await story.commands("cola", who=story.people.tom)
    assert "Vouliez-vous dire `/dunning aide`" in await story.commands("aied")
    assert "/dunning ayuda" in await story.commands("ayuda", who=story.people.tom)
    assert "« personne »" in readable(await story.commands("voir personne"))


@ONE_DATABASE
async def test_guests_and_people_outside_the_channel_are_told_one_sentence(story: Story) -> None:
    await story.failed()
    stranger = story.town.slack.add_user("eve", team_id="T0OTHER", is_stranger=True)
    for who, sentence in (
        (story.people.guest, "Guests can’t use this command."),
        (story.people.priya, "Only members of the review channel can use this command."),
        (stranger, "Only people of this workspace can use this command."),
    ):
        for line in ("", "show Chloé", "pause all of it", "stop Chloé Martin"):
            assert await story.commands(line, who=who) == sentence
    assert story.asks()


@ONE_DATABASE
async def test_a_signed_command_of_any_shape_is_answered_and_changes_nothing(
    story: Story,
) -> None:
    await story.failed()
    maya = {"user_id": story.people.maya.id, "team_id": story.town.slack.state.team_id}
    for fields in (
        {},
        {"text": "stop Chloé Martin"},
        {"text": "stop Chloé Martin", "user_id": story.people.maya.id, "team_id": "T0OTHER"},
        maya | {"text": "\x00" * 2000},
        maya | {"text": "stop " + "<!channel>" * 2000},
        maya | {"text": "pause \ud7ff\U0010ffff\u202e"},
    ):
        body = urlencode({"command": "/dunning"} | fields)
        answer = await story.town.slack.post_signed(body)
        assert (answer.status, answer.problem) == (200, None)
        assert json.loads(answer.body)["response_type"] == "ephemeral"
    assert story.asks()
    assert "Nothing is paused." in await story.commands("health")


@ONE_DATABASE
async def test_health_names_a_setting_that_slack_refuses(build: Towns) -> None:
    async with build(VIP_CHANNEL="nowhere-at-all") as story:
        await story.failed()
        said = await story.commands("health")
    assert "`VIP_CHANNEL` is not a private channel that the bot is in." in said


@ONE_DATABASE
async def test_a_command_is_answered_over_a_connection_that_we_opened_too(
    build: Towns, standing: Houses
) -> None:
    async with by_socket(build, standing) as story:
        await is_open(story.town)
        await story.failed()
        assert "One case waits for a person" in await story.commands()
        await story.commands("stop Chloé Martin")
        assert "Stopped by @Maya Okafor" in story.card()
    assert {one.type for one in standing.slack.sockets.envelopes} == {"slash_commands"}


@ONE_DATABASE
async def test_the_doctor_says_what_is_wrong_and_what_to_do_to_who_asks(story: Story) -> None:
    town = story.town
    said = await story.commands("doctor")
    assert said.startswith("Nothing is wrong.\n")
    assert "*To look at yourself:*\n• Whether Stripe itself mails customers" in said
    assert "One letter was asked of the model, to nobody, and thrown away." in said
    assert town.slack.calls("chat.postMessage") == []
    assert town.mails() == []

    town.slack.state.scopes.remove("chat:write")
    town.people.maya.locale = "fr-FR"
    said = await story.commands("docteur")
    assert "Il manque des droits au jeton du bot : chat:write." in said
    assert "→ Ajoutez-les comme scopes à l’application Slack" in said
    told = str(town.slack.state.ephemerals)
    hidden = (
        *town.config.secrets,
        town.mailbox.url,
        "billing@northwind.example",
        town.slack.token,
    )
    assert [one for one in hidden if one in told] == []
