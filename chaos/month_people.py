"""Reviewers of all kinds: some decide within minutes, some the next day, some not at all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bot.case.ids import CaseId
from bot.review import actions
from bot.sandbox.slack import Message
from bot.sandbox.town import Town

# What a reviewer does about a card that asks, and how often in a hundred.
MOODS = {
    "approve": 60,
    "undo": 4,
    "edit": 7,
    "calls": 5,
    "early": 6,
    "anew": 5,
    "wait": 6,
    "ignore": 7,
}


@dataclass(frozen=True, kw_only=True)
class Approval:
    """That a person let a letter go, and when."""

    customer: str
    at: datetime


class Reviewers:
    """They look at the channel now and then; `later` is where they note what they mean to do."""

    def __init__(
        self, town: Town, random: Random, later: Callable[[datetime, Callable[[], None]], None]
    ) -> None:
        self.town = town
        self.approvals: list[Approval] = []
        self.moods: list[str] = []
        self._random = random
        self._later = later
        self._seen: dict[str, int] = {}
        self._ready: list[tuple[Message, str]] = []

    def look(self) -> None:
        """See what asks anew, and decide when to do what about it."""
        for card in (*self.town.cards(), *self.town.vip_cards()):
            if self._seen.get(card.ts) == len(card.versions):
                continue
            self._seen[card.ts] = len(card.versions)
            if offers(card) & {actions.APPROVE, actions.TAKE}:
                mood = self._random.choices(list(MOODS), list(MOODS.values()))[0]
                self._means_to(card, mood)

    async def act(self) -> None:
        """Do what it is time for, as far as the cards still offer it."""
        while self._ready:
            card, mood = self._ready.pop(0)
            await self._acts(card, mood)

    def _means_to(self, card: Message, mood: str) -> None:
        wait = self._random.choice(
            [self._random.uniform(1, 30), self._random.uniform(60, 480), 5, 5, 1500]
        )
        at = self.town.clock.now() + timedelta(minutes=wait)
        self._later(at, lambda: self._ready.append((card, mood)))

    async def _acts(self, card: Message, mood: str) -> None:
        offered = offers(card)
        if actions.TAKE in offered:
            await self._press(card, actions.TAKE)
        if actions.APPROVE not in offered or mood == "ignore":
            return
        self.moods.append(mood)
        match mood:
            case "approve":
                await self._lets_go(card, actions.APPROVE)
            case "undo":
                await self._press(card, actions.APPROVE)
                await self._press(card, actions.UNDO)
            case "wait" if actions.WAIT in offered:
                await self._press(card, actions.WAIT)
            case "edit":
                await self._press(card, actions.EDIT)
                words = {"body": "Could you have a look at [amount]?\n[pay link]"}
                await self._lets_go(card, None, {**words, "then": "approve"})
            case "calls" | "early" | "anew":
                await self._press(card, actions.REJECT)
                await self._submits({"choice": mood, "note": ""})

    async def _lets_go(
        self, card: Message, action: str | None, fields: dict[str, Any] | None = None
    ) -> None:
        whispers = len(self.town.slack.state.ephemerals)
        at = self.town.clock.now()
        if action is None:
            await self._submits(fields or {})
        else:
            await self._press(card, action)
        if len(self.town.slack.state.ephemerals) == whispers:
            case = await self.town.case(CaseId((card.metadata or {})["event_payload"]["case"]))
            self.approvals.append(Approval(customer=case.key.customer, at=at))

    async def _press(self, card: Message, action: str) -> None:
        if action in offers(card):
            await self.town.press(self.town.people.maya, card, action)

    async def _submits(self, fields: dict[str, Any]) -> None:
        if self.town.modal(self.town.people.maya) is not None:
            await self.town.submit(self.town.people.maya, fields)


def offers(card: Message) -> set[str]:
    """The action ids of a card's buttons, its menu left out."""
    rows = [one["elements"] for one in card.blocks if one["type"] == "actions"]
    return {str(one["action_id"]) for row in rows for one in row}
