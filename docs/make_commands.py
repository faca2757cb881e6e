"""Makes docs/commands.md from the commands' words and limits: python -m docs.make_commands."""

from pathlib import Path

from bot.review.commands import parse
from bot.review.commands.verbs import COMMAND, Verb, names
from bot.words import FALLBACK, LOCALES, say

PAGE = Path(__file__).with_name("commands.md")

HEAD = """# What you can say to it in Slack

Made from `bot/words` and `bot/review/commands` by `python -m docs.make_commands`; change it
there.

Only you see the answers. They come in the language that your Slack is set to, within a second;
one that takes longer is announced and follows. Who may press the buttons of a card may use the
command, and nobody else: they are told one sentence. `{command}` alone shows the queue.

| command | what for | in Spanish | in French |
|---|---|---|---|
"""

TAIL = """
Every name works in every language, without its accents too; so do the other names below. A verb
that is mistyped is answered with the nearest one, and nothing is done. Slack's slash commands
don't work inside threads.

## How to write it

- **A customer** is a name, an e-mail address, an invoice's number, or an id of Stripe's
  (`cus_…`, `in_…`). If several can be meant, you get a list with the command for each, and
  nothing is done. `stop`, which can't be taken back, wants the whole name.
- **A time** is a number with `m`, `h`, `d` (or `j`) or `w` (or `sem`): `30m`, `2h`, `3d`, `1w`;
  the words in full, `2 hours`, are understood too.
  `snooze` takes a date too: `2026-12-01`.
- `pause` asks for a reason, because everybody reads it in the review channel. It lasts until
  somebody resumes, or ends by itself: `pause 2h checkout is being repaired`. With `all` nothing
  is drafted either. It may last {paused} days at most. Cards, presses and Stripe's news go on;
  what was approved leaves after the pause, once, after its last look at Stripe, or is asked
  about again if its approval ran out.
- `snooze` leaves a customer alone for {usual} days, or for as long as you say, {snoozed} days at
  most.
- `doctor` asks every system that the bot leans on, and costs one call of the model: it takes some
  seconds, and who asks meanwhile gets the same answer. [Its checks](doctor.md#the-checks).
- `stop` is for good: nothing is written about these invoices again. `vip` and `standard` outlive
  the case. They may be said after it ended, and, by Stripe's id, before there ever was one.
- `erase` forgets a customer who asked for it, for good, once a second person has agreed in the
  review channel: [forget a customer](how-to/erase.md). Like `stop`, it wants the whole name.
- `stats` counts the cases opened in the last {count} days, or in the time you name, a year at
  most.

## What counts as recovered

{definition}

## Every name

| verb | names |
|---|---|
"""


def page() -> str:
    """The whole page."""
    days = {
        "paused": parse.MOST_PAUSED.days,
        "usual": parse.USUAL_SNOOZE.days,
        "snoozed": parse.MOST_SNOOZED.days,
        "count": parse.USUAL_COUNT.days,
    }
    tail = TAIL.format(definition=say(FALLBACK, "figure.definition"), **days)
    return HEAD.format(command=COMMAND) + "".join(map(_row, Verb)) + tail + "".join(map(_all, Verb))


def _row(verb: Verb) -> str:
    usage = say(FALLBACK, f"usage.{verb}").replace("|", "\\|")
    about = say(FALLBACK, f"help.{verb}")
    spanish, french = (names(verb, locale)[0] for locale in ("es", "fr"))
    return f"| `{f'{verb} {usage}'.strip()}` | {about} | `{spanish}` | `{french}` |\n"


def _all(verb: Verb) -> str:
    every = dict.fromkeys(name for locale in LOCALES for name in names(verb, locale))
    return f"| `{verb}` | {', '.join(f'`{name}`' for name in every)} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
