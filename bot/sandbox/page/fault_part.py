"""What can go wrong, switched on and off by hand: houses that are down, a bot that is killed."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox.page.desk import Desk, Json, NotNow, Part
from bot.sandbox.page.resident import State, Why
from bot.sandbox.slack import Fault, User
from bot.sandbox.slack_faults import EVERY_METHOD

SLACK_DOWN = Fault(status=503)
SLACK_BUSY = Fault(retry_after=20)
MAIL_DOWN = "421 4.3.2 Closing: out of order"
SLOW_SECONDS = 8.0  # of the clock; the bot waits for 20
# What becomes of the model's answers; None: it writes as it should.
MOODS: Mapping[str, str | None] = {
    "sensible": None,
    "slow": "slow",
    "silent": "hang",
    "broken": "not_json",
    "malicious": "foreign_link",
}
LINES_SHOWN = 6


def screen(desk: Desk, _viewer: User) -> Json:
    """What is on, how the model feels, and how the bot is; its last words when it is down."""
    bot = desk.bot
    unwell = bot.state is State.DOWN and bot.why in {Why.DIED, Why.HUNG}
    return {
        "on": sorted(desk.troubles),
        "mood": "real" if _is_real(desk) else desk.mood,
        "bot": bot.state,
        "why": bot.why,
        "log": list(bot.log)[-LINES_SHOWN:] if unwell else [],
    }


def _slack(fault: Fault) -> "Switch":
    def switch(desk: Desk, on: bool) -> None:
        desk.houses.slack.faults.remove(fault)
        if on:
            desk.houses.slack.fault(EVERY_METHOD, fault, times=None)

    return switch


def _shared(desk: Desk, on: bool) -> None:
    """Another company is let into the review channel, and one of its people is there."""
    review, stranger = desk.houses.review, desk.stranger.id
    review.is_ext_shared = on
    review.members[:] = [one for one in review.members if one != stranger]
    if on:
        review.members.append(stranger)


def _stripe_down(desk: Desk, on: bool) -> None:
    desk.houses.stripe.heal()
    if on:
        desk.houses.stripe.fault("500", times=None)


def _mail_down(desk: Desk, on: bool) -> None:
    desk.houses.mailbox.heal()
    if on:
        desk.houses.mailbox.refuse("MAIL", MAIL_DOWN, times=None)


def _kill_between(desk: Desk, on: bool) -> None:
    """Once: the next mail is kept, and the bot is dead before it can learn of that."""
    _is_ours(desk)

    async def struck() -> None:
        desk.houses.mailbox.on_kept = None
        desk.troubles.discard("kill_between")
        await desk.bot.kill()

    desk.houses.mailbox.on_kept = struck if on else None


Switch = Callable[[Desk, bool], None]
SWITCHES: Mapping[str, Switch] = {
    "slack_down": _slack(SLACK_DOWN),
    "slack_busy": _slack(SLACK_BUSY),
    "slack_shared": _shared,
    "stripe_down": _stripe_down,
    "mail_down": _mail_down,
    "kill_between": _kill_between,
}


async def switch(desk: Desk, _viewer: User, given: Mapping[str, Any]) -> None:
    """Begin or end a trouble by its name. Idempotent."""
    name, on = str(given.get("name")), given.get("on") is True
    if name not in SWITCHES:
        raise NotNow("faults.unknown")
    SWITCHES[name](desk, on)
    (desk.troubles.add if on else desk.troubles.discard)(name)


async def mood(desk: Desk, _viewer: User, given: Mapping[str, Any]) -> None:
    """Let the model be in a mood from now on."""
    wanted = str(given.get("mood"))
    if wanted not in MOODS:
        raise NotNow("faults.unknown")
    if _is_real(desk):
        raise NotNow("faults.real_model")
    desk.mood = wanted
    desk.houses.model.heal()
    if (kind := MOODS[wanted]) is not None:
        desk.houses.model.fault(kind, times=None, seconds=SLOW_SECONDS)


async def start(desk: Desk, _viewer: User, _given: Mapping[str, Any]) -> None:
    """Start the bot, unless it runs."""
    _is_ours(desk)
    if not await desk.bot.start():
        raise NotNow("faults.no_start")


async def restart(desk: Desk, _viewer: User, _given: Mapping[str, Any]) -> None:
    """End the bot in order, as a deploy does, and start it again."""
    _is_ours(desk)
    if not await desk.bot.restart():
        raise NotNow("faults.no_start")


async def stop(desk: Desk, _viewer: User, _given: Mapping[str, Any]) -> None:
    """End the bot in order."""
    _is_ours(desk)
    await desk.bot.stop()


async def kill(desk: Desk, _viewer: User, _given: Mapping[str, Any]) -> None:
    """End the bot as a power cut does."""
    _is_ours(desk)
    await desk.bot.kill()


def _is_ours(desk: Desk) -> None:
    """Only who started a bot can end it, and start it again."""
    if not desk.bot.ours:
        raise NotNow("faults.bot_elsewhere")


def _is_real(desk: Desk) -> bool:
    """Whether letters are written by a model that is none of our houses."""
    return desk.bot.settings.get("OPENAI_BASE_URL") != desk.houses.model.base_url


ACTS = {
    "set": switch,
    "mood": mood,
    "start": start,
    "restart": restart,
    "stop": stop,
    "kill": kill,
}
PART = Part(screen=screen, acts=ACTS)
