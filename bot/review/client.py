"""Our way of calling Slack: what may be tried again, how long we wait, and what went wrong.

The SDK's own retries post a message twice after a dropped connection; ours repeat only calls that
change nothing or change to the same. https://docs.slack.dev/apis/web-api/rate-limits.
"""

from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.errors import ChannelTrouble

# Twice is the same as once. Posts are not among them.
IDEMPOTENT: Final = frozenset(
    {
        "auth.test",
        "chat.update",
        "views.publish",
        "views.update",
        "users.info",
        "users.lookupByEmail",
    }
    | {"conversations.info", "conversations.list", "conversations.members"}
    | {"conversations.history", "conversations.replies", "usergroups.users.list"}
)
TIMEOUT: Final = 10  # seconds for one call
_PATIENCE: Final = 5.0  # a longer wish of Slack's is for the outbox to keep, not for a connection
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

    Its connections are kept open until the end: the SDK by itself makes new ones for every call.
    """
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=TIMEOUT), cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        yield AsyncWebClient(
            token=token,
            base_url=base_url,
            timeout=TIMEOUT,
            session=session,
            retry_handlers=[RateLimited(clock), Repeatable(clock)],
        )


@contextmanager
def slack_trouble() -> Iterator[None]:
    """Whatever goes wrong with a call inside becomes ChannelTrouble."""
    try:
        yield
    except SlackApiError as error:
        raise _trouble(error) from error
    except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError) as error:
        raise ChannelTrouble("no_answer") from error


class RateLimited(AsyncRetryHandler):
    """Waits for as long as Slack asks, once, when that is short."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(max_retry_count=1)
        self._clock = clock

    async def _can_retry_async(
        self,
        *,
        state: RetryState,  # noqa: ARG002 - the SDK's signature
        request: HttpRequest,  # noqa: ARG002
        response: HttpResponse | None = None,
        error: Exception | None = None,  # noqa: ARG002
    ) -> bool:
        if response is None or response.status_code != _TOO_MANY:
            return False
        return retry_after(response.headers) <= _PATIENCE

    async def prepare_for_next_attempt_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,  # noqa: ARG002
        response: HttpResponse | None = None,
        error: Exception | None = None,  # noqa: ARG002
    ) -> None:
        """Sleep, then let the SDK try once more."""
        state.next_attempt_requested = True
        await self._clock.sleep(retry_after(response.headers) if response else _BREATH)
        state.increment_current_attempt()


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


def _trouble(error: SlackApiError) -> ChannelTrouble:
    response = error.response
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    if status == _TOO_MANY:
        return ChannelTrouble("ratelimited", retry_after=retry_after(response.headers))
    if status >= _SERVER_TROUBLE:
        return ChannelTrouble(f"http_{status}")
    data = getattr(response, "data", None)
    code = str(data.get("error", "unknown")) if isinstance(data, dict) else "no_answer"
    return ChannelTrouble(code, permanent=code not in {*_PASSING, "no_answer"})
