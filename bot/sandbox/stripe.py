"""The sandbox's Stripe: a server on loopback that reads, refuses and tells as Stripe does.

Change its `world` by verbs, then `await tell()` to deliver the events this made. Its own pages do
so by `tells`, which may be another road.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from aiohttp import ClientSession, ClientTimeout, web

from bot.clock import Clock
from bot.sandbox import stripe_refusals as refusals
from bot.sandbox.stripe_api import Api
from bot.sandbox.stripe_ledger import PLATFORM, Event
from bot.sandbox.stripe_objects import Json
from bot.sandbox.stripe_pages import pages
from bot.sandbox.stripe_params import Params, parsed
from bot.sandbox.stripe_refusals import RefusalError
from bot.sandbox.stripe_versions import TODAY
from bot.sandbox.stripe_webhooks import Delivery, Endpoint, Webhooks
from bot.sandbox.stripe_world import World

TEST_KEY = "sk_test_sandbox"
LIVE_KEY = "sk_live_sandbox"
KINDS = frozenset({"500", "429", "timeout", "slow", "drop", "garbage"})


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request that reached the API, and the status it was answered with (0: none)."""

    method: str
    path: str
    params: Params
    account: str
    status: int


@dataclass(kw_only=True)
class Fault:
    """Trouble to come: `500`, `429`, `timeout`, `slow`, `drop` or `garbage`.

    times: so many calls meet it; None: all, until healed.
    """

    kind: str
    times: int | None
    path: str
    seconds: float


class Stripe:
    """Owns the server: `start()`, `stop()`; `api_base` is what STRIPE_API_BASE is set to."""

    def __init__(
        self, clock: Clock, *, version: str = TODAY, seed: str = "", pages_base: str | None = None
    ) -> None:
        """`version`: the account's own; `pages_base`: where pay links point instead of here."""
        self.clock = clock
        self.world = World(clock, seed=seed)
        self.api = Api(world=self.world, default_version=version)
        self.api.keys |= {TEST_KEY: None, LIVE_KEY: None}
        self.webhooks = Webhooks(api=self.api)
        self.api.pending = self.webhooks.pending
        self.api.endpoints = self.webhooks.listed
        self.api.new_endpoint = self.webhooks.made
        self.calls: list[Call] = []
        self.held = False
        self.tells: Callable[[], Awaitable[object]] = self.tell
        self.api_base = ""
        self._pages_base = pages_base
        self._faults: list[Fault] = []
        self._answers: dict[str, tuple[Params, Json]] = {}
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0 takes a free one."""
        app = web.Application()
        app.add_routes(pages(self.world, self._tell_unless_held))
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._stopping.clear()
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.api_base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.api.pages = self._pages_base or self.api_base
        self.webhooks.session = ClientSession(timeout=ClientTimeout(total=20))

    async def stop(self) -> None:
        """Close the port; requests that were left hanging end now. Idempotent."""
        self._stopping.set()
        if self.webhooks.session is not None:
            await self.webhooks.session.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # Keys and trouble.

    def restrict(self, key: str, permissions: Iterable[str]) -> str:
        """A restricted key (`rk_test_…`) with these permissions, such as `rak_invoice_read`."""
        self.api.keys[key] = frozenset(permissions)
        return key

    def fault(
        self, kind: str, *, times: int | None = 1, path: str = "/v1/", seconds: float = 0
    ) -> None:
        """The next `times` calls (None: all) to paths that begin so meet trouble of this `kind`.

        `500`, `429` answer so; `timeout` never answers; `slow` answers after `seconds` of the
        clock; `drop` closes the connection; `garbage` answers 200 with what is no JSON.
        """
        if kind not in KINDS:
            raise ValueError(f"no such trouble: {kind}")
        self._faults.append(Fault(kind=kind, times=times, path=path, seconds=seconds))

    def heal(self) -> None:
        """End all trouble."""
        self._faults.clear()

    # Telling.

    def listen(self, endpoint: Endpoint) -> None:
        """Tell this endpoint too, from now on."""
        self.webhooks.endpoints.append(endpoint)

    def take(self) -> list[Event]:
        """The events nobody was told of; they are yours now: deliver, reorder, double or lose."""
        events, self.world.unsent = self.world.unsent, []
        return events

    async def tell(self, *, tries: int = 3) -> list[Delivery]:
        """Deliver all unsent events in order, to every endpoint that takes them."""
        return [d for event in self.take() for d in await self.deliver(event, tries=tries)]

    async def deliver(self, event: Event, *, times: int = 1, tries: int = 1) -> list[Delivery]:
        """Deliver one event to every endpoint that takes it; `times`: duplicates on purpose."""
        return [
            await self.webhooks.deliver(event, endpoint, tries=tries)
            for _ in range(times)
            for endpoint in self.webhooks.endpoints
            if endpoint.takes(event)
        ]

    async def _tell_unless_held(self) -> None:
        if not self.held:
            await self.tells()

    # Answering.

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        params = parsed([*request.query.items(), *(await _form(request))])
        try:
            fault = self._next_fault(request.path)
            response = await self._troubled(fault, request, params)
        except RefusalError as refusal:
            response = _json(refusal.body, refusal.status)
        self._note(request, params, response.status)
        return response

    async def _troubled(
        self, fault: Fault | None, request: web.Request, params: Params
    ) -> web.Response:
        match fault.kind if fault else "":
            case "500":
                raise refusals.out_of_order()
            case "429":
                raise refusals.rate_limited()
            case "timeout":
                await self._stopping.wait()
                raise refusals.out_of_order()
            case "drop":
                _drop(request)
                return web.Response(status=500)
            case "garbage":
                return web.Response(text="<html>upstream</html>", content_type="text/html")
            case "slow" if fault:
                await self.clock.sleep(fault.seconds)
        return _json(self._answer(request, params), 200)

    def _answer(self, request: web.Request, params: Params) -> Json:
        caller = self.api.caller(request.headers)
        repeat = request.headers.get("Idempotency-Key")
        if request.method != "POST" or repeat is None:
            return self.api.answer(caller, request.method, request.path, params)
        if repeat not in self._answers:
            made = self.api.answer(caller, request.method, request.path, params)
            self._answers[repeat] = (params, made)
        asked, answer = self._answers[repeat]
        if asked != params:
            raise refusals.reused_idempotency_key()
        return answer

    def _next_fault(self, path: str) -> Fault | None:
        for fault in self._faults:
            if not path.startswith(fault.path):
                continue
            if fault.times is None:
                return fault
            if fault.times > 0:
                fault.times -= 1
                return fault
        return None

    def _note(self, request: web.Request, params: Params, status: int) -> None:
        account = request.headers.get("Stripe-Account", PLATFORM)
        self.calls.append(
            Call(
                method=request.method,
                path=request.path,
                params=params,
                account=account,
                status=status,
            )
        )


async def _form(request: web.Request) -> list[tuple[str, str]]:
    return [(key, str(value)) for key, value in (await request.post()).items()]


def _drop(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _json(body: Json, status: int) -> web.Response:
    headers = {"Request-Id": "req_sandbox", "Stripe-Version": TODAY}
    text = json.dumps(body, ensure_ascii=False)
    return web.Response(text=text, status=status, content_type="application/json", headers=headers)
