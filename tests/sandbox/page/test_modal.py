"""A window asks as Slack's own does: what is required, what was typed, and where one is."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.chrome import needs_chromium
from tests.sandbox.page.stage import Json, Stage, stage
from tests.sandbox.page.test_blocks import CONFIRM, element, mrkdwn, option, plain, row

pytestmark = [needs_chromium, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def bare(browser: Browser) -> AsyncIterator[Stage]:
    async with stage(browser) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def page(bare: Stage) -> AsyncIterator[Stage]:
    yield bare
    await bare.clear()


def asks(name: str, kind: str = "plain_text_input", *, optional: bool = False, **more: Any) -> Json:
    asked = {"type": kind, "action_id": name, **more}
    block = {"type": "input", "block_id": name, "label": plain(name.title()), "element": asked}
    return block | ({"optional": True} if optional else {})


def window(*blocks: Json, **more: Any) -> Json:
    view = {"id": "V1", "hash": "1", "title": plain("Edit"), "submit": plain("Save")}
    return {**view, "blocks": list(blocks), **more}


WRONG = [
    (asks("name"), "", "This is a required field."),
    (asks("name", min_length=3), "ab", "Please write at least 3 characters."),
    (asks("name", max_length=3), "abcd", "Please write at most 3 characters."),
    (asks("mail", "email_text_input"), "nobody", "Please enter an e-mail address."),
    (asks("link", "url_text_input"), "nowhere", "Please enter a web address."),
    (asks("sum", "number_input", is_decimal_allowed=True), "x", "Please enter a number."),
    (asks("sum", "number_input", is_decimal_allowed=False), "1.5", "Please enter a whole number."),
    (
        asks("sum", "number_input", is_decimal_allowed=True, min_value="2"),
        "1",
        "Please enter 2 or more.",
    ),
    (
        asks("sum", "number_input", is_decimal_allowed=True, max_value="2"),
        "3",
        "Please enter 2 or less.",
    ),
]


async def test_the_form_refuses_what_slacks_own_refuses(page: Stage) -> None:
    for at, (block, text, problem) in enumerate(WRONG):
        dialog = await page.open(window(block, id=f"V{at}"))
        field = dialog.get_by_label(block["label"]["text"])
        await field.fill(text)
        await dialog.get_by_role("button", name="Save").click()
        await expect(field).to_have_accessible_description(problem)
        await expect(field).to_have_attribute("aria-invalid", "true")
        await expect(field).to_be_focused()
    assert await page.told() == []


async def test_what_stands_in_the_fields_is_sent_by_their_names(page: Stage) -> None:
    some = [option("a"), option("b")]
    view = window(
        asks("subject", initial_value="Hello"),
        asks("note", optional=True, multiline=True),
        asks("then", "radio_buttons", options=some, initial_option=some[1]),
        asks("boxes", "checkboxes", options=some),
        asks("whom", "multi_users_select"),
        asks("day", "datepicker"),
    )
    dialog = await page.open(view, users={"U2": {"name": "Priya"}})
    await expect(dialog.get_by_label("Subject")).to_be_focused()
    group = dialog.get_by_role("group", name="Boxes")
    await dialog.get_by_role("button", name="Save").click()
    await expect(group).to_have_accessible_description("This is a required field.")
    await expect(group.get_by_role("checkbox").first).to_be_focused()
    await group.get_by_label("The a").check()
    await dialog.get_by_role("checkbox", name="Priya").check()
    await dialog.get_by_label("Day").fill("2026-11-21")
    await expect(dialog.get_by_role("radiogroup", name="Then")).to_be_visible()
    await dialog.get_by_label("Subject").press("Enter")
    [sent] = await page.told()
    assert sent == [
        "submit",
        {
            "subject": "Hello",
            "note": None,
            "then": "b",
            "boxes": ["a"],
            "whom": ["U2"],
            "day": "2026-11-21",
        },
    ]


async def test_lines_are_broken_by_enter_and_sent_with_control(page: Stage) -> None:
    dialog = await page.open(window(asks("letter", multiline=True, max_length=10)))
    letter = dialog.get_by_label("Letter")
    await letter.press_sequentially("one")
    await letter.press("Enter")
    await letter.press_sequentially("four")
    assert await page.told() == []
    await expect(dialog.get_by_text("Characters left: 2")).to_be_hidden()
    await letter.press_sequentially("!")
    await expect(dialog.get_by_text("Characters left: 1")).to_be_visible()
    await letter.press("Control+Enter")
    assert await page.told() == [["submit", {"letter": "one\nfour!"}]]


async def test_a_new_version_keeps_what_was_typed_where_the_field_is_the_same(page: Stage) -> None:
    old = window(asks("subject", initial_value="One"), asks("body"), asks("gone"))
    dialog = await page.open(old)
    for name in ("Subject", "Body", "Gone"):
        await dialog.get_by_label(name).fill(f"my {name}")
    new = window(
        mrkdwn("It was changed meanwhile.") | {"block_id": "said"},
        asks("subject", initial_value="Two"),
        asks("body", "email_text_input", initial_value="a@b.example"),
        hash="2",
    )
    await page.open(new, {"subject": "Too bold."})
    subject = dialog.get_by_label("Subject")
    await expect(dialog).to_contain_text("It was changed meanwhile.")
    await expect(subject).to_have_value("my Subject")
    await expect(dialog.get_by_label("Body")).to_have_value("a@b.example")
    await expect(subject).to_have_accessible_description("Too bold.")
    await expect(subject).to_be_focused()
    await subject.fill("calm")
    await expect(subject).not_to_have_attribute("aria-invalid", "true")


async def test_a_window_over_a_window_has_a_way_back_to_what_was_typed(page: Stage) -> None:
    below = window(asks("subject"))
    dialog = await page.open(below)
    await dialog.get_by_label("Subject").fill("mine")
    above = window(asks("note"), id="V2", title=plain("More"), previous_view_id="V1")
    await page.open(above)
    await expect(page.page.get_by_role("dialog", name="More")).to_be_visible()
    await dialog.get_by_role("button", name="Back").click()
    assert await page.told() == [["close"]]
    await page.open(below)
    await expect(page.page.get_by_role("dialog", name="Edit")).to_be_visible()
    await expect(dialog.get_by_label("Subject")).to_have_value("mine")


async def test_a_window_is_closed_once_and_sent_once(page: Stage) -> None:
    view = window(asks("subject", initial_value="x"))
    dialog = await page.open(view)
    await page.page.keyboard.press("Escape")
    await page.page.keyboard.press("Escape")
    assert await page.told() == [["close"]]
    await page.open(view)  # it stands until Slack says that it is closed
    await expect(dialog).to_be_visible()
    save = dialog.get_by_role("button", name="Save")
    await page.page.evaluate("held = true")
    await save.click()
    await expect(save).to_have_attribute("aria-busy", "true")
    await save.click()
    await page.page.evaluate("held = false, let_go()")
    await expect(save).not_to_have_attribute("aria-busy", "true")
    assert len(await page.told()) == 1


async def test_what_loads_can_only_be_closed_and_a_press_inside_goes_out(page: Stage) -> None:
    dialog = await page.open(window(mrkdwn("One moment…"), submit=None))
    buttons = dialog.get_by_role("button")
    assert await buttons.evaluate_all("all => all.map((one) => one.type)") == ["button", "button"]
    pressed = row(element("button", text=plain("Again"), confirm=CONFIRM))
    await page.open(window(pressed, asks("subject"), hash="2", submit_disabled=True))
    await expect(dialog.get_by_label("Subject")).to_be_focused()
    await expect(dialog.get_by_role("button", name="Save")).to_be_disabled()
    await dialog.get_by_role("button", name="Again").click()
    await page.page.get_by_role("button", name="Do it").click()
    await expect(page.page.get_by_role("alertdialog")).to_have_count(0)
    assert await page.told() == [["press", "row", "button", None]]
