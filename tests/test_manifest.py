"""slack-manifest.yaml asks for each scope, event and command that the program uses, and no more."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from slack_sdk.web.async_client import AsyncWebClient

from bot.review import listeners
from bot.review.commands.verbs import COMMAND
from bot.review.scopes import DISPENSABLE, METHODS, NEEDED, SCOPES
from bot.sandbox.slack import METHODS as ANSWERED
from bot.sandbox.slack_sockets import OPEN
from bot.sandbox.slack_state import SCOPES as GRANTED

ROOT = Path(__file__).parent.parent
SCHEMA = ROOT.parent / "shared" / "data" / "schemas" / "slack-manifest.schema.2.0.0.json"
TEXT = (ROOT / "slack-manifest.yaml").read_text("utf-8")
MANIFEST: dict[str, Any] = yaml.safe_load(TEXT)
SDK = {name: name.replace("_", ".") for name in vars(AsyncWebClient) if "_" in name.strip("_")}
# What a manifest of ours may say, so that a slip of the pen is found without Slack's schema.
KNOWN = {
    "_metadata": {"major_version", "minor_version"},
    "display_information": {"name", "description", "background_color"},
    "features": {"app_home", "bot_user", "slash_commands"},
    "oauth_config": {"scopes"},
    "settings": {
        *("event_subscriptions", "interactivity", "org_deploy_enabled"),
        *("socket_mode_enabled", "token_rotation_enabled"),
    },
}


def called() -> set[str]:
    """Slack's methods, as the program calls them: client.users_info is users.info."""
    trees = (tree for path, tree in _program() if "sandbox" not in path.parts)
    attributes = (node for tree in trees for node in ast.walk(tree))
    return {SDK[node.attr] for node in attributes if _is_call_of_slack(node)}


def listened_to(kind: str) -> set[str]:
    """What Bolt is told to listen to: bolt.command(COMMAND), bolt.event("app_home_opened")."""
    tree = ast.parse(Path(listeners.__file__).read_text("utf-8"))
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {
        _value(call.args[0])
        for call in calls
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func) == f"bolt.{kind}"
    }


def test_every_method_that_is_called_has_its_scope_and_no_other_has_one() -> None:
    assert called() == METHODS.keys()


def test_the_counterpart_demands_the_same_scopes() -> None:
    # Of conversations it depends on the kind of channel: tests/sandbox/slack/test_access.py.
    for name in METHODS.keys() - {OPEN}:
        assert ANSWERED[name].scope == METHODS[name] or "conversations." in f"{name}.", name
    assert set(GRANTED) == SCOPES


def test_the_scopes_asked_for_are_those_that_are_used() -> None:
    asked = MANIFEST["oauth_config"]["scopes"]
    assert asked == {"bot": sorted(SCOPES)}  # and none in a person's name


def test_what_can_be_done_without_is_told_beside_the_scope() -> None:
    assert SCOPES == NEEDED | DISPENSABLE
    lines = {
        line.split("- ")[1].split()[0]: line for line in TEXT.splitlines() if "      - " in line
    }
    assert {name for name in SCOPES if "without it" in lines[name]} == DISPENSABLE


def test_the_events_are_those_that_are_listened_to() -> None:
    events = MANIFEST["settings"]["event_subscriptions"]
    assert events == {"bot_events": sorted(listened_to("event"))}


def test_the_commands_are_those_that_are_answered() -> None:
    commands = MANIFEST["features"]["slash_commands"]
    assert [one["command"] for one in commands] == [COMMAND]
    assert listened_to("command") == {str(listeners.COMMANDS)}
    for name, ours in ((COMMAND, True), (f"{COMMAND}-acme", True), ("/unknown", False)):
        assert bool(listeners.COMMANDS.match(name)) is ours


def test_presses_and_modals_reach_the_program() -> None:
    assert listened_to("action")
    assert listened_to("view")
    assert MANIFEST["settings"]["interactivity"]["is_enabled"] is True


def test_it_says_nothing_that_slack_does_not_know() -> None:
    assert {name: set(part) for name, part in MANIFEST.items()} == KNOWN
    shown = MANIFEST["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    for command in MANIFEST["features"]["slash_commands"]:
        assert command["description"]
        assert command["usage_hint"]
        assert command["should_escape"] is False  # people's mentions come as they typed them


@pytest.mark.skipif(not SCHEMA.exists(), reason="the vendor's schema is not part of the project")
@pytest.mark.parametrize("by_http", [False, True])
def test_slack_accepts_it_in_either_form(*, by_http: bool) -> None:
    manifest = over_http() if by_http else MANIFEST
    validator = Draft7Validator(json.loads(SCHEMA.read_text()))
    assert [error.message for error in validator.iter_errors(manifest)] == []


def over_http() -> dict[str, Any]:
    """What the comments at the top say to do, for an address of one's own."""
    text = TEXT.replace("socket_mode_enabled: true", "socket_mode_enabled: false")
    for line in text.splitlines():
        if "url: https://dunning.example.com" in line:
            text = text.replace(line, line.replace("# ", "", 1))
    changed: dict[str, Any] = yaml.safe_load(text)
    return changed


def test_by_http_everything_is_sent_to_our_one_route() -> None:
    manifest = over_http()
    addresses = [
        manifest["features"]["slash_commands"][0]["url"],
        manifest["settings"]["event_subscriptions"]["request_url"],
        manifest["settings"]["interactivity"]["request_url"],
    ]
    assert addresses == ["https://dunning.example.com/slack/events"] * 3
    assert manifest["settings"]["socket_mode_enabled"] is False


def _program() -> Iterator[tuple[Path, ast.Module]]:
    for path in (ROOT / "bot").rglob("*.py"):
        yield path, ast.parse(path.read_text("utf-8"))


def _is_call_of_slack(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr in SDK
        and ast.unparse(node.value).endswith("client")
    )


def _value(node: ast.expr) -> str:
    """A text as it stands, or the constant that it is called by."""
    if isinstance(node, ast.Name):
        return str(getattr(listeners, node.id))
    return str(node.value) if isinstance(node, ast.Constant) else ast.unparse(node)
