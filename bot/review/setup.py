"""Whether Slack can be used as it is set up: asked again and again, and each change logged once."""

from collections.abc import Awaitable, Mapping
from logging import ERROR
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.errors import ChannelTrouble
from bot.log import tell
from bot.review.rooms import Rooms
from bot.review.scopes import NEEDED

# The name of a setting, and Slack's code for what is wrong with it.
Trouble = tuple[str, str]
# What Slack said about each setting that was asked about; None: that it is fine.
Answers = Mapping[str, ChannelTrouble | None]

SOON: Final = 60.0  # seconds until the next look while something is wrong or unknown
SELDOM: Final = 15 * 60.0  # and while all is fine
TOKEN: Final = "SLACK_BOT_TOKEN"  # noqa: S105 - a setting's name
ADDRESS: Final = "SLACK_API_URL"
# Nobody is there who talks as Slack does. Once Slack answered, it is Slack's trouble.
OF_THE_ADDRESS: Final = frozenset({"no_answer", "not_slack"})
# https://docs.slack.dev/reference/methods/auth.test#errors: said of a channel, meant for the token.
OF_THE_TOKEN: Final = frozenset(
    {"invalid_auth", "not_authed", "token_expired", "token_revoked", "account_inactive"}
    | {"missing_scope"}
)


class Setup:
    """The token and the channels; `channels` are those set, by the setting's name."""

    def __init__(self, client: AsyncWebClient, clock: Clock, channels: Mapping[str, str]) -> None:
        self._client = client
        self._clock = clock
        self._channels = channels
        self._reached = False
        self.troubles: tuple[Trouble, ...] = ()

    async def watch(self) -> None:
        """Look now, every minute until all is fine, and then every quarter of an hour."""
        while True:
            answers = await self._asked()
            self._conclude(verdict(answers, self.troubles))
            await self._clock.sleep(SOON if any(answers.values()) else SELDOM)

    async def _asked(self) -> Answers:
        # Rooms of its own: those that cards are posted by remember what they once found.
        rooms = Rooms(self._client, self._clock)
        token = await _trouble(_usable(rooms))
        if token and token.code in OF_THE_ADDRESS and not self._reached:
            return {ADDRESS: ChannelTrouble(token.code, permanent=True)}
        self._reached = True
        if token:
            return {TOKEN: token}
        channels = {name: await _trouble(rooms.safe(room)) for name, room in self._channels.items()}
        return {TOKEN: None, **channels}

    def _conclude(self, troubles: tuple[Trouble, ...]) -> None:
        before, self.troubles = self.troubles, troubles
        tell_changes(before, troubles)


def tell_changes(before: tuple[Trouble, ...], troubles: tuple[Trouble, ...]) -> None:
    """Log each trouble that is new, and each that is over."""
    for name, code in troubles:
        if (name, code) not in before:
            tell("slack_setting_wrong", level=ERROR, name=name, code=code)
    for name, code in before:
        if (name, code) not in troubles:
            tell("slack_setting_mended", name=name, code=code)


def verdict(answers: Answers, before: tuple[Trouble, ...]) -> tuple[Trouble, ...]:
    """Which settings are wrong, each trouble once. Pure.

    A trouble that passes (no answer, a rate limit) says nothing about settings: as long as there
    is one, what was known before still stands.
    """
    refused = [(name, trouble) for name, trouble in answers.items() if trouble]
    found = [
        (TOKEN if trouble.code in OF_THE_TOKEN else name, trouble.code)
        for name, trouble in refused
        if trouble.permanent
    ]
    passing = any(not trouble.permanent for _, trouble in refused)
    return tuple(dict.fromkeys([*(before if passing else ()), *found]))


async def _usable(rooms: Rooms) -> None:
    """Raises ChannelTrouble when the token is not one that works, or may not do what we need."""
    home = await rooms.home()
    if home.scopes is not None and not home.scopes >= NEEDED:
        raise ChannelTrouble("missing_scope", permanent=True)


async def _trouble(asking: Awaitable[object]) -> ChannelTrouble | None:
    try:
        await asking
    except ChannelTrouble as trouble:
        return trouble
    return None
