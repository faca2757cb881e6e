"""What the page does when somebody presses: one endpoint, one test card, one test mail."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.billing import API_VERSION
from bot.errors import BillingTrouble
from bot.intake.translate import TAKEN
from bot.sandbox.slack import Fault, render_text
from bot.sandbox.stripe import LIVE_KEY
from bot.sandbox.town import TEST_MAIL_TO
from bot.setup import endpoint, look
from bot.setup.bodies import Chosen, Shown, body
from tests.setup.scene import ABSENT, KEY, PUBLIC, Scene, Visitor, visitor, waiting

URL = f"{PUBLIC}/stripe/webhook"
SECRET = re.compile(r"whsec_[0-9a-f]{32}")
AT_HOME = {"PUBLIC_URL": PUBLIC, "SECRET_KEY": KEY}


@asynccontextmanager
async def inside(tmp_path: Path, *absent: str, **more: str) -> AsyncIterator[tuple[Scene, Visitor]]:
    """The page is open before its visitor."""
    async with (
        waiting(tmp_path, *(absent or ABSENT), **{**AT_HOME, **more}) as scene,
        visitor(scene) as ana,
    ):
        await ana.begin()
        yield scene, ana


async def test_the_endpoint_is_made_once_with_our_events_and_its_secret_shown_once(
    tmp_path: Path,
) -> None:
    async with inside(tmp_path) as (scene, ana):
        endpoints = scene.around.stripe.webhooks.endpoints
        fields = (await ana.get("/setup")).fields
        pressed_twice = [(await ana.post("/setup/endpoint", **fields)) for _ in "12"]
        [made] = endpoints
        assert (made.url, made.events, made.version) == (URL, frozenset(TAKEN), API_VERSION)
        [secret] = made.secrets
        for page in pressed_twice:
            assert f"<pre>STRIPE_WEBHOOK_SECRET={secret}</pre>" in page.text
            assert page.headers["Cache-Control"] == "no-store"
        later = await ana.post("/setup/endpoint", **(await ana.get("/setup")).fields)
        assert "already" in later.text
        assert len(endpoints) == 1
        assert not SECRET.search(later.text + (await ana.get("/setup")).text)
        assert not SECRET.search(scene.out.getvalue())


async def test_a_live_key_makes_a_live_endpoint_at_an_encrypted_address_only(
    tmp_path: Path,
) -> None:
    # The settings refuse a live key beside a Stripe on this machine: they are changed behind them.
    async with waiting(tmp_path, **AT_HOME) as scene:
        live = replace(scene.config, stripe_api_key=LIVE_KEY)
        with pytest.raises(BillingTrouble, match="url_invalid"):
            await endpoint.made(live, scene.clock, URL.replace("https", "http"), "once")
        made = await endpoint.made(live, scene.clock, URL, "once")
        [there] = scene.around.stripe.webhooks.endpoints
        assert (there.livemode, made.secret) == (True, there.secrets[0])
        sight = await look.looked(live, scene.clock)
    shown = Shown(locale="en", config=live, sight=sight, chosen=Chosen(), base=PUBLIC, once="once")
    [step] = [one for one in sight.steps if one.name == "endpoint"]
    assert "in live mode" in body(step, shown)


async def test_a_key_without_the_right_says_what_to_do(tmp_path: Path) -> None:
    async with inside(tmp_path, STRIPE_API_KEY="rk_test_reads") as (scene, ana):
        rights = ["rak_invoice_read", "rak_webhook_read"]
        scene.around.stripe.restrict("rk_test_reads", rights)
        page = await ana.post("/setup/endpoint", **(await ana.get("/setup")).fields)
        assert "may not make endpoints" in page.text
        scene.around.stripe.restrict("rk_test_reads", [*rights, "rak_webhook_write"])
        page = await ana.post("/setup/endpoint", **(await ana.get("/setup")).fields)
        assert SECRET.search(page.text)


async def test_stripes_trouble_is_told_and_nothing_made_twice(tmp_path: Path) -> None:
    async with inside(tmp_path) as (scene, ana):
        fields = (await ana.get("/setup")).fields
        scene.around.stripe.fault("500", times=None)
        page = await ana.post("/setup/endpoint", **fields)
        assert "could not be asked" in page.text
        scene.around.stripe.heal()
        assert SECRET.search((await ana.post("/setup/endpoint", **fields)).text)
        assert len(scene.around.stripe.webhooks.endpoints) == 1


async def test_an_address_that_nobody_set_is_to_be_confirmed_and_can_only_be_our_own(
    tmp_path: Path,
) -> None:
    async with waiting(tmp_path) as scene, visitor(scene) as ana:
        ana.headers = {"Host": "dunning.example.com", "Origin": "http://dunning.example.com"}
        page, ours = await ana.begin(), URL.replace("https", "http")
        assert f'required type="checkbox" name="address" value="{ours}"' in page.text
        once = page.fields["once"]
        for address in ({}, {"address": "https://evil.example/stripe/webhook"}):
            told = await ana.post("/setup/endpoint", once=once, **address)
            assert "Confirm the address" in told.text
        assert scene.around.stripe.webhooks.endpoints == []
        made = await ana.post("/setup/endpoint", once=once, address=ours)
        assert SECRET.search(made.text)


async def test_with_a_live_key_nobody_s_host_says_where_stripe_sends(tmp_path: Path) -> None:
    async with waiting(tmp_path) as scene, visitor(scene) as eve:
        evil = "evil.example"
        eve.headers = {"Host": evil, "Origin": f"https://{evil}", "X-Forwarded-Proto": "https"}
        eve.headers["Cookie"] = (await eve.get(scene.link)).headers["Set-Cookie"].partition(";")[0]
        page = await eve.post("/setup/begin", follow=False, token=scene.link.partition("=")[2])
        eve.headers["Cookie"] = page.headers["Set-Cookie"].partition(";")[0]
        fields = {**(await eve.get("/setup")).fields, "address": f"https://{evil}/stripe/webhook"}
        page = await eve.post("/setup/endpoint", **fields)
        assert SECRET.search(page.text)
        [line] = scene.said("endpoint_made")
        assert (line["level"], line["place"]) == ("warning", evil)
        live = replace(scene.config, stripe_api_key=LIVE_KEY)
        sight = await look.looked(live, scene.clock)
    assert [endpoint.has_address(one) for one in (scene.config, live)] == [True, False]
    shown = Shown(
        locale="en",
        config=live,
        sight=sight,
        chosen=Chosen(),
        base="https://evil.example",
        once="1",
    )
    [step] = [one for one in sight.steps if one.name == "endpoint"]
    assert "only <code>PUBLIC_URL</code> says" in body(step, shown)
    assert "<form" not in body(step, shown)


async def test_where_stripe_cannot_come_the_page_says_how_its_events_do(tmp_path: Path) -> None:
    async with waiting(tmp_path) as scene, visitor(scene) as ana:
        page = await ana.begin()
    assert "stripe listen --forward-to" in page.text
    assert 'action="/setup/endpoint"' not in page.text


async def test_a_test_card_stands_in_the_chosen_channel_and_says_what_it_is(tmp_path: Path) -> None:
    async with inside(tmp_path, COMPANY_NAME="*Acme* <!channel>") as (scene, ana):
        page = await ana.get(f"/setup?channel={scene.around.vip.id}")
        assert (await ana.get("/setup")).text.count('action="/setup/test-card"') == 0
        done = await ana.post("/setup/test-card", channel=page.fields["channel"])
        assert "stands in the channel" in done.text
        [card] = scene.around.slack.messages(scene.around.vip.id)
        assert "This is a test card" in card.text
        said = str(card.blocks)
        assert "dunning.example.com" in said
        assert "<!channel>" not in said + card.text
        assert "*Acme*" not in said
        assert "buttons to approve" in render_text(card)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        ({"is_ext_shared": True}, "public, or shared with another organisation"),
        ({"is_archived": True}, "is archived"),
        ({"is_private": False}, "public, or shared with another organisation"),
    ],
)
async def test_no_test_card_stands_where_no_card_may(
    tmp_path: Path, spoil: dict[str, bool], told: str
) -> None:
    async with inside(tmp_path) as (scene, ana):
        for name, value in spoil.items():
            setattr(scene.around.review, name, value)
        page = await ana.post("/setup/test-card", channel=scene.around.review.id)
        assert told in page.text
        assert scene.around.slack.messages(scene.around.review.id) == []


async def test_slacks_refusals_of_a_test_card_are_told_in_a_sentence(tmp_path: Path) -> None:
    async with inside(tmp_path) as (scene, ana):
        for error, told in (
            ("token_revoked", "SLACK_BOT_TOKEN was revoked"),
            ("fatal_error", "code fatal_error"),
        ):
            scene.around.slack.fault("chat.postMessage", Fault(error=error))
            page = await ana.post("/setup/test-card", channel=scene.around.review.id)
            assert told in page.text


async def test_a_test_mail_goes_to_the_operator_and_to_no_address_that_was_typed(
    tmp_path: Path,
) -> None:
    async with inside(tmp_path) as (scene, ana):
        page = await ana.post("/setup/test-mail", to="eve@example.com", address="eve@example.com")
        assert TEST_MAIL_TO in page.text
        [mail] = scene.around.mailbox.mails
        assert mail.recipients == (TEST_MAIL_TO,)
        assert "This is a test" in mail.text_part()
    async with inside(tmp_path, *ABSENT, "TEST_MAIL_TO") as (scene, ana):
        await ana.post("/setup/test-mail")
        [mail] = scene.around.mailbox.mails
        assert mail.recipients == ("billing@northwind.example",)


async def test_a_mail_server_that_is_away_or_not_set_is_told_with_what_to_do(
    tmp_path: Path,
) -> None:
    async with inside(tmp_path, MAIL_URL="smtp://127.0.0.1:1") as (_scene, ana):
        page = await ana.post("/setup/test-mail")
        assert "does not answer as a mail server" in page.text
        assert "Correct host and port" in page.text
    async with inside(tmp_path, "MAIL_URL") as (_scene, ana):
        assert "once <code>MAIL_URL</code>" in (await ana.post("/setup/test-mail")).text
