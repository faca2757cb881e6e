"""What Slack makes of the bot's answers: to a modal that was sent, to a command, at a response_url.

Each answer that Slack would not take is said in a sentence; what a person would see changes.
"""

import json
from http import HTTPStatus
from typing import Final

from bot.sandbox import slack_views
from bot.sandbox.slack_calls import Refused
from bot.sandbox.slack_messages import content
from bot.sandbox.slack_state import (
    RESPONSE_LIFE,
    RESPONSE_USES,
    Ephemeral,
    Json,
    Message,
    ResponseUrl,
    View,
    Workspace,
)

OK: Final = (HTTPStatus.OK, "ok")


def to_submission(workspace: Workspace, view: View, body: str) -> str | None:
    """Do what the answer to a view_submission says; a sentence when Slack would not take it.

    An empty answer closes the modal and shows the one beneath.
    """
    if not body.strip():
        view.is_open = False
        return None
    try:
        answer = json.loads(body)
    except ValueError:
        return "the answer to the modal is neither empty nor JSON"
    if not isinstance(answer, dict):
        return "the answer to the modal is not an object"
    try:
        return _act(workspace, view, answer)
    except Refused as refused:
        return f"{refused.error}: {refused.extra.get('errors', '')}"


def _act(workspace: Workspace, view: View, answer: Json) -> str | None:
    match answer.get("response_action"):
        case "errors":
            return _show_errors(view, answer.get("errors"))
        case "update":
            slack_views.show(workspace, view, slack_views.checked(answer.get("view"), "modal"))
        case "push":
            pushed = slack_views.checked(answer.get("view"), "modal")
            slack_views.add(workspace, view.user, pushed, below=view)
        case "clear":
            for each in workspace.views.values():
                each.is_open = each.is_open and each.root_id != view.root_id
        case None if not answer:
            view.is_open = False
        case unknown:
            return f"no response_action {unknown!r}"
    return None


def _show_errors(view: View, errors: object) -> str | None:
    fields = {b["block_id"] for b in view.content["blocks"] if b["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        return "errors without a field and a sentence"
    if not set(errors) <= fields:
        return f"errors on what is no input block: {', '.join(sorted(set(errors) - fields))}"
    view.errors = {str(name): str(sentence) for name, sentence in errors.items()}
    return None


def to_command(workspace: Workspace, user: str, channel: str, body: str) -> str | None:
    """Show what the bot answered to a slash command; a sentence when Slack would not take it."""
    if not body.strip():
        return None
    try:
        answer = json.loads(body)
    except ValueError:
        answer = {"text": body}
    if not isinstance(answer, dict):
        return "the answer to the command is not an object"
    try:
        _say(workspace, user, channel, answer)
    except Refused as refused:
        return f"{refused.error}: {refused.extra.get('errors', '')}"
    return None


def at_response_url(workspace: Workspace, token: str, body: bytes) -> tuple[int, str]:
    """The HTTP status and text with which Slack answers a POST to a response_url.

    Five uses in thirty minutes: https://docs.slack.dev/interactivity/handling-user-interaction
    """
    licence = workspace.response_urls.get(token)
    if licence is None:
        return HTTPStatus.NOT_FOUND, "no_such_url"
    if workspace.clock.now() - licence.issued > RESPONSE_LIFE:
        return HTTPStatus.NOT_FOUND, "expired_url"
    if licence.uses >= RESPONSE_USES:
        return HTTPStatus.NOT_FOUND, "used_url"
    try:
        answer = json.loads(body)
    except ValueError:
        return HTTPStatus.BAD_REQUEST, "invalid_payload"
    if not isinstance(answer, dict):
        return HTTPStatus.BAD_REQUEST, "invalid_payload"
    try:
        _respond(workspace, licence, answer)
    except Refused as refused:
        return HTTPStatus.BAD_REQUEST, refused.error
    licence.uses += 1
    return OK


def _respond(workspace: Workspace, licence: ResponseUrl, answer: Json) -> None:
    original = _original(workspace, licence)
    if answer.get("delete_original"):
        if original is None:
            raise Refused("message_not_found")
        original.deleted = True
    elif answer.get("replace_original"):
        if original is None:
            raise Refused("message_not_found")
        _replace(workspace, original, answer)
    else:
        _say(workspace, licence.user, licence.channel, answer)


def _original(workspace: Workspace, licence: ResponseUrl) -> Message | Ephemeral | None:
    if licence.message_ts is None:
        return None
    place = (licence.channel, licence.message_ts)
    whispered = [e for e in workspace.ephemerals if (e.channel, e.ts) == place and not e.deleted]
    return whispered[0] if whispered else workspace.message(*place)


def _replace(workspace: Workspace, original: Message | Ephemeral, answer: Json) -> None:
    text, blocks = content(answer)
    if isinstance(original, Ephemeral):
        original.text, original.blocks = text, blocks
        return
    at = workspace.stamp(original.channel)
    original.change(at=at, text=text, blocks=blocks, metadata=original.metadata)


def _say(workspace: Workspace, user: str, channel: str, answer: Json) -> None:
    text, blocks = content(answer)
    ts = workspace.stamp(channel)
    thread_ts = answer.get("thread_ts")
    if answer.get("response_type") == "in_channel":
        workspace.keep(
            Message(
                channel=channel,
                ts=ts,
                user=workspace.bot_user,
                text=text,
                blocks=blocks,
                thread_ts=thread_ts,
            )
        )
    else:
        workspace.ephemerals.append(
            Ephemeral(
                channel=channel, user=user, ts=ts, text=text, blocks=blocks, thread_ts=thread_ts
            )
        )
