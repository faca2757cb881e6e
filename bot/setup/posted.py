"""What a form of the set-up's own sent: small, in time, and whatever else came is nothing."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import web

from bot.request_body import whole_body

_FORM: Final = "application/x-www-form-urlencoded"  # what a browser sends without being asked
_LARGEST: Final = 8 * 1024  # bytes
_WITHIN: Final = 10.0  # seconds


async def fields(request: web.Request) -> Mapping[str, str]:
    """The form's fields, of several with one name the last. Raises RequestRefused.

    Bytes that are no UTF-8 are read as such: nothing of ours has any.
    """
    body = await whole_body(request, most=_LARGEST, within=_WITHIN)
    is_form = request.content_type == _FORM
    return dict(parse_qsl(body.decode("utf-8", "replace"))) if is_form else {}


def is_ours(request: web.Request) -> bool:
    """Whether a form was sent from a page of ours, as every browser says of a post."""
    origin = request.headers.get("Origin")
    return origin in {f"https://{request.host}", f"http://{request.host}"}
