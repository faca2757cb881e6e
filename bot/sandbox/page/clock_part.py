"""Time on the page: what it is, and the buttons that let an hour, a day or a week pass.

It passes in steps, so that what is due at eleven has been done before it is noon.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.sandbox.page.desk import Desk, Json, NotNow, Part, Passing
from bot.sandbox.slack import User

# How long each is, and in how many steps it passes: hours apart, as what the bot plans is, and few
# enough for a person to wait for.
MOVES: Mapping[str, tuple[timedelta, int]] = {
    "hour": (timedelta(hours=1), 4),
    "day": (timedelta(days=1), 12),
    "week": (timedelta(days=7), 28),
}


def screen(desk: Desk, viewer: User) -> Json:
    """How far ahead of the machine's clock it is; the page lets it tick by itself."""
    passing, planned = desk.passing, next(iter(desk.plans), None)
    return {
        "ahead_ms": round(desk.houses.clock.ahead.total_seconds() * 1000),
        "zone": viewer.tz,
        "bot": desk.bot.state if desk.bot.ours or not desk.bot.is_up else "elsewhere",
        "passing": passing and {"unit": passing.unit, "done": passing.done, "of": passing.of},
        "next": planned
        and {
            "at_ms": round(planned.at.timestamp() * 1000),
            "who": planned.who,
            "what": planned.what,
        },
    }


async def move(desk: Desk, _viewer: User, given: Mapping[str, Any]) -> None:
    """Let time pass, for everybody; returns when it has."""
    unit = str(given.get("unit"))
    if unit not in MOVES:
        raise NotNow("clock.unknown")
    if not desk.bot.ours:  # it goes by the machine's clock, and would refuse what is signed later
        raise NotNow("clock.bot_elsewhere")
    if desk.passing is not None:
        raise NotNow("clock.passing_already")
    whole, steps = MOVES[unit]
    desk.passing = Passing(unit=unit, done=0, of=steps)
    try:
        await desk.bot.follow()  # what is due already is done first
        for done in range(steps):
            await _hop(desk, whole / steps)
            desk.passing = Passing(unit=unit, done=done + 1, of=steps)
        await desk.bot.follow()
    finally:
        desk.passing = None


async def _hop(desk: Desk, by: timedelta) -> None:
    """The houses first, then the bot; only then what others do at that hour: it is stamped so."""
    desk.houses.clock.move(by)
    await desk.bot.follow()
    for happening in desk.on_hop:
        await happening()


PART = Part(screen=screen, acts={"move": move})
