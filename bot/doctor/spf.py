"""SPF: what a domain says of who may send for it. https://www.rfc-editor.org/rfc/rfc7208."""

import re
from dataclasses import dataclass, field
from typing import Final

from bot.doctor.finding import Verdict, ok, unknown, wrong
from bot.doctor.names import Texts
from bot.doctor.providers import Provider

SOFT: Final = "~all"  # how a record is to end: others are doubted, and not refused
MOST_LOOKUPS: Final = 10  # section 4.6.4: a receiver that would need more takes none of it
_RECORD: Final = re.compile(r"v=spf1( |$)", re.IGNORECASE)
_TERM: Final = re.compile(
    r"(?P<sign>[+?~-]?)(?P<name>[a-z]+)(?:[:=](?P<of>[^/\s]*))?(?:/\S*)?", re.IGNORECASE
)
_COUNTED: Final = frozenset({"include", "a", "mx", "ptr", "exists", "redirect"})
_FOLLOWED: Final = frozenset({"include", "redirect"})
# A name that can be asked for; one with macros in it depends on the letter.
_NAME: Final = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+", re.IGNORECASE)


@dataclass(kw_only=True)
class _Walk:
    """Through a record and all that it includes. `found` is what can't be right, or not known."""

    texts: Texts
    lookups: int = 0
    names: set[str] = field(default_factory=set)
    found: Verdict | None = None


async def judged(domain: str, provider: Provider | None, texts: Texts) -> Verdict:
    """Whether the one record there can be used, and names the provider."""
    walk = _Walk(texts=texts)
    record = await _record(domain, walk)
    if walk.found:
        return walk.found
    if record is None:
        return _none(domain, provider)
    await _follow(record, domain, walk)
    if walk.found:
        return walk.found
    if provider and not provider.own_return and provider.include not in walk.names:
        return wrong("unnamed", domain=domain, provider=provider.name, include=provider.include)
    return ok(domain=domain)


def _none(domain: str, provider: Provider | None) -> Verdict:
    if provider is None:
        return wrong("none", domain=domain)
    said = unknown if provider.own_return else wrong
    code = "none_needed" if provider.own_return else "none_of"
    record = f"v=spf1 include:{provider.include} {SOFT}"
    return said(code, domain=domain, provider=provider.name, record=record)


async def _record(name: str, walk: _Walk) -> str | None:
    said = await walk.texts(name)
    if said is None:
        walk.found = unknown("silent", domain=name)
        return None
    records = [one for one in said if _RECORD.match(one)]
    if len(records) > 1:
        walk.found = wrong("several", domain=name, soft=SOFT)
    return records[0] if records else None


async def _follow(record: str, domain: str, walk: _Walk) -> None:
    terms = [found for word in record.split()[1:] if (found := _TERM.fullmatch(word))]
    has_all = any(term["name"].lower() == "all" for term in terms)
    for term in terms:
        kind, of = term["name"].lower(), (term["of"] or "").lower().rstrip(".")
        if kind == "all" and term["sign"] in {"", "+"}:
            walk.found = wrong("everybody", domain=domain, soft=SOFT)
        if kind in _COUNTED and not (kind == "redirect" and has_all):
            walk.lookups += 1
            if walk.lookups > MOST_LOOKUPS:
                walk.found = wrong("lookups", domain=domain, most=MOST_LOOKUPS)
            elif kind in _FOLLOWED and _NAME.fullmatch(of):
                await _included(of, walk)
        if walk.found:
            return


async def _included(name: str, walk: _Walk) -> None:
    walk.names.add(name)
    record = await _record(name, walk)
    if walk.found:
        return
    if record is None:  # section 5.2: the whole record can't be used then
        walk.found = wrong("broken", include=name)
    else:
        await _follow(record, name, walk)
