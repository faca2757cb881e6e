"""The steps as lines for a terminal. Pure."""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Final

from bot.billing import API_VERSION
from bot.config import Config
from bot.doctor import report
from bot.doctor.stripe import READ
from bot.intake.translate import TAKEN
from bot.setup import lines, links
from bot.setup.endpoint import address, is_reachable, listening
from bot.setup.steps import Progress, Step
from bot.words import say

WIDTH: Final = 100
_INDENT: Final = "    "
_SIGNS: Final = {
    Progress.DONE: "✓",
    Progress.OPEN: " ",
    Progress.WRONG: "!",
    Progress.LOOK: " ",
}
_LETTERS: Final = ("company", "sender", "url", "test", "model")
_LAST: Final = ("slack", "doctor", "stripe_mails", "payment")
_SOMEWHERE: Final = "https://YOUR-APP.herokuapp.com"


def plain(locale: str, key: str, /, **values: object) -> str:
    """The page's words."""
    return say(locale, f"setup.{key}", **values)


def steps(found: tuple[Step, ...], config: Config) -> Iterator[str]:
    """Each step with its state; what is still to do with how, what is done in one line."""
    locale = config.locale
    for number, one in enumerate(found, 1):
        yield f"[{_SIGNS[one.progress]}] {number}. {plain(locale, f'{one.name}.title')}"
        if one.missing:
            yield from _folded(plain(locale, "missing", names=", ".join(one.wanted)))
        for finding in one.findings:
            yield from _folded(report.sentence(finding, locale))
            if remedy := report.remedy(finding, locale):
                yield from _folded(f"→ {remedy}")
        if one.missing or one.name == "last":
            yield from _how(one.name, config)
        yield ""


def to_set(config: Config, values: Mapping[str, str]) -> Iterator[str]:
    """Settings as they are typed where the program runs."""
    typed = lines.heroku(values) if config.on_heroku else lines.dotenv(values)
    yield plain(config.locale, "set_heroku" if config.on_heroku else "set_file")
    yield from (f"{_INDENT}{line}" for line in typed.splitlines())


def _how(name: str, config: Config) -> Iterator[str]:
    locale = config.locale
    match name:
        case "slack":
            yield from _told(locale, "slack.about")
            yield f"{_INDENT}{links.slack_app()}"
            yield from _told(locale, "slack.app_token", "slack.bot_token", "slack.secret")
        case "stripe":
            yield from _told(locale, "stripe.about")
            yield f"{_INDENT}{links.stripe_key()}"
            yield from _folded(plain(locale, "stripe.read", kinds=", ".join(READ)))
            yield from _folded(plain(locale, "stripe.write", kinds=links.ENDPOINTS))
            yield from _told(locale, "stripe.key")
        case "endpoint":
            yield from _endpoint(config)
        case "channel":
            yield from _told(locale, "channel.about")
        case "letters":
            yield from _told(locale, *(f"letters.{one}" for one in _LETTERS))
        case "last":
            yield from _told(locale, *(f"last.{one}" for one in _LAST))


def _endpoint(config: Config) -> Iterator[str]:
    locale = config.locale
    yield from _folded(plain(locale, "endpoint.about", count=len(TAKEN)))
    if config.public_url is None or not is_reachable(config.public_url):
        yield from _told(locale, "endpoint.here")
        yield f"{_INDENT}{listening(config.port)}"
    yield from _folded(plain(locale, "endpoint.hand", version=API_VERSION))
    yield f"{_INDENT}{address(config.public_url or _SOMEWHERE)}"
    yield from _folded(", ".join(TAKEN))


def _told(locale: str, *keys: str) -> Iterator[str]:
    for key in keys:
        yield from _folded(plain(locale, key))


def _folded(text: str) -> list[str]:
    return textwrap.wrap(
        report.unbroken(text),
        width=WIDTH,
        initial_indent=_INDENT,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
