"""An answer that is not ready in time goes to the command's response_url, and to nowhere else.

Five answers within thirty minutes:
https://docs.slack.dev/interactivity/handling-user-interaction#message_responses.
"""

import logging
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import aiohttp

from bot.errors import ChannelTrouble
from bot.log import tell
from bot.review.client import TIMEOUT

_SLACK: Final = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})


def is_slacks(url: str, slack_api: str) -> bool:
    """Whether an address is Slack's own, or of the stand-in that the operator named."""
    try:
        asked, known = urlsplit(url), urlsplit(slack_api)
        if asked.username is not None or asked.password is not None:
            return False
        ours = (asked.scheme, asked.hostname, asked.port)
        if ours == (known.scheme, known.hostname, known.port):
            return True
        return _at_slack(asked)
    except ValueError:  # no port, no host: nothing that can be called
        return False


async def send(url: str, answer: dict[str, Any], slack_api: str) -> None:
    """Say it there, once; redirects are not followed. Raises ChannelTrouble."""
    if not is_slacks(url, slack_api):
        raise ChannelTrouble("not_slack", permanent=True)
    limit = aiohttp.ClientTimeout(total=TIMEOUT)
    try:
        async with (
            aiohttp.ClientSession(timeout=limit, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.post(url, json=answer, allow_redirects=False) as response,
        ):
            status = response.status
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise ChannelTrouble("no_answer") from error
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        raise ChannelTrouble(f"http_{status}")


def told_in_vain(trouble: ChannelTrouble) -> None:
    """The person waits for an answer that can't be given any more: the log says so."""
    tell("late_answer_failed", level=logging.WARNING, code=trouble.code)


def _at_slack(asked: SplitResult) -> bool:
    return asked.scheme == "https" and asked.hostname in _SLACK and asked.port in {None, 443}
