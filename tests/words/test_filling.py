import pytest

from bot.case.letter import Author, Basis, BasisInvoice, Family, Letter
from bot.case.money import Money
from bot.words.filling import Filled, clipped, fill, plain, split_sender
from bot.words.fixed import fixed, letter_words

LINK = "https://invoice.stripe.com/i/acct_1/test_a"
LOCALES = ("en", "es", "fr")


def invoice(**facts: object) -> BasisInvoice:
    known: dict[str, object] = {
        "id": "in_1",
        "number": "A-12",
        "status": "open",
        "remaining": Money(minor=4900, currency="eur"),
        "plan": "Team",
        "subscribed": True,
        "card": "Visa 4242",
        "method": "card",
    }
    return BasisInvoice(**(known | facts))  # type: ignore[arg-type]


def basis(*invoices: BasisInvoice, first_name: str | None = "Camille") -> Basis:
    return Basis(
        recipient="camille@example.com",
        sender="Acme <billing@acme.test>",
        customer_name="Camille Roy",
        first_name=first_name,
        invoices=invoices or (invoice(),),
    )


def letter(body: str, locale: str = "en", subject: str = "Your payment to {company}") -> Letter:
    return Letter(subject=subject, body=body, locale=locale, by=Author.MODEL)


def filled(body: str, facts: Basis | None = None, locale: str = "en") -> Filled:
    return fill(
        letter(body, locale),
        facts or basis(),
        company="Acme",
        sender="Acme Billing <billing@acme.test>",
        link=LINK,
    )


def paragraph(body: str, facts: Basis | None = None, locale: str = "en") -> str:
    return filled(body, facts, locale).paragraphs[0]


def test_a_fixed_letter_reads_as_a_person_would_write_it() -> None:
    read = plain(
        fill(
            fixed(Family.NEEDS_NEW_CARD, 1, "en"),
            basis(),
            company="Acme",
            sender="Anna at Acme <billing@acme.test>",
            link=LINK,
        )
    )
    assert read == (
        "Hello Camille,\n\n"
        "The payment of €49.00 for your Team subscription didn’t go through: your Visa card ending"
        " in 4242 seems to have expired or changed. You can add a current card on this secure"
        f" page: {LINK}\n\n"
        "If anything looks wrong to you, just reply to this message.\n\n"
        "Best wishes,\nAnna at Acme"
    )


def test_the_french_letter_writes_money_as_the_french_do() -> None:
    read = paragraph("Le paiement de {amount} pour {plan} avec {card}.", locale="fr")
    expected = "Le paiement de 49,00\xa0€ pour votre abonnement Team avec votre carte Visa"
    assert read == f"{expected} se terminant par 4242."


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("family", Family)
@pytest.mark.parametrize("notice", [1, 2, 3, 4])
def test_every_fixed_letter_fills_whole_with_all_facts_and_with_none(
    family: Family, notice: int, locale: str
) -> None:
    bare = basis(invoice(number=None, plan=None, card=None, method=None), first_name=None)
    for facts in (basis(), bare, basis(invoice(), invoice(id="in_2", number="A-13"))):
        read = fill(
            fixed(family, notice, locale), facts, company="Acme", sender="b@acme.test", link=LINK
        )
        text = read.subject + plain(read)
        assert "{" not in text
        assert "None" not in text
        assert text.count(LINK) == 1


@pytest.mark.parametrize("locale", LOCALES)
def test_there_is_no_fifth_letter(locale: str) -> None:
    with pytest.raises(ValueError, match="no notice 5"):
        fixed(Family.SOFT, 5, locale)


def test_all_languages_have_the_same_words_with_the_same_placeholders() -> None:
    keys = {frozenset(letter_words(locale)) for locale in LOCALES}
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("facts", "phrase"),
    [
        ({}, "your Team subscription"),
        ({"plan": None}, "your subscription"),
        ({"plan": " \u202e "}, "your subscription"),
        ({"plan": None, "subscribed": False}, "your account"),
    ],
)
def test_the_plan_is_named_as_far_as_it_is_known(facts: dict[str, object], phrase: str) -> None:
    assert paragraph("About {plan}", basis(invoice(**facts))) == f"About {phrase}"


@pytest.mark.parametrize(
    ("facts", "phrase"),
    [
        ({}, "your Visa card ending in 4242"),
        ({"card": "American Express 0005"}, "your American Express card ending in 0005"),
        ({"card": "Elo 1234"}, "your Elo card ending in 1234"),
        ({"card": None}, "your card"),
        ({"card": None, "method": "sepa_debit"}, "your payment method"),
        ({"card": None, "method": None}, "your payment method"),
    ],
)
def test_the_card_is_told_as_far_as_it_is_known(facts: dict[str, object], phrase: str) -> None:
    assert paragraph("With {card}", basis(invoice(**facts))) == f"With {phrase}"


def test_an_invoice_without_a_number_is_the_latest_one() -> None:
    assert paragraph("For {invoice}", basis(invoice(number=None))) == "For your latest invoice"


def test_a_name_that_is_not_known_is_not_greeted() -> None:
    assert filled("Hi", basis(first_name=None)).greeting == "Hello,"
    assert filled("Hi", basis(first_name="\u200b"), "es").greeting == "Hola:"
    assert filled("Hi", basis(), "fr").greeting == "Bonjour Camille,"


def test_several_currencies_are_listed_and_never_added_up() -> None:
    dollars = invoice(id="in_2", remaining=Money(minor=2000, currency="usd"))
    yen = invoice(id="in_3", remaining=Money(minor=4900, currency="jpy"))
    more = invoice(id="in_4", remaining=Money(minor=100, currency="eur"))
    facts = basis(invoice(), dollars, yen, more)
    assert paragraph("{amount}", facts) == "€50.00, $20.00, and ¥4,900"


def test_several_invoices_are_listed_below_in_the_order_given() -> None:
    second = invoice(id="in_2", number="A-13", remaining=Money(minor=2000, currency="eur"))
    read = filled("See below", basis(invoice(), second))
    assert read.lines == ("Invoice A-12: €49.00", "Invoice A-13: €20.00")
    assert "See below\n\nInvoice A-12: €49.00\nInvoice A-13: €20.00\n\nBest wishes," in plain(read)


def test_one_invoice_is_not_listed() -> None:
    assert filled("See").lines == ()


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ("{card} expired.", "Your Visa card ending in 4242 expired."),
        ("Hm. {invoice} is open.", "Hm. Invoice A-12 is open."),
        ("Really? {invoice}", "Really? Invoice A-12"),
        ("It says: {invoice}", "It says: invoice A-12"),
        ("Another way, e.g. {card}", "Another way, e.g. your Visa card ending in 4242"),
        ("“Hm.” {invoice}", "“Hm.” Invoice A-12"),
    ],
)
def test_a_phrase_is_capitalised_only_as_the_first_word_of_a_sentence(body: str, read: str) -> None:
    assert paragraph(body) == read


def test_a_spanish_question_begins_with_a_capital() -> None:
    assert paragraph("Hola. ¿{plan} sigue?", locale="es") == "Hola. ¿Tu suscripción Team sigue?"


def test_a_phrase_after_a_link_begins_a_new_sentence() -> None:
    read = filled("Here: {pay_link}\n{plan} goes on.")
    assert read.paragraphs == (f"Here: {LINK}", "Your Team subscription goes on.")


def test_a_plan_named_like_a_placeholder_stays_so() -> None:
    read = paragraph("About {plan} and {card}", basis(invoice(plan="{card} {pay_link} {x}")))
    assert read == (
        "About your {card} {pay_link} {x} subscription and your Visa card ending in 4242"
    )


def test_a_value_cannot_break_a_line_or_turn_the_text_around() -> None:
    nasty = "Te\u202eam\r\nBcc: x@y\u2028\x00 \u2066Pro\u200b"
    assert paragraph("{plan}", basis(invoice(plan=nasty))) == (
        "Your Team Bcc: x@y Pro subscription"
    )


def test_an_endless_value_is_cut_between_the_signs_a_reader_sees() -> None:
    family = "👩‍👩‍👧"
    assert clipped(family * 100) == family * 15 + "…"
    assert clipped(family * 16) == family * 16


def test_a_subject_knows_the_company_only() -> None:
    with pytest.raises(KeyError):
        fill(
            letter("Hi", subject="{amount} due"),
            basis(),
            company="Acme",
            sender="b@acme.test",
            link=LINK,
        )


def test_an_unknown_placeholder_is_not_filled_with_nothing() -> None:
    with pytest.raises(KeyError):
        filled("Pay until {deadline}")


@pytest.mark.parametrize(
    ("sender", "name", "address"),
    [
        ("Acme Billing <billing@acme.test>", "Acme Billing", "billing@acme.test"),
        ('"Acme, Inc." <billing@acme.test>', "Acme, Inc.", "billing@acme.test"),
        ("Acme, Inc. <billing@acme.test>", "Acme, Inc.", "billing@acme.test"),
        ("<billing@acme.test>", "", "billing@acme.test"),
        (" billing@acme.test ", "", "billing@acme.test"),
    ],
)
def test_the_sender_is_taken_as_written(sender: str, name: str, address: str) -> None:
    assert split_sender(sender) == (name, address)


def test_a_sender_without_a_name_signs_as_the_team() -> None:
    read = fill(
        letter("Bonjour", "fr"), basis(), company="Acme", sender="billing@acme.test", link=LINK
    )
    assert read.sign_off == "Bien à vous,\nL’équipe Acme"
