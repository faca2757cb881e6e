"""A message as plain lines of text, for the sandbox's story and for golden files."""

import html
import re
from collections.abc import Mapping
from typing import Any

from bot.sandbox.slack_state import Ephemeral, Json, Message, View

_REFERENCE = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")


def render_text(shown: Message | Ephemeral | View, names: Mapping[str, str] | None = None) -> str:
    """What a person reads, one line per piece; names turn ids of mentions into names."""
    blocks = shown.content["blocks"] if isinstance(shown, View) else shown.blocks
    known = names or {}
    if not blocks and not isinstance(shown, View):
        return _plain(shown.text, known)
    return render_blocks(blocks, known)


def render_blocks(blocks: list[Json], names: Mapping[str, str] | None = None) -> str:
    """The same for bare blocks."""
    return "\n".join(line for block in blocks for line in _lines(block, names or {}))


def _lines(block: Json, names: Mapping[str, str]) -> list[str]:
    match block["type"]:
        case "header":
            return [_text(block["text"], names)]
        case "section":
            return _section(block, names)
        case "context":
            return [" · ".join(_text(part, names) for part in block["elements"])]
        case "actions":
            return [" ".join(_element(part, names) for part in block["elements"])]
        case "input":
            return [f"{_text(block['label'], names)}: {_element(block['element'], names)}"]
        case "divider":
            return ["---"]
        case "image":
            return [f"(picture: {block['alt_text']})"]
        case "markdown":
            return [str(block["text"])]
        case "table":
            return [" | ".join(_cell(cell, names) for cell in row) for row in block["rows"]]
        case _:
            return [_rich(block, names)]


def _section(block: Json, names: Mapping[str, str]) -> list[str]:
    texts = [block["text"]] if "text" in block else []
    lines = [_text(part, names) for part in [*texts, *block.get("fields", [])]]
    if "accessory" in block:
        lines[-1] += f" {_element(block['accessory'], names)}"
    return lines


def _element(element: Json, names: Mapping[str, str]) -> str:
    kind = element["type"]
    if kind == "button":
        return f"[{_text(element['text'], names)}]"
    if kind == "image":
        return _text(element, names)
    options = element.get("options", [])
    if options:
        return f"[{' / '.join(_text(option['text'], names) for option in options)}]"
    value = element.get("initial_value") or element.get("initial_user") or ""
    return f"[{value}]"


def _text(part: Json, names: Mapping[str, str]) -> str:
    if part["type"] == "image":
        return f"(picture: {part['alt_text']})"
    if part["type"] == "plain_text":
        return str(part["text"])
    return _plain(part["text"], names)


def _plain(mrkdwn: str, names: Mapping[str, str]) -> str:
    """Slack's own control sequences resolved, then its three entities."""
    return html.unescape(_REFERENCE.sub(lambda found: _reference(found, names), mrkdwn))


def _reference(found: re.Match[str], names: Mapping[str, str]) -> str:
    target, label = found[1], found[2]
    if target.startswith(("@", "#", "!subteam^")):
        name = target.removeprefix("!subteam^").lstrip("@#")
        return f"@{label or names.get(name, name)}"
    if target.startswith("!"):
        return label or f"@{target[1:]}"
    return f"{label} ({target})" if label else target


def _cell(cell: Json, names: Mapping[str, str]) -> str:
    return str(cell["text"]) if cell["type"] == "raw_text" else _rich(cell, names)


def _rich(part: Any, names: Mapping[str, str]) -> str:  # noqa: ANN401 - any depth of rich text
    if part.get("type") == "rich_text_list":
        return "\n".join(f"- {_rich(item, names)}" for item in part["elements"])
    if "elements" in part:
        between = "\n" if part["type"] == "rich_text" else ""
        return between.join(_rich(item, names) for item in part["elements"])
    if "user_id" in part:
        return f"@{names.get(part['user_id'], part['user_id'])}"
    for key in ("text", "url", "fallback", "name", "range", "usergroup_id", "channel_id"):
        if part.get(key):
            return str(part[key])
    return ""
