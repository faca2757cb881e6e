"""What Slack refuses in text objects and in the elements people press, choose and fill in.

The limits are those of https://docs.slack.dev/reference/block-kit/block-elements and
https://docs.slack.dev/reference/block-kit/composition-objects.
"""

from collections.abc import Iterator
from typing import Final

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

TEXT: Final = 3000
ID: Final = 255
OPTION_TEXT: Final = 75
OPTION_VALUE: Final = 150
PLACEHOLDER: Final = 150


def plain(high: int) -> Check:
    """A plain_text object; mrkdwn is refused here."""
    return record(
        {"type": one_of("plain_text"), "text": chars(1, high)},
        {"emoji": flag},
    )


def text(high: int) -> Check:
    """A plain_text or mrkdwn object."""
    mrkdwn = record({"type": anything, "text": chars(1, high)}, {"verbatim": flag})
    return by_type({"plain_text": plain(high), "mrkdwn": mrkdwn})


def image() -> Check:
    """A picture in an element's place: an address or a file of Slack's, and words for it."""
    fields = record(
        {"type": anything, "alt_text": chars(1, 2000)},
        {"image_url": web_address(TEXT), "slack_file": anything},
    )
    return both(fields, has_picture)


def has_picture(value: object, path: str) -> Iterator[str]:
    """An image needs exactly one source."""
    if isinstance(value, dict) and ("image_url" in value) == ("slack_file" in value):
        yield problem("must provide either image_url or slack_file", path)


def _option(label: Check, extra: dict[str, Check] | None = None) -> Check:
    return record(
        {"text": label, "value": chars(1, OPTION_VALUE)},
        {"description": plain(OPTION_TEXT), **(extra or {})},
    )


CONFIRM: Final = record(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
_CHOICE = _option(plain(OPTION_TEXT))
_RICH_CHOICE = _option(text(OPTION_TEXT))
_COMMON: dict[str, Check] = {"action_id": chars(1, ID)}
_ASKED: dict[str, Check] = {**_COMMON, "confirm": CONFIRM, "focus_on_load": flag}
_LISTED: dict[str, Check] = {**_ASKED, "placeholder": plain(PLACEHOLDER)}


def _element(required: dict[str, Check], optional: dict[str, Check]) -> Check:
    return record({"type": anything, **required}, optional)


def _choices(value: object, path: str) -> Iterator[str]:
    """A list of choices has one source, and what is chosen first stands in it."""
    if not isinstance(value, dict):
        return
    if ("options" in value) == ("option_groups" in value):
        yield problem("must provide either options or option_groups", path)
    options = value.get("options")
    if not isinstance(options, list):
        return
    chosen = value.get("initial_options", [value["initial_option"]] if _has_first(value) else [])
    for option in chosen if isinstance(chosen, list) else []:
        if option not in options:
            yield problem("initial option must be one of the options", path)


def _has_first(value: dict[object, object]) -> bool:
    return "initial_option" in value


_GROUP = record({"label": plain(OPTION_TEXT), "options": items(1, 100, _CHOICE)})
_SOURCES: dict[str, Check] = {
    "options": items(1, 100, _CHOICE),
    "option_groups": items(1, 100, _GROUP),
}
_MANY: dict[str, Check] = {"max_selected_items": whole(1, 100)}
_WRITTEN: dict[str, Check] = {
    **_COMMON,
    "focus_on_load": flag,
    "placeholder": plain(PLACEHOLDER),
    "dispatch_action_config": anything,
}

BUTTON: Final = _element(
    {"text": plain(75)},
    {
        **_COMMON,
        "confirm": CONFIRM,
        "url": web_address(TEXT),
        "value": chars(0, 2000),
        "style": one_of("primary", "danger"),
        "accessibility_label": chars(1, 75),
    },
)

# What may be pressed or chosen on the spot.
PRESSABLE: Final[dict[str, Check]] = {
    "button": BUTTON,
    "overflow": _element(
        {"options": items(1, 5, _option(plain(OPTION_TEXT), {"url": web_address(TEXT)}))},
        {**_COMMON, "confirm": CONFIRM},
    ),
    "static_select": both(
        _element({}, {**_LISTED, **_SOURCES, "initial_option": _CHOICE}), _choices
    ),
    "users_select": _element({}, {**_LISTED, "initial_user": chars(1, ID)}),
    "conversations_select": _element(
        {},
        {
            **_LISTED,
            "initial_conversation": chars(1, ID),
            "default_to_current_conversation": flag,
            "response_url_enabled": flag,
            "filter": anything,
        },
    ),
    "datepicker": _element({}, {**_LISTED, "initial_date": chars(10, 10)}),
    "timepicker": _element({}, {**_LISTED, "initial_time": chars(5, 5), "timezone": chars(1, ID)}),
    "datetimepicker": _element({}, {**_ASKED, "initial_date_time": whole(10**9, 10**10)}),
    "radio_buttons": both(
        _element(
            {"options": items(1, 10, _RICH_CHOICE)}, {**_ASKED, "initial_option": _RICH_CHOICE}
        ),
        _choices,
    ),
    "checkboxes": both(
        _element(
            {"options": items(1, 10, _RICH_CHOICE)},
            {**_ASKED, "initial_options": items(1, 10, _RICH_CHOICE)},
        ),
        _choices,
    ),
}
_MULTI: dict[str, Check] = {
    "multi_static_select": both(
        _element({}, {**_LISTED, **_SOURCES, **_MANY, "initial_options": items(1, 100, _CHOICE)}),
        _choices,
    ),
    "multi_users_select": _element(
        {}, {**_LISTED, **_MANY, "initial_users": items(1, 100, chars(1, ID))}
    ),
}

# What may stand at the right of a section.
ACCESSORY: Final = by_type({**PRESSABLE, **_MULTI, "image": image()})
# What may stand in an actions block.
ACTION: Final = by_type(PRESSABLE)
# What may stand in an input block: no button, no overflow.
FIELD: Final = by_type(
    {
        **{name: check for name, check in PRESSABLE.items() if name not in {"button", "overflow"}},
        **_MULTI,
        "plain_text_input": _element(
            {},
            {
                **_WRITTEN,
                "initial_value": chars(0, TEXT),
                "multiline": flag,
                "min_length": whole(0, TEXT),
                "max_length": whole(1, TEXT),
            },
        ),
        "email_text_input": _element({}, {**_WRITTEN, "initial_value": chars(0, TEXT)}),
        "url_text_input": _element({}, {**_WRITTEN, "initial_value": chars(0, TEXT)}),
        "number_input": _element(
            {"is_decimal_allowed": flag},
            {
                **_WRITTEN,
                "initial_value": chars(0, TEXT),
                "min_value": chars(1, ID),
                "max_value": chars(1, ID),
            },
        ),
    }
)
