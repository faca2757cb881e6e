"""The guided first minute: which step it is follows from the world, never from what was pressed."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.page.desk import Desk, Json, Part
from bot.sandbox.slack import User


def screen(_desk: Desk, _viewer: User) -> Json:
    """The step that comes next and what it aims at."""
    return {"step": "approve", "hint": "approve_hint", "aim": "approve", "customer": "Aoife Byrne"}


async def open_page(_desk: Desk, _viewer: User, _given: Mapping[str, Any]) -> None:
    """A page was opened: the first one starts the story."""


PART = Part(screen=screen, acts={"open": open_page})
