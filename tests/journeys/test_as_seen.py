"""A person approves what they saw: whatever of it changes, the press is refused and says how."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.case.letter import fingerprint
from bot.case.model import Case, State
from bot.review import actions
from bot.sandbox.town import Houses
from bot.store.journal import Entry
from tests.databases import ONE_DATABASE
from tests.journeys.conftest import Towns
from tests.journeys.stories import MINUTE, UNDO, Json, Story, readable

pytestmark = ONE_DATABASE

STALE = "This card has changed since you saw it: please read the new one."


@dataclass(frozen=True)
class Change:
    """Something happens to an invoice at Stripe; what the refusal then says."""

    makes: Callable[[Story, Json], object]
    says: tuple[str, ...]


def another_invoice(story: Story, invoice: Json) -> None:
    story.world.fail_payment(subscription_of(story, invoice), decline_code="insufficient_funds")


def subscription_of(story: Story, invoice: Json) -> Json:
    found = invoice["parent"]["subscription_details"]["subscription"]
    return story.world.find(found)


CHANGES = {
    "amount": Change(
        lambda story, invoice: story.world.pay_partly(invoice, 2000),
        ("Amount: $49.00 → $29.00", " de 29,00 $US"),
    ),
    "status": Change(
        lambda story, invoice: story.world.mark_uncollectible(invoice),
        ("Status in Stripe: open → marked uncollectible",),
    ),
    "a name in the text": Change(
        lambda story, invoice: story.world.update_customer(invoice["customer"], name="Zoé Martin"),
        ("Text: “Bonjour Chloé, ", "→ “Bonjour Zoé, "),
    ),
    "another invoice": Change(another_invoice, (" ($49.00) is new.",)),
    "a foreign name": Change(
        lambda story, invoice: story.world.update_customer(
            invoice["customer"], name="<!channel> *Zoé*"
        ),
        ("→ “Bonjour",),
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
async def test_a_press_on_what_changed_meanwhile_is_refused_and_told_how(
    story: Story, change: Change
) -> None:
    invoice = await story.failed()
    press = story.finger_on(actions.APPROVE)
    change.makes(story, invoice)
    await story.town.settle()
    before, entries = await story.case(invoice), await journal(story, invoice)
    await story.send(press)
    (told,) = story.whispers()
    assert told.startswith(STALE)
    for said in change.says:
        assert said in readable(told)
    assert "<!channel>" not in told
    assert await story.case(invoice) == before
    assert await journal(story, invoice) == entries
    await story.town.later(MINUTE)
    assert story.mailed() == []
    assert story.asks()
    await story.approve()
    assert len(story.mailed()) == 1


async def test_an_invoice_that_left_the_letter_is_named(story: Story) -> None:
    subscription = story.subscribed()
    first = story.world.fail_payment(subscription, decline_code="insufficient_funds")
    await story.town.settle()
    story.world.fail_payment(subscription, decline_code="insufficient_funds")
    await story.town.settle()
    press = story.finger_on(actions.APPROVE)
    story.world.void(first)
    await story.town.settle()
    await story.send(press)
    (told,) = story.whispers()
    assert f"Invoice {first['number']} ($49.00) is no longer asked for." in readable(told)
    assert story.asks()


@dataclass(frozen=True)
class Setting:
    """A setting that is changed at a restart; what the refusal then says."""

    name: str
    value: str
    says: str


SETTINGS = [
    Setting(
        "TEST_MAIL_TO",
        "other@northwind.example",
        "To: test-mail@northwind.example → other@northwind.example",
    ),
    Setting(
        "MAIL_FROM",
        "Kim <kim@northwind.example>",
        "From: billing@northwind.example → Kim &lt;kim@northwind.example&gt;",
    ),
    Setting("COMPANY_NAME", "Southwind", STALE),
]


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda one: str(one.name))
async def test_a_press_after_a_setting_in_the_letter_changed_is_refused_and_the_card_redrawn(
    build: Towns, standing: Houses, setting: Setting
) -> None:
    async with build(among=standing) as story:
        invoice = await story.failed()
    async with build(among=standing, **{setting.name: setting.value}) as story:
        press = story.finger_on(actions.APPROVE)
        await story.send(press)
        (told,) = story.whispers()
        assert told.startswith(STALE)
        assert setting.says in told
        case = await story.case(invoice)
        assert (case.state, case.approved_by, case.revision) == (State.IN_REVIEW, None, 2)
        assert "A setting or our own words changed" in story.card()
        await story.town.later(MINUTE)
        assert story.mailed() == []
        await story.approve()
        (mail,) = story.town.mails()
        seen = f"{mail.message['From']} {mail.message['To']} {mail.text_part()}"
        assert setting.value.rpartition("<")[2].strip(">") in seen


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda one: str(one.name))
async def test_a_setting_that_changes_between_approval_and_hand_over_keeps_the_letter_here(
    build: Towns, standing: Houses, setting: Setting
) -> None:
    async with build(among=standing) as story:
        invoice = await story.failed()
        await story.press(actions.APPROVE)
    async with build(among=standing, **{setting.name: setting.value}) as story:
        await story.town.later(UNDO)
        assert story.mailed() == []
        assert story.asks()
        case = await story.case(invoice)
        assert (case.state, case.sent, case.handed) == (State.IN_REVIEW, 0, None)
        await story.approve()
        assert len(story.mailed()) == 1
        assert (await story.case(invoice)).sent == 1


async def test_a_letter_that_was_kept_here_is_asked_about_in_a_new_message(
    build: Towns, standing: Houses
) -> None:
    async with build(among=standing) as story:
        await story.failed()
        await story.press(actions.APPROVE)
        first = story.newest()
    async with build(among=standing, COMPANY_NAME="Southwind") as story:
        await story.town.later(UNDO)
        assert story.newest().ts != first.ts
        assert "A setting or our own words changed after this letter was shown" in story.card()
        assert story.buttons(first) == []


async def test_what_only_the_operator_reads_otherwise_voids_no_press(
    build: Towns, standing: Houses
) -> None:
    async with build(among=standing) as story:
        await story.failed()
        press = story.finger_on(actions.APPROVE)
    async with build(among=standing, LOCALE="es", REVIEW_CHANNEL="billing-review") as story:
        await story.send(press)
        assert story.whispers() == []
        await story.town.later(UNDO)
        assert len(story.mailed()) == 1


def attempt(story: Story, invoice: Json) -> None:
    story.world.fail_payment(invoice, decline_code="insufficient_funds", retry_in=timedelta(days=9))


def paid_elsewhere(story: Story, invoice: Json) -> None:
    story.world.past_paid(subscription_of(story, invoice), count=3)
    story.world.update_customer(invoice["customer"], metadata={"tier": "gold"})


def another_address(story: Story, invoice: Json) -> None:
    story.world.change_email(invoice["customer"], "new@example.fr")  # test mode writes to neither


UNSEEN = {
    "attempt and next try": attempt,
    "what was paid": paid_elsewhere,
    "address in test mode": another_address,
}


@pytest.mark.parametrize("happens", UNSEEN.values(), ids=list(UNSEEN))
async def test_nothing_else_voids_a_press(
    story: Story, happens: Callable[[Story, Json], None]
) -> None:
    invoice = await story.failed()
    press = story.finger_on(actions.APPROVE)
    happens(story, invoice)
    await story.town.settle()
    await story.send(press)
    assert story.whispers() == []
    await story.town.later(UNDO)
    assert len(story.mailed()) == 1


async def test_what_is_sent_has_the_fingerprint_that_was_approved(story: Story) -> None:
    invoice = await story.failed()
    await story.approve()
    (mail,) = story.town.mails()
    (approval,) = [one for one in await journal(story, invoice) if one.event == "Approved"]
    asked = await story.town.memory.asked(approval.case_id, approval.revision_before)
    assert asked is not None
    basis = replace(asked.basis, recipient=mail.recipients[0])
    text = mail.text_part().replace("\r\n", "\n").removesuffix("\n")
    read = text.replace(mail.link(), "hosted_invoice")
    assert fingerprint(basis, mail.subject, read) == approval.seen


async def journal(story: Story, invoice: Json) -> list[Entry]:
    case: Case = await story.case(invoice)
    return await story.town.memory.journal(case.id)
