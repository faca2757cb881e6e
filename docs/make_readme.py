"""Draws what README.md shows of the code into it: python -m docs.make_readme.

The card from the words it is tested with, the life of a case from the machine, and the settings.
"""

import json
import re
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

from bot.sandbox.slack_text import render_blocks
from docs import make_machine, make_settings

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "README.md"
GOLDEN = ROOT / "tests" / "data" / "golden" / "in_review.en.json"

PIECE = re.compile(
    r"(<!-- (?P<name>\w+): python -m docs\.make_readme -->\n).*?(<!-- end of (?P=name) -->)",
    re.DOTALL,
)
WIDTH = 78
RULE = "---"


def page() -> str:
    """The page with every piece as it is now."""
    return PIECE.sub(
        lambda found: f"{found[1]}{PIECES[found['name']]()}{found[3]}",
        PAGE.read_text(encoding="utf-8"),
    )


def card() -> str:
    """The card of a letter that waits for a decision, as plain text in a frame."""
    blocks = json.loads(GOLDEN.read_text(encoding="utf-8"))["blocks"]
    # Slack's asterisks mean bold, which plain text has no sign for.
    lines = render_blocks(blocks).replace("*", "").splitlines()
    rows = "".join(row for line in lines for row in _rows(line))
    return f"```text\n┌{'─' * (WIDTH + 2)}┐\n{rows}└{'─' * (WIDTH + 2)}┘\n```\n"


def _rows(line: str) -> list[str]:
    if line == RULE:
        return [f"├{'─' * (WIDTH + 2)}┤\n"]
    return [f"│ {row:<{WIDTH}} │\n" for row in textwrap.wrap(line, WIDTH) or [""]]


PIECES: Mapping[str, Callable[[], str]] = {
    "card": card,
    "machine": make_machine.picture,
    "settings": make_settings.table,
}


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
