"""What the pages say to set is taken as it stands there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.config import load
from bot.errors import Misconfigured
from bot.settings import SETTINGS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", DOCS / "get-started.md", *sorted((DOCS / "how-to").glob("*.md")))

BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
ASSIGNED = re.compile(r"(?:^|\s)([A-Z][A-Z_]+=(?:'[^'\n]*'|\S+))")
IN_PROSE = re.compile(r"`([A-Z][A-Z_]+=[^`\s]+)`|`((?:smtps?|sendgrid)://[A-Za-z0-9:@.]+)`")
NAMES = {one.name for one in SETTINGS}
TO_FILL_IN = ("…", "...")
# Settings whose grammar decides who is written to, and how: each has an example that is tried.
TRIED = {
    "MAIL_URL",
    "MAIL_FROM",
    "VIP_AMOUNT",
    "VIP_LTV",
    "VIP_TENURE",
    "VIP_PLANS",
    "VIP_METADATA",
}


def examples() -> Iterator[tuple[str, str, str]]:
    """Page, name and value of every setting in a block for a shell, or in a sentence."""
    for page in PAGES:
        text = page.read_text("utf-8")
        written = [word for block in BLOCK.findall(text) for word in ASSIGNED.findall(block)]
        for assigned, url in IN_PROSE.findall(BLOCK.sub("", text)):
            written.append(assigned or f"MAIL_URL={url}")
        for one in written:
            name, _, value = shlex.split(one)[0].partition("=")
            if name in NAMES and not any(gap in value for gap in TO_FILL_IN):
                yield page.name, name, value


EXAMPLES = sorted(set(examples()))


@pytest.mark.parametrize(("page", "name", "value"), EXAMPLES)
def test_every_example_is_taken_as_it_stands(page: str, name: str, value: str) -> None:
    assert load({name: value}), page


def test_the_settings_with_a_grammar_of_their_own_have_an_example() -> None:
    assert {name for _, name, _ in EXAMPLES} >= TRIED


def test_an_example_that_no_setting_takes_would_be_found() -> None:
    [assigned] = ASSIGNED.findall("MAIL_URL=ftp://mail.example.com\n")
    assert assigned == "MAIL_URL=ftp://mail.example.com"
    name, _, value = assigned.partition("=")
    with pytest.raises(Misconfigured, match=name):
        load({name: value})


def test_no_assignment_in_the_pages_is_of_a_name_that_does_not_exist() -> None:
    for page in PAGES:
        for block in BLOCK.findall(page.read_text("utf-8")):
            for one in ASSIGNED.findall(block):
                name = one.partition("=")[0]
                assert name in NAMES | {"ONCE", "PORT", "ARGS"}, (page.name, name)
