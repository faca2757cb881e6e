"""The raw bytes of a request at our door: whole, within time and size, or a refusal in one line."""

import asyncio
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot.errors import RequestRefused

# For web.Application(handler_args=…): aiohttp would unpack a body before we can refuse it, and
# drops the connection over one that it can't.
AS_IT_CAME: Final[dict[str, Any]] = {"auto_decompress": False}


async def whole_body(request: web.Request, *, most: int, within: float) -> bytes:
    """All of it: at most `most` bytes, read in `within` seconds.

    Raises RequestRefused (415 when it is compressed, 413, 408, or 400 when it broke off). What is
    compressed is not read, what is too large is not read on.
    """
    if _compressed(request):
        raise RequestRefused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send it uncompressed.")
    if (request.content_length or 0) > most:
        raise _too_large()
    body = bytearray()
    try:
        async with asyncio.timeout(within):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > most:
                    raise _too_large()
    except TimeoutError:
        raise RequestRefused(HTTPStatus.REQUEST_TIMEOUT, "The body took too long.") from None
    except (aiohttp.ClientError, HttpProcessingError, ConnectionError, web.RequestPayloadError):
        raise RequestRefused(HTTPStatus.BAD_REQUEST, "The body broke off.") from None
    return bytes(body)


def _compressed(request: web.Request) -> bool:
    listed = ",".join(request.headers.getall("Content-Encoding", []))
    return any(one.strip().lower() not in {"", "identity"} for one in listed.split(","))


def _too_large() -> RequestRefused:
    return RequestRefused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large.")
