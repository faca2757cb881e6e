"""The page's colours can be told apart: WCAG 2.2, 1.4.3 (text) and 1.4.11 (edges), in both themes.

Ratios as in https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.
"""

import re

import pytest

from bot.sandbox.page.serve import STATIC

TEXT, EDGE = 4.5, 3.0
THEMES = ("light", "dark")
PAIRS = [
    *((front, back, TEXT) for front in ("ink", "muted", "link") for back in ("surface", "paper")),
    *(("ink", back, TEXT) for back in ("sunk", "hover", "go-soft", "calm-soft")),
    *((front, "sunk", TEXT) for front in ("muted", "link", "go-ink", "stop", "warn", "calm")),
    *((front, "hover", TEXT) for front in ("muted", "link")),
    *((front, "surface", TEXT) for front in ("go-ink", "stop", "warn", "calm")),
    *(
        (front, f"{front.removesuffix('-ink')}-soft", TEXT)
        for front in ("go-ink", "stop", "warn", "calm")
    ),
    *(("white", back, TEXT) for back in ("go", "go-hi", "side", "side-on")),
    ("side-dim", "side", TEXT),
    *((front, back, EDGE) for front in ("edge", "focus") for back in ("surface", "paper", "sunk")),
    *((front, "surface", EDGE) for front in ("go", "stop")),
]


def tokens(theme: str) -> dict[str, str]:
    """The colours of :root in a theme, by name."""
    sheet = (STATIC / "page.css").read_text("utf-8")
    found = re.findall(r"--([\w-]+):\s*(light-dark\((#\w+), (#\w+)\)|#\w+);", sheet)
    chosen = {name: (light, dark)[THEMES.index(theme)] or both for name, both, light, dark in found}
    return {"white": "#fff", **chosen}


def luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    full = digits if len(digits) == 6 else "".join(2 * one for one in digits)
    shares = [int(full[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_ratio_is_wcags() -> None:
    assert ratio("#000", "#ffffff") == pytest.approx(21)
    assert ratio("#777777", "#fff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_what_stands_on_it_can_be_read(front: str, back: str, least: float, theme: str) -> None:
    colours = tokens(theme)
    found = ratio(colours[front], colours[back])
    assert found >= least, f"{front} on {back} in the {theme} theme: {found:.2f}"
