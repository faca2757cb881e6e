"""What Stripe answers: reads of the world, refused as Stripe refuses. No I/O.

https://docs.stripe.com/api
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from bot.sandbox import stripe_refusals as refusals
from bot.sandbox.stripe_expand import expanded, kinds_on
from bot.sandbox.stripe_ledger import PLATFORM, Event, Home
from bot.sandbox.stripe_links import dressed
from bot.sandbox.stripe_objects import Json, list_of
from bot.sandbox.stripe_params import Params, limit_of, moment_matches
from bot.sandbox.stripe_resources import PAGING, PERMISSIONS, RESOURCES, Resource
from bot.sandbox.stripe_shop import subscription_of
from bot.sandbox.stripe_versions import BASIL, TODAY, VERSIONS, envelope, rendered
from bot.sandbox.stripe_world import World

EVENTS_KEPT = 30 * 86_400
MOST_TYPES = 20


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks: a key, what it may (None: everything), the account and version it asks for."""

    key: str
    may: frozenset[str] | None
    account: str = PLATFORM
    version: str = TODAY

    @property
    def home(self) -> Home:
        """The account and mode this caller sees."""
        return Home(account=self.account, livemode="_live_" in self.key)

    def need(self, permission: str) -> None:
        """Raise RefusalError unless the key has that permission."""
        written = permission.removesuffix("_read") + "_write"  # who may write may read
        if self.may is not None and not {permission, written} & self.may:
            raise refusals.not_permitted(self.key, permission, self.account)


@dataclass(kw_only=True)
class Api:
    """The endpoints.

    `keys` maps each API key to its permissions, None for all of them; `pages` is where the
    customer's pages live; `pending` counts the webhook deliveries an event still lacks;
    `endpoints` are those that webhooks go to, and `new_endpoint` makes one more.
    """

    world: World
    keys: dict[str, frozenset[str] | None] = field(default_factory=dict)
    default_version: str = TODAY
    pending: Callable[[Event], int] = lambda _: 0
    endpoints: Callable[[], list[Json]] = list
    new_endpoint: Callable[[Params, bool], Json] = lambda _params, _live: {}
    pages: str = ""

    def caller(self, headers: Mapping[str, str]) -> Caller:
        """Who is asking; raises RefusalError for a missing or unknown key, account or version."""
        key = headers.get("Authorization", "").removeprefix("Bearer ").strip()
        if not key:
            raise refusals.no_key()
        if key not in self.keys:
            raise refusals.unknown_key(key)
        version = headers.get("Stripe-Version", self.default_version)
        if version not in VERSIONS:
            raise refusals.unknown_version(version)
        account = headers.get("Stripe-Account", PLATFORM)
        if account not in self.world.tables["account"]:
            raise refusals.no_account(key, account)
        return Caller(key=key, may=self.keys[key], account=account, version=version)

    def answer(self, caller: Caller, method: str, path: str, params: Params) -> Json:
        """The body of a successful answer; raises RefusalError for everything else."""
        parts = path.removeprefix("/v1/").strip("/")
        if method == "POST" and parts == "billing_portal/sessions":
            return self._portal_session(caller, params)
        if method == "GET" and parts == "account":
            _only(params, {"expand"})
            return self.world.find(caller.account)
        if method == "GET" and parts.split("/")[0] == "events":
            return self._events(caller, parts.partition("/")[2], params)
        if method == "GET" and parts == "webhook_endpoints":
            return self._webhook_endpoints(caller, params)
        if method == "POST" and parts == "webhook_endpoints":
            caller.need("rak_webhook_write")
            return self.new_endpoint(params, caller.home.livemode)
        name = next((n for n in RESOURCES if parts == n or parts.startswith(f"{n}/")), None)
        if method != "GET" or name is None:
            raise refusals.no_route(method, path)
        number = parts.removeprefix(name).strip("/")
        caller.need(RESOURCES[name].permission)
        if number:
            return self._one(caller, RESOURCES[name], number, params)
        return self._list(caller, name, params)

    def _one(self, caller: Caller, resource: Resource, number: str, params: Params) -> Json:
        _only(params, {"expand"})
        paths = self._checked(caller, resource.kind, params)
        thing = self._visible(caller, resource, number, "id")
        return self._shown(caller, thing, paths)

    def _list(self, caller: Caller, name: str, params: Params) -> Json:
        resource = RESOURCES[name]
        _only(params, PAGING | resource.filters)
        paths = self._checked(caller, f"list of {resource.kind}", params)
        status = params.get("status")
        if status is not None and status not in resource.statuses:
            raise refusals.bad_value(
                "status", f"Invalid status: must be one of {', '.join(sorted(resource.statuses))}"
            )
        self._known_references(caller, params)
        found = [
            thing
            for thing in reversed(self.world.tables.get(resource.kind, {}).values())
            if self.world.home(thing) == caller.home and _matches(thing, params)
        ]
        page, more = self._page(found, params, resource.noun)
        shown = [
            self._shown(caller, thing, [p.removeprefix("data.") for p in paths]) for thing in page
        ]
        return list_of(shown, f"/v1/{name}", has_more=more)

    def _page(self, found: list[Json], params: Params, noun: str) -> tuple[list[Json], bool]:
        limit = limit_of(params)
        for name in ("starting_after", "ending_before"):
            number = params.get(name)
            if number is None:
                continue
            at = next((i for i, thing in enumerate(found) if thing["id"] == number), None)
            if at is None:
                raise refusals.no_such(noun, str(number), name, status=400)
            found = found[at + 1 :] if name == "starting_after" else found[max(0, at - limit) : at]
        page = list(islice(found, limit))
        return page, len(found) > limit

    def _events(self, caller: Caller, number: str, params: Params) -> Json:
        caller.need("rak_event_read")
        since = self.world.now() - EVENTS_KEPT
        seen = [e for e in self.world.events if e.home == caller.home and e.created >= since]
        if number:
            event = next((event for event in seen if event.id == number), None)
            if event is None:
                raise refusals.no_such("event", number, "id")
            return self.envelope(event, self.default_version)
        _only(params, PAGING | {"type", "types", "delivery_success"})
        wanted = _types(params)
        found = [
            self.envelope(event, self.default_version)
            for event in reversed(seen)
            if (not wanted or event.type in wanted)
            and moment_matches(event.created, params.get("created"))
            and params.get("delivery_success") in {None, "false" if self.pending(event) else "true"}
        ]
        page, more = self._page(found, params, "event")
        return list_of(page, "/v1/events", has_more=more)

    def _webhook_endpoints(self, caller: Caller, params: Params) -> Json:
        caller.need("rak_webhook_read")
        _only(params, PAGING)
        page, more = self._page(self.endpoints(), params, "webhook endpoint")
        return list_of(page, "/v1/webhook_endpoints", has_more=more)

    def envelope(self, event: Event, version: str) -> Json:
        """The event as an endpoint of that version would get it."""
        now = replace(event, object=self._dressed(dict(event.object)))
        return envelope(now, version, self.world.objects.get, pending=self.pending(event))

    def _portal_session(self, caller: Caller, params: Params) -> Json:
        caller.need("rak_customer_portal_write")
        _only(params, {"customer", "return_url", "configuration", "flow_data", "locale", "expand"})
        number = params.get("customer")
        if not isinstance(number, str):
            raise refusals.missing_parameter("customer")
        customer = self._visible(caller, RESOURCES["customers"], number, "customer")
        if customer.get("deleted"):
            raise refusals.no_such("customer", number, "customer", status=400)
        stamp = self.world.stamp("bps", caller.home)
        session = {
            "id": stamp.id,
            "object": "billing_portal.session",
            "configuration": "bpc_sandbox",
            "created": stamp.at,
            "customer": number,
            "customer_account": None,
            "flow": params.get("flow_data"),
            "livemode": stamp.livemode,
            "locale": params.get("locale"),
            "on_behalf_of": None,
            "return_url": params.get("return_url"),
        }
        return self._dressed(self.world.keep(session, caller.home))

    def _visible(self, caller: Caller, resource: Resource, number: str, param: str) -> Json:
        thing = self.world.tables.get(resource.kind, {}).get(number)
        home = self.world.homes.get(number)
        if thing is None or home is None or home.account != caller.account:
            raise refusals.no_such(resource.noun, number, param)
        if home.livemode != caller.home.livemode:
            raise refusals.other_mode(resource.noun, number, param, key_live=caller.home.livemode)
        return thing

    def _known_references(self, caller: Caller, params: Params) -> None:
        for kind in ("customer", "subscription", "invoice", "charge", "payment_intent"):
            number = params.get(kind)
            home = self.world.homes.get(number) if isinstance(number, str) else None
            if number is not None and home != caller.home:
                raise refusals.no_such(kind, str(number), kind, status=400)

    def _checked(self, caller: Caller, kind: str, params: Params) -> list[str]:
        paths = params.get("expand", [])
        if not isinstance(paths, list):
            raise refusals.bad_value("expand", "Invalid array")
        for path in paths:
            for read in kinds_on(kind, str(path)):
                caller.need(PERMISSIONS[read])
        return [str(path) for path in paths]

    def _shown(self, caller: Caller, thing: Json, paths: list[str]) -> Json:
        whole = expanded(thing, paths, self._find_dressed, self.world.payments_of)
        aside = {} if caller.version >= BASIL else self.world.aside(thing)
        return rendered(self._dressed(whole), caller.version, aside, self.world.objects.get)

    def _dressed(self, thing: Json) -> Json:
        return dressed(thing, self.pages, self.world.now())

    def _find_dressed(self, number: str) -> Json:
        return self._dressed(dict(self.world.find(number)))


def _only(params: Params, known: frozenset[str] | set[str]) -> None:
    for name in params:
        if name not in known:
            raise refusals.unknown_parameter(name)


def _types(params: Params) -> list[str]:
    wanted = params.get("types", [params["type"]] if "type" in params else [])
    if not isinstance(wanted, list):
        raise refusals.bad_value("types", "Invalid array")
    if len(wanted) > MOST_TYPES:
        raise refusals.bad_value("types", "Array types exceeded maximum 20 allowed elements.")
    return [str(kind) for kind in wanted]


def _matches(thing: Json, params: Params) -> bool:
    if thing.get("deleted") or not moment_matches(thing["created"], params.get("created")):
        return False
    for name in ("customer", "invoice", "charge", "payment_intent", "email", "collection_method"):
        if name in params and thing.get(name) != params[name]:
            return False
    payment = params.get("payment")
    if isinstance(payment, dict):
        return bool(thing["payment"].get("payment_intent") == payment.get("payment_intent"))
    if "subscription" in params and subscription_of(thing) != params["subscription"]:
        return False
    if thing["object"] == "subscription" and "status" not in params:
        return bool(thing["status"] != "canceled")
    return params.get("status", "all") in {"all", thing.get("status")}
