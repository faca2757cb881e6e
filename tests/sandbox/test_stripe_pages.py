"""What a customer sees behind the link of a mail, and what pressing there does."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.sandbox.clock import MovableClock, weekday_noon
from bot.sandbox.readings import page_says
from bot.sandbox.stripe import Stripe
from bot.sandbox.stripe_paper import STYLE, WORDS
from tests.case.life import NOON

HOSTILE = "<img src=x onerror=alert(1)> & \"Sons\" '{plan}'"


@pytest.fixture
async def stripe() -> AsyncIterator[Stripe]:
    server = Stripe(MovableClock(weekday_noon(NOON)))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def owing(stripe: Stripe, plan: str = "Team", **who: Any) -> Any:
    person = {"name": "Aoife Byrne", "email": "aoife@saltmarsh.example", **who}
    customer = stripe.world.add_customer(**person)
    return stripe.world.fail_payment(
        stripe.world.subscribe(customer, plan, amount=4900, currency="eur")
    )


def link_to(stripe: Stripe, invoice: Any) -> str:
    return f"{stripe.api_base}/invoice/{invoice['id']}"


async def text_of(answer: aiohttp.ClientResponse) -> str:
    return page_says(await answer.text())


async def test_the_page_says_who_asks_for_what_and_that_no_money_moves(
    stripe: Stripe, browser: aiohttp.ClientSession
) -> None:
    invoice = owing(stripe)
    async with browser.get(link_to(stripe, invoice)) as page:
        seen = await text_of(page)
    for words in ("Northwind · Team", "€49.00", invoice["number"], "Pay €49.00", "No real money"):
        assert words in seen


@pytest.mark.parametrize(
    ("who", "language", "button"),
    [
        ({"locales": ["fr-CA", "en"]}, "fr", "Payer 49,00 €"),
        ({"country": "MX"}, "es", "Pagar"),
        ({"locales": ["de", "es-AR"]}, "es", "Pagar"),
        ({"locales": ["de"]}, "en", "Pay €49.00"),
        ({}, "en", "Pay €49.00"),
    ],
)
async def test_the_page_speaks_the_customers_language(
    stripe: Stripe,
    browser: aiohttp.ClientSession,
    who: dict[str, Any],
    language: str,
    button: str,
) -> None:
    async with browser.get(link_to(stripe, owing(stripe, **who))) as page:
        html = await page.text()
    assert f'<html lang="{language}">' in html
    assert button in page_says(html).replace("\u00a0", " ").replace("\u202f", " ")


async def test_a_card_that_works_pays_and_says_thank_you(
    stripe: Stripe, browser: aiohttp.ClientSession
) -> None:
    invoice = owing(stripe)
    async with browser.post(link_to(stripe, invoice), data={"card": "works"}) as page:
        seen = await text_of(page)
    assert "Thank you, Aoife" in seen
    assert "This invoice is paid." in seen
    assert (invoice["status"], invoice["amount_paid"]) == ("paid", 4900)


async def test_a_declined_card_counts_as_an_attempt_and_another_one_pays(
    stripe: Stripe, browser: aiohttp.ClientSession
) -> None:
    invoice = owing(stripe)
    async with browser.post(link_to(stripe, invoice), data={"card": "declined"}) as page:
        refusal, address = await text_of(page), page.url
    assert "Your card was declined. · Nothing was taken." in refusal
    assert "Pay €49.00" in refusal
    assert (invoice["status"], invoice["attempt_count"]) == ("open", 2)
    async with browser.post(address, data={"card": "works"}) as page:
        assert "Thank you" in await text_of(page)
        assert page.url.query_string == ""


async def test_pressing_twice_pays_once(stripe: Stripe, browser: aiohttp.ClientSession) -> None:
    invoice = owing(stripe)
    for card in ("works", "works", "declined"):
        async with browser.post(link_to(stripe, invoice), data={"card": card}) as page:
            assert "This invoice is paid." in await text_of(page)
    assert (invoice["amount_paid"], invoice["attempt_count"]) == (4900, 1)


async def test_what_cannot_be_paid_says_why(stripe: Stripe, browser: aiohttp.ClientSession) -> None:
    voided = stripe.world.void(owing(stripe))
    async with browser.get(link_to(stripe, voided)) as page:
        assert "This invoice was voided." in await text_of(page)
    async with browser.get(f"{stripe.api_base}/invoice/in_nothing") as page:
        assert (page.status, "no such page" in await text_of(page)) == (404, True)
    old = owing(stripe, locales=["fr"])
    assert isinstance(stripe.clock, MovableClock)
    stripe.clock.move(timedelta(days=31))
    async with browser.get(link_to(stripe, old)) as page:
        assert (page.status, "Ce lien a expiré" in await text_of(page)) == (410, True)


async def test_names_are_text_and_nothing_but_the_pages_own_style_may_run(
    stripe: Stripe, browser: aiohttp.ClientSession
) -> None:
    invoice = owing(stripe, plan=HOSTILE, name=HOSTILE)
    async with browser.get(link_to(stripe, invoice)) as page:
        html, rules = await page.text(), page.headers["Content-Security-Policy"]
    assert "<img" not in html
    assert "&lt;img src=x onerror=alert(1)&gt; &amp; &quot;Sons&quot;" in html
    assert re.findall(r"<style>(.*?)</style>", html, re.DOTALL) == [STYLE]
    assert "default-src 'none'" in rules
    assert "script" not in rules
    assert "frame-ancestors http://127.0.0.1:* http://localhost:*" in rules


async def test_the_portal_shows_the_card_on_file_and_saves_another(
    stripe: Stripe, browser: aiohttp.ClientSession
) -> None:
    customer = owing(stripe)["customer"]
    body = {"customer": customer}
    auth = {"Authorization": "Bearer sk_test_sandbox"}
    session = f"{stripe.api_base}/v1/billing_portal/sessions"
    async with browser.post(session, data=body, headers=auth) as made:
        url = (await made.json())["url"]
    async with browser.get(url) as page:
        assert "On file: Visa •••• 4242" in await text_of(page)
    async with browser.post(url) as page:
        assert "On file: Mastercard •••• 4444 · Your new card is saved." in await text_of(page)
    async with browser.get(f"{stripe.api_base}/portal/bps_nothing") as page:
        assert page.status == 404


def test_the_pages_say_the_same_in_every_language() -> None:
    for words in WORDS.values():
        assert words.keys() == WORDS["en"].keys()
        for key, text in words.items():
            assert _places(text) == _places(WORDS["en"][key]), key
            assert "'" not in text, key


def _places(text: str) -> list[str]:
    return sorted(re.findall(r"{\w+}", text))
