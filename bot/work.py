"""What an event comes to: effects that the asker has in hand, with all that they need. Values."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.case.effects import Effect, Show
from bot.case.model import Case
from bot.case.standing import CustomerRecord
from bot.store.effect_rows import Claim

# Whether the asker takes a new effect into its own hands at once.
Take = Callable[[Effect], bool]


@dataclass(frozen=True, kw_only=True)
class Work:
    """A claimed effect with what its performer needs."""

    claim: Claim
    case: Case
    known: CustomerRecord


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an event came to. `refused` says why nothing changed; `work` is the asker's to do.

    `left`: there is also work that somebody else is to look for.
    """

    case: Case
    refused: str | None = None
    work: tuple[Work, ...] = ()
    left: bool = False


@dataclass(frozen=True, kw_only=True)
class Room:
    """How much of each kind one process does at once; `draft` are the model's slots."""

    arrival: int = 8
    gather: int = 8
    draft: int = 8
    show: int = 4
    look: int = 4
    hand_over: int = 4
    tell: int = 1


def nothing(_effect: Effect) -> bool:
    """Take no effect: whoever polls next will."""
    return False


def only_cards(effect: Effect) -> bool:
    """Take what redraws Slack: a press is answered by its card within a second."""
    return isinstance(effect, Show)
