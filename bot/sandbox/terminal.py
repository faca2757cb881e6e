"""How the story looks: 80 columns, headed scenes, frames; colour only where one may see it."""

import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, TextIO

WIDTH: Final = 80
_MARGIN: Final = "  "
_WHERE: Final = 8
_NAME: Final = 17
_TEXT: Final = 21  # the column where a line's words begin: margin, time, place
_INSIDE: Final = WIDTH - 2 * len(_MARGIN) - 4

BOLD, DIM, RED, GREEN = "1", "2", "1;31", "32"
_COLOURS: Final = {"Stripe": "35", "Slack": "36", "Model": "34", "Mailbox": "33", "Journal": "32"}


class Screen:
    """Writes to a terminal or a file; every line goes out at once."""

    def __init__(self, out: TextIO, *, colour: bool) -> None:
        self._out = out
        self._colour = colour

    def title(self, text: str) -> None:
        """The first line of all."""
        self._line(self._in(BOLD, text))

    def heading(self, text: str) -> None:
        """A scene begins."""
        self._line("")
        for line in wrapped(text, WIDTH):
            self._line(self._in(BOLD, line))
        self._line(self._in(DIM, "─" * WIDTH))

    def paragraph(self, text: str) -> None:
        """A few sentences, after an empty line."""
        self._line("")
        for line in wrapped(text, WIDTH - 2 * len(_MARGIN)):
            self._line(f"{_MARGIN}{line}")

    def pairs(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Names and values, one below the other, after an empty line."""
        self._line("")
        for name, value in pairs:
            first, *rest = wrapped(value, WIDTH - len(_MARGIN) - _NAME)
            self._line(f"{_MARGIN}{name:<{_NAME}}{first}")
            for line in rest:
                self._line(f"{_MARGIN}{' ' * _NAME}{line}")

    def said(self, at: datetime | None, where: str, text: str) -> None:
        """One thing that happened: when by the sandbox's clock, where, what."""
        time = f"{at.astimezone(UTC):%H:%M:%S}" if at else ""
        first, *rest = wrapped(text, WIDTH - _TEXT) or [""]
        place = self._in(_COLOURS.get(where, BOLD), f"{where:<{_WHERE}}")
        self._line(f"{_MARGIN}{self._in(DIM, f'{time:<8}')}  {place} {first}")
        for line in rest:
            self._line(f"{' ' * _TEXT}{line}")

    def beneath(self, lines: Sequence[str]) -> None:
        """What a message says, beside a bar, under the line that announced it."""
        bar = self._in(DIM, "│")
        for text in lines:
            for line in wrapped(text, WIDTH - _TEXT - 2):
                self._line(f"{' ' * _TEXT}{bar} {line}")

    def frame(self, name: str, text: str) -> None:
        """A whole message or mail in a box."""
        top = f"┌─ {name} "
        self._line(_MARGIN + self._in(DIM, f"{top}{'─' * (_INSIDE + 3 - _columns(top))}┐"))
        bar = self._in(DIM, "│")
        for paragraph in text.splitlines():
            if paragraph == "---":
                self._line(_MARGIN + self._in(DIM, f"├{'─' * (_INSIDE + 2)}┤"))
                continue
            for line in wrapped(paragraph, _INSIDE) or [""]:
                fill = " " * (_INSIDE - _columns(line))
                self._line(f"{_MARGIN}{bar} {line}{fill} {bar}")
        self._line(_MARGIN + self._in(DIM, f"└{'─' * (_INSIDE + 2)}┘"))

    def check(self, claim: str, complaints: Sequence[str]) -> None:
        """A line of the audit, with what disagrees beneath it."""
        mark = self._in(RED, "DIFFERS") if complaints else self._in(GREEN, "agrees ")
        first, *rest = wrapped(claim, WIDTH - 13)
        self._line(f"{_MARGIN}{mark}  {first}")
        for line in rest:
            self._line(f"{' ' * 11}{line}")
        for complaint in complaints:
            for line in wrapped(complaint, WIDTH - 15):
                self._line(f"{' ' * 13}{line}")

    def _in(self, colour: str, text: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colour else text

    def _line(self, text: str) -> None:
        print(text.rstrip(), file=self._out, flush=True)


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most so many columns; a link stays whole, so that it can be used."""
    return textwrap.wrap(
        text, width, break_long_words=False, break_on_hyphens=False, drop_whitespace=True
    )


def _columns(text: str) -> int:
    """How many columns a terminal gives the text."""
    return sum(
        0 if unicodedata.combining(sign) else 1 + (unicodedata.east_asian_width(sign) in "WF")
        for sign in text
    )
