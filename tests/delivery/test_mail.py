from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from html.parser import HTMLParser

import pytest

from bot.case.letter import Family
from bot.delivery.mail import ascii_address, html, message, message_id
from bot.delivery.transport import Mail
from bot.words.filling import Filled, fill, plain
from bot.words.fixed import fixed
from tests.delivery.letters import LINK, SENDER, basis, invoice, mail

LOCALES = ("en", "es", "fr")


def received(letter: Mail) -> EmailMessage:
    read = message_from_bytes(message(letter).as_bytes(), policy=SMTP)
    assert isinstance(read, EmailMessage)
    return read


def written(locale: str = "en", family: Family = Family.SOFT, **changes: object) -> Filled:
    facts = basis(invoice(1, **changes))
    return fill(fixed(family, 1, locale), facts, company="Acme", sender=SENDER, link=LINK)


class Read(HTMLParser):
    """What a reader of the page sees, and where it can take them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.text: list[str] = []
        self.language: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.add(tag)
        if tag == "html":
            self.language = found.get("lang")
        if tag == "a":
            self.links.append(found["href"] or "")

    def handle_data(self, data: str) -> None:
        self.text += data.split()


def test_the_headers_say_who_to_whom_and_in_which_language() -> None:
    read = received(mail(language="fr", reply_to="help@acme.test"))
    assert read["Message-ID"] == "<send.case_1.1@acme.test>"
    assert read["From"] == SENDER
    assert read["To"] == "camille@example.com"
    assert read["Reply-To"] == "help@acme.test"
    assert read["Subject"] == "Your payment to Acme"
    assert read["Date"] == "Mon, 09 Nov 2026 12:00:00 +0000"
    assert read["Content-Language"] == "fr"


def test_a_mail_that_waits_for_an_answer_is_not_marked_as_automatic() -> None:
    assert received(mail())["Auto-Submitted"] is None
    assert received(mail())["Reply-To"] is None


def test_text_and_html_say_the_same_and_text_comes_first() -> None:
    read = received(mail(text="Où ça ? 49,00\xa0€\n", html="<p>Où ça ?</p>"))
    kinds = [part.get_content_type() for part in read.iter_parts()]
    assert kinds == ["text/plain", "text/html"]
    body = read.get_body(("plain",))
    assert body is not None
    assert body.get_content() == "Où ça ? 49,00\xa0€\r\n"


def test_only_seven_bits_cross_the_wire_and_no_line_is_too_long() -> None:
    page = html(written("fr"), "fr", "Acmé")
    raw = message(mail(subject="Où ça ? " * 9, text="é" * 3000, html=page)).as_bytes()
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


def test_a_long_domain_does_not_bend_our_message_id() -> None:
    sender = f"Acme <billing@{'mail.' * 12}acme.test>"
    own = message_id("send/case_01JD8ZK3W8X9Y2Q7V5B4N6M1P0/12", sender)
    raw = message(mail(message_id=own, sender=sender)).as_bytes()
    assert f"Message-ID: {own}\r\n".encode() in raw


def test_the_message_id_is_made_of_the_hand_overs_key() -> None:
    assert message_id("send/case_1/3", SENDER) == "<send.case_1.3@acme.test>"
    assert message_id("send/case_1/3", "a@bücher.test") == "<send.case_1.3@xn--bcher-kva.test>"


@pytest.mark.parametrize("key", ["", "send//1", "send/a b/1", "send/a>\r\nBcc: x@y.test/1"])
def test_a_key_that_is_no_id_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="Message-ID"):
        message_id(key, SENDER)


@pytest.mark.parametrize(
    "field", ["subject", "sender", "recipient", "reply_to", "message_id", "language"]
)
def test_no_value_can_add_a_header(field: str) -> None:
    honest = str(getattr(mail(reply_to="help@acme.test"), field))
    for sneaky in (f"{honest}\r\nBcc: eve@evil.test", f"{honest}\nBcc: eve@evil.test"):
        try:
            raw = message(mail(**{field: sneaky})).as_bytes()
        except ValueError:
            continue
        assert message_from_bytes(raw)["Bcc"] is None
        assert b"\nBcc" not in raw


@pytest.mark.parametrize(
    "address",
    [
        "a@example.com,b@example.com",
        "a@example.com;b@example.com",
        "a@example.com b@example.com",
        "A <a@example.com>",
        "a@example.com\r\n",
        "a@\u202eexample.com",
        "a@localhost",
        "a@[127.0.0.1]",
        "@example.com",
    ],
)
def test_what_is_not_exactly_one_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="one valid address"):
        ascii_address(address)


def test_a_display_name_is_quoted_and_stays_one_sender() -> None:
    read = received(mail(sender='Acme, "Inc." <billing@acme.test>'))
    assert read["From"].addresses[0].addr_spec == "billing@acme.test"
    assert len(read["From"].addresses) == 1


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("family", Family)
def test_the_page_says_word_for_word_what_was_approved(family: Family, locale: str) -> None:
    letter = written(locale, family)
    read = Read(html(letter, locale, "Acme"))
    assert read.language == locale
    seen = " ".join(read.text)
    for paragraph in (letter.greeting, *letter.paragraphs, letter.sign_off):
        for part in paragraph.split(LINK):
            assert " ".join(part.split()) in seen


def test_the_link_is_a_button_with_its_host_and_the_address_in_full() -> None:
    read = Read(html(written(), "en", "Acme"))
    assert read.links == [LINK, LINK]
    assert "invoice.stripe.com" in read.text
    assert LINK in read.text


def test_the_page_loads_nothing_and_reports_nothing() -> None:
    page = html(written(), "en", "Acme")
    assert not Read(page).tags & {"img", "script", "link", "iframe", "object", "form", "video"}
    assert "url(" not in page
    assert "@import" not in page


def test_foreign_text_cannot_become_markup() -> None:
    nasty = '"><script>alert(1)</script><a href="https://evil.test">$link ${label}</a>'
    page = html(written(plan=nasty), "en", "<b>Acme & Co</b>")
    read = Read(page)
    assert read.links == [LINK, LINK]
    assert not read.tags & {"script", "b"}
    assert "$link ${label}" in page
    assert "&lt;b&gt;Acme &amp; Co&lt;/b&gt;" in page


def test_several_invoices_are_rows_below_the_letter() -> None:
    facts = basis(invoice(1), invoice(2))
    letter = fill(
        fixed(Family.SEVERAL_INVOICES, 1, "en"), facts, company="Acme", sender=SENDER, link=LINK
    )
    seen = " ".join(Read(html(letter, "en", "Acme")).text)
    assert "Invoice A-1: €49.00 Invoice A-2: €49.00 Best wishes," in seen
    assert "Invoice A-1: €49.00\nInvoice A-2: €49.00" in plain(letter)
