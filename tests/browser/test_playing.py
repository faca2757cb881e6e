"""A visitor plays on: a VIP, time that passes, and a Slack that is down."""

import pytest
from playwright.async_api import expect

from bot.case.model import State, Why
from bot.sandbox.page import cast
from tests.browser.chrome import needs_chromium
from tests.browser.desk import PATIENCE, Visitor, comes_to

pytestmark = [needs_chromium, pytest.mark.asyncio(loop_scope="session")]

AOIFE, VIP, FRENCH = cast.AOIFE.name, cast.ENTERPRISE.name, cast.FRENCH.name


async def test_a_vip_gets_no_mail_but_somebody_who_takes_them_on_and_hands_them_over(
    visitor: Visitor,
) -> None:
    await visitor.fails(VIP)
    await visitor.enters("vip-accounts")
    card = visitor.card(f"URGENT: VIP customer {VIP}")
    await visitor.presses("I’ve got it", within=card)
    await visitor.sees("@Maya Okafor has got it", within=card)
    assert (await visitor.desk.case(VIP)).why is Why.VIP

    await visitor.presses("Hand over", within=card)
    await visitor.modal.get_by_label("To whom?").select_option("Priya Nair")
    await visitor.presses("Hand over", within=visitor.modal)
    await expect(visitor.modal).to_have_count(0, timeout=PATIENCE)
    await visitor.sees("@Maya Okafor handed this over to @Priya Nair", within=card)

    case = await visitor.desk.case(VIP)
    assert (case.state, case.why, case.sent) == (State.BY_HAND, Why.VIP, 0)
    assert visitor.desk.mails(VIP) == []
    await visitor.sees_no(VIP, within=visitor.mailbox)


async def test_a_week_later_the_second_letter_waits_for_a_person(visitor: Visitor) -> None:
    card = visitor.card(AOIFE)
    await visitor.presses("Approve", within=card)
    first = await visitor.desk.mail(AOIFE)
    await visitor.sees("Next notice:", within=card)
    await visitor.lets_pass("+ 1 week")
    newest = visitor.card(AOIFE, "notice 2 of 4")
    await visitor.presses("Approve", within=newest)
    second = await visitor.desk.mail(AOIFE, number=2)
    assert first.text_part() != second.text_part()
    case = await visitor.desk.case(AOIFE)
    assert case.sent == 2
    assert (second.at - first.at).days >= 3


async def test_a_slack_that_was_down_gets_the_card_when_it_is_back(visitor: Visitor) -> None:
    await expect(visitor.card(AOIFE)).to_be_visible(timeout=PATIENCE)
    await visitor.switches("Slack is down", on=True)
    await visitor.fails(FRENCH)
    await visitor.sees("Nothing was lost: it tries again until Slack is back.")
    await comes_to(lambda: visitor.desk.case(FRENCH))
    await visitor.sees_no(FRENCH, within=visitor.slack)

    await visitor.switches("Slack is down", on=False)
    await visitor.lets_pass("+ 1 hour")
    card = visitor.card(FRENCH)
    await visitor.presses("Approve", within=card)
    mail = await visitor.desk.mail(FRENCH)
    assert "Bonjour Camille," in mail.text_part()
    assert (await visitor.desk.case(FRENCH)).sent == 1
    review = visitor.desk.houses.slack.messages(visitor.desk.houses.review.id)
    assert sum(FRENCH in one.text for one in review) == 1


async def test_what_people_write_is_kept_and_shown_as_slack_shows_it(visitor: Visitor) -> None:
    box = visitor.slack.get_by_label("Message or command")
    await box.fill("half a thought")
    await visitor.enters("vip-accounts")
    await expect(box).to_have_value("")
    await visitor.enters("billing-review")
    await expect(box).to_have_value("half a thought")

    await box.fill(f"one *bold* word\nand <https://a.b|c>, {'z' * 400}")
    await box.press("Enter")
    said = visitor.card("bold word")
    await expect(said.get_by_text("and <https://a.b|c>, zzz")).to_be_visible(timeout=PATIENCE)
    line = await said.get_by_text("one ").inner_text()
    assert line.startswith("one bold word\nand <")
    fits = "list => list.scrollWidth <= list.clientWidth"
    assert await visitor.slack.get_by_role("log").first.evaluate(fits)
    await expect(box).to_have_value("")


async def test_a_bot_that_is_stopped_by_keyboard_is_started_by_the_next_key(
    visitor: Visitor,
) -> None:
    faults = visitor.page.get_by_role("region", name="Faults")
    await faults.get_by_role("heading", name="Faults").click()
    await faults.get_by_role("button", name="Stop").press("Enter")
    start = faults.get_by_role("button", name="Start", exact=True)
    await expect(start).to_be_focused(timeout=PATIENCE)
    await start.press("Enter")
    await visitor.sees("is running.", within=faults)
