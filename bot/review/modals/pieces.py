"""What modals are made of, within Slack's limits, and what stands in one that was sent.

https://docs.slack.dev/reference/views/modal-views. A field's block and its element have one name.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.foreign_text import clip
from bot.review.parts import Block, View, literal, mrkdwn, says

Values = Mapping[str, Mapping[str, Any]]

FIELD: Final = 3000  # characters of a text input, typed or prefilled
OPTION: Final = 75
BLOCKS: Final = 100
_TITLE: Final = 24


def modal(  # noqa: PLR0913 - the parts of a modal, each by name
    view: View,
    blocks: Sequence[Block],
    *,
    title: str,
    kind: str = "",
    metadata: str = "",
    submit: str | None = None,
) -> Block:
    """A modal; without `submit` it can only be closed. `metadata` comes back when it is sent."""
    sends = {"submit": literal(clip(submit, _TITLE))} if submit else {}
    return {
        "type": "modal",
        "callback_id": kind,
        "title": literal(clip(title, _TITLE)),
        "close": literal(view.say("modal.cancel" if submit else "modal.close")),
        **sends,
        "private_metadata": metadata,
        "blocks": list(blocks[:BLOCKS]),
    }


def notice(view: View, text: str, *, title: str) -> Block:
    """A modal that says one thing; mrkdwn."""
    return modal(view, [says(text)], title=title)


def field(  # noqa: PLR0913 - the parts of a field, each by name
    name: str,
    label: str,
    value: str,
    *,
    most: int,
    hint: str | None = None,
    lines: bool = False,
    optional: bool = False,
) -> Block:
    """Text to be typed, with what stands there first; `most` counts characters."""
    element = {
        "type": "plain_text_input",
        "action_id": name,
        "multiline": lines,
        "max_length": most,
    }
    first = {"initial_value": value} if value else {}
    made = _asks(name, label, element | first)
    return made | {"optional": optional} | ({"hint": literal(hint)} if hint else {})


def radio(name: str, label: str, options: Mapping[str, str], chosen: str | None) -> Block:
    """One of several; `options` are labels by value, `chosen` the value that is ticked first."""
    made = [_option(value, text) for value, text in options.items()]
    first = [one for one in made if one["value"] == chosen]
    element = {"type": "radio_buttons", "action_id": name, "options": made}
    return _asks(name, label, element | ({"initial_option": first[0]} if first else {}))


def somebody(name: str, label: str, *, hint: str) -> Block:
    """A person of the workspace to be chosen; Slack also offers guests and bots."""
    return _asks(name, label, {"type": "users_select", "action_id": name}) | {"hint": literal(hint)}


def tick(name: str, label: str, text: str, *, ticked: bool) -> Block:
    """One box that may stay empty."""
    option = _option("yes", text)
    element = {"type": "checkboxes", "action_id": name, "options": [option]}
    made = _asks(name, label, element | ({"initial_options": [option]} if ticked else {}))
    return made | {"optional": True}


def typed(values: Values, name: str) -> str:
    """What stood in a text field; "" when nothing did."""
    return str(_element(values, name).get("value") or "")


def chosen(values: Values, name: str) -> str | None:
    """Which radio button was on."""
    found = _element(values, name).get("selected_option")
    return str(found["value"]) if found else None


def whom(values: Values, name: str) -> str | None:
    """The Slack id of the person who was chosen."""
    found = _element(values, name).get("selected_user")
    return str(found) if found else None


def ticked(values: Values, name: str) -> bool:
    """Whether a box was ticked."""
    return bool(_element(values, name).get("selected_options"))


def small(text: str) -> Block:
    """A grey line with dates and mentions in it; mrkdwn."""
    return {"type": "context", "elements": [mrkdwn(text)]}


def _element(values: Values, name: str) -> Mapping[str, Any]:
    found = values.get(name, {}).get(name, {})
    return found if isinstance(found, Mapping) else {}


def _asks(name: str, label: str, element: Block) -> Block:
    return {"type": "input", "block_id": name, "label": literal(label), "element": element}


def _option(value: str, text: str) -> Block:
    return {"text": literal(clip(text, OPTION)), "value": value}
