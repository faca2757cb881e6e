"""The views.* methods: modals that open on a trigger, and each person's Home.

Follows https://docs.slack.dev/reference/methods (views.*). A trigger opens one modal within three
seconds of what the person did.
"""

import copy
from typing import Any, Final

from bot.sandbox.blocks import elements, is_too_large, view_problems
from bot.sandbox.slack_calls import Method, Refused, complaints, parsed, wanted
from bot.sandbox.slack_state import TRIGGER_LIFE, Json, Trigger, View, Workspace, named

MODALS_DEEP: Final = 3
# What Slack fills in when a view leaves it out.
_EMPTY: Final[Json] = {
    "private_metadata": "",
    "callback_id": "",
    "external_id": "",
    "title": None,
    "submit": None,
    "close": None,
    "clear_on_close": False,
    "notify_on_close": False,
}


def open_view(workspace: Workspace, args: Json) -> Json:
    """views.open: a new modal over nothing."""
    content = _content(args, "modal")
    trigger = _exchanged(workspace, args)
    return _answer(workspace, add(workspace, trigger.user, content))


def push(workspace: Workspace, args: Json) -> Json:
    """views.push: a modal over the one in which the person just did something."""
    content = _content(args, "modal")
    trigger = _exchanged(workspace, args)
    below = workspace.views.get(trigger.view_id or "")
    if below is None or not below.is_open or below.type != "modal":
        raise Refused("invalid_trigger_id")
    stack = [v for v in workspace.views.values() if v.root_id == below.root_id and v.is_open]
    if len(stack) >= MODALS_DEEP:
        raise Refused("push_limit_reached")
    return _answer(workspace, add(workspace, trigger.user, content, below=below))


def update(workspace: Workspace, args: Json) -> Json:
    """views.update, by view_id or external_id; with a hash only when nobody changed it since."""
    view = _named_view(workspace, args)
    if view is None or not view.is_open:
        raise Refused("not_found")
    _same_hash(view, args)
    show(workspace, view, _content(args, view.type))
    return _answer(workspace, view)


def publish(workspace: Workspace, args: Json) -> Json:
    """views.publish: this person's Home; there is one."""
    user = wanted(args, "user_id")
    if user not in workspace.users:
        raise Refused("user_not_found")
    home = home_of(workspace, user)
    if home is None:
        home = add(workspace, user, _content(args, "home"))
    else:
        _same_hash(home, args)
        show(workspace, home, _content(args, "home"))
    return _answer(workspace, home)


def home_of(workspace: Workspace, user: str) -> View | None:
    """The Home that was published for this person, if any was."""
    views = workspace.views.values()
    return next((view for view in views if view.user == user and view.type == "home"), None)


def add(workspace: Workspace, user: str, content: Json, *, below: View | None = None) -> View:
    """Show a person a new view; its content has been checked."""
    name = workspace.next_id("V")
    view = View(
        id=name,
        user=user,
        hash="",
        content=content,
        root_id=below.root_id if below else name,
        previous_id=below.id if below else None,
    )
    workspace.views[name] = view
    show(workspace, view, content)
    return view


def show(workspace: Workspace, view: View, content: Json) -> None:
    """Change what a view shows, with a new hash; what it complained of is gone.

    What somebody typed stays in a field of the same names, whatever its new initial value.
    """
    before = _fields(view.content)
    view.content = {**content, "blocks": named(content["blocks"])}
    after = _fields(view.content)
    view.typed = {
        name: given
        for name, given in view.typed.items()
        if name in after and before.get(name) == after[name]
    }
    view.hash = f"{workspace.stamp('views')}.{workspace.next_id('')}"
    view.errors = {}


def checked(content: object, kind: str) -> Json:
    """A view's content, when Slack would take it; Refused otherwise."""
    found = view_problems(content)
    if found:
        raise complaints("invalid_arguments", found)
    if is_too_large(content):
        raise Refused("view_too_large")
    if not isinstance(content, dict) or content["type"] != kind:
        raise complaints("invalid_arguments", [f"a {kind} view is needed here"])
    return copy.deepcopy(content)


def as_json(workspace: Workspace, view: View) -> Json:
    """A view as Slack writes it in answers and payloads."""
    return {
        **_EMPTY,
        **view.content,
        "id": view.id,
        "team_id": workspace.team_id,
        "app_id": workspace.app_id,
        "bot_id": workspace.bot_id,
        "app_installed_team_id": workspace.team_id,
        "state": {"values": {}},
        "hash": view.hash,
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id,
    }


def _fields(content: Json) -> Json:
    """By block_id what makes a field the same one: its action_id, its type and its choices."""
    found: Json = {}
    for block in content.get("blocks", []):
        for element in elements(block):
            choices = [one["value"] for one in element.get("options", [])]
            found[block.get("block_id", "")] = (element.get("action_id"), element["type"], choices)
    return found


def _content(args: Json, kind: str) -> Json:
    content: Any = parsed(args.get("view"), "invalid_arguments")
    return checked(content, kind)


def _exchanged(workspace: Workspace, args: Json) -> Trigger:
    trigger = workspace.triggers.get(wanted(args, "trigger_id"))
    if trigger is None:
        raise Refused("invalid_trigger_id")
    if trigger.used:
        raise Refused("exchanged_trigger_id")
    if workspace.clock.now() - trigger.issued > TRIGGER_LIFE:
        raise Refused("expired_trigger_id")
    trigger.used = True
    return trigger


def _named_view(workspace: Workspace, args: Json) -> View | None:
    if args.get("external_id"):
        views = workspace.views.values()
        return next((v for v in views if v.content.get("external_id") == args["external_id"]), None)
    return workspace.views.get(wanted(args, "view_id"))


def _same_hash(view: View, args: Json) -> None:
    if args.get("hash") and args["hash"] != view.hash:
        raise Refused("hash_conflict")


def _answer(workspace: Workspace, view: View) -> Json:
    return {"ok": True, "view": as_json(workspace, view)}


METHODS: Final[dict[str, Method]] = {
    "views.open": Method(run=open_view),
    "views.push": Method(run=push),
    "views.update": Method(run=update),
    "views.publish": Method(run=publish),
}
