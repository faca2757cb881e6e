"""Draws the card in README.md from the words it is tested with: python -m docs.make_card."""

import json
import textwrap
from pathlib import Path

from bot.sandbox.slack_text import render_blocks

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
GOLDEN = ROOT / "tests" / "data" / "golden" / "in_review.en.json"

BEFORE, AFTER = "<!-- card: python -m docs.make_card -->\n```text\n", "```\n<!-- end of card -->"
WIDTH = 78
RULE = "---"


def card() -> str:
    """The card of a letter that waits for a decision, as plain text in a frame."""
    blocks = json.loads(GOLDEN.read_text(encoding="utf-8"))["blocks"]
    # Slack's asterisks mean bold, which plain text has no sign for.
    lines = render_blocks(blocks).replace("*", "").splitlines()
    rows = "".join(row for line in lines for row in _rows(line))
    return f"┌{'─' * (WIDTH + 2)}┐\n{rows}└{'─' * (WIDTH + 2)}┘\n"


def drawn(page: str) -> str:
    """The page with the present card in it."""
    head, _, rest = page.partition(BEFORE)
    _, _, tail = rest.partition(AFTER)
    return f"{head}{BEFORE}{card()}{AFTER}{tail}"


def _rows(line: str) -> list[str]:
    if line == RULE:
        return [f"├{'─' * (WIDTH + 2)}┤\n"]
    return [f"│ {row:<{WIDTH}} │\n" for row in textwrap.wrap(line, WIDTH) or [""]]


if __name__ == "__main__":
    README.write_text(drawn(README.read_text(encoding="utf-8")), encoding="utf-8")
