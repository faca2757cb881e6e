"""Every card is drawn, compared with its golden file, and refused nothing by Slack's own rules."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.case.facts import Decline, Payment
from bot.case.ids import POLICY
from bot.case.letter import Author, FixedBecause
from bot.case.model import State, Why
from bot.case.money import Money
from bot.case.standing import Because, Reason
from bot.review import actions
from bot.review.actions import meant
from bot.review.blocks import Message, card, retired
from bot.review.odd import Odd, oddities
from bot.review.parts import Block, Manager
from bot.review.thread import OPENING, OUTCOME, reply
from bot.sandbox.blocks import block_problems
from bot.words import LOCALES, words
from tests.review.golden import GOLDEN, golden
from tests.review.stories import (
    APPROVED,
    INVOICE,
    NOW,
    REVIEW,
    SENT,
    STORIES,
    VIEW,
    VIP,
    facts,
)


def buttons(message: Message) -> list[str]:
    rows = [block for block in message.blocks if block["type"] == "actions"]
    return [element["action_id"] for row in rows for element in row["elements"]]


def decisions(message: Message) -> list[str]:
    return [one for one in buttons(message) if one != actions.MORE]


def options(message: Message) -> list[str]:
    """The actions in a card's menu."""
    rows = [block for block in message.blocks if block["type"] == "actions"]
    return [meant(actions.MORE, one["value"])[0] for one in rows[0]["elements"][-1]["options"]]


def objects(message: Message) -> list[Block]:
    """Every text object of a message."""
    found: list[Block] = []

    def walk(value: object) -> None:
        if isinstance(value, dict):
            if value.get("type") in {"plain_text", "mrkdwn"}:
                found.append(value)
            for part in value.values():
                walk(part)
        elif isinstance(value, list | tuple):
            for part in value:
                walk(part)

    walk(message.blocks)
    return found


def shown(message: Message) -> str:
    return "\n".join(one["text"] for one in objects(message))


@pytest.mark.parametrize(("name", "text"), list(golden()), ids=[name for name, _ in golden()])
def test_a_card_is_drawn_as_its_golden_file_shows_it(name: str, text: str) -> None:
    assert (GOLDEN / name).read_text("utf-8") == text, "python -m tests.review.golden draws anew"


def test_no_golden_file_is_left_over() -> None:
    assert {path.name for path in GOLDEN.glob("*.json")} == {name for name, _ in golden()}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", STORIES)
def test_slack_takes_every_card_in_every_language(name: str, locale: str) -> None:
    message = card(STORIES[name], replace(VIEW, locale=locale))
    assert block_problems(list(message.blocks), "message") == []
    assert re.search(r"[.?…!]$", message.text), "a full sentence stands beside the blocks"


def test_every_state_and_every_reason_has_a_story() -> None:
    assert {case.state for case in STORIES.values()} == set(State)
    assert {case.why for case in STORIES.values()} >= set(Why)


def test_the_letter_is_shown_whole_and_never_folded() -> None:
    long = replace(VIEW, letter_text="One line of a long letter.\n" * 400)
    sections = [block for block in card(REVIEW, long).blocks if block.get("expand")]
    assert "".join(one["text"]["text"] for one in sections).count("One line") == 400
    assert all(one["text"]["type"] == "plain_text" for one in sections)
    assert block_problems(list(card(REVIEW, long).blocks), "message") == []


def test_a_card_in_review_is_read_before_it_is_decided() -> None:
    order = [block["type"] for block in card(REVIEW, VIEW).blocks]
    assert order[0] == "header"
    assert order.index("actions") > max(i for i, kind in enumerate(order) if kind == "section")
    decide = [actions.APPROVE, actions.EDIT, actions.REJECT]
    assert decisions(card(REVIEW, VIEW)) == [*decide, actions.WAIT]


def test_one_can_wait_only_for_a_try_that_stripe_still_plans() -> None:
    for planned in (None, NOW, NOW - timedelta(minutes=1)):
        case = replace(REVIEW, facts=facts(replace(INVOICE, next_attempt=planned)))
        assert actions.WAIT not in decisions(card(case, VIEW))


@pytest.mark.parametrize("name", ["sending", "sent", "closed_recovered"])
def test_a_decided_card_keeps_its_text_and_loses_its_buttons(name: str) -> None:
    message = card(STORIES[name], VIEW)
    assert decisions(message) == []
    assert "The payment of €49.00" in shown(message)


def test_an_approved_card_offers_to_take_it_back_until_it_leaves() -> None:
    for name in ("approved", "approved_at_night", "approved_over_budget"):
        assert actions.UNDO in decisions(card(STORIES[name], VIEW))
        assert "The payment of €49.00" in shown(card(STORIES[name], VIEW))


def test_an_approval_that_was_taken_back_says_by_whom_and_offers_everything_again() -> None:
    message = card(STORIES["undone"], VIEW)
    assert decisions(message) == decisions(card(REVIEW, VIEW))
    assert "<@U1ANNE> took the approval back, <!date^" in shown(message)
    assert "<@U1ANNE> took the approval back, <!date^" in message.text


def test_a_letter_that_differed_from_what_was_shown_is_asked_about_anew() -> None:
    message = card(STORIES["differed"], VIEW)
    assert decisions(message) == decisions(card(REVIEW, VIEW))
    assert "A setting or our own words changed" in shown(message)


def test_a_wait_for_stripe_says_until_when_and_who_asked() -> None:
    message = card(STORIES["awaits_retry"], VIEW)
    retry = int((NOW + timedelta(hours=5)).timestamp())
    assert f"Waiting for Stripe’s next try (<!date^{retry}^" in message.text
    assert "because <@U1ANNE> asked for it" in message.text
    assert decisions(message) == [actions.WRITE_NOW]


@pytest.mark.parametrize("name", ["snoozed", "rejected"])
def test_what_waits_because_a_person_said_so_may_be_written_now(name: str) -> None:
    assert decisions(card(STORIES[name], VIEW)) == [actions.WRITE_NOW]


@pytest.mark.parametrize("name", ["reading", "checkout", "incident", "end", "sent"])
def test_what_waits_for_other_reasons_can_not_be_hurried(name: str) -> None:
    assert decisions(card(STORIES[name], VIEW)) == []


def test_the_menu_ends_every_open_card_and_stops_what_would_go_on() -> None:
    for name, case in STORIES.items():
        message = card(case, VIEW)
        if not case.open:
            assert buttons(message) == [], name
            continue
        assert buttons(message)[-1] == actions.MORE, name
        goes_on = case.state in {State.WAITING, State.DRAFTING, State.IN_REVIEW, State.APPROVED}
        assert options(message)[:2] == [actions.DETAILS, actions.OPEN_STRIPE], name
        assert (actions.STOP in options(message)) is goes_on, name


def test_what_can_not_be_taken_back_is_asked_about_once_more() -> None:
    for name, case in STORIES.items():
        rows = [one for one in card(case, VIEW).blocks if one["type"] == "actions"]
        for one in [element for row in rows for element in row["elements"]]:
            final = one["action_id"] in {actions.STOP, actions.NOT_ARRIVED, actions.WRITE_INSTEAD}
            assert ("confirm" in one) is final, name


def test_at_most_one_button_of_a_row_is_coloured_as_the_way_to_go() -> None:
    for case in STORIES.values():
        rows = [one for one in card(case, VIEW).blocks if one["type"] == "actions"]
        styles = [element.get("style") for row in rows for element in row["elements"]]
        assert styles.count("primary") <= 1


def test_an_approved_card_says_who_and_when_and_when_it_sends() -> None:
    text = card(APPROVED, VIEW).text
    assert "Approved by <@U1ANNE>" in text
    assert re.search(r"Sends at <!date\^\d+\^\{time_secs\}\|[^>]+>\.", text)


def test_an_approval_at_night_waits_for_morning_and_offers_to_send_now() -> None:
    message = card(STORIES["approved_at_night"], VIEW)
    assert "It is 3:12\u202fAM there: sends Monday 9:00\u202fAM" in message.text
    assert decisions(message) == [actions.SEND_NOW, actions.UNDO]
    hurried = replace(STORIES["approved_at_night"], send_now=True)
    assert decisions(card(hurried, VIEW)) == [actions.UNDO]


def test_an_approval_over_the_contact_budget_says_so_and_can_not_be_hurried() -> None:
    message = card(STORIES["approved_over_budget"], VIEW)
    assert "They were written to less than 48 hours ago: sends " in message.text
    assert "It is " not in message.text
    assert decisions(message) == [actions.UNDO]


def test_a_sent_card_says_to_whom_by_whom_and_what_comes_next() -> None:
    text = card(SENT, VIEW).text
    assert "Sent to ana@example.com" in text
    assert "approved by <@U1ANNE>. Next notice: <!date^" in text


def test_a_letter_that_test_mode_kept_is_not_called_sent() -> None:
    text = card(replace(SENT, last_sent_to=None), VIEW).text
    assert "Test mode kept the letter here" in text
    assert "Sent to" not in text


def test_an_unclear_letter_asks_whether_it_arrived() -> None:
    message = card(STORIES["unclear"], VIEW)
    assert decisions(message) == [actions.ARRIVED, actions.NOT_ARRIVED, actions.SHOW_MAIL]
    assert message.text.endswith("Did it arrive?")


def test_policy_is_named_as_what_approved() -> None:
    assert (
        "Approved by the auto-send rule" in card(replace(APPROVED, approved_by=POLICY), VIEW).text
    )


def test_test_mode_says_where_mail_goes() -> None:
    case = replace(REVIEW, key=replace(REVIEW.key, livemode=False))
    assert "TEST_MAIL_TO is not set" in shown(card(case, VIEW))
    to = replace(VIEW, test_recipient="qa@acme.example")
    assert "Mail goes only to qa@acme.example." in shown(card(case, to))
    assert "Test mode" not in shown(card(REVIEW, to))


@pytest.mark.parametrize("because", FixedBecause)
def test_a_fixed_letter_says_why_it_took_the_models_place(because: FixedBecause) -> None:
    letter = replace(REVIEW.letter, by=Author.FIXED, fixed_because=because)  # type: ignore[type-var]
    assert "This is the reviewed fixed letter" in shown(card(replace(REVIEW, letter=letter), VIEW))


URGENT = {
    "en": """URGENT: VIP customer Ana Torres failed to pay €1,900.00. \
Please contact them personally.""",
    "es": """URGENTE: el pago de 1.900,00 € del cliente VIP Ana Torres ha fallado. \
Contacta con este cliente en persona, por favor.""",
    "fr": """URGENT : le paiement de 1 900,00 € du client VIP Ana Torres a échoué. \
Merci de contacter ce client en personne.""",
}


@pytest.mark.parametrize(("locale", "sentence"), URGENT.items())
def test_a_vip_is_announced_in_one_exact_sentence(locale: str, sentence: str) -> None:
    message = card(VIP, replace(VIEW, locale=locale))
    spaced = re.sub(r"[\u00a0\u202f]", " ", message.blocks[0]["text"]["text"])
    assert spaced == sentence
    assert re.sub(r"[\u00a0\u202f]", " ", message.text).startswith(sentence)


def test_a_vip_card_has_owners_and_no_way_to_send() -> None:
    offered = [actions.TAKE, actions.CONTACTED, actions.HAND_OVER, actions.WRITE_INSTEAD]
    assert decisions(card(VIP, VIEW)) == offered
    assert decisions(card(STORIES["vip_taken"], VIEW)) == offered[1:]
    assert decisions(card(STORIES["vip_contacted"], VIEW)) == []
    assert "<@U1MAX>" in shown(card(VIP, VIEW))
    assert "reaches the limit of €450.00" in shown(card(VIP, VIEW))


def test_every_vip_reason_has_its_own_words() -> None:
    money = Money(minor=100, currency="eur")
    said = set()
    for because in set(Because) - {Because.NO_THRESHOLD, Because.NO_RULE}:
        reason = Reason(because=because, amount=money, limit=money, name="slack:T:U9", years=2)
        said.add(shown(card(replace(VIP, reasons=(reason,)), VIEW)))
    assert len(said) == len(Because) - 2


def test_a_currency_without_a_threshold_is_said_on_a_standard_card() -> None:
    reason = Reason(because=Because.NO_THRESHOLD, amount=Money(minor=1, currency="jpy"))
    assert "No VIP amount is set for JPY" in shown(card(replace(REVIEW, reasons=(reason,)), VIEW))


def test_a_vips_thread_tags_the_manager_and_ends_with_the_outcome() -> None:
    assert reply(OPENING, VIP, VIEW).text.startswith("Account manager: <@U1MAX>.")
    lost = replace(
        VIEW,
        manager=Manager(mention="<@U2>", fallback="vip.manager_not_found", named="<!channel>"),
    )
    text = reply(OPENING, VIP, lost).text
    assert "so the default owner is asked" in text
    assert "<!channel>" not in text
    gone = Manager(mention="<@U2>", fallback="vip.owner_gone", named="U1TOM")
    text = reply(OPENING, VIP, replace(VIEW, manager=gone)).text
    assert "<@U2>. This customer was handed over to <@U1TOM>, who is not active" in text
    nobody = replace(VIEW, manager=Manager(mention=None))
    assert "No account manager is named" in reply(OPENING, VIP, nobody).text
    assert reply(OUTCOME, STORIES["vip_paid"], VIEW).text.startswith("Paid, ")


@pytest.mark.parametrize("odd", Odd)
def test_each_odd_input_is_found_and_named_on_its_card(odd: Odd) -> None:
    name = {Odd.DISPUTED: "disputed"}.get(odd, f"odd_{odd}")
    case = STORIES[name]
    assert odd in oddities(case)
    text = shown(card(case, VIEW))
    by_standing = words("en")[f"status.{case.why}"].split(",")[0] if case.why else "\0"
    assert words("en")[f"odd.{odd}"] in text or by_standing in text


def test_an_ordinary_case_has_nothing_odd() -> None:
    assert oddities(REVIEW) == ()


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("odd_first_invoice", [actions.WRITE, actions.STOP]),
        ("odd_no_email", [actions.STOP]),
        ("odd_two_addresses", [actions.STOP]),
        ("odd_fraud", [actions.STOP]),
        ("odd_no_subscription", [actions.APPROVE, actions.EDIT, actions.REJECT, actions.WAIT]),
        ("odd_customer_gone", []),
        ("odd_nothing_owed", []),
    ],
)
def test_each_odd_input_has_fitting_buttons(name: str, offered: list[str]) -> None:
    assert decisions(card(STORIES[name], VIEW)) == offered


def test_a_suspected_fraud_shows_no_letter() -> None:
    case = replace(STORIES["odd_fraud"], letter=REVIEW.letter, basis=REVIEW.basis)
    assert "The payment of €49.00" not in shown(card(case, VIEW))


def test_the_link_to_stripe_knows_mode_and_account() -> None:
    key = replace(REVIEW.key, livemode=False, account="acct_1")
    row = next(b for b in card(replace(REVIEW, key=key), VIEW).blocks if b["type"] == "actions")
    links = [one["url"] for one in row["elements"][-1]["options"] if "url" in one]
    assert links == ["https://dashboard.stripe.com/acct_1/test/invoices/in_1"]


def test_an_unknown_decline_code_is_shown_and_harmless() -> None:
    payment = Payment(decline=Decline(code="<!here>"))
    case = replace(REVIEW, facts=facts(replace(INVOICE, payment=payment)))
    assert "with a code we don’t know (&lt;!here&gt;)" in shown(card(case, VIEW))


def test_currencies_are_listed_and_never_added_up() -> None:
    header = card(STORIES["in_review_several_invoices"], VIEW).blocks[0]["text"]["text"]
    assert header == "Ana Torres · €49.00 and ¥4,900 · 2 invoices"


def test_an_erased_case_shows_no_name_address_or_word() -> None:
    text = shown(card(STORIES["closed_erased"], VIEW)) + card(STORIES["closed_erased"], VIEW).text
    for personal in ("Ana", "ana@example.com", "The payment of", "Team"):
        assert personal not in text


def test_an_older_card_keeps_its_words_and_points_on() -> None:
    before = card(REVIEW, VIEW)
    after = retired(before.blocks, "en", "https://acme.slack.com/archives/C1/p1")
    assert buttons(after) == []
    assert "The payment of €49.00" in shown(after)
    assert "<https://acme.slack.com/archives/C1/p1|" in after.text
    assert block_problems(list(after.blocks), "message") == []


def test_a_viewers_own_clock_is_used_for_moments() -> None:
    soon = replace(SENT, wake=NOW + timedelta(days=3))
    assert f"<!date^{int((NOW + timedelta(days=3)).timestamp())}^" in card(soon, VIEW).text


def test_golden_files_can_be_pasted_into_the_block_kit_builder() -> None:
    for path in Path(GOLDEN).glob("*.json"):
        kept = json.loads(path.read_text("utf-8"))
        assert list(kept) == (["type", "blocks"] if path.name.startswith("home_") else ["blocks"])


def test_an_invoice_that_stripe_never_tried_to_collect_names_no_attempt() -> None:
    for case in (REVIEW, VIP):
        untried = replace(case, facts=facts(replace(INVOICE, attempt=0)))
        assert "attempt" not in card(untried, VIEW).text
        assert "attempt" not in shown(card(untried, VIEW))


def test_a_customer_without_a_name_is_headed_by_the_address_as_it_is_written() -> None:
    nameless = replace(REVIEW, facts=facts(name=None))
    assert "ana@example.com · €49.00" in shown(card(nameless, VIEW)).splitlines()[0]
