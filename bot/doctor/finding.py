"""What a check found, and how checks are asked: within their time, and none of them in vain."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bot.errors import OutsideTrouble

SECONDS: Final = 10.0  # for one check


class State(StrEnum):
    """`unknown` is for a person to look at; only `wrong` makes the command fail."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a check came to. `code` names its sentence among the words, `values` fill it in."""

    state: State
    code: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A verdict under the name of its check, which never changes: scripts go by it."""

    name: str
    verdict: Verdict


Check = Callable[[], Awaitable[Verdict]]


def ok(code: str = "ok", /, **values: object) -> Verdict:
    """It is as it should be."""
    return Verdict(state=State.OK, code=code, values=values)


def wrong(code: str, /, **values: object) -> Verdict:
    """Something has to be done."""
    return Verdict(state=State.WRONG, code=code, values=values)


def unknown(code: str, /, **values: object) -> Verdict:
    """A person has to look."""
    return Verdict(state=State.UNKNOWN, code=code, values=values)


def skipped(code: str, /, **values: object) -> Verdict:
    """There was nothing to ask, or no sense in it."""
    return Verdict(state=State.SKIPPED, code=code, values=values)


def refused(setting: str, trouble: str) -> Verdict:
    """A setting was refused with the other side's code: told in the words of the first page."""
    return wrong("setting", setting=setting, trouble=trouble)


async def in_turn(
    name: str, first: Check, rest: Mapping[str, Check], *, within: float = SECONDS
) -> list[Finding]:
    """Ask the first, and then all others at once: unless it failed, and they would, too."""
    found = await _asked(name, first, within)
    if found.verdict.state is not State.OK:
        return [found, *(Finding(name=one, verdict=skipped("after")) for one in rest)]
    return [found, *await asyncio.gather(*(_asked(*one, within) for one in rest.items()))]


async def _asked(name: str, check: Check, within: float) -> Finding:
    try:
        async with asyncio.timeout(within):
            verdict = await check()
    except TimeoutError:
        verdict = wrong("late", seconds=round(within))
    except OutsideTrouble as trouble:
        verdict = wrong("trouble", code=trouble.code)
    return Finding(name=name, verdict=verdict)
