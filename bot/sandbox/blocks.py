"""What Slack refuses in the blocks of a message and in a view, said as Slack says it.

Pure: blocks in, Slack's complaints out. Limits from
https://docs.slack.dev/reference/block-kit/blocks and https://docs.slack.dev/reference/views.
Blocks and elements that Slack knows and that are not listed here are refused too: add the one you
need, with its limits.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final, Literal

from bot.sandbox.slack_elements import (
    ACCESSORY,
    ACTION,
    FIELD,
    ID,
    TEXT,
    has_picture,
    image,
    plain,
    text,
)
from bot.sandbox.slack_shapes import (
    Check,
    anything,
    both,
    by_type,
    chars,
    flag,
    items,
    one_of,
    problem,
    record,
    web_address,
    whole,
)

Surface = Literal["message", "modal", "home"]

BLOCKS: Final[dict[Surface, int]] = {"message": 50, "modal": 100, "home": 100}
VIEW_BYTES: Final = 250_000
FIELD_TEXT: Final = 2000
TABLE_ROWS: Final = 100
TABLE_COLUMNS: Final = 20


def block_problems(blocks: object, surface: Surface, *, path: str = "/blocks") -> list[str]:
    """Everything Slack would refuse in these blocks; empty when it would take them."""
    kinds = _MESSAGE if surface == "message" else _VIEW
    found = list(items(0, BLOCKS[surface], by_type(kinds))(blocks, path))
    if isinstance(blocks, list):
        known = [block for block in blocks if isinstance(block, dict)]
        found += _repeated_blocks(known, path)
        found += [
            line
            for index, block in enumerate(blocks)
            for line in _repeated_actions(block, f"{path}/{index}")
        ]
        found += _several_tables(known, path)
    return found


def view_problems(view: object) -> list[str]:
    """Everything Slack would refuse in this modal or Home; its size is `view_too_large`'s."""
    found = list(by_type({"modal": _MODAL, "home": _HOME})(view, "/view"))
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        return found
    found += block_problems(view.get("blocks"), view["type"], path="/view/blocks")
    if view["type"] == "modal" and _asks(view) and not view.get("submit"):
        found.append(problem("submit is required when an input block is within blocks", "/view"))
    return found


def is_too_large(view: object) -> bool:
    """Whether Slack would answer view_too_large: more than 250 kB of JSON."""
    return len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES


def elements(block: dict[str, Any]) -> list[dict[str, Any]]:
    """The elements of one block that a person can press or fill in."""
    inside: list[object] = []
    if block.get("type") == "actions" and isinstance(block.get("elements"), list):
        inside = list(block["elements"])
    elif block.get("type") == "section":
        inside = [block.get("accessory")]
    elif block.get("type") == "input":
        inside = [block.get("element")]
    return [part for part in inside if isinstance(part, dict) and part.get("type") != "image"]


def _asks(view: dict[str, Any]) -> bool:
    blocks = view.get("blocks")
    inputs = blocks if isinstance(blocks, list) else []
    return any(isinstance(block, dict) and block.get("type") == "input" for block in inputs)


def _repeated(values: list[Any]) -> list[str]:
    known = Counter(value for value in values if isinstance(value, str))
    return [value for value, times in known.items() if times > 1]


def _repeated_blocks(blocks: list[dict[str, Any]], path: str) -> list[str]:
    names = _repeated([block.get("block_id") for block in blocks])
    return [problem(f"block_id {name} already exists", path) for name in names]


def _repeated_actions(block: object, path: str) -> list[str]:
    if not isinstance(block, dict):
        return []
    names = _repeated([element.get("action_id") for element in elements(block)])
    return [problem(f"action_id {name} already exists for block", path) for name in names]


def _several_tables(blocks: list[dict[str, Any]], path: str) -> list[str]:
    tables = [block for block in blocks if block.get("type") == "table"]
    return [problem("only one table allowed", path)] if len(tables) > 1 else []


def _block(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    return record({"type": anything, **required}, {"block_id": chars(1, ID), **(optional or {})})


def _says_something(value: object, path: str) -> Iterator[str]:
    if isinstance(value, dict) and "text" not in value and "fields" not in value:
        yield problem("must provide either text or fields", path)


_SPAN_FIELDS: dict[str, Check] = {"style": anything}
_SPAN = by_type(
    {
        "text": record({"type": anything, "text": chars(1, TEXT * 4)}, _SPAN_FIELDS),
        "link": record(
            {"type": anything, "url": chars(1, TEXT)},
            {**_SPAN_FIELDS, "text": chars(0, TEXT), "unsafe": flag},
        ),
        "emoji": record({"type": anything, "name": chars(1, ID)}, {"unicode": anything}),
        "user": record({"type": anything, "user_id": chars(1, ID)}, _SPAN_FIELDS),
        "usergroup": record({"type": anything, "usergroup_id": chars(1, ID)}, _SPAN_FIELDS),
        "channel": record({"type": anything, "channel_id": chars(1, ID)}, _SPAN_FIELDS),
        "broadcast": record({"type": anything, "range": one_of("here", "channel", "everyone")}),
        "date": record(
            {"type": anything, "timestamp": whole(0, 10**11), "format": chars(1, ID)},
            {**_SPAN_FIELDS, "url": chars(1, TEXT), "fallback": chars(1, TEXT)},
        ),
    }
)
_SPANS = items(0, 1000, _SPAN)
_SECTION_OF_RICH_TEXT = record({"type": one_of("rich_text_section"), "elements": _SPANS})
_BORDERED: dict[str, Check] = {"border": whole(0, 1)}
_RICH_TEXT = _block(
    {
        "elements": items(
            0,
            1000,
            by_type(
                {
                    "rich_text_section": _SECTION_OF_RICH_TEXT,
                    "rich_text_list": record(
                        {
                            "type": anything,
                            "style": one_of("bullet", "ordered"),
                            "elements": items(1, 1000, _SECTION_OF_RICH_TEXT),
                        },
                        {**_BORDERED, "indent": whole(0, 8), "offset": whole(0, 10**6)},
                    ),
                    "rich_text_quote": record({"type": anything, "elements": _SPANS}, _BORDERED),
                    "rich_text_preformatted": record(
                        {"type": anything, "elements": _SPANS},
                        {**_BORDERED, "language": chars(1, ID)},
                    ),
                }
            ),
        )
    }
)
_CELL = by_type(
    {
        "raw_text": record({"type": anything, "text": chars(1, TEXT)}),
        "rich_text": _RICH_TEXT,
    }
)
_COLUMN = record({}, {"align": one_of("left", "center", "right"), "is_wrapped": flag})
_ANYWHERE: dict[str, Check] = {
    "section": both(
        _block(
            {},
            {
                "text": text(TEXT),
                "fields": items(1, 10, text(FIELD_TEXT)),
                "accessory": ACCESSORY,
                "expand": flag,
            },
        ),
        _says_something,
    ),
    "header": _block({"text": plain(150)}),
    "divider": _block({}),
    "context": _block(
        {
            "elements": items(
                1,
                10,
                by_type({"plain_text": text(TEXT), "mrkdwn": text(TEXT), "image": image()}),
            )
        }
    ),
    "actions": _block({"elements": items(1, 25, ACTION)}),
    "image": both(
        _block(
            {"alt_text": chars(1, 2000)},
            {"image_url": web_address(TEXT), "slack_file": anything, "title": plain(2000)},
        ),
        has_picture,
    ),
    "input": _block(
        {"label": plain(2000), "element": FIELD},
        {"hint": plain(2000), "optional": flag, "dispatch_action": flag},
    ),
    "rich_text": _RICH_TEXT,
}
_VIEW = _ANYWHERE
_MESSAGE: dict[str, Check] = {
    **_ANYWHERE,
    "markdown": _block({"text": chars(1, 12_000)}),
    "table": _block(
        {"rows": items(1, TABLE_ROWS, items(1, TABLE_COLUMNS, _CELL))},
        {"column_settings": items(0, TABLE_COLUMNS, _COLUMN)},
    ),
}
_EITHER_VIEW: dict[str, Check] = {
    "private_metadata": chars(0, 3000),
    "callback_id": chars(0, ID),
    "external_id": chars(0, ID),
}
_MODAL = record(
    {"type": anything, "title": plain(24), "blocks": anything},
    {
        **_EITHER_VIEW,
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": flag,
        "notify_on_close": flag,
        "submit_disabled": flag,
    },
)
_HOME = record({"type": anything, "blocks": anything}, _EITHER_VIEW)
