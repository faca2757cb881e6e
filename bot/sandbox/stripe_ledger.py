"""Everything the sandbox's Stripe knows: its objects, whose they are, and the events it made.

The state is plain: `objects` by id, `events` in order, `unsent` for those nobody was told of yet.
"""

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.clock import Clock
from bot.sandbox.stripe_objects import Json, Stamp, account

PLATFORM = "acct_sandbox"


@dataclass(frozen=True, kw_only=True)
class Home:
    """Where an object lives; keys of one mode or account never see another's."""

    account: str = PLATFORM
    livemode: bool = False


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened, with the object as it was then, in today's shape.

    `account` is set for connected accounts only. `aside` holds what older API versions showed on
    the object itself (its payment intent, charge or invoice).
    """

    id: str
    type: str
    created: int
    home: Home
    object: Json
    previous: Json | None
    aside: Json


class Ledger:
    """The tables. One per sandbox; not for several threads."""

    def __init__(self, clock: Clock, *, seed: str = "", name: str = "Sandbox") -> None:
        """`seed` becomes part of every id, so that two worlds never share one."""
        self.clock = clock
        self.objects: dict[str, Json] = {}
        self.tables: dict[str, dict[str, Json]] = {}
        self.homes: dict[str, Home] = {}
        self.events: list[Event] = []
        self.unsent: list[Event] = []
        self.payments: dict[str, list[str]] = {}
        self.billed_by: dict[str, str] = {}
        self._seed = seed
        self._count = 0
        self._backdated: int | None = None
        self.keep(account(PLATFORM, name), Home())

    def now(self) -> int:
        """Unix seconds by the clock, or by the past that is being written."""
        if self._backdated is not None:
            return self._backdated
        return int(self.clock.now().timestamp())

    @contextmanager
    def in_the_past(self, at: datetime | None) -> Iterator[None]:
        """Write history: everything inside happened `at` that moment and makes no event."""
        if at is None:
            yield
            return
        before, self._backdated = self._backdated, int(at.timestamp())
        try:
            yield
        finally:
            self._backdated = before

    def new_id(self, prefix: str) -> str:
        """An id never given before."""
        self._count += 1
        return f"{prefix}_{self._seed}{self._count:08d}"

    def stamp(self, prefix: str, home: Home) -> Stamp:
        """The id, moment and mode of a new object."""
        return Stamp(id=self.new_id(prefix), at=self.now(), livemode=home.livemode)

    def keep(self, thing: Json, home: Home) -> Json:
        """Take a new object in."""
        self.objects[thing["id"]] = thing
        self.tables.setdefault(thing["object"], {})[thing["id"]] = thing
        self.homes[thing["id"]] = home
        return thing

    def find(self, target: str | Json) -> Json:
        """The living object behind an id or an older copy; KeyError when there is none."""
        return self.objects[target if isinstance(target, str) else target["id"]]

    def home(self, target: str | Json) -> Home:
        """Whose an object is."""
        return self.homes[target if isinstance(target, str) else target["id"]]

    def change(self, thing: Json, changes: Mapping[str, Any]) -> Json:
        """Change an object in place; what its fields were before, as `previous_attributes`."""
        previous = {
            key: copy.deepcopy(thing.get(key))
            for key, value in changes.items()
            if thing.get(key) != value
        }
        thing.update(changes)
        return previous

    def emit(self, kind: str, thing: Json, previous: Json | None = None) -> None:
        """Record that something happened; history that is being written makes no event."""
        if self._backdated is not None:
            return
        home = self.homes[thing["id"]]
        event = Event(
            id=self.new_id("evt"),
            type=kind,
            created=self.now(),
            home=home,
            object=copy.deepcopy(thing),
            previous=previous,
            aside=self.aside(thing),
        )
        self.events.append(event)
        self.unsent.append(event)

    def payments_of(self, invoice_id: str) -> list[Json]:
        """The invoice's payments, the default one first."""
        return [self.objects[payment] for payment in self.payments.get(invoice_id, [])]

    def aside(self, thing: Json) -> Json:
        """What older API versions show on the object itself."""
        if thing["object"] == "invoice":
            return self._invoice_aside(thing)
        intent = {"payment_intent": thing["id"], "charge": thing.get("payment_intent")}.get(
            thing["object"]
        )
        return {"invoice": self.billed_by.get(intent or "")}

    def _invoice_aside(self, invoice: Json) -> Json:
        intent = next(
            (self.find(p["payment"]["payment_intent"]) for p in self.payments_of(invoice["id"])),
            None,
        )
        return {
            "payment_intent": intent["id"] if intent else None,
            "charge": intent["latest_charge"] if intent else None,
            "paid_out_of_band": invoice["status"] == "paid"
            and not (intent and intent["status"] == "succeeded"),
        }
