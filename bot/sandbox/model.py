"""The sandbox's language model: an OpenAI-compatible server that needs no network and no weights.

https://platform.openai.com/docs/api-reference/chat/create
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass

from aiohttp import web

from bot.clock import Clock
from bot.sandbox.model_words import letter, spoiled, task_of, text_of
from bot.sandbox.stripe_objects import Json

MODEL = "sandbox-letters"
KEY = "sk-sandbox"

KNOWN_FIELDS = frozenset(
    {"frequency_penalty", "max_completion_tokens", "max_tokens", "messages", "metadata", "model"}
    | {"n", "presence_penalty", "reasoning_effort", "response_format", "seed", "stop", "store"}
    | {"stream", "temperature", "top_p", "user", "verbosity"}
)
UNSUPPORTED_IN_SCHEMAS = frozenset({"maxLength", "minLength", "pattern", "format"})
SPOILED = frozenset(
    {"wrong_language", "twelve_sentences", "amount", "foreign_link", "promise", "threat", "obeys"}
)
KINDS = SPOILED | {
    "slow",
    "hang",
    "drop",
    "429",
    "500",
    "empty",
    "refusal",
    "length",
    "bad_json",
    "not_json",
    "wrapped",
    "plain",
    "huge",
}
HUGE = 10 * 1024 * 1024


class DeclinedError(Exception):
    """A request the model's server answers with an error."""

    def __init__(
        self,
        status: int,
        message: str,
        kind: str,
        code: str | None = None,
        retry_after: float = 0,
    ) -> None:
        """`kind` and `code` as OpenAI's error object names them; seconds to wait, if any."""
        super().__init__(message)
        self.status = status
        self.headers = {"Retry-After": f"{retry_after:.0f}"} if retry_after else {}
        self.body = {"error": {"message": message, "type": kind, "param": None, "code": code}}


@dataclass(kw_only=True)
class Fault:
    """Trouble to come; `times` None: until healed."""

    kind: str
    times: int | None
    seconds: float


class Model:
    """Owns the server: `start()`, `stop()`; `base_url` is what OPENAI_BASE_URL is set to."""

    def __init__(self, clock: Clock, *, key: str = KEY, model: str = MODEL) -> None:
        """It knows one key and one model."""
        self.clock = clock
        self.key = key
        self.model = model
        self.requests: list[Json] = []
        self.base_url = ""
        self._faults: list[Fault] = []
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None

    @property
    def prompts(self) -> list[str]:
        """Every request's messages as one text, oldest first."""
        return [_prompt(request) for request in self.requests]

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0 takes a free one."""
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._models)
        self._stopping.clear()
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"

    async def stop(self) -> None:
        """Close the port; requests that were left hanging end now. Idempotent."""
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def fault(self, kind: str, *, times: int | None = 1, seconds: float = 0) -> None:
        """The next `times` answers are in trouble of this kind, one of KINDS.

        `slow` waits so many seconds of the clock, `429` asks for them as Retry-After; the spoiled
        kinds write a letter that must be refused; `obeys` repeats whatever the prompt says after
        "write:".
        """
        if kind not in KINDS:
            raise ValueError(f"no such trouble: {kind}")
        self._faults.append(Fault(kind=kind, times=times, seconds=seconds))

    def heal(self) -> None:
        """End all trouble."""
        self._faults.clear()

    async def _models(self, request: web.Request) -> web.Response:
        try:
            self._check_key(request)
        except DeclinedError as declined:
            return web.json_response(declined.body, status=declined.status)
        listed = [{"id": self.model, "object": "model", "created": 0, "owned_by": "sandbox"}]
        return web.json_response({"object": "list", "data": listed})

    async def _complete(self, request: web.Request) -> web.Response:
        try:
            self._check_key(request)
            asked = await _body(request)
            self._check(asked)
            self.requests.append(asked)
            return await self._answer(request, asked)
        except DeclinedError as declined:
            return web.json_response(
                declined.body, status=declined.status, headers=declined.headers
            )

    async def _answer(self, request: web.Request, asked: Json) -> web.Response:
        fault = self._next_fault()
        kind = fault.kind if fault else ""
        match kind:
            case "slow" if fault:
                await self.clock.sleep(fault.seconds)
            case "hang":
                await self._stopping.wait()
                raise DeclinedError(500, "The server is going away.", "server_error")
            case "drop" if request.transport is not None:
                request.transport.abort()
            case "429" if fault:
                raise DeclinedError(
                    429, "Rate limit reached.", "requests", "rate_limit_exceeded", fault.seconds
                )
            case "500":
                raise DeclinedError(500, "The server had an error.", "server_error")
            case "not_json":
                return web.Response(text='{"id": "chatcmpl', content_type="application/json")
        return web.json_response(self._completion(asked, kind))

    def _completion(self, asked: Json, kind: str) -> Json:
        message: Json = {"role": "assistant", "content": None, "refusal": None}
        if kind == "refusal":
            message["refusal"] = "I'm sorry, I can't help with that."
        else:
            message["content"] = _content(asked, kind)
        choice = {
            "index": 0,
            "finish_reason": "length" if kind == "length" else "stop",
            "logprobs": None,
            "message": message,
        }
        return {
            "id": f"chatcmpl-{len(self.requests):08d}",
            "object": "chat.completion",
            "created": int(self.clock.now().timestamp()),
            "model": self.model,
            "choices": [choice],
            "usage": {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150},
        }

    def _check_key(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if given != self.key:
            message = "Incorrect API key provided." if given else "You didn't provide an API key."
            raise DeclinedError(401, message, "invalid_request_error", code="invalid_api_key")

    def _check(self, asked: Json) -> None:
        if asked.get("model") != self.model:
            raise DeclinedError(
                404,
                f"The model `{asked.get('model')}` does not exist or you do not have access to it.",
                "invalid_request_error",
                code="model_not_found",
            )
        for complaint in _complaints(asked):
            raise DeclinedError(400, complaint, "invalid_request_error")

    def _next_fault(self) -> Fault | None:
        for fault in self._faults:
            if fault.times is None:
                return fault
            if fault.times > 0:
                fault.times -= 1
                return fault
        return None


async def _body(request: web.Request) -> Json:
    try:
        asked = json.loads(await request.text())
    except ValueError as error:
        message = "We could not parse the JSON body of your request."
        raise DeclinedError(400, message, "invalid_request_error") from error
    return asked if isinstance(asked, dict) else {}


def _complaints(asked: Json) -> Iterator[str]:
    messages = asked.get("messages")
    if not isinstance(messages, list) or not messages:
        yield "Missing required parameter: 'messages'."
    for name in sorted(set(asked) - KNOWN_FIELDS):
        yield f"Unrecognized request argument supplied: {name}"
    if asked.get("stream"):
        yield "This model answers whole: 'stream' is not supported."
    form = asked.get("response_format") or {}
    if form.get("type") == "json_schema":
        yield from _schema_complaints(form["json_schema"])


def _schema_complaints(asked: Json) -> Iterator[str]:
    schema = asked.get("schema", {})
    begin = f"Invalid schema for response_format '{asked.get('name')}': In context=()"
    if asked.get("strict") and schema.get("additionalProperties") is not False:
        yield f"{begin}, 'additionalProperties' is required to be supplied and to be false."
    for name, field in schema.get("properties", {}).items():
        for word in sorted(UNSUPPORTED_IN_SCHEMAS & set(field)):
            yield f"{begin}, '{word}' is not permitted for '{name}'."


def _content(asked: Json, kind: str) -> str:
    task = task_of(asked["messages"])
    written = spoiled(kind, task, _prompt(asked)) if kind in SPOILED else letter(task)
    text = json.dumps(written, ensure_ascii=False)
    changed: dict[str, str] = {
        "empty": "",
        "length": text[: len(text) // 2],
        "bad_json": text[:-1] + ",",
        "wrapped": f"Here is the message you asked for:\n```json\n{text}\n```\nI hope it helps!",
        "plain": written["body"],
        "huge": "a" * HUGE if kind == "huge" else "",
    }
    return changed.get(kind, text)


def _prompt(asked: Json) -> str:
    return "\n".join(text_of(message) for message in asked["messages"])
