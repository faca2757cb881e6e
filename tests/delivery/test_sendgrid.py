"""SendGrid's API: what is known, and what is not, however it answers."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.delivery.sendgrid import Account, SendGrid, account
from bot.delivery.transport import Mail
from bot.errors import SendFailed, SendUnclear
from bot.sandbox.clock import MovableClock
from bot.sandbox.sendgrid import KEY
from bot.sandbox.sendgrid import SendGrid as Counterpart
from tests.delivery.letters import LINK, NOON, mail

HAND_OVER = "send/case_1/1"  # whose Message-ID the letters' mail has


@pytest.fixture
async def there() -> AsyncIterator[Counterpart]:
    made = Counterpart(MovableClock(NOON))
    await made.start()
    yield made
    await made.stop()


def ours(there: Counterpart, **how: float) -> SendGrid:
    return SendGrid(account(there.url), **how)


async def refusal(there: Counterpart, letter: Mail | None = None) -> SendFailed:
    with pytest.raises(SendFailed) as failed:
        await ours(there).send(letter or mail())
    assert there.mails == []
    return failed.value


# Taken


async def test_a_letter_is_taken_once_and_the_receipt_is_sendgrids_name_for_it(
    there: Counterpart,
) -> None:
    text = f"Hello Camille,\n{LINK}\n"
    receipt = await ours(there).send(mail(reply_to="Help <help@acme.test>", text=text))
    [taken] = there.mails
    assert receipt.id == taken.id
    assert taken.to == "camille@example.com"
    assert taken.body["from"] == {"email": "billing@acme.test", "name": "Acme Billing"}
    assert taken.body["reply_to"] == {"email": "help@acme.test", "name": "Help"}
    assert taken.body["subject"] == "Your payment to Acme"
    assert taken.body["headers"]["Message-ID"] == "<send.case_1.1@acme.test>"
    assert taken.part("text/plain") == text
    assert taken.part("text/html") == "<p>Hello Camille,</p>"
    assert len(taken.body["personalizations"]) == 1


async def test_the_pay_link_is_not_rewritten_and_nothing_reports_back(there: Counterpart) -> None:
    await ours(there).send(mail())
    tracking = there.mails[0].body["tracking_settings"]
    assert set(tracking) == {"click_tracking", "open_tracking", "subscription_tracking"}
    assert not any(on for one in tracking.values() for on in one.values())


async def test_a_subject_is_one_line_whatever_a_name_brings(there: Counterpart) -> None:
    await ours(there).send(mail(subject="Your payment\r\nBcc: eve@example.com"))
    assert "\n" not in there.mails[0].body["subject"]


# Certainly not taken


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 406, 413, 415, 429, 451])
async def test_a_refusal_of_ours_is_tried_again_and_costs_no_address(
    there: Counterpart, status: int
) -> None:
    there.refuse(status)
    failed = await refusal(there)
    assert (failed.code, failed.permanent) == (f"sendgrid_{status}", False)


async def test_a_wrong_key_is_not_the_addresss_fault(there: Counterpart) -> None:
    there.key = "SG.another"
    failed = await refusal_by(there, KEY)
    assert (failed.code, failed.permanent) == ("sendgrid_401", False)


async def refusal_by(there: Counterpart, key: str) -> SendFailed:
    base = account(there.url).base
    with pytest.raises(SendFailed) as failed:
        await SendGrid(Account(key=key, base=base)).send(mail())
    assert there.mails == []
    return failed.value


async def test_a_sender_that_is_not_verified_is_ours_to_mend(there: Counterpart) -> None:
    there.verified = frozenset({"other@acme.test"})
    failed = await refusal(there)
    assert (failed.code, failed.permanent) == ("sendgrid_403", False)


async def test_only_a_refusal_of_the_address_alone_is_about_the_address(
    there: Counterpart,
) -> None:
    there.refuse(400, field="personalizations.0.to.0.email")
    assert (await refusal(there)).permanent
    there.refuse(400, field="from.email")
    assert not (await refusal(there)).permanent
    there.refuse(403, field="personalizations.0.to.0.email")
    assert not (await refusal(there)).permanent


@pytest.mark.parametrize("to", ["camille", "a@example.com, b@example.com", "josé@example.com"])
async def test_an_address_that_it_cannot_write_to_never_crosses_the_line(
    there: Counterpart, to: str
) -> None:
    assert (await refusal(there, mail(recipient=to))).permanent


async def test_nobody_there_is_no_doubt(there: Counterpart) -> None:
    await there.stop()
    failed = await refusal(there)
    assert (failed.code, failed.permanent) == ("connect", False)


async def test_a_redirect_is_not_followed(there: Counterpart) -> None:
    there.refuse(307)
    assert (await refusal(there)).code == "sendgrid_307"


# Nobody knows


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("accepts", [True, False])
async def test_an_error_of_theirs_says_neither_yes_nor_no(
    there: Counterpart, status: int, accepts: bool
) -> None:
    if accepts:
        there.lose(status)
    else:
        there.refuse(status)
    with pytest.raises(SendUnclear):
        await ours(there).send(mail())
    assert len(there.mails) == int(accepts)


@pytest.mark.parametrize("accepts", [True, False])
async def test_a_connection_that_breaks_before_the_answer_says_nothing(
    there: Counterpart, accepts: bool
) -> None:
    there.drop(accepts=accepts)
    with pytest.raises(SendUnclear):
        await ours(there).send(mail())
    assert len(there.mails) == int(accepts)


async def test_no_answer_in_time_says_nothing(there: Counterpart) -> None:
    there.hang()
    with pytest.raises(SendUnclear):
        await ours(there, deadline=0.5).send(mail())


async def test_a_letter_is_never_given_twice_by_itself(there: Counterpart) -> None:
    there.drop(accepts=True)
    with pytest.raises(SendUnclear):
        await ours(there).send(mail())
    assert len(there.mails) == 1


# Asked afterwards


async def test_a_mail_that_it_has_is_found_by_its_hand_over(there: Counterpart) -> None:
    there.drop(accepts=True)
    with pytest.raises(SendUnclear):
        await ours(there).send(mail())
    found = await ours(there).found(HAND_OVER)
    assert found is not None
    assert found.id.startswith(there.mails[0].id)
    assert there.searches == ["send.case_1.1"]


async def test_a_mail_that_it_has_not_or_does_not_show_yet_is_not_known(
    there: Counterpart,
) -> None:
    assert await ours(there).found(HAND_OVER) is None
    there.lag = timedelta(minutes=3)
    await ours(there).send(mail())
    assert await ours(there).found(HAND_OVER) is None
    assert await ours(there).found("send/case_1/11") is None


async def test_without_the_add_on_or_with_a_wrong_key_nothing_is_known(
    there: Counterpart,
) -> None:
    await ours(there).send(mail())
    there.activity = False
    assert await ours(there).found(HAND_OVER) is None
    there.activity, there.key = True, "SG.another"
    assert await SendGrid(Account(key=KEY, base=account(there.url).base)).found(HAND_OVER) is None
    await there.stop()
    assert await ours(there).found(HAND_OVER) is None


async def test_two_of_a_name_prove_nothing(there: Counterpart) -> None:
    await ours(there).send(mail())
    await ours(there).send(mail())
    assert await ours(there).found(HAND_OVER) is None


# Where it is


@pytest.mark.parametrize(
    ("url", "key", "base"),
    [
        ("sendgrid://SG.a_b.c-D", "SG.a_b.c-D", "https://api.sendgrid.com"),
        ("sendgrid://SG.K@api.eu.sendgrid.com", "SG.K", "https://api.eu.sendgrid.com"),
        ("sendgrid://SG.K@127.0.0.1:8080", "SG.K", "http://127.0.0.1:8080"),
    ],
)
def test_the_key_and_the_place_are_read_from_the_setting(url: str, key: str, base: str) -> None:
    assert account(url) == Account(key=key, base=base)


async def test_the_counterpart_refuses_what_sendgrid_refuses(there: Counterpart) -> None:
    assert (await refusal(there, mail(subject=""))).code == "sendgrid_400"
