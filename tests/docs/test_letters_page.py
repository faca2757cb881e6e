"""The page that shows the letters says what the letters say."""

import runpy
from pathlib import Path

MAKER = Path(__file__).parents[2] / "docs" / "make_letters.py"


def test_the_letters_page_is_up_to_date() -> None:
    maker = runpy.run_path(str(MAKER))
    assert maker["PAGE"].read_text(encoding="utf-8") == maker["page"](), (
        "run: python docs/make_letters.py"
    )
