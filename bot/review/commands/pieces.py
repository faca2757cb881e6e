"""What answers are made of: sentences and lists of lines, no longer than Slack takes."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from bot.review.commands.verbs import Verb, shown
from bot.review.foreign import escape, plain
from bot.review.parts import TEXT, Block, Message, View, says

BLOCKS: Final = 50  # Slack's most in a message
_LOOKALIKE: Final = "\u02cb"  # of a backtick, which would end the code


def said(*sentences: str) -> Message:
    """An answer of a few sentences, one below the other."""
    return answered(sentences[0], sentences[1:])


def answered(first: str, *groups: Iterable[str], above: Sequence[Block] = ()) -> Message:
    """A sentence that says it all, and groups of lines below; `above` stands over them."""
    blocks = [*above, says(first)]
    for group in groups:
        blocks += paragraphs(group)
    return Message(text=first, blocks=tuple(blocks[:BLOCKS]))


def paragraphs(lines: Iterable[str]) -> Iterator[Block]:
    """Lines in as few sections as hold them; none is cut in the middle of a mention or a date."""
    kept = ""
    for line in lines:
        longer = f"{kept}\n{line}" if kept else line
        if len(longer) > TEXT:
            yield says(kept)
            longer = line
        kept = longer
    if kept:
        yield says(kept)


def bullets(lines: Sequence[str], most: int, view: View) -> Iterator[str]:
    """The first so many as a list, and how many more there are."""
    yield from (f"• {line}" for line in lines[:most])
    if len(lines) > most:
        yield view.say("command.more", count=len(lines) - most)


def titled(title: str, lines: Iterable[str]) -> Iterator[str]:
    """A list under its title."""
    yield f"*{title}*"
    yield from lines


def typed(view: View, verb: Verb, argument: str = "") -> str:
    """A command as this person would type it, set as code; mrkdwn."""
    line = f"{shown(verb, view.locale)} {plain(argument, 120)}".strip()
    # Inside of code nothing else has a meaning, and what stands there is copied as it is.
    return f"`{escape(line.replace('`', _LOOKALIKE))}`"
