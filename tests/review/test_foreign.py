"""Text that others wrote can't mention, link, format, hide or overflow on any card."""

import json
import re
from dataclasses import replace

import pytest

from bot.case.facts import Decline, Payment
from bot.case.model import Case, State, Why
from bot.case.standing import Because, Reason
from bot.review.blocks import card
from bot.review.foreign import inert, plain
from bot.sandbox.blocks import block_problems
from tests.review.stories import INVOICE, STORIES, VIEW, VIP, facts
from tests.review.test_blocks import objects, shown

NAUGHTY = (
    "<!channel> <@U1> <https://evil.example|pay>",
    "*Approve* _now_ ~no~ `code`",
    "\u202eevil\u202c \u0007\x00 \u200b",
    ":white_check_mark: @here #general",
    "&amp; &lt;",
    "z" + "\u0301" * 5000,
    "👩‍👩‍👧‍👦" * 300,
    "{amount} {0}",
    "\ud800 lone",
    "x" * 4000,
)


def naughty_case(text: str) -> Case:
    invoice = replace(
        INVOICE,
        number=text,
        subscription=replace(INVOICE.subscription, plan=text),  # type: ignore[type-var]
        payment=Payment(decline=Decline(code=text, decline_code=text)),
    )
    second = replace(invoice, id="in_2")  # type: ignore[arg-type]
    reason = Reason(because=Because.PLAN, name=text)
    return replace(
        VIP, facts=facts(invoice, second, name=text, email=text), reasons=(reason,), basis=None
    )


@pytest.mark.parametrize("text", NAUGHTY)
def test_foreign_text_can_not_mention_link_format_hide_or_overflow(text: str) -> None:
    standard = replace(naughty_case(text), state=State.BY_HAND, why=Why.REPLIED, vip=False)
    for case in (naughty_case(text), standard):
        message = card(case, VIEW)
        assert block_problems(list(message.blocks), "message") == []
        json.dumps(message.blocks).encode()
        spoken = [one["text"] for one in objects(message) if one["type"] == "mrkdwn"]
        for line in (*spoken, message.text):
            ours = re.sub(r"<!date\^[^>]*>|<@U1[A-Z]+>|<@U2>", "", line)
            assert "<" not in ours
            assert not re.search(r"\*Approve\*|_now_|~no~|`code`|:white_check_mark:", ours)
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u0000-\u0009\u200b]", shown(message))
        assert all(not one.get("emoji") for one in objects(message))


@pytest.mark.parametrize("text", ["cus_9aB", "in_1_x", "insufficient_funds"])
def test_an_id_can_be_copied(text: str) -> None:
    assert inert(text) == text
    assert inert(f"_{text}_ __{text}__ a__b") == f"＿{text}＿ ＿＿{text}＿＿ a＿＿b"


def test_the_sentence_beside_a_card_names_the_customer_so_that_the_id_can_be_copied() -> None:
    assert "Stripe customer cus_" in card(STORIES["reading"], VIEW).text


def test_what_a_language_needs_stays() -> None:
    assert plain("می\u200cخواهم") == "می\u200cخواهم"
    assert plain("  José\tÑandú\n ") == "José Ñandú"
    assert inert("R&D <x>") == "R&amp;D &lt;x&gt;"
