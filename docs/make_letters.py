"""Makes docs/letters.md from bot/words/letters: python -m docs.make_letters."""

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "letters.md"
LETTERS = ROOT / "bot" / "words" / "letters"
LANGUAGES = {"en": "English", "fr": "French", "es": "Spanish"}

HEAD = """\
# Letters

<!-- Made from bot/words/letters by `python -m docs.make_letters`; change the words there. -->

A reviewed letter takes the place of a model's draft that is slow, missing or refused by the
guard. It must pass that guard itself. A letter is words with placeholders: facts are filled in
by code, once, after everybody has agreed to the words.

## The voice

1. The reader should feel: this happens, nobody thinks badly of me, I know what to do. There is
   one thing to do: open the link, or reply.
2. Shape: what happened and for what; what to do; an open door for a reply. Three sentences at most.
3. It never says: a date, what happens otherwise, a discount, free time, card data by reply, a
   promised retry, thanks for a payment not seen, blame, or why a bank keeps a card back. No
   exclamation marks, no capitals, no emoji.
4. It never lies either: where the reason may not be told, the bank is the one to ask.
5. From the first notice to the fourth the pressure never rises: inform, remind, offer help, step
   back.
6. The subject has at most 50 characters, `{company}` counted as 20 and its only placeholder.
7. French says *vous*, Spanish says *tú*; nothing agrees with the reader.
8. Greeting and sign-off are written by code.

## Placeholders

Each is a whole phrase that brings its own "your" or article, so nothing breaks around a missing
fact. Any other `{…}` is refused.

| placeholder | becomes | when unknown |
|---|---|---|
| `{company}` | the company's name as configured | refused at start |
| `{amount}` | what remains to pay, as people there write it | no letter; a person's task |
| `{invoice}` | “invoice A-12” | “your latest invoice” |
| `{plan}` | “your Team subscription” | “your subscription”; without any: “your account” |
| `{card}` | “your Visa card ending in 4242” | “your card”; not a card: “your payment method” |
| `{pay_link}` | the link, once, at the end of its line | no letter; a person's task |

`{first_name}` and `{sender}` belong to the frame around the letter. Letters about several
invoices never use `{plan}`, `{card}` or `{invoice}`: code lists the invoices below them.

## Which letter when

| family | notice 1 | notice 2 | notice 3 | notice 4 |
|---|---|---|---|---|
"""


def page() -> str:
    """The whole page as it should stand."""
    parts = [HEAD + _notices()]
    parts += [_language(locale, name) for locale, name in LANGUAGES.items()]
    return "\n".join(parts)


def _notices() -> str:
    rows = (
        f"| {family} | {' | '.join(f'`{key}`' for key in keys)} |\n"
        for family, keys in _read("notices").items()
    )
    return "".join(rows)


def _language(locale: str, name: str) -> str:
    tables = _read(locale)
    frame, phrases = tables.pop("frame"), tables.pop("phrases")
    parts = [f"## {name}\n", _frame(frame, phrases)]
    for family, letters in tables.items():
        parts += [_letter(f"{family}.{key}", letter) for key, letter in letters.items()]
    return "\n".join(parts)


def _frame(frame: dict[str, str], phrases: dict[str, str]) -> str:
    rows = (f"| {key} | {_cell(words)} |\n" for key, words in (frame | phrases).items())
    return "| frame and phrases | words |\n|---|---|\n" + "".join(rows)


def _letter(key: str, letter: dict[str, str]) -> str:
    body = "\n".join(f"> {line}  " for line in letter["body"].split("\n"))
    return f"### {key}\n\n> **{letter['subject']}**\n>\n{body}\n"


def _cell(words: str) -> str:
    return words.replace("\n", " / ")


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((LETTERS / f"{name}.toml").read_text(encoding="utf-8"))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
