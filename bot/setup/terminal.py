"""`python -m bot setup`: the steps in a terminal, at any time; it asks where somebody can answer.

It never asks for a secret and writes no file: what it comes to is lines to set.
"""

import argparse
import asyncio
import re
import secrets
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.clock import Clock, SystemClock
from bot.config import Config
from bot.doctor import report
from bot.doctor.finding import Finding, State
from bot.errors import BillingTrouble
from bot.setup import endpoint, look, overview, trial
from bot.setup.bodies import Chosen, decided
from bot.setup.look import Sight
from bot.setup.overview import plain
from bot.setup.people import Person, Room
from bot.setup.steps import Progress

Ask = Callable[[str], str]
Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the flags say. `base` is our own address, for the endpoint; None: none is to be made.

    `channel` is an id or a name, "" for the one that is set.
    """

    base: str | None = None
    card: bool = False
    mail: bool = False
    channel: str = ""

    @property
    def are_some(self) -> bool:
        """Whether something is to be done at once, and nothing asked."""
        return self.base is not None or self.card or self.mail


def run(config: Config, asked: argparse.Namespace) -> bool:
    """The command: questions where somebody sits at a terminal and no flag says what to do."""
    wishes = Wishes(
        base=None if asked.make_endpoint is None else asked.make_endpoint.rstrip("/"),
        card=asked.test_card,
        mail=asked.test_mail,
        channel=asked.channel,
    )
    ask = _typed if sys.stdin.isatty() else None
    return Terminal(config, SystemClock(), ask=ask, tell=print).run(wishes)


class Terminal:
    """One run. `ask` is None where nobody can answer."""

    def __init__(self, config: Config, clock: Clock, *, ask: Ask | None, tell: Tell) -> None:
        self._config = config
        self._clock = clock
        self._ask = ask
        self._tell = tell

    def run(self, wishes: Wishes) -> bool:
        """Whether all that was wished for was done; without a wish, whether nothing is left to do.

        Each call outside is a loop of its own: a question waits for a person, and Ctrl-C ends it.
        """
        if wishes.are_some:
            return all(self._wished(wishes))
        sight = asyncio.run(look.looked(self._config, self._clock, picked=wishes.channel))
        for line in overview.steps(sight.steps, self._config):
            self._tell(line)
        if self._ask is not None:
            self._converse(sight, self._ask)
        left = {Progress.OPEN, Progress.WRONG}
        return not any(one.progress in left for one in sight.steps)

    def _wished(self, wishes: Wishes) -> list[bool]:
        done: list[bool] = []
        if wishes.base is not None:
            done.append(self._make_endpoint(wishes.base or self._config.public_url))
        if wishes.card:
            done.append(self._post_card(wishes.channel or self._config.review_channel))
        if wishes.mail:
            done.append(self._send_mail())
        return done

    def _converse(self, sight: Sight, ask: Ask) -> None:
        config = self._config
        url = config.public_url
        is_to_be_made = sight.stripe_works and not config.stripe_webhook_secrets
        if url and is_to_be_made and self._agrees(ask, "ask.endpoint", url=endpoint.address(url)):
            self._make_endpoint(url)
        room = self._choose(sight, ask) if sight.slack_works else None
        channel = room.name if room else config.review_channel
        if sight.slack_works and channel and self._agrees(ask, "ask.card", channel=channel):
            self._post_card(room.id if room else channel)
        to = trial.recipient(config)
        if config.mail_url and to and self._agrees(ask, "ask.mail", address=to):
            self._send_mail()

    def _choose(self, sight: Sight, ask: Ask) -> Room | None:
        """A channel and people by their names; the lines to set for them."""
        rooms = [one for one in sight.choice.rooms or () if one.unfit is None]
        if not rooms:
            self._say("channel.none")
            return None
        picked = self._picked(ask, "ask.channel", [f"#{one.name}" for one in rooms], most=1)
        if not picked:
            return None
        room = rooms[picked[0]]
        found = asyncio.run(look.choices(self._config, self._clock, picked=room.id))
        people = [one for one in found.members + found.groups if one.unfit is None]
        chosen = self._people(ask, people)
        for line in overview.to_set(self._config, decided(room, tuple(people), chosen)):
            self._tell(line)
        return room

    def _people(self, ask: Ask, people: Sequence[Person]) -> Chosen:
        names = [one.name for one in people]
        approvers = self._picked(ask, "ask.approvers", names, most=len(names))
        manager = self._picked(ask, "ask.manager", names, most=1)
        return Chosen(
            approvers=frozenset(people[one].id for one in approvers),
            manager=people[manager[0]].id if manager else "",
        )

    def _make_endpoint(self, base: str | None) -> bool:
        config = self._config
        if not config.stripe_api_key or not base:
            self._say("ask.no_address" if config.stripe_api_key else "ask.no_key")
            return False
        url, once = endpoint.address(base), secrets.token_urlsafe(16)
        try:
            made = asyncio.run(endpoint.made(config, self._clock, url, once))
        except BillingTrouble as trouble:
            known = trouble.code in {"permission", "url_invalid"}
            self._say(f"endpoint.{trouble.code if known else 'trouble'}", code=trouble.code)
            return False
        self._say("endpoint.there" if made.secret is None else "endpoint.made")
        if made.secret is None:
            return bool(config.stripe_webhook_secrets)
        for line in overview.to_set(config, {"STRIPE_WEBHOOK_SECRET": made.secret}):
            self._tell(line)
        return True

    def _post_card(self, channel: str | None) -> bool:
        if not channel:
            self._say("ask.no_channel")
            return False
        url = self._config.public_url
        place = urlsplit(url).netloc if url else socket.gethostname()
        found = asyncio.run(trial.card(self._config, self._clock, channel, place))
        return self._found(found, "trial.card_done")

    def _send_mail(self) -> bool:
        to = trial.recipient(self._config)
        if not self._config.mail_url or not to:
            self._say("ask.no_mail")
            return False
        found = asyncio.run(trial.mail(self._config, self._clock))
        if found is None:
            self._say("trial.mail_unclear", address=to)
            return False
        return self._found(found, "trial.mail_done", address=to)

    def _found(self, found: Finding, done: str, **values: object) -> bool:
        if found.verdict.state is State.OK:
            self._say(done, **values)
            return True
        locale = self._config.locale
        self._tell(report.sentence(found, locale))
        if remedy := report.remedy(found, locale):
            self._tell(f"→ {remedy}")
        return False

    def _agrees(self, ask: Ask, key: str, **values: object) -> bool:
        """Only a plain yes is one: in English too, whatever the language."""
        answer = ask(f"{plain(self._config.locale, key, **values)} ").strip().lower()[:1]
        return answer in {"y", plain(self._config.locale, "ask.yes")}

    def _picked(self, ask: Ask, key: str, names: Sequence[str], *, most: int) -> list[int]:
        """Which of these were named by their numbers; asked again until it can be understood."""
        for number, name in enumerate(names, 1):
            self._tell(f"    {number}) {name}")
        while True:
            words = re.split(r"[\s,;]+", ask(f"{plain(self._config.locale, key)} ").strip())
            given = [one for one in words if one]
            known = [int(one) - 1 for one in given if one.isascii() and one.isdigit()]
            if len(known) == len(given) <= most and all(0 <= one < len(names) for one in known):
                return known

    def _say(self, key: str, **values: object) -> None:
        self._tell(plain(self._config.locale, key, **values))


def _typed(question: str) -> str:
    """What somebody answers; nothing more where the input ends."""
    try:
        return input(question)
    except EOFError:
        sys.stdout.write("\n")
        return ""
