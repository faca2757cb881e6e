"""A language model writes a letter's words within its deadline, or says why not.

The only module that imports openai. It speaks chat completions with a schema, which compatible
endpoints understand too: https://platform.openai.com/docs/guides/structured-outputs
"""

import asyncio
import json
import re
import ssl
from collections.abc import AsyncIterator
from functools import cache
from itertools import islice
from typing import Any

from openai import APIStatusError, AsyncOpenAI, DefaultAioHttpClient
from pydantic import BaseModel, Field, ValidationError

from bot.drafting.prompt import Ask, messages
from bot.drafting.writing import TIMEOUT, UNREACHABLE, Words
from bot.errors import ModelTrouble

SECONDS = 20.0  # for one call, from its first byte to its last
SLOTS = 8
# Room for a model that thinks aloud; a letter is a thousandth of it.
LONGEST = 256 * 1024  # bytes
OBJECTS_TRIED = 8

# Placeholders have braces too, but no quotation mark behind them.
_OBJECT = re.compile(r'\{\s*"')


# The model reads the docstring too. Lengths are the guard's: some endpoints refuse maxLength.
class Letter(BaseModel):
    """A letter's subject and body."""

    subject: str
    body: str


class ModelWriter:
    """Owns the client of an OpenAI-compatible endpoint: `close()` it in the loop it was used in.

    `seconds` are for the call alone. Waiting for one of the `slots` is not counted: in a burst,
    the letters at the end of the queue would all be fixed ones although the model is well.
    """

    def __init__(
        self,
        *,
        key: str,
        model: str,
        base_url: str,
        slots: int = SLOTS,
        seconds: float = SECONDS,
    ) -> None:
        self._model = model
        self._seconds = seconds
        self._slots = asyncio.Semaphore(slots)
        self._client = AsyncOpenAI(
            api_key=key,
            base_url=base_url,
            timeout=seconds,
            max_retries=0,  # a call that timed out was billed: it is not made twice
            http_client=DefaultAioHttpClient(
                verify=_trusted(), follow_redirects=False, trust_env=False
            ),
        )

    async def write(self, ask: Ask) -> Words:
        """Words for what is asked, from one call; raises ModelTrouble."""
        async with self._slots:
            return words_of(await self._answered(ask))

    async def close(self) -> None:
        """Close the connections. Idempotent."""
        await self._client.close()

    async def _answered(self, ask: Ask) -> bytes:
        asked: Any = messages(ask)  # plain, because openai's types are known here only
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._client.chat.completions.with_streaming_response.parse(
                    model=self._model, messages=asked, response_format=Letter
                ) as answer,
            ):
                return await _bounded(answer.iter_bytes())
        except ModelTrouble:
            raise
        except APIStatusError as refused:
            raise ModelTrouble(
                f"http_{refused.status_code}", retry_after=_seconds(refused)
            ) from refused
        except Exception as error:
            # While a body is read, the HTTP libraries below openai raise errors of their own.
            raise ModelTrouble(TIMEOUT if _timed_out(error) else UNREACHABLE) from error


@cache
def _trusted() -> ssl.SSLContext:
    """Whom everybody trusts who speaks to a vendor. Read once: it takes a twentieth of a second."""
    return ssl.create_default_context()


def words_of(answer: bytes) -> Words:
    """The letter in a chat completion; raises ModelTrouble when there is none.

    Read here and not by the library, which forgets the text when it does not fit the schema, and
    breaks in ways of its own on answers of another shape.
    """
    try:
        choice = _Completion.model_validate_json(answer).choices[0]
    except ValidationError:
        raise ModelTrouble("malformed") from None
    if choice.message.refusal:
        raise ModelTrouble("refusal")
    if choice.finish_reason in {"length", "content_filter"}:
        raise ModelTrouble(choice.finish_reason)
    written = _written(choice.message.content or "")
    if not written.body:
        raise ModelTrouble("empty")
    return written


def _written(text: str) -> Words:
    """The first letter in the text, else the text as a body: some endpoints ignore the schema."""
    found = [match.start() for match in islice(_OBJECT.finditer(text), OBJECTS_TRIED)]
    for start in found:
        try:
            letter = Letter.model_validate(json.JSONDecoder().raw_decode(text, start)[0])
        except (ValueError, RecursionError):
            continue
        return Words(subject=letter.subject.strip(), body=_lines(letter.body))
    if found:
        raise ModelTrouble("malformed")
    return Words(subject="", body=_lines(text))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


async def _bounded(parts: AsyncIterator[bytes]) -> bytes:
    """All parts; raises ModelTrouble as soon as they are too long, and reads no further."""
    read = bytearray()
    async for part in parts:
        read += part
        if len(read) > LONGEST:
            raise ModelTrouble("too_long")
    return bytes(read)


def _seconds(refused: APIStatusError) -> float | None:
    """What Retry-After asks for; None when it is not a number of seconds."""
    given = refused.response.headers.get("Retry-After", "")
    return float(given) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", given) else None


def _timed_out(error: BaseException) -> bool:
    """Whether time ran out somewhere: the library calls a dropped connection a timeout too."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, TimeoutError):
        cause = cause.__cause__
    return cause is not None


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
