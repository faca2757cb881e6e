"""A look at how far the set-up is: what Slack and Stripe say of it, within a few seconds."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Final, TypeVar

from bot.clock import Clock
from bot.config import Config
from bot.doctor import slack, stripe
from bot.doctor.finding import Finding, State
from bot.errors import ChannelTrouble
from bot.review.client import slack_client
from bot.setup import people
from bot.setup.people import Person, Room
from bot.setup.steps import Step, steps

SECONDS: Final = 4.0  # for a check, and again for those after it: nobody waits longer for a page
# Slack lets few connections be opened in a minute, and news that was lost is no matter yet.
_LEFT_OUT: Final = frozenset({"slack.app_token", "stripe.undelivered"})

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What Slack can be chosen from. `rooms` is None when Slack did not say.

    `members` and `groups` are those of the channel that was `picked`, and `more` so many besides.
    """

    rooms: tuple[Room, ...] | None = None
    picked: Room | None = None
    members: tuple[Person, ...] = ()
    groups: tuple[Person, ...] = ()
    more: int = 0


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What was seen: the steps, and from what a channel and people can be chosen."""

    steps: tuple[Step, ...]
    choice: Choice
    slack_works: bool
    stripe_works: bool


async def looked(
    config: Config, clock: Clock, *, picked: str = "", within: float = SECONDS
) -> Sight:
    """Ask Slack and Stripe; `picked` is a channel's id or name. Never raises for what they do."""
    channel = picked or config.review_channel or ""
    of_slack, of_stripe, choice = await asyncio.gather(
        slack.examined(config, clock, within=within, left_out=_LEFT_OUT),
        stripe.examined(config, clock, within=within, left_out=_LEFT_OUT),
        choices(config, clock, picked=channel, within=within),
    )
    return Sight(
        steps=steps(config, [*of_slack, *of_stripe]),
        choice=choice,
        slack_works=_works(of_slack, "slack.token"),
        stripe_works=_works(of_stripe, "stripe.key"),
    )


async def choices(config: Config, clock: Clock, *, picked: str, within: float = SECONDS) -> Choice:
    """The channels, and who is in the one that was picked."""
    if not config.slack_bot_token:
        return Choice()
    async with slack_client(config.slack_bot_token, config.slack_api_url, clock) as client:
        rooms = await _in_time(people.rooms(client), within)
        named = picked.removeprefix("#")
        room = next((one for one in rooms or () if named in {one.id, one.name}), None)
        if room is None or room.unfit:
            return Choice(rooms=rooms)
        found, groups = await asyncio.gather(
            _in_time(people.members(client, room.id), within),
            _in_time(people.groups(client), within),
        )
    members, more = found or ((), 0)
    return Choice(rooms=rooms, picked=room, members=members, groups=groups or (), more=more)


async def _in_time(asking: Awaitable[_T], within: float) -> _T | None:
    """What Slack says, or None: that it says nothing is told by the checks."""
    try:
        async with asyncio.timeout(within):
            return await asking
    except (TimeoutError, ChannelTrouble):
        return None


def _works(findings: list[Finding], name: str) -> bool:
    return any(one.name == name and one.verdict.state is State.OK for one in findings)
