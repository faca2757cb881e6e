"""A stranger's words mention, link, format, hide and command nothing, wherever they end up.

They stand in every field that is read from Stripe: in Slack, in the mail, before the model.
"""

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest

from bot.case.letter import Basis, Letter
from bot.case.model import Case
from bot.delivery.mail import html, message
from bot.delivery.transport import Mail
from bot.drafting.asking import ask_about
from bot.drafting.prompt import messages
from bot.review.actions import DETAILS, EDIT, REJECT
from bot.review.blocks import alarm, card
from bot.review.foreign import inert
from bot.review.modals.details import details
from bot.review.parts import Manager
from bot.review.thread import OPENING, OUTCOME, reply
from bot.sandbox.blocks import block_problems
from bot.words import say
from bot.words.filling import clipped, fill, plain
from chaos.nasty import WORDS, words
from tests.databases import ONE_DATABASE
from tests.drafting.letters import KNOWN, NOON
from tests.journeys.conftest import Towns, build, clock
from tests.journeys.stories import UNDO, Story
from tests.review.marks import marks
from tests.review.stories import BASIS, LETTER, STORIES, VIEW

__all__ = ["build", "clock"]  # fixtures

HARMLESS = "Harmless"
EVERY = 80  # of these corpora the suite tries some; `--at-length` tries all
# Between them they say everything that a card can say in a stranger's words.
AT_LENGTH = {"in_review", "in_review_several_invoices", "vip", "replied", "odd_no_email"}


@pytest.fixture(scope="module")
def strings(request: pytest.FixtureRequest) -> list[str]:
    """Our own words, and those of the public corpora or a sample of them."""
    if request.config.getoption("at_length"):
        return words()
    return [*WORDS, *words()[len(WORDS) :: EVERY]]


def told(story: Case, word: str) -> Case:
    """The story with these words in every field that strangers write."""
    if story.facts is None:
        return story
    customer = replace(
        story.facts.customer,
        name=story.facts.customer.name and word,
        email=story.facts.customer.email and word,
        locales=(word,),
        country=word,
        metadata=((word, word),),
    )
    invoices = tuple(
        replace(
            one,
            number=word,
            subscription=one.subscription and replace(one.subscription, plan=word),
            payment=one.payment and replace(one.payment, method=word),
        )
        for one in story.facts.invoices
    )
    reasons = tuple(replace(one, name=one.name and word) for one in story.reasons)
    facts = replace(story.facts, customer=customer, invoices=invoices)
    return replace(story, facts=facts, reasons=reasons, basis=story.basis and basis(word))


def basis(word: str) -> Basis:
    only = replace(BASIS.invoices[0], number=word, plan=word, card=f"{word} 4242", method=word)
    return replace(BASIS, customer_name=word, first_name=word, invoices=(only,))


def shown(story: Case, word: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Everything that Slack is told of it: card, replies, alarm."""
    case = told(story, word)
    filled = fill(LETTER, basis(word), company="Acme", sender=BASIS.sender, link="[link]")
    manager = Manager(mention="<@U1>", fallback="vip.manager_unreadable", named=word)
    view = replace(VIEW, subject=filled.subject, letter_text=plain(filled), manager=manager)
    lost = say("en", "error.given_up", what="It", customer=clipped(word))
    said = [card(case, view), alarm(lost)]
    said += [reply(kind, case, view) for kind in (OPENING, OUTCOME)]
    for one in said:
        yield one.text, list(one.blocks)
    yield "", details(case, view)["blocks"]


def without_lines(found: list[str]) -> list[str]:
    return [one for one in found if one != "mrkdwn line"]


@pytest.mark.parametrize("name", STORIES)
def test_in_slack_no_word_is_more_than_a_word(name: str, strings: list[str]) -> None:
    harmless = [marks(*one) for one in shown(STORIES[name], HARMLESS)]
    for word in strings if name in AT_LENGTH else WORDS:
        said = list(shown(STORIES[name], word))
        *seen, read = [marks(*one) for one in said]
        assert seen == harmless[:-1], word
        # Of a word in which nothing can be seen, Details leaves its line out; it never adds one.
        assert without_lines(read) == without_lines(harmless[-1]), word
        assert len(read) <= len(harmless[-1]), word
        *sent, (_, modal) = said
        assert not [one for _, blocks in sent for one in block_problems(blocks, "message")], word
        assert not block_problems(modal, "modal"), word


@pytest.mark.parametrize(
    "word",
    [
        *("<!channel>", "<@U1>", "<https://evil.example|x>", "*b*", "_i_", "~s~", "`c`", "> q"),
        *(
            "&gt; q",
            ":tada:",
            "@here",
            "#general",
            "https://evil.example",
            "a\nb",
            "\u202ea",
            "\x00",
        ),
    ],
)
def test_the_reader_of_marks_sees_what_is_not_made_harmless(word: str) -> None:
    def read(text: str) -> list[str]:
        said = {"type": "mrkdwn", "text": text, "verbatim": True}
        return marks(text, [{"type": "section", "text": said}])

    assert len(read(word)) >= len(("in the text", "in the block"))
    assert read(inert(word)) == []


def test_in_a_mail_no_word_adds_a_header_a_recipient_or_a_line_to_the_subject(
    strings: list[str],
) -> None:
    for word in strings:
        for subject in ("Your card for {company}", word[:200].replace("{", "(").replace("}", ")")):
            sent = _mailed(replace(LETTER, subject=subject), word)
            assert sent.keys() == _mailed(LETTER, HARMLESS).keys(), word
            assert sent["To"].addresses[0].addr_spec == "ana@example.com"
            assert len(sent["To"].addresses) == 1
            assert not set(str(sent["Subject"])) & {"\r", "\n", "\x00"}
            text = sent.get_body(("plain",)).get_content()  # type: ignore[union-attr]
            controls = {one for one in text if unicodedata.category(one) == "Cc"}
            assert controls <= {"\r", "\n"}, word


def _mailed(letter: Letter, word: str) -> EmailMessage:
    filled = fill(letter, basis(word), company="Acme", sender=BASIS.sender, link="https://x.test")
    mail = Mail(
        message_id="<send.case_1.1@acme.test>",
        sender=BASIS.sender,
        reply_to=None,
        recipient="ana@example.com",
        subject=filled.subject,
        text=plain(filled),
        html=html(filled, "en", "Acme"),
        language="en",
        date=NOON,
    )
    return message_from_bytes(message(mail).as_bytes(), _class=EmailMessage, policy=SMTP)


def test_the_model_is_told_the_same_of_everybody(strings: list[str]) -> None:
    review = STORIES["in_review"]
    assert review.brief is not None

    def asked(word: str) -> object:
        case = told(review, word)
        assert case.brief is not None
        return messages(ask_about(case, case.brief, KNOWN, NOON))

    assert {json.dumps(asked(word)) for word in strings} == {json.dumps(asked(HARMLESS))}


# Through the front door.


# Stripe's JSON is UTF-8, which half a pair does not fit into.
SENDABLE = [word for word in WORDS if "\ud800" not in word]
SOME = SENDABLE[::3]  # where every word of all was tried on the same blocks already


def poisoned(story: Story, word: str, number: int) -> None:
    """A customer whose payment fails, with these words wherever Stripe lets anybody write."""
    everywhere = {"first_name": word, "time_zone": word, "account_manager": word, word[:40]: word}
    customer = story.world.add_customer(
        name=word,
        email=f"customer{number}@example.com",
        locales=[word],
        country=word,
        phone=word,
        description=word,
        metadata=everywhere,
    )
    subscription = story.world.subscribe(customer, plan=word, metadata=everywhere)
    subscription["description"] = word
    invoice = story.world.fail_payment(
        subscription, code=word, decline_code=word, message=word, advice_code=word
    )
    for name in ("number", "description", "footer", "statement_descriptor", "customer_name"):
        invoice[name] = word
    invoice["metadata"] = everywhere
    invoice["custom_fields"] = [{"name": word, "value": word}]


def read_of(story: Story) -> list[tuple[str, list[dict[str, Any]]]]:
    return [(one.text, one.blocks) for one in story.town.cards() + story.town.vip_cards()]


@ONE_DATABASE
async def test_whatever_stands_at_stripe_the_card_comes_and_its_letter_leaves(
    build: Towns,
) -> None:
    async with build(UNDO_SECONDS="0") as story:
        for number, word in enumerate((HARMLESS, *SENDABLE)):
            poisoned(story, word, number)
        await story.town.settle()
        cards = story.town.cards()
        assert len(cards) == len(SENDABLE) + 1
        found = [marks(one.text, one.blocks) for one in cards]
        assert found == [found[0]] * len(found)
        for one in cards:
            await story.press("approve", on=one)
        await story.town.later(UNDO)
        after = [marks(one.text, one.blocks) for one in story.town.cards()]
        assert after == [after[0]] * len(after)
        mails = [one.message for one in story.town.mails()]
        assert len(mails) == len(cards)
        assert {tuple(one.keys()) for one in mails} == {tuple(mails[0].keys())}
        assert {len(one["To"].addresses) for one in mails} == {1}
        assert len(set(story.town.model.prompts)) == 1


@ONE_DATABASE
async def test_a_vips_thread_is_as_harmless(build: Towns) -> None:
    async with build(VIP_AMOUNT="1 USD") as story:
        for number, word in enumerate((HARMLESS, *SOME)):
            poisoned(story, word, number)
        await story.town.settle()
        cards = story.town.vip_cards()
        assert len(cards) == len(SOME) + 1
        found = [marks(one.text, one.blocks) for one in cards]
        assert found == [found[0]] * len(found)
        threads = [
            [
                marks(one.text, one.blocks)
                for one in story.town.slack.state.replies(top.channel, top.ts)
            ]
            for top in cards
        ]
        assert threads == [threads[0]] * len(threads)
        assert story.town.model.prompts == []


@ONE_DATABASE
async def test_what_opens_from_a_card_is_as_harmless(build: Towns) -> None:
    async with build() as story:
        found = []
        for number, word in enumerate((HARMLESS, *filter(str.strip, SOME))):
            poisoned(story, word, number)
            await story.town.settle()
            found.append([await read_in(story, one) for one in (EDIT, REJECT, DETAILS)])
        assert [one[0] for one in found[0]] == ["plain_text"] * 3
        assert found == [found[0]] * len(found)


async def read_in(story: Story, action: str) -> list[str]:
    """The marks of a modal that Maya opens from the newest card."""
    await story.opens(action)
    view = story.town.modal(story.people.maya)
    assert view is not None
    view.is_open = False
    return [view.content["title"]["type"], *marks("", view.content["blocks"])]


ATOMS = (
    *("*bold*", "_it_", "~s~", "`c`", "{amount}", "a|b", "#general", "!channel"),
    *("%s", "'or'1", "&lt", "=x", "$x^?"),
)


@ONE_DATABASE
async def test_an_address_may_hold_any_sign_that_addresses_may(build: Towns) -> None:
    async with build(UNDO_SECONDS="0") as story:
        for local in ("harmless", *ATOMS):
            await story.failed(name=None, email=f"{local}@example.com")
        cards = story.town.cards()
        assert len(cards) == len(ATOMS) + 1
        for local, one in zip(ATOMS, cards[1:], strict=True):
            assert marks(one.text, one.blocks) == marks(cards[0].text, cards[0].blocks)
            assert f"{local}@example.com" in json.dumps(one.blocks, ensure_ascii=False)
            await story.press("approve", on=one)
        await story.town.later(UNDO)
        assert len(story.mailed()) == len(ATOMS)
