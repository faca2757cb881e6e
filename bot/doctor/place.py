"""Whether the internet reaches the running program at PUBLIC_URL."""

import json
from functools import partial
from typing import Final

import aiohttp

from bot.config import Config
from bot.doctor.finding import Finding, Verdict, in_turn, ok, skipped, wrong

_ENOUGH: Final = 1024  # bytes: our own answer is shorter


async def examined(config: Config) -> list[Finding]:
    """The finding about our own address."""
    return await in_turn("public_url.answers", partial(_answers, config.public_url), {})


async def _answers(url: str | None) -> Verdict:
    if not url:
        return skipped("unset", setting="PUBLIC_URL")
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{url}/healthz", allow_redirects=False) as answer,
        ):
            said = await answer.content.read(_ENOUGH)
    except (aiohttp.ClientError, OSError):
        return wrong("no_answer")
    return ok() if _is_ours(said) else wrong("another", status=answer.status)


def _is_ours(said: bytes) -> bool:
    try:
        return bool(json.loads(said) == {"alive": True})
    except (ValueError, RecursionError):
        return False
