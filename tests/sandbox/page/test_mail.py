"""The page's mailbox: whose phone a letter came to, what it says, and how tame its frame is."""

from email.message import EmailMessage
from typing import Any
from urllib.parse import quote

from aiosmtplib import send

from bot.sandbox.page import mail_part
from bot.sandbox.page.desk import Desk
from tests.sandbox.page.sites import Visit, visit

HTML = "<p>Hello <script>alert(1)</script></p>"


async def arrives(desk: Desk, number: int, link: str) -> None:
    """A letter as the bot sends one in test mode."""
    mail = EmailMessage()
    mail["From"] = "Northwind <billing@northwind.example>"
    mail["To"] = "test-mail@northwind.example"
    mail["Subject"] = f"Letter {number}"
    mail["Message-ID"] = f"<send.case_{number}@northwind.example>"
    mail["Content-Language"] = "en"
    mail.set_content(f"Hello,\n\nplease pay here: {link}\n")
    mail.add_alternative(HTML, subtype="html")
    await send(mail, hostname="127.0.0.1", port=desk.houses.mailbox.port, use_tls=False)


def billed(desk: Desk, **who: Any) -> str:
    """The link to the bill of a new customer."""
    world = desk.houses.stripe.world
    invoice = world.fail_payment(world.subscribe(world.add_customer(**who)))
    return f"{desk.houses.stripe.api_base}/invoice/{invoice['id']}"


def shown(visit: Visit) -> dict[str, Any]:
    desk = visit.site.desk
    return mail_part.screen(desk, desk.viewer(visit.maya))


async def test_a_letter_lies_on_the_phone_of_whoever_its_link_is_for_the_newest_first() -> None:
    async with visit(mail=mail_part.PART) as page:
        desk = page.site.desk
        await arrives(desk, 1, billed(desk, name="Aoife Byrne"))
        await arrives(desk, 2, billed(desk, email="x@kettle.example") + "?again=1")
        await arrives(desk, 3, "https://elsewhere.example/invoice/in_none")
        mails = shown(page)["mails"]
    assert [one["subject"] for one in mails] == ["Letter 3", "Letter 2", "Letter 1"]
    assert [one["person"]["name"] for one in mails] == [
        "test-mail@northwind.example",
        "x@kettle.example",
        "Aoife Byrne",
    ]
    assert mails[-1]["person"]["called"] == "Aoife"
    assert mails[-1]["sender"] == "Northwind"
    assert ["To", "test-mail@northwind.example"] in mails[-1]["headers"]
    assert mails[-1]["text"].startswith("Hello,\r\n\r\nplease pay here: http://127.0.0.1:")


async def test_a_name_can_turn_no_sentence_of_the_page_around() -> None:
    async with visit(mail=mail_part.PART) as page:
        desk = page.site.desk
        await arrives(desk, 1, billed(desk, name="Rtl \u202egpj.exe\u0000\nX"))
        await arrives(desk, 2, billed(desk, name="\u200b\u202e", email="x@kettle.example"))
        mails = shown(page)["mails"]
    assert [one["person"]["name"] for one in mails] == ["x@kettle.example", "Rtl gpj.exe X"]
    assert "\u202e" not in mails[1]["person"]["called"]


async def test_a_letter_that_was_opened_is_not_new_any_more_for_anybody() -> None:
    async with visit(mail=mail_part.PART) as page:
        desk = page.site.desk
        await arrives(desk, 1, billed(desk, name="Aoife Byrne"))
        assert shown(page)["unread"] == 1
        name = shown(page)["mails"][0]["id"]
        for _ in range(2):
            answer = await page.do("mail/open", {"viewer": page.maya, "id": name})
            assert await answer.json() == {}
        assert (shown(page)["unread"], shown(page)["mails"][0]["seen"]) == (0, True)
        missing = await page.do("mail/open", {"viewer": page.maya, "id": "nothing"})
        assert (await missing.json())["problem"]["key"] == "mail.gone"


async def test_the_frame_holds_the_very_html_that_was_sent_and_can_run_and_fetch_nothing() -> None:
    async with visit(mail=mail_part.PART) as page:
        desk = page.site.desk
        await arrives(desk, 1, billed(desk, name="Aoife Byrne"))
        answer = await page.get(f"/mail/{quote(shown(page)['mails'][0]['id'], safe='')}/html")
        assert (answer.status, (await answer.text()).strip()) == (200, HTML)
        rules = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in rules
        assert "script-src" not in rules
        assert "frame-ancestors 'self'" in rules
        for path in ("/mail/nothing/html", "/mail/nothing/text", "/nothing/1/html"):
            assert (await page.get(path)).status == 404
