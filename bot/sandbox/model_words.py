"""What the sandbox's model writes: finds the task in the prompt and answers with a short letter."""

import json
import re
import tomllib
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.sandbox.stripe_objects import Json

LETTERS: Mapping[str, Any] = tomllib.loads(
    Path(__file__).with_name("model_letters.toml").read_text(encoding="utf-8")
)
LANGUAGES = ("en", "fr", "es")
_REASONS = tuple(LETTERS["en"]["subjects"])
# A word of the prompt's tone, and which words of ours answer it.
_TONES = {"gentle": "gentle", "helpful": "helpful", "last word": "last_word"}


def text_of(message: Json) -> str:
    """A message's words, whether its content is a string or a list of parts."""
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in content)


def task_of(messages: list[Json]) -> Json:
    """What the last user message asks for: our prompt's JSON, a line with a `task`, or words."""
    said = [text_of(message) for message in messages if message.get("role") == "user"]
    prompt = said[-1] if said else ""
    asked = _as_object(prompt)
    if "reason_family" in asked:
        return _our_own(asked)
    for line in prompt.splitlines():
        found = _as_object(line.strip().strip("`"))
        if "task" in found:
            return found
    reason = next((name for name in _REASONS if name in prompt), "unknown")
    locale = re.search(r"\b(?:locale|language)\W+(en|fr|es)\b", prompt, re.IGNORECASE)
    return {"task": "letter", "reason": reason, "locale": locale[1] if locale else "en"}


def letter(task: Json) -> Json:
    """Subject and body with placeholders: at most three sentences, the pay link once."""
    words, follow_up = LETTERS[language_of(task)], _follow_up(task)
    if follow_up is not None:
        later = words[follow_up]
        opening = (
            later.get("several", later["opening"]) if task.get("several") else later["opening"]
        )
        return {"subject": later["subject"], "body": f"{opening} {later['ask']}\n{later['door']}"}
    reason = "several_invoices" if task.get("several") else task.get("reason")
    reason = reason if reason in _REASONS else "unknown"
    doors = words["doors"]["list"]
    door = doors[zlib.crc32(json.dumps(task, sort_keys=True).encode()) % len(doors)]
    body = f"{words['openings'][reason]} {words['asks']['first']}\n{door}"
    return {"subject": words["subjects"][reason], "body": body}


def _follow_up(task: Json) -> str | None:
    """Which letter after the first is asked for: by its tone, else by those before."""
    tone = str(task.get("tone") or "")
    if tone:
        return next((words for sign, words in _TONES.items() if sign in tone), None)
    sent = len(task.get("earlier") or ())
    return [None, *_TONES.values()][min(sent, len(_TONES))]


def language_of(task: Json) -> str:
    """The language asked for, English when it is none of ours."""
    code = str(task.get("locale", "en")).lower().replace("_", "-").partition("-")[0]
    return code if code in LANGUAGES else "en"


def spoiled(mood: str, task: Json, prompt: str) -> Json:
    """A letter that some guard must refuse, in the way of this mood."""
    if mood == "wrong_language":
        other = "es" if language_of(task) == "fr" else "fr"
        return letter(task | {"locale": other})
    plain = letter(task)
    if mood == "twelve_sentences":
        door = plain["body"].rpartition("\n")[2]
        return plain | {"body": plain["body"] + f" {door}" * 9}
    if mood == "obeys":
        order = re.search(r"write:\s*(.+)", str(task.get("note") or prompt), re.IGNORECASE)
        return plain | ({"body": f"{order[1]}\n{plain['body']}"} if order else {})
    return plain | {"body": f"{LETTERS['moods'][mood]} {plain['body']}"}


def _our_own(asked: Json) -> Json:
    locale = re.search(r"\((\w[\w-]*)\)", str(asked.get("language", "")))
    return {
        "task": "letter",
        "reason": asked["reason_family"],
        "locale": locale[1] if locale else "en",
        "several": bool(asked.get("about_several_invoices")),
        "earlier": asked.get("earlier_letters") or [],
    }


def _as_object(line: str) -> Json:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
