"""What happened to a case, as its journal has it: who did what, newest first. Pure."""

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from bot.case.ids import SYSTEM, Actor
from bot.review.parts import View, who
from bot.store.journal import Entry
from bot.words import FALLBACK, words

# Told also when the case stays where it is: a customer got a letter, or said something; and why
# nothing more can be told.
_ALWAYS: Final = frozenset({"Delivered", "Bounced", "Replied", "Forgotten"})
_HUMP: Final = re.compile(r"(?<!^)(?=[A-Z])")


def timeline(entries: Sequence[Entry], view: View) -> list[str]:
    """A line for each thing that a person did or that moved the case; mrkdwn."""
    return [_line(one, view) for one in reversed(entries) if _worth_telling(one)]


def _worth_telling(entry: Entry) -> bool:
    moved = entry.state_before != entry.state_after
    return moved or entry.sequence == 1 or entry.who != SYSTEM or entry.event in _ALWAYS


def _line(entry: Entry, view: View) -> str:
    what = view.say(f"timeline.{_key(entry)}", who=who(view, Actor(entry.who)))
    if entry.refused is not None:
        what = view.say("timeline.in_vain", what=what)
    elif entry.state_before != entry.state_after:
        state = view.say(f"state.{entry.state_after}")
        what = view.say("timeline.became", what=what, state=state)
    return view.say("timeline.line", when=view.when(entry.at), what=what)


def _key(entry: Entry) -> str:
    """The words for what happened; some need what the event said, which may be erased."""
    if entry.sequence == 1:
        return "reported"
    name = _HUMP.sub("_", entry.event).lower()
    if f"timeline.{name}" in words(FALLBACK):
        return name
    if entry.text is None:
        return "something"
    return _of_several(name, json.loads(entry.text))


def _of_several(name: str, told: dict[str, Any]) -> str:
    match name:
        case "settled":
            return "settled_yes" if told.get("arrived") else "settled_no"
        case "rerouted":
            return f"rerouted_{told.get('verdict')}"
        case "owned" if told.get("owner"):
            return "owned_handed"
        case "owned":
            return "owned_contacted" if told.get("contacted") else "owned_taken"
        case _:
            return "something"
