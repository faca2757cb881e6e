"""No redirect is followed where our keys go along: it would carry them to another host."""

from types import SimpleNamespace
from typing import NoReturn

import aiohttp


def no_redirects() -> aiohttp.TraceConfig:
    """For a ClientSession's `trace_configs`; its calls raise aiohttp.ClientError instead."""
    tracing = aiohttp.TraceConfig()

    async def refuse(_session: object, _context: SimpleNamespace, _seen: object) -> NoReturn:
        raise aiohttp.ClientError("redirected")

    tracing.on_request_redirect.append(refuse)
    return tracing
