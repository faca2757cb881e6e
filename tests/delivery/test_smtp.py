"""Smtp and the final dot: what is known, and what is not, when a server fails at each step."""

import pytest

from bot.errors import SendFailed, SendUnclear
from tests.delivery.letters import mail
from tests.delivery.wire import DROP, SILENCE, sent, wire

# Before the final dot: certainly not sent


@pytest.mark.parametrize("step", ["connect", "ehlo", "mail", "rcpt", "data", "body"])
async def test_a_line_that_breaks_before_the_dot_did_not_send(step: str) -> None:
    async with wire(**{step: DROP}) as line:
        # A body that is cut off may look like a dot that is not answered; never like a success.
        with pytest.raises(SendUnclear if step == "body" else SendFailed):
            await sent(line.port)
    assert line.complete == 0


@pytest.mark.parametrize("step", ["connect", "ehlo", "mail", "rcpt", "data"])
async def test_a_silence_before_the_dot_did_not_send(step: str) -> None:
    async with wire(**{step: SILENCE}) as line:
        with pytest.raises(SendFailed) as failed:
            await sent(line.port, deadline=0.2)
    assert failed.value.code == "timeout"
    assert not failed.value.permanent
    assert line.complete == 0


@pytest.mark.parametrize(
    ("step", "answer", "code"),
    [
        ("connect", "554 5.7.1 no mail from you", "greeting_554_5.7.1"),
        ("connect", "421 busy", "greeting_421"),
        ("mail", "550 5.7.1 sender billing@acme.test is not yours", "mail_550_5.7.1"),
        ("mail", "451 later", "mail_451"),
        ("data", "554 5.5.1 no valid recipients", "data_554_5.5.1"),
        ("data", "452 4.3.1 disk full", "data_452_4.3.1"),
        ("rcpt", "450 4.2.1 greylisted", "rcpt_450_4.2.1"),
        ("rcpt", "421 4.7.0 try again", "rcpt_421_4.7.0"),
        ("rcpt", "552 5.2.2 mailbox full", "rcpt_552_5.2.2"),
        ("rcpt", "550 5.7.1 listed at a blocklist", "rcpt_550_5.7.1"),
        ("rcpt", "550 relay not permitted", "rcpt_550"),
        ("rcpt", "550-Rejected because 192.0.2.1 is in a\r\n550 black list", "rcpt_550"),
        ("rcpt", "554 5.7.1 <camille@example.com>: Relay access denied", "rcpt_554_5.7.1"),
        ("rcpt", "503 bad sequence", "rcpt_503"),
        ("rcpt", "530 5.7.0 authentication required", "rcpt_530_5.7.0"),
    ],
)
async def test_a_refusal_that_is_not_the_mailboxs_may_be_tried_again(
    step: str, answer: str, code: str
) -> None:
    async with wire(**{step: answer}) as line:
        with pytest.raises(SendFailed) as failed:
            await sent(line.port)
    assert (failed.value.code, failed.value.permanent) == (code, False)
    assert line.complete == 0


@pytest.mark.parametrize(
    "answer",
    [
        "550 5.1.1 <camille@example.com>: user unknown",
        "550-5.1.1 The account does not exist.\r\n550 5.1.1 Please check for typos.",
        "550 No such user here",
        "551 user not local",
        "553 5.1.3 not an address",
        "550 5.2.1 mailbox disabled",
    ],
)
async def test_a_mailbox_that_is_not_there_never_will_be(answer: str) -> None:
    async with wire(rcpt=answer) as line:
        with pytest.raises(SendFailed) as failed:
            await sent(line.port)
    assert failed.value.permanent
    assert "@" not in failed.value.code


async def test_nobody_listening_is_a_failure_that_passes() -> None:
    async with wire() as line:
        port = line.port
    with pytest.raises(SendFailed) as failed:
        await sent(port)
    assert (failed.value.code, failed.value.permanent) == ("connect", False)


@pytest.mark.parametrize(
    "recipient",
    [
        "a@example.com, b@example.com",
        "a@example.com\r\nRCPT TO:<b@example.com>",
        "",
        "a",
        "<a@b.test>",
    ],
)
async def test_what_is_not_exactly_one_address_is_never_dialled(recipient: str) -> None:
    async with wire() as line:
        with pytest.raises(SendFailed) as failed:
            await sent(line.port, mail(recipient=recipient))
    assert (failed.value.code, failed.value.permanent) == ("recipient_invalid", True)
    assert line.commands == []


# From the final dot on: only the server knows


async def test_a_server_that_dies_on_the_dot_leaves_it_unclear() -> None:
    async with wire(dot=DROP) as line:
        with pytest.raises(SendUnclear):
            await sent(line.port)
    assert line.complete == 1


async def test_a_server_that_says_nothing_to_the_dot_leaves_it_unclear() -> None:
    async with wire(dot=SILENCE) as line:
        with pytest.raises(SendUnclear):
            await sent(line.port, deadline=3)
    assert line.complete == 1


@pytest.mark.parametrize("answer", ["hello?", "399 hm", "354 go on"])
async def test_an_answer_to_the_dot_that_makes_no_sense_leaves_it_unclear(answer: str) -> None:
    async with wire(dot=answer) as line:
        with pytest.raises(SendUnclear):
            await sent(line.port)


@pytest.mark.parametrize(
    ("answer", "code", "permanent"),
    [
        ("451 4.3.0 later", "data_451_4.3.0", False),
        ("554 5.7.1 looks like spam", "data_554_5.7.1", False),
        ("550 message refused", "data_550", False),
        ("550 5.1.1 user unknown", "data_550_5.1.1", True),
    ],
)
async def test_a_refused_dot_was_certainly_not_taken(
    answer: str, code: str, permanent: bool
) -> None:
    async with wire(dot=answer) as line:
        with pytest.raises(SendFailed) as failed:
            await sent(line.port)
    assert (failed.value.code, failed.value.permanent) == (code, permanent)


@pytest.mark.parametrize("goodbye", [DROP, SILENCE, "500 no"])
async def test_a_bad_goodbye_spoils_nothing(goodbye: str) -> None:
    async with wire(quit=goodbye) as line:
        receipt = await sent(line.port)
    assert receipt.id == "2.0.0 Ok: queued as 4F2A"


async def test_one_letter_is_one_connection_and_one_recipient() -> None:
    async with wire() as line:
        await sent(line.port)
    verbs = [command.split()[0] for command in line.commands]
    assert verbs[:4] == ["EHLO", "MAIL", "RCPT", "DATA"]
    assert line.complete == 1
