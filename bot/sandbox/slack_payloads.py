"""What Slack sends to the bot when a person does something, built from what they see.

Pure but for the ids and licences (triggers, response addresses) that the workspace gives out.
Follows https://docs.slack.dev/reference/interaction-payloads.
"""

from collections.abc import Mapping
from typing import Any, Final

from bot.sandbox import slack_messages, slack_views
from bot.sandbox.blocks import elements
from bot.sandbox.slack_state import Channel, Ephemeral, Json, Message, View, Workspace

# What a person gives for a field: text, an option's value, a user's id, or several; None: nothing.
Given = str | list[str] | None

# Elements of which one thing is chosen, and the field of the payload that carries it.
_ONE: Final = {
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}
# What can be emptied again by the person; anything else is pressed by choosing something.
_EMPTIABLE: Final = ("checkboxes", "multi_static_select", "multi_users_select", "datepicker")
_WRITTEN: Final = ("plain_text_input", "email_text_input", "url_text_input", "number_input")


class NotThereError(LookupError):
    """There is nothing like that on the person's screen."""


class NotLetError(ValueError):
    """Slack itself would not let the person do that, before the bot hears of it."""


def message_action(
    workspace: Workspace,
    *,
    user: str,
    shown: Message | Ephemeral,
    action: Json,
) -> Json:
    """block_actions from a message. An ephemeral one is not sent along, as with Slack."""
    channel = workspace.channels[shown.channel]
    hidden = isinstance(shown, Ephemeral)
    container = {
        "type": "message",
        "message_ts": shown.ts,
        "channel_id": channel.id,
        "is_ephemeral": hidden,
    }
    if shown.thread_ts:
        container["thread_ts"] = shown.thread_ts
    payload = {
        **_done_by(workspace, user, "block_actions"),
        "container": container,
        "trigger_id": workspace.trigger(user),
        "channel": {"id": channel.id, "name": called(channel)},
        "state": {"values": chosen(shown.blocks, {action["block_id"]: action})},
        "response_url": workspace.response_url(user, channel.id, shown.ts),
        "actions": [action],
    }
    if isinstance(shown, Message):
        payload["message"] = slack_messages.as_json(workspace, shown)
    return payload


def view_action(workspace: Workspace, *, view: View, action: Json) -> Json:
    """block_actions from a modal or a Home."""
    values = chosen(view.content["blocks"], {action["block_id"]: action})
    shown = slack_views.as_json(workspace, view) | {"state": {"values": values}}
    return {
        **_done_by(workspace, view.user, "block_actions"),
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": workspace.trigger(view.user, view.id),
        "view": shown,
        "actions": [action],
    }


def submission(workspace: Workspace, *, view: View, given: Mapping[str, Given]) -> Json:
    """view_submission with what the person filled in, by block_id."""
    values = filled(view, given)
    return {
        **_done_by(workspace, view.user, "view_submission"),
        "trigger_id": workspace.trigger(view.user, view.id),
        "view": slack_views.as_json(workspace, view) | {"state": {"values": values}},
        "response_urls": [],
    }


def closing(workspace: Workspace, *, view: View) -> Json:
    """view_closed."""
    return {
        **_done_by(workspace, view.user, "view_closed"),
        "view": slack_views.as_json(workspace, view),
        "is_cleared": False,
    }


def command(
    workspace: Workspace, *, user: str, channel: str, name: str, text: str
) -> dict[str, str]:
    """A slash command, as the fields of a form. It names no thread."""
    return {
        "token": workspace.verification_token,
        "team_id": workspace.team_id,
        "team_domain": workspace.domain,
        "channel_id": channel,
        "channel_name": called(workspace.channels[channel]),
        "user_id": user,
        "user_name": workspace.users[user].name,
        "command": name,
        "text": text,
        "api_app_id": workspace.app_id,
        "is_enterprise_install": "false",
        "response_url": workspace.response_url(user, channel),
        "trigger_id": workspace.trigger(user),
    }


def event(workspace: Workspace, inner: Json) -> Json:
    """An Events API envelope."""
    return {
        "token": workspace.verification_token,
        "team_id": workspace.team_id,
        "api_app_id": workspace.app_id,
        "event": inner,
        "type": "event_callback",
        "event_id": workspace.next_id("Ev"),
        "event_time": int(workspace.clock.now().timestamp()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.team_id,
                "user_id": workspace.bot_user,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
    }


def find(blocks: list[Json], action_id: str, block_id: str | None = None) -> tuple[str, Json]:
    """The block_id and the element that a person would press; NotThereError when not there."""
    there: list[str] = []
    for block in blocks:
        for element in elements(block):
            there.append(str(element["action_id"]))
            if element["action_id"] == action_id and block_id in (None, block["block_id"]):
                return str(block["block_id"]), element
    raise NotThereError(f"no {action_id!r} to press; there is {', '.join(there) or 'nothing'}")


def pressed(block_id: str, element: Json, value: Given, action_ts: str) -> Json:
    """The entry of `actions`. For a button, value stands in for its own; else it is the choice."""
    action: Json = {"block_id": block_id, "action_ts": action_ts}
    for key in ("type", "action_id", "text", "value", "style", "url", "confirm", "placeholder"):
        if key in element:
            action[key] = element[key]
    if element["type"] != "button":
        if value is None and element["type"] not in _EMPTIABLE:
            raise NotThereError(f"say which choice of {element['action_id']} is meant")
        return action | _choice(element, value)
    return action if value is None else action | {"value": value}


def chosen(blocks: list[Json], now: Mapping[str, Json]) -> Json:
    """The state of everything that can be chosen in blocks, after this action."""
    state: Json = {}
    for block in blocks:
        for element in elements(block):
            if element["type"] in ("button", "overflow"):
                continue
            action = now.get(block["block_id"], {})
            is_this = action.get("action_id") == element["action_id"]
            value = _given_in(action) if is_this else initial(element)
            part = {"type": element["type"], **_choice(element, value)}
            state.setdefault(block["block_id"], {})[element["action_id"]] = part
    return state


def filled(view: View, given: Mapping[str, Given]) -> Json:
    """The state of a modal when it is sent; NotLetError for what Slack's own form refuses."""
    state: Json = {}
    unknown = set(given) - {block["block_id"] for block in view.content["blocks"]}
    if unknown:
        raise NotThereError(f"no field {', '.join(sorted(unknown))} in this modal")
    for block in view.content["blocks"]:
        for element in elements(block):
            if element["type"] in ("button", "overflow"):
                continue
            name = block["block_id"]
            value = given[name] if name in given else initial(element)
            if block["type"] == "input":
                _let(block, element, value)
            part = {"type": element["type"], **_choice(element, value)}
            state.setdefault(name, {})[element["action_id"]] = part
    return state


def initial(element: Json) -> Given:
    """What stands in a field before anybody touches it."""
    if "initial_option" in element:
        return str(element["initial_option"]["value"])
    if "initial_options" in element:
        return [option["value"] for option in element["initial_options"]]
    for key in ("value", "user", "users", "date", "time", "conversation"):
        if f"initial_{key}" in element:
            found: Given = element[f"initial_{key}"]
            return found
    return None


def called(channel: Channel) -> str:
    """The name that payloads give a channel: Slack does not tell those of private ones."""
    if channel.is_im:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name


def _done_by(workspace: Workspace, user: str, kind: str) -> Json:
    person = workspace.users[user]
    return {
        "type": kind,
        "user": {
            "id": person.id,
            "username": person.name,
            "name": person.name,
            "team_id": person.team_id,
        },
        "api_app_id": workspace.app_id,
        "token": workspace.verification_token,
        "team": {"id": workspace.team_id, "domain": workspace.domain},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _choice(element: Json, value: Given) -> Json:
    kind = element["type"]
    if kind in _WRITTEN:
        return {"value": value}
    if kind in _ONE:
        return {_ONE[kind]: value}
    if kind == "multi_users_select":
        return {"selected_users": value or []}
    if kind in ("checkboxes", "multi_static_select"):
        several = [value] if isinstance(value, str) else value or []
        return {"selected_options": [_option(element, each) for each in several]}
    return {"selected_option": None if value is None else _option(element, str(value))}


def _option(element: Json, value: str) -> Json:
    groups: list[Any] = element.get("option_groups", [])
    options = [*element.get("options", []), *(o for group in groups for o in group["options"])]
    for option in options:
        if option["value"] == value:
            found: Json = option
            return found
    offered = ", ".join(option["value"] for option in options)
    raise NotThereError(f"no choice {value!r} in {element['action_id']}; there is {offered}")


def _given_in(action: Json) -> Given:
    """What was chosen, read back from an entry of `actions`."""
    if action.get("selected_option"):
        return str(action["selected_option"]["value"])
    if "selected_options" in action:
        return [option["value"] for option in action["selected_options"]]
    for key in (*_ONE.values(), "selected_users", "value"):
        if key in action:
            found: Given = action[key]
            return found
    return None


def _let(block: Json, element: Json, value: Given) -> None:
    name = block["block_id"]
    if not value and not block.get("optional"):
        raise NotLetError(f"{name} has to be filled in")
    if isinstance(value, str) and element["type"] in _WRITTEN and value:
        if len(value) < element.get("min_length", 0):
            raise NotLetError(f"{name} is too short")
        if len(value) > element.get("max_length", 3000):
            raise NotLetError(f"{name} is too long")
