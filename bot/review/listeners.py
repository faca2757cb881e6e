"""What people press in Slack becomes a fact: looked at, saved, and only then acknowledged.

https://docs.slack.dev/interactivity/handling-user-interaction. Slack waits three seconds. An
exception after an acknowledgement would take it back, so nothing here raises: whatever goes wrong
is said to the person who pressed, and to nobody else.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.case.events import (
    AnyEvent,
    Approved,
    DraftAsked,
    Hurried,
    Owned,
    Rerouted,
    Settled,
    Stopped,
    Undone,
    WaitAsked,
)
from bot.case.ids import Actor
from bot.case.model import Case, State
from bot.case.standing import Verdict
from bot.errors import Misconfigured
from bot.log import about, tell
from bot.review import actions, home
from bot.review.actions import Press, decode
from bot.review.commands import answer as commands
from bot.review.commands import erasing
from bot.review.commands.asking import Asking
from bot.review.commands.verbs import COMMAND
from bot.review.deciding import STALE, Deciding, refusal, told_stale
from bot.review.door import Take
from bot.review.modals import sending
from bot.review.modals.opening import OPENS, Knock, opened
from bot.review.pressing import Pressed, read, whisper
from bot.review.thread import no_longer_theirs
from bot.review.who import Answer
from bot.words import say

# A second brand in the same workspace needs a name of its own: Slack gives one to one app only.
COMMANDS: Final = re.compile(rf"{COMMAND}(-[\w-]+)?$")
# The press, the fingerprint of the letter that would leave, who pressed, and when.
MakeEvent = Callable[[Press, str | None, Actor, datetime], AnyEvent]


EVENTS: Final[Mapping[str, MakeEvent]] = {
    actions.APPROVE: lambda press, seen, who, at: Approved(
        at=at, who=who, revision=press.revision, seen=seen
    ),
    actions.WAIT: lambda press, _, who, at: WaitAsked(at=at, who=who, revision=press.revision),
    actions.UNDO: lambda press, _, who, at: Undone(at=at, who=who, revision=press.revision),
    actions.SEND_NOW: lambda press, _, who, at: Hurried(at=at, who=who, revision=press.revision),
    actions.TAKE: lambda _press, _case, who, at: Owned(at=at, who=who),
    actions.CONTACTED: lambda _press, _case, who, at: Owned(at=at, who=who, contacted=True),
    actions.WRITE_INSTEAD: lambda _press, _case, who, at: Rerouted(
        at=at, who=who, verdict=Verdict.STANDARD
    ),
    actions.WRITE: lambda press, _, who, at: DraftAsked(at=at, who=who, revision=press.revision),
    actions.WRITE_NOW: lambda press, _, who, at: DraftAsked(
        at=at, who=who, revision=press.revision
    ),
    actions.STOP: lambda press, _, who, at: Stopped(at=at, who=who, revision=press.revision),
    actions.ARRIVED: lambda press, _, who, at: Settled(
        at=at, who=who, revision=press.revision, arrived=True
    ),
    actions.NOT_ARRIVED: lambda press, _, who, at: Settled(
        at=at, who=who, revision=press.revision, arrived=False
    ),
}
# These are an account manager's, who need not be an approver of letters.
_ABOUT_A_VIP: Final = frozenset({actions.TAKE, actions.CONTACTED})
# These decide about a text: what stood on the card must still be what would leave.
_ABOUT_A_TEXT: Final = frozenset({actions.APPROVE, actions.WAIT, actions.STOP})


def bolt_app(deciding: Deciding, asking: Asking | None = None) -> AsyncApp:
    """Bolt with our listeners. It verifies nothing itself: the door in front of it does.

    Commands and Homes are answered when `asking` says what they need.

    Raises Misconfigured when Bolt found OAuth settings in the environment by itself.
    """
    bolt = AsyncApp(
        client=deciding.client,
        token=deciding.client.token,
        signing_secret="",
        name="dunning-desk",
        logger=_silence(),
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        before_authorize=_with(deciding.client),
    )
    if bolt.oauth_flow is not None:
        raise Misconfigured(
            ("SLACK_CLIENT_ID and SLACK_CLIENT_SECRET must not be set: this bot has its token.",)
        )

    async def pressed(body: dict[str, Any], ack: AsyncAck) -> None:
        await answer(body, deciding, asking)
        await ack()

    async def sent(body: dict[str, Any], ack: AsyncAck) -> None:
        await ack(**await sending.answered(body, deciding))

    async def commanded(body: dict[str, Any], ack: AsyncAck) -> None:
        if asking is not None:
            await ack(**await commands.answer(body, asking))

    async def home_opened(body: dict[str, Any], ack: AsyncAck) -> None:
        if asking is not None:
            # Slack only wants to know that we heard: what they see follows by itself.
            drawing = deciding.later(home.opened(body, asking))
            await asyncio.wait({drawing}, timeout=deciding.patience)
        await ack()

    async def failed(error: Exception) -> BoltResponse:
        # Our listeners never raise: it is Slack's own trouble, or signed nonsense.
        tell("slack_request_failed", level=logging.WARNING, error=error)
        nonsense = isinstance(error, AttributeError | LookupError | TypeError | ValueError)
        status = HTTPStatus.BAD_REQUEST if nonsense else HTTPStatus.SERVICE_UNAVAILABLE
        return BoltResponse(status=status, body="")

    bolt.action(re.compile(".*"))(pressed)
    bolt.view(re.compile(".*"))(sent)
    bolt.command(COMMANDS)(commanded)
    bolt.event("app_home_opened")(home_opened)
    bolt.error(failed)
    return bolt


def _with(client: AsyncWebClient) -> Callable[..., Awaitable[None]]:
    """Bolt's own client reads the environment's proxy, and knows nothing of what Slack asked us."""

    async def use(context: AsyncBoltContext, next_: Callable[[], Awaitable[object]]) -> None:
        context["client"] = client
        await next_()

    return use


def dispatch(bolt: AsyncApp) -> Take:
    """What the door hands a verified request to."""

    async def take(request: web.Request, body: str) -> web.Response:
        # Of the headers Bolt gets only this one: others of them are switches of its own.
        headers: dict[str, str | Sequence[str]] = {"content-type": request.content_type}
        asked = AsyncBoltRequest(body=body, query=request.query_string, headers=headers)
        return await to_aiohttp_response(await bolt.async_dispatch(asked))

    return take


async def answer(body: Mapping[str, Any], deciding: Deciding, asking: Asking | None = None) -> None:
    """Save what a press decides, or tell the person why not. Never raises."""
    pressed: Pressed | None = None
    try:
        pressed = read(body)
        if pressed is not None and pressed.action in OPENS:
            await _open(pressed, deciding)
            return
        if pressed is not None and asking is not None and pressed.action in erasing.ACTIONS:
            await _erase(pressed, asking)
            return
        if pressed is None or pressed.action not in EVENTS:
            return  # a link to a page: Slack sends a press for it, and it decides nothing
        owning = pressed.action in _ABOUT_A_VIP
        people = deciding.people
        may = people.may_own if owning else people.may_decide
        said = await may(pressed.user, pressed.team)
        why = await _decide(pressed, said, deciding)
        if why is not None:
            tell("press_refused", action=pressed.action, why=why)
            sentence = await _sentence(why, pressed, said, deciding)
            await whisper(pressed, sentence, deciding)
    except Exception as error:  # noqa: BLE001 - the last edge: told, answered, not swallowed
        tell("press_failed", level=logging.ERROR, error=error)
        if pressed is not None:
            await whisper(pressed, say(deciding.locale, "refusal.failed"), deciding)


async def _open(pressed: Pressed, deciding: Deciding) -> None:
    knock = Knock(
        action=pressed.action,
        value=pressed.value,
        user=pressed.user,
        team=pressed.team,
        trigger=pressed.trigger,
    )
    sentence = await opened(knock, deciding)
    if sentence is not None:
        await whisper(pressed, sentence, deciding)


async def _erase(pressed: Pressed, asking: Asking) -> None:
    """Two people's word that a customer be forgotten, or one's that they are not."""
    deciding = asking.deciding
    said = await deciding.people.may_decide(pressed.user, pressed.team)
    why = None if said.allowed else said.why or "refusal.lookup_failed"
    if why is None:
        who = Actor(f"slack:{pressed.team}:{pressed.user}")
        erasures = asking.ledger.erasures
        why = await erasing.answered(pressed.action, pressed.value, who, erasures)
    if why is not None:
        tell("press_refused", action=pressed.action, why=why)
        await whisper(pressed, say(said.locale, why), deciding)


async def _decide(pressed: Pressed, said: Answer, deciding: Deciding) -> str | None:
    """None when it is saved, else the words' key for why nothing changed."""
    if not said.allowed:
        return said.why or "refusal.lookup_failed"
    press = decode(pressed.value)
    case = await deciding.find(press.case_id) if press else None
    if press is None or case is None:
        return "refusal.unknown"
    who, at = Actor(f"slack:{pressed.team}:{pressed.user}"), deciding.clock.now()
    with about(case.id):
        if _outdated(pressed.action, press, case, deciding):
            return STALE
        if pressed.action == actions.WRITE_INSTEAD and (why := no_longer_theirs(case)):
            return why
        seen = deciding.letters.fingerprint(case)
        outcome = await deciding.happened(case.id, EVENTS[pressed.action](press, seen, who, at))
    return refusal(outcome.refused) if outcome.refused else None


def _outdated(action: str, press: Press, case: Case, deciding: Deciding) -> bool:
    # A case that is no longer in review is the machine's to answer: it knows what came between.
    asked = action in _ABOUT_A_TEXT and case.state is State.IN_REVIEW
    return asked and deciding.letters.outdated(press, case)


async def _sentence(why: str, pressed: Pressed, said: Answer, deciding: Deciding) -> str:
    """What the person is told; of a letter that changed also how, as far as that is known."""
    press = decode(pressed.value)
    case = await deciding.find(press.case_id) if press and why == STALE else None
    if press is None or case is None:
        return say(said.locale, why)
    return await told_stale(press, case, deciding, said.locale)


def _silence() -> logging.Logger:
    """Bolt logs whole bodies, verified or not: it gets a logger that says nothing."""
    silent = logging.getLogger("slack_bolt.silenced")
    silent.disabled = True
    silent.setLevel(logging.CRITICAL + 1)
    return silent
