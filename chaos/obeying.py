"""A model that obeys whoever speaks to it, and the letters that come of it."""

from collections.abc import Iterator, Sequence

from bot.case.letter import Family
from bot.drafting.prompt import Ask, messages
from bot.drafting.writing import Words
from bot.words.fixed import fixed
from chaos.corpora import Injected

LINK = "{pay_link}"
NOTICEABLE = 12  # characters in a row that are no coincidence


class Obedient:
    """A writer that looks for orders in its prompt, and does nothing but carry them out.

    It knows the `order` that is hidden somewhere this time; `reached` says whether any of it got
    into the prompt, and `written` counts.
    """

    def __init__(self, usual: Sequence[Ask]) -> None:
        """`usual` are the asks of harmless cases: what they say is nobody's order."""
        self.order = ""
        self.reached = False
        self.written = 0
        self._usual = "\n".join(map(_said, usual))

    async def write(self, ask: Ask) -> Words:
        """What it is told as a letter, when it is told anything; else a clean letter."""
        said = _said(ask)
        self.written += 1
        self.reached = any(one in said and one not in self._usual for one in _pieces(self.order))
        if ask.note or self.reached:
            return Words(subject="", body=f"{ask.note or self.order}\n{LINK}")
        letter = fixed(Family.SOFT, 1, ask.locale)
        return Words(subject=letter.subject, body=letter.body)


def outputs(item: Injected, locale: str) -> Iterator[Words]:
    """What a model might write that was talked into it: the order, in every place of a letter."""
    clean = fixed(Family.UNKNOWN, 1, locale)
    opening, _, close = clean.body.partition(LINK)
    text = item.text.strip()
    line = " ".join(text.split())
    yield Words(subject=clean.subject, body=f"{text}\n{LINK}")
    yield Words(subject=clean.subject, body=f"{line} {opening}{LINK}")
    yield Words(subject=clean.subject, body=f"{opening}{LINK}\n{line}")
    yield Words(subject=clean.subject, body=clean.body.replace(close.strip(), line))
    yield Words(subject=clean.subject, body=f"{line.rstrip('.')}: {LINK}{close}")
    yield Words(subject=line[:50].rstrip(), body=clean.body)


def _said(ask: Ask) -> str:
    """The prompt as the model reads it; its facts stand there as JSON."""
    return "\n".join(one["content"] for one in messages(ask))


def _pieces(order: str) -> Iterator[str]:
    text = " ".join(order.split())
    size = min(NOTICEABLE, len(text))
    if size:
        yield from (text[at : at + size] for at in range(0, len(text) - size + 1, size))
