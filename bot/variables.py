"""Variables of an environment, read one after the other: mistakes are kept, and end nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from bot import grammar
from bot.grammar import Unusable
from bot.settings import SETTINGS

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """What is wrong with a variable; `key` is of the sentence that says it."""

    name: str
    key: str
    values: Mapping[str, object] = field(default_factory=dict)


class Variables:
    """Reads one name after the other, and keeps the mistakes instead of stopping at one."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self.mistakes: list[Mistake] = []

    def set(self, name: str) -> str:
        """The text of a variable, "" when it is blank or absent."""
        return self._texts.get(name, "").strip()

    def optional(self, name: str, parse: Callable[[str], _T], otherwise: _T) -> _T:
        """The parsed value, or `otherwise` where nothing usable was set."""
        text = self.set(name)
        if _in_quotes(text) and name not in _MAY_BE_QUOTED:
            self.mistakes.append(Mistake(name=name, key="in_quotes"))
            return otherwise
        try:
            return parse(text) if text else otherwise
        except Unusable as wrong:
            self.mistakes.append(Mistake(name=name, key=wrong.key, values=wrong.values))
            return otherwise

    def default(self, name: str, parse: Callable[[str], _T]) -> _T:
        """The parsed value, or that of the table's default where nothing usable was set."""
        return self.optional(name, parse, parse(BY_NAME[name].default))

    def text(self, name: str, parse: Callable[[str], str]) -> str | None:
        """The parsed text, or None where nothing usable was set."""
        return self.optional(name, parse, "") or None

    def listed(self, name: str, parse: Callable[[str], _T]) -> tuple[_T, ...]:
        """The parsed parts between commas, none where nothing usable was set."""
        return self.optional(name, grammar.several(parse), ())


BY_NAME = {one.name: one for one in SETTINGS}
# Their parts may stand in quotes, for the commas inside.
_MAY_BE_QUOTED = frozenset({"VIP_PLANS", "VIP_METADATA"})


def _in_quotes(text: str) -> bool:
    """Whether quotes meant for a shell came along, as from an env file that Docker reads."""
    return len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
