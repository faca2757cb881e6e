"""What the bot says is drawn as Slack draws it, and presses come to what Slack would send."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from bot.sandbox.blocks import block_problems
from bot.sandbox.slack_state import named
from bot.sandbox.slack_text import render_blocks
from tests.browser.chrome import needs_chromium
from tests.review.golden import GOLDEN
from tests.sandbox.page.stage import Json, Stage, stage

pytestmark = [needs_chromium, pytest.mark.asyncio(loop_scope="session")]

USERS = {"U1ANNE": {"name": "Anne Dubois"}, "U1MAX": {"name": "Max Weber"}}
NOW = 1795181400  # Friday, 20 November 2026, 13:30 UTC
PARIS: Json = {"users": USERS, "zone": "Europe/Paris", "locale": "en-US", "me": "U1ANNE"}


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def bare(browser: Browser) -> AsyncIterator[Stage]:
    async with stage(browser) as found:
        await found.page.evaluate("at", NOW * 1000)
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def page(bare: Stage) -> AsyncIterator[Stage]:
    yield bare
    await bare.clear()


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": False}


def mrkdwn(text: str, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, **more}}


def option(value: str, **more: Any) -> Json:
    return {"text": plain(f"The {value}"), "value": value, **more}


def element(kind: str, **more: Any) -> Json:
    return {"type": kind, "action_id": kind, **more}


def row(*elements: Json) -> Json:
    return {"type": "actions", "block_id": "row", "elements": list(elements)}


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


async def test_every_word_of_every_golden_card_can_be_read(page: Stage) -> None:
    moments = r"<!date\^[^|]*\|[^>]*>"
    for path in sorted(GOLDEN.rglob("*.json")):
        blocks = named(json.loads(path.read_text("utf-8"))["blocks"])
        # How a moment reads is another test's; here it would be compared with its fallback.
        drawn = json.loads(re.sub(moments, "then", json.dumps(blocks, ensure_ascii=False)))
        await page.show(*drawn, **PARIS)
        there = words(await page.readable())
        names = {key: one["name"] for key, one in USERS.items()}
        missing = words(render_blocks(drawn, names)) - there
        assert not missing, f"{path.name}: {missing}"


TEXTS = {
    "*bold* _it_ ~gone~": "<b>bold</b> <i>it</i> <s>gone</s>",
    "*_both_*": "<b><i>both</i></b>",
    "(*bold*), *a b*!": "(<b>bold</b>), <b>a b</b>!",
    "snake_case_name 2*3*4 * a *": "snake_case_name 2*3*4 * a *",
    "*a\nb*": "*a\nb*",
    "`*x* _y_ &lt;b&gt;` *a `b*` c*": ("<code>*x* _y_ &lt;b&gt;</code> <b>a <code>b*</code> c</b>"),
    "a\n&gt; *q*\n&gt; r\nb": 'a<blockquote class="b-quote"><b>q</b>\nr</blockquote>b',
    "&gt;&gt;&gt; q\nr": '<blockquote class="b-quote">q\nr</blockquote>',
    "• one\n• two": '<span class="b-li">• one</span><span class="b-li">• two</span>',
    "a ```\n*x*\n  y``` b": 'a <pre class="b-pre">*x*\n  y</pre> b',
    "<@U1ANNE> <@U9>": '<span class="at me">@Anne Dubois</span> <span class="at">@U9</span>',
    "<#C1|room> <!subteam^S1|@billing>": (
        '<span class="at">#room</span> <span class="at">@billing</span>'
    ),
    "<!here>": '<span class="at me">@here</span>',
    "&amp;lt; &nbsp; &lt;": "&amp;lt; &amp;nbsp; &lt;",
    ":tada: :no_such:": "🎉 :no_such:",
}


async def test_text_is_marked_up_by_slacks_own_rules(page: Stage) -> None:
    for text, wanted in TEXTS.items():
        root = await page.show(mrkdwn(text, verbatim=True), **PARIS)
        assert await root.locator(".b-sec").inner_html() == wanted, text


async def test_links_lead_to_the_web_and_to_mail_and_nowhere_else(page: Stage) -> None:
    root = await page.show(
        mrkdwn(
            "<https://a.example/?x=1&amp;y=2|Pay> <mailto:a@b.example|write> https://c.example."
        ),
        mrkdwn("https://d.example", verbatim=True),
        mrkdwn("<javascript:alert(1)|click> <data:text/html,x|here>"),
        row(element("button", text=plain("Go"), url="javascript:alert(1)")),
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [{"type": "link", "url": "javascript:alert(2)", "text": "odd"}],
                }
            ],
        },
    )
    links = root.get_by_role("link")
    addresses = await links.evaluate_all("all => all.map((one) => one.getAttribute('href'))")
    wanted = ["https://a.example/?x=1&y=2", "mailto:a@b.example", "https://c.example"]
    assert addresses == wanted
    await expect(links.first).to_have_attribute("target", "_blank")
    await expect(links.first).to_have_attribute("rel", re.compile("noopener"))
    await expect(root).to_contain_text("<javascript:alert(1)|click>")


async def test_a_strangers_words_stay_words(page: Stage) -> None:
    hostile = '<script>told.push("x")</script><img src=x onerror=\'told.push("x")\'>'
    escaped = hostile.replace("<", "&lt;").replace(">", "&gt;")
    root = await page.show(
        {"type": "header", "text": plain(hostile)},
        {"type": "section", "text": plain(hostile), "fields": [plain(hostile)]},
        mrkdwn(hostile),
        mrkdwn(f"*{escaped}*"),
        {"type": "context", "elements": [plain(hostile)]},
        {"type": "image", "image_url": "https://a.example/x.png", "alt_text": hostile},
        {"type": "markdown", "text": hostile},
        row(element("button", text=plain(hostile)), element("overflow", options=[option(hostile)])),
    )
    assert await root.locator("script, img").count() == 0
    assert await root.get_by_text(hostile).count() >= 7
    assert await page.told() == []


MOMENTS = [
    ("{date_short_pretty} {time}", "Asia/Tokyo", "fr-FR", "demain 03:30"),
    ("{date_short_pretty} {time}", "Europe/Paris", "en-US", "today 7:30 PM"),
    ("{date_short} {time_secs}", "Europe/Paris", "es-ES", "20 nov 2026 19:30:00"),
    ("{date_long}", "Asia/Tokyo", "en-US", "Saturday, November 21, 2026"),
    ("{time}", "No/Where", "en-US", "the fallback"),
]


async def test_moments_read_in_the_readers_zone_and_language(page: Stage) -> None:
    for form, zone, locale, wanted in MOMENTS:
        text = f"<!date^{NOW + 5 * 3600}^{form}|the fallback>"
        root = await page.show(mrkdwn(text), zone=zone, locale=locale)
        shown = (await root.inner_text()).replace("\u202f", " ")
        assert shown == wanted


def spans(*parts: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(parts)}


def cell(text: str) -> Json:
    return {"type": "raw_text", "text": text}


async def test_every_kind_of_block_is_drawn_as_what_it_is(page: Stage) -> None:
    said = {"type": "text", "text": "rich", "style": {"bold": True}}
    lists = {"type": "rich_text_list", "style": "ordered", "offset": 2, "elements": [spans(said)]}
    quote = {"type": "rich_text_quote", "elements": [{"type": "user", "user_id": "U1MAX"}]}
    fields = [{"type": "mrkdwn", "text": "*Why*\nExpired\nFor good"}]
    blocks: list[Json] = [
        {"type": "header", "text": plain("Headline")},
        {"type": "section", "fields": fields},
        {"type": "divider"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "small"}]},
        {"type": "rich_text", "elements": [spans(said), lists, quote]},
        {"type": "table", "rows": [[cell("Sum"), cell("Who")], [cell("€9.00"), cell("Ana")]]},
        {"type": "image", "image_url": "https://a.example/x.png", "alt_text": "a chart"},
        {"type": "markdown", "text": "**strong** [there](https://a.example)"},
    ]
    assert block_problems(blocks, "message") == []
    root = await page.show(*blocks, {"type": "video", "alt_text": "x"}, **PARIS)
    for role, name in [
        ("heading", "Headline"),
        ("separator", None),
        ("listitem", None),
        ("columnheader", "Sum"),
        ("cell", "€9.00"),
        ("img", "a chart"),
        ("link", "there"),
    ]:
        await expect(root.get_by_role(role, name=name)).to_be_visible()  # type: ignore[arg-type]
    await expect(root.get_by_role("term")).to_have_text("Why")
    await expect(root.get_by_role("definition")).to_have_text("ExpiredFor good")
    await expect(root.get_by_role("cell", name="€9.00")).to_have_css("text-align", "right")
    await expect(root.get_by_role("cell", name="Ana")).to_have_css("text-align", "left")
    await expect(root.get_by_role("blockquote")).to_have_text("@Max Weber")
    await expect(root).to_contain_text("“video”")


async def test_choosing_sends_what_slack_would_send(page: Stage) -> None:
    some = [option("a"), option("b")]
    root = await page.show(
        row(
            element("static_select", placeholder=plain("Reason"), options=some),
            element("users_select", placeholder=plain("Whom")),
            element("datepicker", placeholder=plain("Day")),
            element("timepicker", placeholder=plain("Hour")),
            element("datetimepicker", placeholder=plain("Moment")),
        ),
        row(element("radio_buttons", options=some), element("checkboxes", options=some)),
        mrkdwn("Where to") | {"accessory": element("button", text=plain("Show"))},
        **PARIS | {"zone": "Asia/Tokyo"},
    )
    await root.get_by_label("Reason").select_option("The b")
    await root.get_by_label("Whom").select_option("Max Weber")
    await root.get_by_label("Day").fill("2026-11-21")
    await root.get_by_label("Hour").fill("09:30")
    await root.get_by_label("Moment").fill("2026-11-20T22:30")
    await root.get_by_role("radio", name="The a").check()
    await root.get_by_role("checkbox", name="The b").check()
    await root.get_by_role("checkbox", name="The a").check()
    await root.get_by_role("button", name="Show").click()
    assert [(one[2], one[3]) for one in await page.told()] == [
        ("static_select", "b"),
        ("users_select", "U1MAX"),
        ("datepicker", "2026-11-21"),
        ("timepicker", "09:30"),
        ("datetimepicker", NOW),
        ("radio_buttons", "a"),
        ("checkboxes", ["b"]),
        ("checkboxes", ["a", "b"]),
        ("button", None),
    ]


CONFIRM = {
    "title": plain("Really?"),
    "text": plain("It is gone then."),
    "confirm": plain("Do it"),
    "deny": plain("Go back"),
}


async def test_what_asks_first_does_nothing_until_it_is_answered_yes(page: Stage) -> None:
    some = [option("a"), option("b")]
    root = await page.show(
        row(
            element("button", text=plain("Stop"), confirm=CONFIRM),
            element(
                "static_select",
                placeholder=plain("Reason"),
                options=some,
                initial_option=some[0],
                confirm=CONFIRM,
            ),
        )
    )
    stop = root.get_by_role("button", name="Stop")
    dialog = page.page.get_by_role("alertdialog", name="Really?")
    for no in ("Go back", "Escape"):
        await stop.click()
        await expect(dialog).to_contain_text("It is gone then.")
        if no == "Escape":
            await page.page.keyboard.press("Escape")
        else:
            await dialog.get_by_role("button", name=no).click()
        await expect(dialog).to_have_count(0)
        await expect(stop).to_be_focused()
    await root.get_by_label("Reason").select_option("b")
    await dialog.get_by_role("button", name="Go back").click()
    await expect(root.get_by_label("Reason")).to_have_value("a")
    assert await page.told() == []
    await stop.click()
    await dialog.get_by_role("button", name="Do it").click()
    await expect(dialog).to_have_count(0)
    assert await page.told() == [["press", "row", "button", None]]


async def test_a_press_is_sent_once_and_says_so_when_nobody_answers(page: Stage) -> None:
    root = await page.show(row(element("button", text=plain("Approve"), style="primary")))
    approve = root.get_by_role("button", name="Approve")
    await page.page.evaluate("held = true, answers({ problem: { key: 'blocks.no_answer' } })")
    await approve.click()
    await expect(approve).to_have_attribute("aria-busy", "true")
    await approve.click()
    await page.page.evaluate("held = false, let_go()")
    await expect(root.get_by_role("status")).to_have_text("This app didn’t respond.")
    assert len(await page.told()) == 1
    await page.page.evaluate("answers({})")
    await approve.click()
    await expect(root.get_by_role("status")).to_have_text("")
    assert len(await page.told()) == 1


async def test_the_menu_is_worked_by_keyboard_alone(page: Stage) -> None:
    options = [option("first"), option("second"), option("third", url="https://a.example/")]
    root = await page.show(row(element("overflow", options=options)))
    opener = root.get_by_role("button", name="More actions")
    keys = page.page.keyboard
    items = root.get_by_role("menuitem")
    await opener.focus()
    await keys.press("Enter")
    await expect(opener).to_have_attribute("aria-expanded", "true")
    for key, at in [("ArrowDown", 1), ("End", 2), ("ArrowDown", 0), ("ArrowUp", 2), ("Home", 0)]:
        await keys.press(key)
        await expect(items.nth(at)).to_be_focused()
    await expect(items.nth(2)).to_have_attribute("href", "https://a.example/")
    await keys.press("Escape")
    await expect(opener).to_be_focused()
    await expect(opener).to_have_attribute("aria-expanded", "false")
    await keys.press("ArrowUp")
    await keys.press("ArrowUp")
    await keys.press("Enter")
    await expect(opener).to_be_focused()
    assert await page.told() == [["press", "row", "overflow", "second"]]
