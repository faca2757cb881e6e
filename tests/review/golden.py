"""The golden files: each can be pasted into https://app.slack.com/block-kit-builder.

`python -m tests.review.golden` draws them anew.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bot.case.erasure import Cleaned, Erasure, Place, Settled
from bot.case.ids import Actor, CustomerKey
from bot.review.blocks import Message, View, card
from bot.review.erasure import agreed, asked, ended, erased
from bot.review.home import home
from bot.review.thread import (
    FOR_ALL,
    OPENING,
    OUTCOME,
    PASSED,
    REACHED,
    REMINDER,
    STANDARD,
    reply,
)
from bot.words import LOCALES
from tests.review.golden_commands import GOLDEN_COMMANDS, golden_commands
from tests.review.homes import HOMES
from tests.review.stories import NOW, STORIES, VIEW

GOLDEN = Path(__file__).parents[1] / "data" / "golden"
# The states whose golden files stand in every language.
_IN_ALL_LANGUAGES = frozenset(
    {
        "in_review",
        "approved_at_night",
        "approved_over_budget",
        "sent",
        "vip",
        "vip_handed_over",
        "unclear",
        "unclear_restored",
        "odd_restored",
        "odd_first_invoice",
    }
    | {"closed_recovered", "first_retry", "by_itself", "approved_by_policy", "left_to_a_person"}
)
# What a VIP's thread is told, and in which case.
REPLIES = (
    ("vip", OPENING),
    ("vip", REMINDER),
    ("vip", FOR_ALL),
    ("vip_handed_over", PASSED),
    ("vip_taken", REACHED),
    ("vip_no_more", STANDARD),
    ("vip_paid", OUTCOME),
)


def golden() -> Iterator[tuple[str, str]]:
    """Each golden file's name and text."""
    for title, case in STORIES.items():
        locales = ("en", "es", "fr") if title in _IN_ALL_LANGUAGES else ("en",)
        for locale in locales:
            blocks = card(case, replace(VIEW, locale=locale)).blocks
            text = json.dumps({"blocks": blocks}, ensure_ascii=False, indent=2)
            yield f"{title}.{locale}.json", f"{text}\n"
    for locale in LOCALES:
        replies = [one.blocks[0] for one in thread(replace(VIEW, locale=locale))]
        text = json.dumps({"blocks": replies}, ensure_ascii=False, indent=2)
        yield f"vip_thread.{locale}.json", f"{text}\n"
        blocks = [block for one in erasure(replace(VIEW, locale=locale)) for block in one.blocks]
        text = json.dumps({"blocks": blocks}, ensure_ascii=False, indent=2)
        yield f"erasure.{locale}.json", f"{text}\n"
        for title, facts in HOMES.items():
            page = json.dumps(
                home(facts, replace(VIEW, locale=locale)), ensure_ascii=False, indent=2
            )
            yield f"{title}.{locale}.json", f"{page}\n"


def thread(view: View) -> Iterator[Message]:
    """All that a VIP's thread may be told."""
    for title, kind in REPLIES:
        yield reply(f"{kind}-1", STORIES[title], view)


def erasure(view: View) -> Iterator[Message]:
    """All that the channel may be told of a request to forget a customer."""
    request = Erasure(
        number=3,
        key=CustomerKey(account="", livemode=True, customer="cus_1"),
        asked_by=Actor("slack:T1:U1ANNE"),
        asked_at=NOW,
    )
    yield asked(request, "Ana <!channel> *Torres*", view)
    yield asked(request, None, view)
    done = replace(request, settled_by=Actor("slack:T1:U1BEN"), settled_at=NOW)
    yield agreed(replace(done, settled=Settled.ERASED), view)
    typed, stuck = Place(channel="C1", ts="1.2", count=3), Place(channel="C2", ts="")
    links = {typed: "https://acme.slack.com/archives/C1/p12", stuck: "https://acme.slack.com"}
    for cleaned in (
        Cleaned(ours=4),
        Cleaned(ours=4, typed=(replace(typed, count=1),)),
        Cleaned(ours=9, typed=(typed,), stuck=(stuck,)),
    ):
        named = links | {replace(typed, count=1): links[typed]}
        yield ended(replace(done, settled=Settled.ERASED), cleaned, named, view)
    yield ended(replace(done, settled=Settled.WITHDRAWN), Cleaned(), {}, view)
    yield ended(replace(done, settled=Settled.LAPSED, settled_by=None), Cleaned(), {}, view)
    yield erased(done, view)


if __name__ == "__main__":
    GOLDEN_COMMANDS.mkdir(parents=True, exist_ok=True)
    for _name, _text in golden():
        (GOLDEN / _name).write_text(_text, "utf-8")
    for _name, _text in golden_commands():
        (GOLDEN_COMMANDS / _name).write_text(_text, "utf-8")
