"""The page's part: clock."""

from bot.sandbox.page.desk import Desk, Json, Part
from bot.sandbox.slack import User


def screen(desk: Desk, viewer: User) -> Json:
    """What stands there now."""
    return {"viewer": viewer.id, "up": desk.bot.is_up}


PART = Part(screen=screen, acts={})
