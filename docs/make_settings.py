"""Makes docs/settings.md from bot.settings: python -m docs.make_settings."""

from pathlib import Path

from bot.settings import SETTINGS, Setting

PAGE = Path(__file__).with_name("settings.md")

HEAD = """# Settings

Made from `bot/settings.py` by `python -m docs.make_settings`; change it there. A variable that is
blank counts as not set. All mistakes are told at once, in sentences, before the port opens.

"""


def page() -> str:
    """The whole page."""
    return HEAD + table()


def table() -> str:
    """Every setting, a row each."""
    head = "| name | what for | default | example |\n|---|---|---|---|\n"
    return head + "".join(map(_row, SETTINGS))


def _row(setting: Setting) -> str:
    about = setting.about + (" **Secret.**" if setting.secret else "")
    about += " *Not used yet in this release.*" if setting.later else ""
    default = f"`{setting.default}`" if setting.default else "–"
    return f"| `{setting.name}` | {about} | {default} | `{setting.example}` |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
