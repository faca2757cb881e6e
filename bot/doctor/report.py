"""Findings as an operator reads them, in their language, or as a script does. Pure."""

import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from bot.doctor.finding import Finding, State
from bot.words import FALLBACK, say, words

_WIDTH: Final = 100
_REMEDY: Final = "_do"  # ends the key of what to do about it


def is_well(findings: Sequence[Finding]) -> bool:
    """Whether nothing is wrong; what nobody can know from here is not."""
    return all(one.verdict.state is not State.WRONG for one in findings)


def lines(findings: Sequence[Finding], locale: str) -> Iterator[str]:
    """A line for each check that was asked, what to do beneath it, and the sum of it all.

    What was said already is not said again: one setting, or one silence, can be why of several.
    """
    labels = {state: say(locale, f"doctor.state.{state}") for state in State}
    width = max(map(len, labels.values())) + 2
    said: set[str] = set()
    for one in findings:
        text = sentence(one, locale)
        if one.verdict.code == "after" or text in said:  # what stands above it has said why
            continue
        said.add(text)
        yield _folded(labels[one.verdict.state].ljust(width), text, width)
        if told := remedy(one, locale):
            yield _folded(" " * width + "→ ", told, width + 2)
    yield ""
    yield _sum(findings, locale)


def as_json(findings: Sequence[Finding], locale: str) -> str:
    """A list with every check, in an order that never changes; `remedy` is null for nothing."""
    shown = [
        {
            "name": one.name,
            "state": one.verdict.state.value,
            "code": one.verdict.code,
            "sentence": sentence(one, locale),
            "remedy": remedy(one, locale),
        }
        for one in findings
    ]
    return json.dumps(shown, ensure_ascii=False, indent=2)


def sentence(finding: Finding, locale: str) -> str:
    """What was found."""
    values = {"name": finding.name, **finding.verdict.values}
    if "trouble" in values:
        values["why"] = _why(locale, str(values["setting"]), str(values["trouble"]))
    return say(locale, _key(finding), **values)


def remedy(finding: Finding, locale: str) -> str | None:
    """What to do about it; None where the sentence says it, or there is nothing to do."""
    key = f"{_key(finding)}{_REMEDY}"
    return say(locale, key, **finding.verdict.values) if key in words(FALLBACK) else None


def unbroken(text: str) -> str:
    """Words that are to be folded: in French no line may end between a space and these."""
    return re.sub(r" (?=[;:!?»])", "\u00a0", text)


def _key(finding: Finding) -> str:
    own = f"doctor.{finding.name}.{finding.verdict.code}"
    return own if own in words(FALLBACK) else f"doctor.any.{finding.verdict.code}"


def _why(locale: str, setting: str, trouble: str) -> str:
    """Some settings have one sentence for whatever is said against them: as on the first page."""
    known = (key for key in (f"wrong.{setting}", f"wrong.{trouble}") if key in words(FALLBACK))
    return say(locale, next(known, "wrong.other"), code=trouble)


def _folded(start: str, text: str, indent: int) -> str:
    return textwrap.fill(
        start + unbroken(text),
        width=_WIDTH,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )


def _sum(findings: Sequence[Finding], locale: str) -> str:
    count = sum(one.verdict.state is State.WRONG for one in findings)
    if not count:
        return say(locale, "doctor.sum.well")
    return say(locale, "doctor.sum.wrong_one" if count == 1 else "doctor.sum.wrong", count=count)
