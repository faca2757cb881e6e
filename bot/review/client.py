"""Our way of calling Slack: what may be tried again, how long we wait, and what went wrong.

The SDK's own retries post a message twice after a dropped connection; ours repeat only calls that
change nothing or change to the same. https://docs.slack.dev/apis/web-api/rate-limits.
"""

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot import addresses
from bot.clock import Clock
from bot.errors import ChannelTrouble
from bot.review.gate import PATIENCE, Gate

# Twice is the same as once. Posts are not among them.
IDEMPOTENT: Final = frozenset(
    {
        "auth.test",
        "bots.info",
        "chat.update",
        "views.publish",
        "views.update",
        "users.info",
        "users.lookupByEmail",
    }
    | {"conversations.info", "conversations.list", "conversations.members"}
    | {"conversations.history", "conversations.replies", "users.conversations"}
    | {"usergroups.list", "usergroups.users.list"}
)
TIMEOUT: Final = 10  # seconds for one call
_TURNS: Final = 2  # more tries of a call that came too early, and that others were faster than
_BREATH: Final = 0.5
_SERVER_TROUBLE: Final = 500
_TOO_MANY: Final = 429

# Slack's words for "not now": https://docs.slack.dev/reference/methods/chat.postMessage#errors.
_PASSING: Final = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable"}
    | {"request_timeout", "message_limit_exceeded", "team_added_to_org", "accesslimited"}
)


@asynccontextmanager
async def slack_client(token: str, base_url: str, clock: Clock) -> AsyncGenerator[AsyncWebClient]:
    """A client whose retries can't post twice. It reads no environment but the SDK's proxy.

    A Slack on this very machine is never asked for by a proxy: from there it could not be found.
    Its connections are kept open until the end: the SDK by itself makes new ones for every call.
    """
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=TIMEOUT), cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        client = Client(
            token=token,
            base_url=base_url,
            timeout=TIMEOUT,
            session=session,
            retry_handlers=[Repeatable(clock)],
        )
        client.gate = Gate(clock)
        if addresses.loopback(addresses.host_of(base_url)):
            client.proxy = None
        yield client


@contextmanager
def slack_trouble() -> Iterator[None]:
    """Whatever goes wrong with a call inside becomes ChannelTrouble."""
    try:
        yield
    except SlackApiError as error:
        raise _trouble(error) from error
    except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError) as error:
        raise ChannelTrouble("no_answer") from error


class Client(AsyncWebClient):
    """The SDK's client, whose calls keep what Slack asked of any of them."""

    gate: Gate

    async def api_call(self, api_method: str, **options: Any) -> AsyncSlackResponse:  # noqa: ANN401 - as the SDK has them
        """Call once it may be called, and again, a few times, when Slack says "not yet".

        Raises ChannelTrouble when Slack wants a long pause, or no Slack is there; else as the SDK.
        """
        channel = _channel(options)
        for last in (*[False] * _TURNS, True):
            await self.gate.turn(api_method, channel)
            try:
                return await super().api_call(api_method, **options)
            except SlackApiError as error:
                if _status(error) != _TOO_MANY:
                    raise
                wait = retry_after(error.response.headers)
                self.gate.refused(api_method, channel, wait)
                if last or wait > PATIENCE:
                    raise
            except AttributeError as strange:  # the SDK takes every text for an object
                raise ChannelTrouble("not_slack") from strange
        raise AssertionError("the last turn returns or raises")


class Repeatable(AsyncRetryHandler):
    """Repeats, once, a call that changes nothing when the connection or the server failed."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(max_retry_count=1)
        self._clock = clock

    async def _can_retry_async(
        self,
        *,
        state: RetryState,  # noqa: ARG002
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        if request.url.rsplit("/", 1)[-1] not in IDEMPOTENT:
            return False
        if response is not None:
            return response.status_code >= _SERVER_TROUBLE
        return isinstance(error, aiohttp.ClientConnectionError)

    async def prepare_for_next_attempt_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,  # noqa: ARG002
        response: HttpResponse | None = None,  # noqa: ARG002
        error: Exception | None = None,  # noqa: ARG002
    ) -> None:
        """Take a breath, then let the SDK try once more."""
        state.next_attempt_requested = True
        await self._clock.sleep(_BREATH)
        state.increment_current_attempt()


def retry_after(headers: object) -> float:
    """Slack's wish in seconds; a second when it says none."""
    items = dict(headers.items()) if hasattr(headers, "items") else {}
    found = next((value for key, value in items.items() if str(key).lower() == "retry-after"), "1")
    text = found[0] if isinstance(found, list) else found
    return float(text) if str(text).isdigit() else 1.0


def _channel(options: Mapping[str, Any]) -> str:
    """The channel that a call is about; "" when it names none."""
    asked = (options.get(place) or {} for place in ("json", "params", "data"))
    return next((str(one["channel"]) for one in asked if one.get("channel")), "")


def _status(error: SlackApiError) -> int:
    """The HTTP status of Slack's answer, whichever library tells it."""
    response = error.response
    return int(getattr(response, "status_code", 0) or getattr(response, "status", 0))


def _trouble(error: SlackApiError) -> ChannelTrouble:
    status = _status(error)
    if status == _TOO_MANY:
        return ChannelTrouble("ratelimited", retry_after=retry_after(error.response.headers))
    if status >= _SERVER_TROUBLE:
        return ChannelTrouble(f"http_{status}")
    data = getattr(error.response, "data", None)
    code = data.get("error") if isinstance(data, dict) else None
    if not isinstance(code, str):
        return ChannelTrouble("not_slack")
    return ChannelTrouble(code, permanent=code not in _PASSING)
