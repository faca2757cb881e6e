"""The rules that need no language: length, placeholders, signs, digits and links."""

import re
import unicodedata
from collections.abc import Iterator

from bot.case.letter import PLACEHOLDERS
from bot.drafting.folding import fold
from bot.foreign_text import UNSEEN

MAX_SENTENCES = 3
MAX_BODY = 900
MAX_SUBJECT = 50
# A subject is measured before the company's name is known to the writer.
COMPANY_COUNTS_AS = 20

# A letter about several invoices has a list of them below; one plan or card would be a lie.
NOT_FOR_SEVERAL = ("plan", "card", "invoice")

_PAY_LINK = "{pay_link}"
_KNOWN = re.compile(r"\{(?:" + "|".join(PLACEHOLDERS) + r")\}")
# Whatever looks as if a program should fill it: {x}, {{x}}, ${x}, [x], %x%, and lone braces.
_TOKEN = re.compile(r"[${%]*\{[^{}\n]*\}[}%]*|\[[^\[\]\n]*\]|%\w+%|[{}\[\]]")
_LINK_SENTENCE = re.compile(r"\{pay_link\}(?=[^\n]*\S)")

# Each begins where a word does: tried from within every word again, a long one would take minutes.
_SCHEME = r"(?<!\w)\w+://\S*|\bmailto:\S*|\bwww\.\S*"
_MAIL_ADDRESS = r"(?<!\S)\S[^\s@]*@\S+\.\S+|(?<!\S)\S+ ?(?:\(at\)|\[at\]) ?\S+"
# Browsers take the ideographic full stop for a dot, and what a placeholder becomes for a name.
_DOMAIN = r"(?:[^\W_](?:[\w-]*\w)?|\{\w+\})(?:[.。][^\W\d_]{2,})+(?:/\S*)?"
_NUMBERED = r"\d{1,3}(?:[.。]\d{1,3}){3}(?![\w.])(?:[:/]\S*)?"
# "acme dot com": the spoken dot of each language, before an ending that is no common word.
_SPOKEN = (
    r"(?<!\w)\w+ ?(?:\(dot\)|\[dot\]|\[\.\]|\(\.\)| dot | point | punto ) ?"
    r"(?:com|net|org|io|co|app|dev|fr|es|eu|info|biz|shop|site|mx|uk|ar|cl)\b"
)
_LINK = re.compile(f"{_SCHEME}|{_MAIL_ADDRESS}|{_SPOKEN}|(?<![\\w.])(?:{_DOMAIN}|{_NUMBERED})")

_MARKUP = re.compile(
    r"<[^<>\n]*>|[<>|`~*\\^]"  # Slack's and HTML's brackets, bold, strike, code, tables
    r"|&(?:#?\w+);"  # HTML entities
    r"|(?<!\{pay)_|[=%]"  # italics, code, formulas
    r"|(?<!\w):[a-z0-9_+-]+:(?!\w)"  # Slack's named emoji
    r"|(?<!\w)[@#]\w+"  # mentions, channels, headings and hashtags
    r"|^[ \t]*(?:[-–—•·+=]|#+)[ \t]"  # lists and headings
    r"|^[ \t]*[-=_]{3,}[ \t]*$",  # rules
    re.MULTILINE | re.IGNORECASE,
)
_SMILEY = re.compile(r"(?<!\w)(?:[:;=]['-]?[)(DPpO3/](?!\w)|\^\^|<3)")
_CAPITALS = re.compile(r"(?<![\w{])[^\W\d_]{2,}(?:[ '’-]+[^\W\d_]{2,})*(?![\w}])")
# Letters and marks by their category, but nothing is to be seen of them.
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0\u2800")
_MOST_MARKS = 2


def unknown_placeholder(text: str, *, several: bool) -> str | None:
    """A token that no fact will fill: it would reach the customer as it stands."""
    for found in _TOKEN.finditer(text):
        token = found[0]
        if not _KNOWN.fullmatch(token) or (several and token[1:-1] in NOT_FOR_SEVERAL):
            return token
    return None


def missing_pay_link(body: str) -> str | None:
    """The link's name when the letter has none, else nothing."""
    return None if _PAY_LINK in body else _PAY_LINK


def misplaced_pay_link(body: str) -> str | None:
    """A link that is missing, doubled, or followed by anything on its line."""
    if body.count(_PAY_LINK) != 1:
        return _PAY_LINK
    line = next(line for line in body.split("\n") if _PAY_LINK in line)
    return line.strip() if _LINK_SENTENCE.search(line) else None


def measured_subject(subject: str) -> int:
    """Its length as the customer will see it, roughly: the company counts as 20 characters."""
    return len(subject.replace("{company}", "x" * COMPANY_COUNTS_AS))


def ill_formed_subject(subject: str) -> str | None:
    """An empty or over-long subject, one of two lines, or one with a fact besides the company."""
    if not subject.strip() or "\n" in subject or measured_subject(subject) > MAX_SUBJECT:
        return subject
    return fact_in_subject(subject)


def fact_in_subject(subject: str) -> str | None:
    """A placeholder besides the company's: no fact is filled into a subject."""
    others = (found[0] for found in _KNOWN.finditer(subject) if found[0] != "{company}")
    return next(others, None)


def control_character(text: str) -> str | None:
    """A character that is not seen, or that turns the reading around; or a tower of marks."""
    marks = 0
    for letter in text:
        category = unicodedata.category(letter)
        unseen = category in UNSEEN and letter != "\n"
        if unseen or letter in _BLANKS or unicodedata.name(letter, "").startswith("VARIATION SEL"):
            return f"U+{ord(letter):04X}"
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks > _MOST_MARKS:
            return f"U+{ord(letter):04X}"
    return None


def markup(text: str) -> str | None:
    """Signs that Slack, HTML or Markdown would take for its own."""
    found = _MARKUP.search(text)
    return None if found is None else found[0].strip()


def shouting(text: str, acronyms: frozenset[str]) -> str | None:
    """An exclamation mark, words in capitals, an emoji or a smiley."""
    for letter in text:
        if letter in "!¡！‼⁉" or unicodedata.category(letter) in {"So", "Sk"} - _accents(letter):
            return letter
    if found := re.search(r"[?？]{2,}", text) or _SMILEY.search(text):
        return found[0]
    return next(_shouted(text, acronyms), None)


def _accents(letter: str) -> set[str]:
    # Loose accents are of the same category as the skin tones of emoji, and are markup's business.
    return {"Sk"} if letter in "´`^¨¯¸" else set()


def _shouted(text: str, acronyms: frozenset[str]) -> Iterator[str]:
    plain = _KNOWN.sub("", text)
    for found in _CAPITALS.finditer(plain):
        words = [word for word in re.split(r"[ '’-]+", found[0]) if word not in acronyms]
        loud = [word for word in words if word.isupper()]
        if any(len(word) > len("OK") for word in loud) or len(loud) > 1:
            yield " ".join(loud)


def digit(text: str) -> str | None:
    """A number sign of any script: figures are facts, and facts are filled in by code."""
    return next((letter for letter in text if unicodedata.category(letter)[0] == "N"), None)


def foreign_link(text: str, abbreviations: re.Pattern[str]) -> str | None:
    """An address, a domain (also a spoken one) or an e-mail address."""
    return next(foreign_links(text, abbreviations), None)


def foreign_links(text: str, abbreviations: re.Pattern[str]) -> Iterator[str]:
    """All of them, as they are written, in their order."""
    without = abbreviations.sub(lambda found: found[0].replace(".", " "), text)
    folded = fold(without)
    for found in _LINK.finditer(folded.text):
        yield folded.quoted(*found.span())
