"""What cards are made of: what is known when one is drawn, and small blocks.

Limits: https://docs.slack.dev/reference/block-kit/blocks.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.case.ids import POLICY, SYSTEM, Actor
from bot.case.standing import Standing
from bot.foreign_text import clip
from bot.review.foreign import escape, inert
from bot.words import say
from bot.words.numbers import moment

Block = dict[str, Any]

SECTION: Final = 3000
HEADER: Final = 150
BUTTON: Final = 75
TEXT: Final = 3000


@dataclass(frozen=True, kw_only=True)
class Message:
    """A Slack message: `text` is a full sentence for notifications and screen readers."""

    text: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, kw_only=True)
class Manager:
    """Who looks after a customer: a mention for Slack, or None.

    `fallback` is the words' key for why it isn't the one (`named`) to whom a person handed the
    customer over, or whom its metadata names.
    """

    mention: str | None
    fallback: str | None = None
    named: str | None = None


@dataclass(frozen=True, kw_only=True)
class View:
    """What a card shows besides the case. `now` is UTC, `zone` an IANA name.

    `subject` and `letter_text` are the letter exactly as it would leave, with the kind of link in
    the link's place, and `seen` is its fingerprint; None while there is no letter. `paused` says
    whether approved letters are held back.
    """

    locale: str
    company: str
    zone: str
    now: datetime
    standing: Standing = field(default_factory=Standing)
    subject: str | None = None
    letter_text: str | None = None
    seen: str | None = None
    test_recipient: str | None = None
    dashboard: str = "https://dashboard.stripe.com"
    manager: Manager | None = None
    rules: int = 1
    paused: bool = False

    def say(self, key: str, /, **values: object) -> str:
        """Words in the channel's language."""
        return say(self.locale, key, **values)

    def when(self, at: datetime) -> str:
        """A moment that each viewer reads in their own time; mrkdwn."""
        return self._date(at, "{date_short_pretty} {time}")

    def exactly(self, at: datetime) -> str:
        """The same with seconds and without a day."""
        return self._date(at, "{time_secs}")

    def _date(self, at: datetime, form: str) -> str:
        fallback = moment(self.locale, at, self.zone).replace("\u202f", " ")
        zone = at.astimezone(ZoneInfo(self.zone)).tzname() or self.zone
        return f"<!date^{int(at.timestamp())}^{form}|{escape(fallback)} {escape(zone)}>"


def who(view: View, actor: Actor | None) -> str:
    """A person as a mention (the reader's Slack shows the name), anything else as words; mrkdwn."""
    if actor is None:
        return view.say("who.somebody")
    if actor.startswith("slack:"):
        return f"<@{inert(actor.rsplit(':', 1)[-1])}>"
    known = {POLICY: "who.policy", SYSTEM: "who.system"}
    return view.say(known.get(actor, "who.terminal"))


def header(text: str) -> Block:
    """The large line; plain text."""
    return {"type": "header", "text": literal(clip(text, HEADER))}


def literal(text: str) -> Block:
    """A plain_text object in which nothing has a meaning, not even :shortcodes:."""
    return {"type": "plain_text", "text": text, "emoji": False}


def mrkdwn(text: str) -> Block:
    """A mrkdwn object; `verbatim`: Slack makes no links of its own in it."""
    return {"type": "mrkdwn", "text": clip(text, TEXT), "verbatim": True}


def says(text: str) -> Block:
    """A paragraph with dates and mentions in it."""
    return {"type": "section", "text": mrkdwn(text)}


def shows(text: str) -> Iterator[Block]:
    """A foreign text to the letter, never folded away, in as many sections as it needs."""
    rest = text or " "
    while rest:
        cut = len(rest) if len(rest) <= SECTION else _line_end(rest)
        part, rest = rest[:cut], rest[cut:]
        yield {"type": "section", "text": literal(part.strip("\n") or " "), "expand": True}


def context(*texts: Block) -> Block:
    """A small grey line."""
    return {"type": "context", "elements": list(texts)}


def actions(block_id: str, *buttons: Block) -> Block:
    """A row of buttons."""
    return {"type": "actions", "block_id": block_id, "elements": list(buttons)}


def button(
    name: str,
    label: str,
    value: str,
    style: str | None = None,
    confirm: Block | None = None,
) -> Block:
    """A button that sends `value` back under the action id `name`, after `confirm` if given."""
    made: Block = {"type": "button", "action_id": name, "text": literal(clip(label, BUTTON))}
    made |= {"value": value}
    made |= {"style": style} if style else {}
    return made | ({"confirm": confirm} if confirm else {})


def menu(name: str, *options: Block) -> Block:
    """The three dots: what is needed now and then. Slack takes five options at most."""
    return {"type": "overflow", "action_id": name, "options": list(options)}


def choice(label: str, value: str, url: str | None = None) -> Block:
    """A menu's option; with `url` it opens a page."""
    made: Block = {"text": literal(clip(label, BUTTON)), "value": value}
    return made | ({"url": url} if url else {})


def confirm(title: str, text: str, yes: str, no: str) -> Block:
    """What Slack asks before it sends a press."""
    return {
        "title": literal(title),
        "text": literal(text),
        "confirm": literal(yes),
        "deny": literal(no),
    }


DIVIDER: Final[Block] = {"type": "divider"}


def _line_end(text: str) -> int:
    found = text.rfind("\n", 1, SECTION)
    return found if found > 0 else SECTION
