"""What can be read of a case besides its card: its details, and the mail as it was approved."""

from bot.review import actions
from bot.sandbox.slack import Fault
from tests.databases import ONE_DATABASE
from tests.journeys.stories import DAY, UNDO, Story

pytestmark = ONE_DATABASE


async def test_details_tell_every_earlier_word_with_its_facts(story: Story) -> None:
    await story.failed(currency="eur", paid=3)
    await story.edits(body="En un mot : [montant], [lien de paiement]", then="approve")
    await story.town.later(UNDO)
    await story.town.later(3 * DAY)
    shown = await story.opens(actions.DETAILS)
    assert "Letter 1, handed to the mail server" in shown
    assert "approved by @Maya Okafor. The words are @Maya Okafor’s." in shown
    assert "En un mot : 49,00 €, [Stripe’s payment page]" in shown
    assert "Paid so far: €147.00, in 3 invoices" in shown
    assert "Standard: letters, and none leaves before it is approved." in shown


async def test_details_of_a_vip_may_be_read_by_their_account_manager(story: Story) -> None:
    await story.failed(amount=900_000)
    shown = await story.opens(actions.DETAILS, who=story.people.priya)
    assert "VIP: a person gets in touch, and no letter is sent." in shown
    assert "reaches the limit of" in shown


async def test_a_guest_reads_no_details(story: Story) -> None:
    story.town.review.members.append(story.people.guest.id)
    await story.failed()
    assert await story.opens(actions.DETAILS, who=story.people.guest) == ""
    assert "Guests can’t decide here" in story.whispers(story.people.guest)[0]


async def test_a_letter_of_unknown_fate_is_shown_with_what_finds_it_in_a_log(
    story: Story,
) -> None:
    invoice = await story.failed(locales=["en"])
    story.town.mailbox.drop("END", accepts=True)
    await story.approve()
    case = await story.case(invoice)
    shown = await story.opens(actions.SHOW_MAIL)
    (mail,) = story.town.mails()
    assert f"Message-ID: {mail.message['Message-ID']}" in shown
    assert f"Message-ID: <send.{case.id}.1@northwind.example>" in shown
    assert "From: billing@northwind.example" in shown
    assert "Approved by @Maya Okafor, handed to the mail server" in shown
    assert mail.subject in shown
    assert "Hello Chloé," in shown


async def test_a_modal_that_slack_does_not_open_is_said_privately(story: Story) -> None:
    await story.failed()
    story.town.slack.fault("views.open", Fault(error="expired_trigger_id"))
    assert await story.opens(actions.EDIT) == ""
    assert "Something went wrong on our side" in story.whispers()[-1]
